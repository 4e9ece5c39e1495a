/** Every error that AWS Certificate Manager answers with: one function a message. */
import * as wire from "@aws-sdk/client-acm";
import type { Scope } from "../../model/scope.ts";

const $metadata = {};

export function validationException(message: string): Error {
  return new wire.ValidationException({ message, $metadata });
}

export function invalidArn(arn: string): Error {
  return new wire.InvalidArnException({
    message: `The ARN '${arn}' is not the ARN of a certificate`,
    $metadata,
  });
}

export function certificateNotFound(arn: string, scope: Scope): Error {
  return new wire.ResourceNotFoundException({
    message: `Could not find certificate ${arn} in account ${scope.account}.`,
    $metadata,
  });
}

export function certificateInUse(arn: string, scope: Scope): Error {
  return new wire.ResourceInUseException({
    message: `Certificate ${arn} in account ${scope.account} is in use.`,
    $metadata,
  });
}

export function requestInProgress(arn: string): Error {
  return new wire.RequestInProgressException({
    message: `Certificate ${arn} is pending validation, and has not been issued yet.`,
    $metadata,
  });
}

export function invalidState(message: string): Error {
  return new wire.InvalidStateException({ message, $metadata });
}

export function invalidParameter(message: string): Error {
  return new wire.InvalidParameterException({ message, $metadata });
}

export function invalidDomainValidationOptions(message: string): Error {
  return new wire.InvalidDomainValidationOptionsException({ message, $metadata });
}

export function invalidTag(key: string): Error {
  return new wire.InvalidTagException({
    message: `Invalid Tag Key: "${key}". AWS internal tags cannot be changed with this API`,
    $metadata,
  });
}

export function tooManyTags(tags: readonly { readonly key: string; readonly value: string }[]): Error {
  const shown = tags.map(({ key, value }) => `${key}=${value}`).join(", ");
  return new wire.TooManyTagsException({
    message: `the TagSet: '{${shown}}' contains too many Tags`,
    $metadata,
  });
}

export function invalidArgs(message: string): Error {
  return new wire.InvalidArgsException({ message, $metadata });
}
