import type * as wire from "@aws-sdk/client-eventbridge";
import { matchesPattern } from "../../model/events/pattern.ts";
import { checkPattern } from "../../model/events/pattern-check.ts";
import { checkLength, requireMember } from "./constraints.ts";
import { invalidPattern, validation } from "./errors.ts";

/** `resources` is named by the API reference too, but not asked for. */
const MEMBERS = ["id", "account", "source", "time", "region", "detail-type"];

/** Throws InvalidEventPatternException or ValidationException. */
export function testEventPattern(input: wire.TestEventPatternRequest): wire.TestEventPatternResponse {
  const pattern = requireMember(input.EventPattern, "eventPattern");
  checkLength(pattern, "eventPattern", 0, 4096);
  const event = readEvent(requireMember(input.Event, "event"));
  const problem = checkPattern(pattern);
  if (problem !== undefined) throw invalidPattern(problem);
  return { Result: matchesPattern(pattern, event) };
}

function readEvent(text: string): object {
  let event: unknown;
  try {
    event = JSON.parse(text);
  } catch {
    event = undefined;
  }
  if (typeof event === "object" && event !== null && MEMBERS.every((name) => Object.hasOwn(event, name))) {
    return event;
  }
  throw validation("Parameter Event is not valid.");
}
