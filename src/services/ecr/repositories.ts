/** Repositories and their settings. */
import type * as wire from "@aws-sdk/client-ecr";
import { registryHost } from "../../model/ecr/image-names.ts";
import type { Repository } from "../../model/ecr/records.ts";
import { findRepository, repositoryArn } from "../../store/images.ts";
import { images, repositories } from "../../store/tables/ecr.ts";
import type { HandlerContext } from "../operation.ts";
import { page } from "../page.ts";
import { invalidParameter, invalidValue, repositoryExists, repositoryNotEmpty } from "./errors.ts";
import { invalidToken, readLimit, requireRepository, requireRepositoryName } from "./resolve.ts";
import { readTags } from "./tags.ts";

const ENCRYPTIONS = ["AES256", "KMS", "KMS_DSSE"] as const;

/** The URI begins with Berth's own address, so that an unmodified `docker push` to it arrives here. */
function describeRepository(repository: Repository, context: HandlerContext): wire.Repository {
  const host = `${context.settings.endpoint}/${registryHost(repository)}`;
  return {
    repositoryArn: repository.arn,
    registryId: repository.account,
    repositoryName: repository.repositoryName,
    repositoryUri: `${host}/${repository.repositoryName}`,
    createdAt: new Date(repository.createdAt),
    imageTagMutability: repository.imageTagMutability,
    imageScanningConfiguration: { scanOnPush: repository.scanOnPush },
    encryptionConfiguration: {
      encryptionType: ENCRYPTIONS.find((known) => known === repository.encryptionType) ?? "AES256",
    },
  };
}

function readMutability(value: string | undefined): Repository["imageTagMutability"] {
  if (value === undefined || value === "MUTABLE") return "MUTABLE";
  if (value === "IMMUTABLE") return "IMMUTABLE";
  if (value === "IMMUTABLE_WITH_EXCLUSION" || value === "MUTABLE_WITH_EXCLUSION") {
    throw invalidParameter(`Berth does not honour the imageTagMutability ${value}`);
  }
  throw invalidValue(
    "imageTagMutability",
    "Member must satisfy enum value set: [IMMUTABLE, MUTABLE, MUTABLE_WITH_EXCLUSION, IMMUTABLE_WITH_EXCLUSION]",
  );
}

export function createRepository(
  input: wire.CreateRepositoryRequest,
  context: HandlerContext,
): wire.CreateRepositoryResponse {
  const name = requireRepositoryName(input.repositoryName);
  const encryptionType = input.encryptionConfiguration?.encryptionType ?? "AES256";
  if (!ENCRYPTIONS.includes(encryptionType)) {
    throw invalidValue(
      "encryptionConfiguration.encryptionType",
      `Member must satisfy enum value set: [${ENCRYPTIONS.join(", ")}]`,
    );
  }
  const repository: Repository = {
    ...context.scope,
    arn: repositoryArn(context.scope, name),
    repositoryName: name,
    imageTagMutability: readMutability(input.imageTagMutability),
    scanOnPush: input.imageScanningConfiguration?.scanOnPush ?? false,
    encryptionType,
    createdAt: context.clock.now(),
    tags: readTags(input.tags),
  };
  if (findRepository(context.store, context.scope, name) !== undefined) throw repositoryExists(repository);
  context.store.transaction((tx) => tx.put(repositories, repository));
  return { repository: describeRepository(repository, context) };
}

export function describeRepositories(
  input: wire.DescribeRepositoriesRequest,
  context: HandlerContext,
): wire.DescribeRepositoriesResponse {
  const { account, region } = context.scope;
  const names = input.repositoryNames;
  if (names !== undefined && names.length > 0) {
    const found = names.map((repositoryName) =>
      requireRepository(context, { repositoryName, registryId: input.registryId }),
    );
    return { repositories: found.map((repository) => describeRepository(repository, context)) };
  }
  const all =
    input.registryId !== undefined && input.registryId !== account
      ? []
      : context.store.where(repositories, "scope", `${account}/${region}`);
  const { items, nextToken } = page(all, {
    token: input.nextToken,
    limit: readLimit(input.maxResults),
    key: (repository) => repository.repositoryName,
    invalidToken,
  });
  return {
    repositories: items.map((repository) => describeRepository(repository, context)),
    ...(nextToken === undefined ? {} : { nextToken }),
  };
}

/** With `force` its images go too. */
export function deleteRepository(
  input: wire.DeleteRepositoryRequest,
  context: HandlerContext,
): wire.DeleteRepositoryResponse {
  const repository = requireRepository(context, input);
  const held = context.store.where(images, "repository", repository.arn);
  if (held.length > 0 && input.force !== true) throw repositoryNotEmpty(repository);
  context.store.transaction((tx) => {
    for (const image of held) tx.delete(images, `${image.repositoryArn}|${image.digest}`);
    tx.delete(repositories, repository.arn);
  });
  return { repository: describeRepository(repository, context) };
}

export function putImageTagMutability(
  input: wire.PutImageTagMutabilityRequest,
  context: HandlerContext,
): wire.PutImageTagMutabilityResponse {
  const imageTagMutability = readMutability(input.imageTagMutability);
  const repository = requireRepository(context, input);
  context.store.transaction((tx) => tx.put(repositories, { ...repository, imageTagMutability }));
  return { registryId: repository.account, repositoryName: repository.repositoryName, imageTagMutability };
}

export function putImageScanningConfiguration(
  input: wire.PutImageScanningConfigurationRequest,
  context: HandlerContext,
): wire.PutImageScanningConfigurationResponse {
  const repository = requireRepository(context, input);
  const scanOnPush = input.imageScanningConfiguration?.scanOnPush ?? false;
  context.store.transaction((tx) => tx.put(repositories, { ...repository, scanOnPush }));
  return {
    registryId: repository.account,
    repositoryName: repository.repositoryName,
    imageScanningConfiguration: { scanOnPush },
  };
}

export function describeRegistry(
  _input: wire.DescribeRegistryRequest,
  context: HandlerContext,
): wire.DescribeRegistryResponse {
  return { registryId: context.scope.account, replicationConfiguration: { rules: [] } };
}
