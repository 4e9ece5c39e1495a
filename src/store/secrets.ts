/**
 * The value that `valueFrom` of a container's secret means: a parameter of Parameter Store by name or ARN, or a secret
 * of Secrets Manager by ARN (API reference, Secret).
 */
import { failure, type Result, success } from "../lib/result.ts";
import { unseal } from "../lib/sealing.ts";
import { parseArn } from "../model/arn.ts";
import type { Scope } from "../model/scope.ts";
import { parameterArn, parseReference } from "../model/ssm/names.ts";
import { isExpired } from "../model/ssm/policies.ts";
import { findPublicParameter } from "../model/ssm/public-parameters.ts";
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
    return failure("ResourceNotFoundException: Secrets Manager can't find the specified secret.");
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
