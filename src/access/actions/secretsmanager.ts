import type * as sdk from "@aws-sdk/client-secrets-manager";
import { type ActionRules, ANY, arnOr, type CallFacts, type Keys, regional, tagList } from "./action.ts";

/** A name stands for the secret with its six random characters. */
export function secretArn(call: CallFacts, id: string | undefined): string {
  return arnOr(id ?? "", (name) => regional("secretsmanager", call, `secret:${name}`));
}

interface OfSecret {
  readonly SecretId: string | undefined;
  readonly VersionId?: string | undefined;
  readonly VersionStage?: string | undefined;
}

const onSecret = {
  on: (input: OfSecret, call: CallFacts) => [secretArn(call, input.SecretId)],
  keys: (input: OfSecret): Keys => ({
    "secretsmanager:SecretId": input.SecretId,
    "secretsmanager:VersionId": input.VersionId,
    "secretsmanager:VersionStage": input.VersionStage,
  }),
};

export const secretsManagerActions = {
  BatchGetSecretValue: ANY,
  CreateSecret: {
    on: (input, call) => [secretArn(call, input.Name)],
    tags: (input) => tagList(input.Tags),
    keys: (input) => ({ "secretsmanager:Name": input.Name, "secretsmanager:KmsKeyId": input.KmsKeyId }),
    also: (input, call) =>
      (input.Tags ?? []).length === 0
        ? []
        : [{ action: "secretsmanager:TagResource", resource: secretArn(call, input.Name) }],
  },
  CancelRotateSecret: onSecret,
  DeleteResourcePolicy: onSecret,
  DeleteSecret: onSecret,
  DescribeSecret: onSecret,
  GetRandomPassword: ANY,
  GetResourcePolicy: onSecret,
  GetSecretValue: onSecret,
  ListSecrets: ANY,
  ListSecretVersionIds: onSecret,
  PutResourcePolicy: onSecret,
  PutSecretValue: onSecret,
  RestoreSecret: onSecret,
  RotateSecret: onSecret,
  TagResource: { ...onSecret, tags: (input) => tagList(input.Tags) },
  UntagResource: { ...onSecret, tagKeys: (input) => input.TagKeys ?? [] },
  UpdateSecret: onSecret,
  UpdateSecretVersionStage: onSecret,
  ValidateResourcePolicy: {
    on: (input, call) => [input.SecretId === undefined ? "*" : secretArn(call, input.SecretId)],
  },
} satisfies ActionRules<typeof sdk>;
