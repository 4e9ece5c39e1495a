/** Every error that STS answers with: one function a message. */
import * as wire from "@aws-sdk/client-sts";
import { constraintViolation } from "../constraint-messages.ts";
import { CodedError } from "../operation.ts";

const $metadata = {};

/** STS answers it under a code that its SDK does not model. */
export function validationError(message: string): Error {
  return new CodedError("ValidationError", message);
}

export function broken(value: unknown, path: string, requirement: string): Error {
  return validationError(constraintViolation(value, path, requirement));
}

/** @param message `User: … is not authorized to perform: …` */
export function accessDenied(message: string): Error {
  return new CodedError("AccessDenied", message, 403);
}

export function malformedPolicyDocument(message: string): Error {
  return new wire.MalformedPolicyDocumentException({ message, $metadata });
}

export function packedPolicyTooLarge(message: string): Error {
  return new wire.PackedPolicyTooLargeException({ message, $metadata });
}
