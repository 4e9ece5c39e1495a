/** Checks of single values against IAM's model. All throw ValidationError unless they say otherwise. */
import {
  constraintViolation,
  lengthRequirement,
  memberPath,
  NOT_NULL,
  rangeRequirement,
} from "../constraint-messages.ts";
import { invalidInput, validationError } from "./errors.ts";

const NAME_CHARACTERS = /^[\w+=,.@-]+$/;
const PATH = /^(\/|\/[\x21-\x7e]+\/)$/;

export function requireMember<T>(value: T | undefined, member: string): T {
  if (value === undefined) throw validationError(constraintViolation(null, memberPath(member), NOT_NULL));
  return value;
}

export function checkLength(value: string, member: string, minimum: number, maximum: number): void {
  const broken = lengthRequirement(value.length, minimum, maximum);
  if (broken !== undefined) throw validationError(constraintViolation(value, memberPath(member), broken));
}

/** A name of an entity, 1 to `longest` characters. */
export function requireName(value: string | undefined, member: string, longest: number): string {
  const name = requireMember(value, member);
  checkLength(name, member, 1, longest);
  if (!NAME_CHARACTERS.test(name)) {
    throw validationError(
      `The specified value for ${memberPath(member)} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-`,
    );
  }
  return name;
}

/** `/` when absent. */
export function readPath(value: string | undefined): string {
  const path = value ?? "/";
  checkLength(path, "Path", 1, 512);
  if (!PATH.test(path)) {
    throw validationError(
      "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.",
    );
  }
  return path;
}

export function readDescription(value: string | undefined): string | undefined {
  if (value !== undefined) checkLength(value, "Description", 0, 1000);
  return value === "" ? undefined : value;
}

/** Seconds. */
export function readSessionDuration(value: number | undefined): number | undefined {
  if (value === undefined) return undefined;
  const broken = rangeRequirement(value, 3600, 43_200);
  if (broken !== undefined) throw validationError(constraintViolation(value, "maxSessionDuration", broken));
  return value;
}

/** Throws InvalidInput for what is no ARN. */
export function requirePolicyArn(value: string | undefined): string {
  const arn = requireMember(value, "PolicyArn");
  checkLength(arn, "PolicyArn", 20, 2048);
  if (!arn.startsWith("arn:")) throw invalidInput(`ARN ${arn} is not valid.`);
  return arn;
}

export function requireVersionId(value: string | undefined): string {
  const versionId = requireMember(value, "VersionId");
  if (!/^v[1-9][0-9]*(\.[A-Za-z0-9-]*)?$/.test(versionId)) {
    throw validationError(
      constraintViolation(
        versionId,
        "versionId",
        "Member must satisfy regular expression pattern: v[1-9][0-9]*(\\.[A-Za-z0-9-]*)?",
      ),
    );
  }
  return versionId;
}
