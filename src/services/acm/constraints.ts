/** Checks of single values against the service's model. All throw ValidationException. */
import { constraintChecks } from "../constraint-checks.ts";
import { constraintViolation, lengthRequirement } from "../constraint-messages.ts";
import { validationException } from "./errors.ts";

const ARN_PATTERN = "arn:[\\w+=/,.@-]+:acm:[\\w+=/,.@-]*:[0-9]+:[\\w+=,.@-]+(/[\\w+=,.@-]+)*";
const DOMAIN_PATTERN =
  "(\\*\\.)?(((?!-)[A-Za-z0-9-]{0,62}[A-Za-z0-9])\\.)+((?!-)[A-Za-z0-9-]{1,62}[A-Za-z0-9])";
const TOKEN_PATTERN = "\\w+";
const LONGEST_DOMAIN = 253;

export const { requireMember, oneOf, checkRange, checkLength, checkPattern } =
  constraintChecks(validationException);

/** How many entries a list may have. */
export function checkCount(count: number, path: string, minimum: number, maximum: number): void {
  const broken = lengthRequirement(count, minimum, maximum);
  if (broken !== undefined) throw validationException(constraintViolation(`${count} entries`, path, broken));
}

export function checkArn(value: string): void {
  checkLength(value, "certificateArn", 20, 2048);
  checkPattern(value, "certificateArn", ARN_PATTERN);
}

export function checkDomainName(value: string, path: string): void {
  checkLength(value, path, 1, LONGEST_DOMAIN);
  checkPattern(value, path, DOMAIN_PATTERN);
}

export function checkIdempotencyToken(value: string | undefined): void {
  if (value === undefined) return;
  checkLength(value, "idempotencyToken", 1, 32);
  checkPattern(value, "idempotencyToken", TOKEN_PATTERN);
}
