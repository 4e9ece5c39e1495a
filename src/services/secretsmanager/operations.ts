import type * as sdk from "@aws-sdk/client-secrets-manager";
import { constraintViolation, memberPath, NOT_NULL } from "../constraint-messages.ts";
import type { OperationsOf, ServiceFaults } from "../operation.ts";
import { createSecret } from "./create-secret.ts";
import { deleteSecret, restoreSecret } from "./delete-secret.ts";
import { validation } from "./errors.ts";
import { batchGetSecretValue, getSecretValue } from "./get-secret-value.ts";
import { describeSecret, listSecrets, listSecretVersionIds } from "./list-secrets.ts";
import {
  deleteResourcePolicy,
  getResourcePolicy,
  putResourcePolicy,
  validateResourcePolicy,
} from "./policies.ts";
import { putSecretValue, updateSecret } from "./put-secret-value.ts";
import { getRandomPassword } from "./random-password.ts";
import { tagResource, untagResource } from "./tags.ts";
import { updateSecretVersionStage } from "./version-stages.ts";

export const operations = {
  BatchGetSecretValue: batchGetSecretValue,
  CreateSecret: createSecret,
  DeleteResourcePolicy: deleteResourcePolicy,
  DeleteSecret: deleteSecret,
  DescribeSecret: describeSecret,
  GetRandomPassword: getRandomPassword,
  GetResourcePolicy: getResourcePolicy,
  GetSecretValue: getSecretValue,
  ListSecrets: listSecrets,
  ListSecretVersionIds: listSecretVersionIds,
  PutResourcePolicy: putResourcePolicy,
  PutSecretValue: putSecretValue,
  RestoreSecret: restoreSecret,
  TagResource: tagResource,
  UntagResource: untagResource,
  UpdateSecret: updateSecret,
  UpdateSecretVersionStage: updateSecretVersionStage,
  ValidateResourcePolicy: validateResourcePolicy,
} satisfies Partial<OperationsOf<typeof sdk>>;

export const faults: ServiceFaults = {
  invalidInput(fault) {
    if (fault.kind === "malformed") return validation(fault.message);
    return validation(constraintViolation(null, memberPath(fault.member), NOT_NULL));
  },
};
