/** Every error that EventBridge answers with: one function a message. */
import * as wire from "@aws-sdk/client-eventbridge";
import { CodedError } from "../operation.ts";

const $metadata = {};

export function validation(message: string): CodedError {
  return new CodedError("ValidationException", message);
}

/** What Berth does not do is refused by name rather than kept and never done. */
export function unsupported(what: string): CodedError {
  return validation(`Berth does not support ${what}.`);
}

export function busNotFound(name: string): Error {
  return new wire.ResourceNotFoundException({ message: `Event bus ${name} does not exist.`, $metadata });
}

export function busExists(name: string): Error {
  return new wire.ResourceAlreadyExistsException({
    message: `Event bus ${name} already exists.`,
    $metadata,
  });
}

export function defaultBusStays(): CodedError {
  return validation("Cannot delete event bus default.");
}

export function busHasRules(): CodedError {
  return validation("EventBus can't be deleted since it has rules.");
}

export function ruleNotFound(name: string, busName: string): Error {
  return new wire.ResourceNotFoundException({
    message: `Rule ${name} does not exist on EventBus ${busName}.`,
    $metadata,
  });
}

export function ruleHasTargets(): CodedError {
  return validation("Rule can't be deleted since it has targets.");
}

export function invalidPattern(reason: string): Error {
  return new wire.InvalidEventPatternException({
    message: `Event pattern is not valid. Reason: ${reason}`,
    $metadata,
  });
}

export function invalidSchedule(): CodedError {
  return validation("Parameter ScheduleExpression is not valid.");
}

export function scheduleNeedsDefaultBus(): CodedError {
  return validation("ScheduleExpression is supported only on the default event bus.");
}

export function limitExceeded(): Error {
  return new wire.LimitExceededException({
    message: "The requested resource exceeds the maximum number allowed.",
    $metadata,
  });
}

export function invalidArn(arn: string): CodedError {
  return validation(`Parameter ${arn} is not valid. Reason: Provided Arn is not in correct format.`);
}

export function duplicateTarget(id: string): CodedError {
  return validation(
    `Parameter targets is not valid. Reason: More than one target with Id '${id}' is provided.`,
  );
}

export function roleMissing(targetArn: string): CodedError {
  return validation(`RoleArn is required for target ${targetArn}.`);
}

export function roleNotAssumable(roleArn: string): CodedError {
  return validation(`Provided role '${roleArn}' cannot be assumed by principal 'events.amazonaws.com'.`);
}

export function invalidToken(): CodedError {
  return validation("Parameter NextToken is not valid.");
}
