import type * as sdk from "@aws-sdk/client-ecr";
import { type ActionRules, ANY, type CallFacts, regional, tagList } from "./action.ts";

interface OfRepository {
  readonly repositoryName?: string | undefined;
}

const repository = (call: CallFacts, name: string | undefined) =>
  regional("ecr", call, `repository/${name ?? "*"}`);
const onRepository = {
  on: (input: OfRepository, call: CallFacts) => [repository(call, input.repositoryName)],
};
const onResource = ({ resourceArn }: { readonly resourceArn: string | undefined }) => [resourceArn ?? "*"];

export const ecrActions = {
  GetAuthorizationToken: ANY,
  DescribeRegistry: ANY,
  DescribeRepositories: {
    on: (input, call) => (input.repositoryNames ?? ["*"]).map((name) => repository(call, name)),
  },
  CreateRepository: {
    on: (input, call) => [repository(call, input.repositoryName)],
    tags: (input) => tagList(input.tags),
    also: (input, call) =>
      (input.tags ?? []).length === 0
        ? []
        : [{ action: "ecr:TagResource", resource: repository(call, input.repositoryName) }],
  },
  BatchCheckLayerAvailability: onRepository,
  BatchDeleteImage: onRepository,
  BatchGetImage: onRepository,
  DeleteLifecyclePolicy: onRepository,
  DeleteRepository: onRepository,
  DeleteRepositoryPolicy: onRepository,
  DescribeImages: onRepository,
  GetDownloadUrlForLayer: onRepository,
  GetLifecyclePolicy: onRepository,
  GetRepositoryPolicy: onRepository,
  ListImages: onRepository,
  PutImage: onRepository,
  PutImageScanningConfiguration: onRepository,
  PutImageTagMutability: onRepository,
  PutLifecyclePolicy: onRepository,
  SetRepositoryPolicy: onRepository,
  ListTagsForResource: { on: onResource },
  TagResource: { on: onResource, tags: (input) => tagList(input.tags) },
  UntagResource: { on: onResource, tagKeys: (input) => input.tagKeys ?? [] },
} satisfies ActionRules<typeof sdk>;
