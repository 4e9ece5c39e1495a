/**
 * The value that `valueFrom` of a container's secret means: a parameter of Parameter Store by name or ARN, or a secret
 * of Secrets Manager by ARN (API reference, Secret).
 */
import { failure, type Result, success } from "../lib/result.ts";
import { unseal } from "../lib/sealing.ts";
import { type ArnParts, parseArn } from "../model/arn.ts";
import type { Scope } from "../model/scope.ts";
import { jsonKeyOf } from "../model/secretsmanager/json-key.ts";
import { CURRENT, versionAtStage } from "../model/secretsmanager/versions.ts";
import { parameterArn, parseReference } from "../model/ssm/names.ts";
import { isExpired } from "../model/ssm/policies.ts";
import { findPublicParameter } from "../model/ssm/public-parameters.ts";
import { findSecret } from "./secrets-manager.ts";
import type { StoreReader } from "./store.ts";
import { parameters } from "./tables/ssm.ts";

/** The failure is the service's error as the Amazon ECS agent tells it. Times in milliseconds since the epoch. */
export function readSecret(
  store: StoreReader,
  sealingKey: string,
  scope: Scope,
  valueFrom: string,
  now: number,
): Result<string, string> {
  const parts = parseArn(valueFrom);
  if (parts?.service === "secretsmanager") {
    return readManaged({ store, sealingKey, scope, now }, valueFrom, parts);
  }
  const region = parts?.region ?? scope.region;
  const { name, selector } = parseReference(valueFrom);
  const invalid = failure(`invalid parameters: ${valueFrom}`);
  const found =
    findPublicParameter(region, name) ?? store.get(parameters, parameterArn({ ...scope, region }, name));
  if (found === undefined || isExpired(found.policies, now)) return invalid;
  if (parts !== undefined && parts.account !== scope.account) return invalid;
  const version =
    selector === undefined
      ? found.versions.at(-1)
      : found.versions.find(
          (candidate) => String(candidate.version) === selector || candidate.labels.includes(selector),
        );
  if (version === undefined) return invalid;
  return success(
    version.type === "SecureString"
      ? unseal(version.value, { secret: sealingKey, owner: found.arn })
      : version.value,
  );
}

interface Reading {
  readonly store: StoreReader;
  readonly sealingKey: string;
  readonly scope: Scope;
  readonly now: number;
}

/** `arn:…:secret:<name>-<six characters>`, with `:<json key>:<version stage>:<version id>` or without. */
function readManaged(
  { store, sealingKey, scope, now }: Reading,
  valueFrom: string,
  { account, region, resource }: ArnParts,
): Result<string, string> {
  const [, , key = "", stage = "", versionId = ""] = resource.split(":");
  const parts = resource.split(":").length;
  if (parts !== 2 && parts !== 5) {
    return failure(
      `trying to retrieve secret with value ${valueFrom} resulted in error: an invalid ARN format for the AWS Secrets Manager secret was specified. Specify a valid ARN and try again.`,
    );
  }
  const secretId = valueFrom.split(":").slice(0, 7).join(":");
  const secret =
    account === scope.account ? findSecret(store, { account, region }, secretId, now) : undefined;
  if (secret === undefined) return notFound("specified secret.");
  if (secret.deletionAt !== undefined) {
    return failure(
      "InvalidRequestException: You can't perform this operation on the secret because it was marked for deletion.",
    );
  }
  const version =
    versionId === ""
      ? versionAtStage(secret.versions, stage || CURRENT)
      : secret.versions.find((candidate) => candidate.versionId === versionId);
  if (version === undefined) {
    return notFound(
      `specified secret value for ${versionId === "" ? `staging label: ${stage || CURRENT}` : `VersionId: ${versionId}`}`,
    );
  }
  if (stage !== "" && !version.stages.includes(stage)) {
    return failure(
      "InvalidRequestException: You provided a VersionStage that is not associated to the provided VersionId.",
    );
  }
  // The agent reads SecretString alone: what is binary has none.
  const text =
    version.kind === "binary" ? "" : unseal(version.value, { secret: sealingKey, owner: secret.arn });
  return key === "" ? success(text) : jsonKeyOf(text, key);
}

function notFound(what: string): Result<never, string> {
  return failure(`ResourceNotFoundException: Secrets Manager can't find the ${what}`);
}
