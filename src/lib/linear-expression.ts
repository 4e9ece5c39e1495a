/**
 * Regular expressions of users, matched in time that grows with the text alone: one that goes back and forth (`(a+)+$`)
 * would hold up the whole process.
 */
import { setFlagsFromString } from "node:v8";

export type LinearExpression = Pick<RegExp, "test">;

/** Throws SyntaxError for what is no expression, and for what cannot be matched so: references back, looks around. */
export function linearExpression(pattern: string): LinearExpression {
  // V8's own engine for them, which knows the flag `l` only then.
  setFlagsFromString("--enable-experimental-regexp-engine");
  return new RegExp(pattern, "l");
}
