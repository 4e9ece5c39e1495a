/** Every error that CloudTrail answers with: one function a message. AWS does not publish these texts. */
import * as wire from "@aws-sdk/client-cloudtrail";
import { CodedError } from "../operation.ts";

const $metadata = {};

export function validation(message: string): CodedError {
  return new CodedError("ValidationException", message);
}

export function invalidMaxResults(given: number): Error {
  return new wire.InvalidMaxResultsException({
    message: `MaxResults must be between 1 and 50, not ${given}.`,
    $metadata,
  });
}

export function invalidLookupAttributes(message: string): Error {
  return new wire.InvalidLookupAttributesException({ message, $metadata });
}

export function invalidTimeRange(): Error {
  return new wire.InvalidTimeRangeException({ message: "StartTime must not be after EndTime.", $metadata });
}

export function invalidNextToken(): Error {
  return new wire.InvalidNextTokenException({
    message: "NextToken is not valid, or was given out for other parameters.",
    $metadata,
  });
}

export function invalidEventCategory(given: string): Error {
  return new wire.InvalidEventCategoryException({
    message: `EventCategory must be insight, not ${given}.`,
    $metadata,
  });
}

/** The texts of names are as AWS sends them. */
export function invalidTrailName(message: string): Error {
  return new wire.InvalidTrailNameException({ message, $metadata });
}

export function invalidTrailArn(given: string): Error {
  return new wire.CloudTrailARNInvalidException({
    message: `${given} is not the ARN of a trail.`,
    $metadata,
  });
}
