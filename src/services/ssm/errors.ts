/** Every error that Parameter Store answers with: one function a message. */
import * as wire from "@aws-sdk/client-ssm";
import type { PolicyFault } from "../../model/ssm/policies.ts";
import { CodedError } from "../operation.ts";

const $metadata = {};

export function validation(message: string): CodedError {
  return new CodedError("ValidationException", message);
}

/** AWS sends no text with it. */
export function parameterNotFound(): Error {
  return new wire.ParameterNotFound({ message: "", $metadata });
}

export function versionNotFound(name: string, version: string): Error {
  return new wire.ParameterVersionNotFound({
    message: `Systems Manager could not find version ${version} of ${name}. Verify the version and try again.`,
    $metadata,
  });
}

export function parameterAlreadyExists(): Error {
  return new wire.ParameterAlreadyExists({
    message:
      "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.",
    $metadata,
  });
}

export function reservedName(name: string): CodedError {
  return new CodedError("AccessDeniedException", `No access to reserved parameter name: ${name}.`);
}

export function tooManyLevels(): Error {
  return new wire.HierarchyLevelLimitExceededException({
    message: "A hierarchy can have a maximum of 15 levels.",
    $metadata,
  });
}

export function patternMismatch(pattern: string): Error {
  return new wire.ParameterPatternMismatchException({
    message: `Parameter value, cannot be validated against allowedPattern: ${pattern}`,
    $metadata,
  });
}

/** Text of the API reference's list of errors. */
export function invalidAllowedPattern(): Error {
  return new wire.InvalidAllowedPatternException({
    message: "The request doesn't meet the regular expression requirement.",
    $metadata,
  });
}

export function tooManyParameters(most: number): Error {
  return new wire.ParameterLimitExceeded({
    message:
      `You have reached the maximum number of standard parameters for this AWS account and Region (${most}). ` +
      "To add more parameters, either delete existing parameters or upgrade to the advanced-parameter tier " +
      "(charges apply).",
    $metadata,
  });
}

export function oldestVersionLabelled(name: string, version: number): Error {
  return new wire.ParameterMaxVersionLimitExceeded({
    message:
      `You attempted to create a new version of ${name} by calling the PutParameter API with the overwrite flag. ` +
      `Version ${version}, the oldest version, can't be deleted because it has a label associated with it. ` +
      "Move the label to another version of the parameter, and try again.",
    $metadata,
  });
}

export function tooManyLabels(): Error {
  return new wire.ParameterVersionLabelLimitExceeded({
    message:
      "A parameter version can have maximum 10 labels. Move one or more labels to another version and try again.",
    $metadata,
  });
}

/** Texts of the API reference's list of errors. */
export function policyError(fault: PolicyFault): Error {
  switch (fault) {
    case "malformed":
      return validation("The parameter policies are not a JSON array of policies.");
    case "type":
      return new wire.InvalidPolicyTypeException({
        message:
          "The policy type isn't supported. Parameter Store supports the following policy types: Expiration, " +
          "ExpirationNotification, and NoChangeNotification.",
        $metadata,
      });
    case "attribute":
      return new wire.InvalidPolicyAttributeException({
        message: "A policy attribute or its value is invalid.",
        $metadata,
      });
    case "too-many":
      return new wire.PoliciesLimitExceededException({
        message:
          "You specified more than the maximum number of allowed policies for the parameter. The maximum is 10.",
        $metadata,
      });
    case "conflict":
      return new wire.IncompatiblePolicyException({
        message:
          "There is a conflict in the policies specified for this parameter. You can't, for example, specify two " +
          "Expiration policies for a parameter. Review your policies, and try again.",
        $metadata,
      });
  }
}

export function invalidFilterKey(message: string): Error {
  return new wire.InvalidFilterKey({ message, $metadata });
}

export function invalidFilterOption(message: string): Error {
  return new wire.InvalidFilterOption({ message, $metadata });
}

export function invalidFilterValue(message: string): Error {
  return new wire.InvalidFilterValue({ message, $metadata });
}

export function invalidToken(): Error {
  return new wire.InvalidNextToken({ message: "The specified token isn't valid.", $metadata });
}

/** AWS sends no text with it. */
export function invalidResourceId(): Error {
  return new wire.InvalidResourceId({ message: "", $metadata });
}

export function tooManyTags(): Error {
  return new wire.TooManyTagsError({
    message:
      "The Targets parameter includes too many tags. Remove one or more tags and try the command again.",
    $metadata,
  });
}

export function sessionMissing(sessionId: string): Error {
  return new wire.DoesNotExistException({ message: `Session ${sessionId} does not exist`, $metadata });
}
