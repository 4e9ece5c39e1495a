import type * as sdk from "@aws-sdk/client-secrets-manager";
import { findStored } from "../../store/secrets-manager.ts";
import { secrets } from "../../store/tables/secretsmanager.ts";
import {
  type ActionRules,
  ANY,
  type Asking,
  arnOr,
  type CallFacts,
  type Keys,
  regional,
  tagList,
} from "./action.ts";

/** In place of the six random characters of a secret that is not there: only wildcards mean it. */
const NO_CHARACTERS = "??????";

/** The whole ARN: a name or a part of the ARN stands for the secret with its six random characters. */
function secretArn(call: CallFacts, id: string | undefined): string {
  const secretId = id ?? "";
  const found = findStored(call.store, call.scope, secretId);
  return found?.arn ?? arnOr(secretId, (name) => newArn(call, name));
}

function newArn(call: CallFacts, name: string | undefined): string {
  return regional("secretsmanager", call, `secret:${name ?? ""}-${NO_CHARACTERS}`);
}

function reading(call: CallFacts, id: string): Asking {
  return {
    action: "secretsmanager:GetSecretValue",
    resource: secretArn(call, id),
    keys: { "secretsmanager:SecretId": id },
  };
}

interface OfSecret {
  readonly SecretId: string | undefined;
  readonly VersionId?: string | undefined;
  readonly VersionStage?: string | undefined;
}

const onSecret = {
  on: (input: OfSecret, call: CallFacts) => [secretArn(call, input.SecretId)],
  // As the caller wrote it.
  shown: (input: OfSecret) => input.SecretId ?? "",
  keys: (input: OfSecret): Keys => ({
    "secretsmanager:SecretId": input.SecretId,
    "secretsmanager:VersionId": input.VersionId,
    "secretsmanager:VersionStage": input.VersionStage,
  }),
};

export const secretsManagerActions = {
  BatchGetSecretValue: {
    also: (input, call) =>
      input.SecretIdList === undefined
        ? [
            { action: "secretsmanager:ListSecrets", resource: "*" },
            ...call.store
              .where(secrets, "scope", `${call.scope.account}/${call.scope.region}`)
              .map(({ arn }) => reading(call, arn)),
          ]
        : input.SecretIdList.map((id) => reading(call, id)),
  },
  CreateSecret: {
    on: (input, call) => [newArn(call, input.Name)],
    shown: (input) => input.Name ?? "",
    tags: (input) => tagList(input.Tags),
    keys: (input) => ({ "secretsmanager:Name": input.Name, "secretsmanager:KmsKeyId": input.KmsKeyId }),
    also: (input, call) =>
      (input.Tags ?? []).length === 0
        ? []
        : [{ action: "secretsmanager:TagResource", resource: newArn(call, input.Name) }],
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
