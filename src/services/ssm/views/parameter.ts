/** Parameters as the API shows them. */
import type * as wire from "@aws-sdk/client-ssm";
import { unseal } from "../../../lib/sealing.ts";
import { storedPolicies } from "../../../model/ssm/policies.ts";
import type { Parameter, ParameterVersion } from "../../../model/ssm/records.ts";
import type { ServiceSettings } from "../../operation.ts";

/** A SecureString that is not to be decrypted is shown sealed, as AWS shows its ciphertext. */
export function revealValue(
  parameter: Parameter,
  version: ParameterVersion,
  settings: ServiceSettings,
  withDecryption: boolean,
): string {
  if (version.type !== "SecureString" || !withDecryption) return version.value;
  return unseal(version.value, { secret: settings.sealingKey, owner: parameter.arn });
}

export function describeParameter(
  parameter: Parameter,
  version: ParameterVersion,
  value: string,
  selector?: string,
): wire.Parameter {
  return {
    Name: parameter.name,
    Type: version.type,
    Value: value,
    Version: version.version,
    ...(selector === undefined ? {} : { Selector: selector }),
    LastModifiedDate: new Date(version.lastModifiedAt),
    ARN: parameter.arn,
    DataType: version.dataType,
  };
}

export function describeMetadata(parameter: Parameter, version: ParameterVersion): wire.ParameterMetadata {
  return { ARN: parameter.arn, ...sharedMembers(parameter, version) };
}

export function describeHistory(
  parameter: Parameter,
  version: ParameterVersion,
  value: string,
): wire.ParameterHistory {
  return { ...sharedMembers(parameter, version), Value: value, Labels: [...version.labels] };
}

function sharedMembers(parameter: Parameter, version: ParameterVersion) {
  return {
    Name: parameter.name,
    Type: version.type,
    ...(version.keyId === undefined ? {} : { KeyId: version.keyId }),
    LastModifiedDate: new Date(version.lastModifiedAt),
    LastModifiedUser: version.lastModifiedBy,
    ...(version.description === undefined ? {} : { Description: version.description }),
    ...(version.allowedPattern === undefined ? {} : { AllowedPattern: version.allowedPattern }),
    Version: version.version,
    Tier: parameter.tier,
    Policies: storedPolicies(parameter.policies).map(({ type, text }) => ({
      PolicyText: text,
      PolicyType: type,
      PolicyStatus: "Pending",
    })),
    DataType: version.dataType,
  };
}
