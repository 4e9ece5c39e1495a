/** Every error that CloudWatch Logs answers with: one function a message. */
import * as wire from "@aws-sdk/client-cloudwatch-logs";

const $metadata = {};

export function invalidParameter(message: string): Error {
  return new wire.InvalidParameterException({ message, $metadata });
}

export function groupNotFound(): Error {
  return new wire.ResourceNotFoundException({
    message: "The specified log group does not exist.",
    $metadata,
  });
}

export function streamNotFound(): Error {
  return new wire.ResourceNotFoundException({
    message: "The specified log stream does not exist.",
    $metadata,
  });
}

export function resourceNotFound(): Error {
  return new wire.ResourceNotFoundException({ message: "The specified resource does not exist.", $metadata });
}

export function groupExists(): Error {
  return new wire.ResourceAlreadyExistsException({
    message: "The specified log group already exists",
    $metadata,
  });
}

export function streamExists(): Error {
  return new wire.ResourceAlreadyExistsException({
    message: "The specified log stream already exists",
    $metadata,
  });
}

export function invalidToken(): Error {
  return invalidParameter("The specified nextToken is invalid.");
}

export function invalidFilterPattern(): Error {
  return invalidParameter("Invalid filter pattern");
}

export function tooManyTags(resourceName: string): Error {
  return new wire.TooManyTagsException({
    message: "The number of tags exceeds the limit of 50 per resource.",
    resourceName,
    $metadata,
  });
}

export function policyNotFound(policyName: string): Error {
  return new wire.ResourceNotFoundException({
    message: `Policy with name [${policyName}] does not exist`,
    $metadata,
  });
}

export function invalidPolicy(): Error {
  return invalidParameter("Could not convert to persistable policy.");
}

export function limitExceeded(): Error {
  return new wire.LimitExceededException({ message: "Resource limit exceeded.", $metadata });
}
