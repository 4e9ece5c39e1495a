/** What the security group operations answer with, beside the common ones in errors.ts. */
import { CodedError } from "../operation.ts";
import { invalidParameterValue } from "./errors.ts";

export function groupDuplicate(name: string, vpcId: string): CodedError {
  return new CodedError(
    "InvalidGroup.Duplicate",
    `The security group '${name}' already exists for VPC '${vpcId}'`,
  );
}

export function groupNameNotFound(name: string): CodedError {
  return new CodedError("InvalidGroup.NotFound", `The security group '${name}' does not exist`);
}

export function groupNameReserved(name: string): CodedError {
  return invalidParameterValue(`Cannot use reserved security group name: ${name}`);
}

export function groupNameLikeId(name: string): CodedError {
  return invalidParameterValue(
    `Value (${name}) for parameter GroupName is invalid. Group names may not be in the format sg-*.`,
  );
}

export function notAscii(value: string, parameter: string): CodedError {
  return invalidParameterValue(
    `Value (${value}) for parameter ${parameter} is invalid. Character sets beyond ASCII are not supported.`,
  );
}

/** `what` is `security group name`, `security group description` or `rule description`; `plural` its last word. */
export function invalidGroupText(what: string, plural: string): CodedError {
  return invalidParameterValue(
    `Invalid ${what}. Valid ${plural} are strings less than 256 characters from the following set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*`,
  );
}

export function noDefaultVpc(): CodedError {
  return new CodedError("VPCIdNotSpecified", "No default VPC for this user");
}

export function groupHasDependents(groupId: string): CodedError {
  return new CodedError("DependencyViolation", `resource ${groupId} has a dependent object`);
}

export function cannotDeleteDefaultGroup(groupId: string): CodedError {
  return new CodedError(
    "CannotDelete",
    `the specified group: "${groupId}" name: "default" cannot be deleted by a user`,
  );
}

export function ruleDuplicate(description: string): CodedError {
  return new CodedError("InvalidPermission.Duplicate", `the specified rule "${description}" already exists`);
}

export function ruleNotFound(): CodedError {
  return new CodedError(
    "InvalidPermission.NotFound",
    "The specified rule does not exist in this security group.",
  );
}

export function rulesLimitExceeded(): CodedError {
  return new CodedError(
    "RulesPerSecurityGroupLimitExceeded",
    "The maximum number of rules per security group has been reached.",
  );
}

export function samePermissionTwice(): CodedError {
  return invalidParameterValue("The same permission must not appear multiple times");
}

export function protocolMissing(): CodedError {
  return invalidParameterValue(
    "Invalid value 'null' for protocol. VPC security group rules must specify protocols explicitly.",
  );
}

export function protocolUnknown(protocol: string): CodedError {
  return invalidParameterValue(`Invalid value '${protocol}' for IP protocol. Unknown protocol.`);
}

export function portsMissing(): CodedError {
  return invalidParameterValue(
    "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.",
  );
}

export function portRangeInvalid(from: number, to: number): CodedError {
  return new CodedError("InvalidParameterValue", `Invalid TCP/UDP port range (${from}:${to})`);
}

export function icmpInvalid(type: number, code: number): CodedError {
  return invalidParameterValue(`ICMP code (${code}) or type (${type}) out of range`);
}

export function cidrMalformed(cidr: string): CodedError {
  return invalidParameterValue(`CIDR block ${cidr} is malformed`);
}

export function sourceMissing(): CodedError {
  return new CodedError(
    "MissingParameter",
    "Source group ID missing: a rule needs an IP range, a prefix list or a security group.",
  );
}

/** A rule names a group of another VPC, which only a peering connection would allow. */
export function groupOfOtherNetwork(): CodedError {
  return new CodedError(
    "InvalidGroup.NotFound",
    "You have specified two resources that belong to different networks.",
  );
}

export function ruleParametersMissing(): CodedError {
  return new CodedError(
    "MissingParameter",
    "Either 'ipPermissions' or 'securityGroupRuleIds' should be provided.",
  );
}
