/**
 * Conditions: all of a statement's must hold (IAM User Guide, "IAM JSON policy elements: Condition operators" and
 * "Creating a condition with multiple keys or values").
 */
import { addressInCidr } from "../../addresses.ts";
import type { Condition } from "./document.ts";
import { matchesPattern, type RequestContext, substitute } from "./patterns.ts";

/** Whether one value of the request meets one value of the policy. */
type Test = (actual: string, wanted: string, context: RequestContext | undefined) => boolean;

interface Operator {
  readonly test: Test;
  /** `Not…`: none of the policy's values may be met, and a key that is missing meets it. */
  readonly negated: boolean;
}

const sameText: Test = (actual, wanted, context) => actual === substitute(wanted, context);
const sameLetters: Test = (actual, wanted, context) =>
  actual.toLowerCase() === substitute(wanted, context)?.toLowerCase();
const likeText: Test = (actual, wanted, context) => matchesPattern(wanted, actual, { context });
/** Each of the six parts by itself: a wildcard does not reach over a colon, but in the last part. */
const likeArn: Test = (actual, wanted, context) => {
  const parts = arnParts(actual);
  const patterns = arnParts(wanted);
  if (parts === undefined || patterns === undefined) return false;
  return patterns.every((pattern, index) => matchesPattern(pattern, parts[index] ?? "", { context }));
};

function arnParts(text: string): string[] | undefined {
  const words = text.split(":");
  if (words.length < 6 || words[0] !== "arn") return undefined;
  return [...words.slice(0, 5), words.slice(5).join(":")];
}

function compared(read: (text: string) => number, holds: (a: number, b: number) => boolean): Test {
  return (actual, wanted) => {
    const [a, b] = [read(actual), read(wanted)];
    return !Number.isNaN(a) && !Number.isNaN(b) && holds(a, b);
  };
}

const readNumber = (text: string): number => (text.trim() === "" ? Number.NaN : Number(text));
/** ISO 8601, or seconds since the epoch. */
const readDate = (text: string): number =>
  /^-?\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text);

const yes = (test: Test): Operator => ({ test, negated: false });
const no = (test: Test): Operator => ({ test, negated: true });

const OPERATORS: ReadonlyMap<string, Operator> = new Map([
  ["StringEquals", yes(sameText)],
  ["StringNotEquals", no(sameText)],
  ["StringEqualsIgnoreCase", yes(sameLetters)],
  ["StringNotEqualsIgnoreCase", no(sameLetters)],
  ["StringLike", yes(likeText)],
  ["StringNotLike", no(likeText)],
  ["ArnEquals", yes(likeArn)],
  ["ArnLike", yes(likeArn)],
  ["ArnNotEquals", no(likeArn)],
  ["ArnNotLike", no(likeArn)],
  ["NumericEquals", yes(compared(readNumber, (a, b) => a === b))],
  ["NumericNotEquals", no(compared(readNumber, (a, b) => a === b))],
  ["NumericLessThan", yes(compared(readNumber, (a, b) => a < b))],
  ["NumericLessThanEquals", yes(compared(readNumber, (a, b) => a <= b))],
  ["NumericGreaterThan", yes(compared(readNumber, (a, b) => a > b))],
  ["NumericGreaterThanEquals", yes(compared(readNumber, (a, b) => a >= b))],
  ["DateEquals", yes(compared(readDate, (a, b) => a === b))],
  ["DateNotEquals", no(compared(readDate, (a, b) => a === b))],
  ["DateLessThan", yes(compared(readDate, (a, b) => a < b))],
  ["DateLessThanEquals", yes(compared(readDate, (a, b) => a <= b))],
  ["DateGreaterThan", yes(compared(readDate, (a, b) => a > b))],
  ["DateGreaterThanEquals", yes(compared(readDate, (a, b) => a >= b))],
  ["Bool", yes((actual, wanted) => actual.toLowerCase() === wanted.toLowerCase())],
  ["BinaryEquals", yes((actual, wanted) => actual === wanted)],
  ["IpAddress", yes((actual, wanted) => addressInCidr(actual, wanted))],
  ["NotIpAddress", no((actual, wanted) => addressInCidr(actual, wanted))],
]);

/** @param variables the same context where the document's version knows policy variables, else undefined */
export function conditionHolds(
  { operator, key, values }: Condition,
  context: RequestContext,
  variables: RequestContext | undefined,
): boolean {
  const [, quantifier, base = "", ifExists] =
    /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/.exec(operator) ?? [];
  const actual = context.get(key);
  if (base === "Null") {
    // "true": the key must be missing.
    return values.some((value) => (value.toLowerCase() === "true") === (actual === undefined));
  }
  const found = OPERATORS.get(base);
  if (found === undefined) return false;
  if (actual === undefined || actual.length === 0) {
    if (quantifier === "ForAllValues" || ifExists !== undefined) return true;
    return quantifier === undefined && found.negated;
  }
  const meets = (value: string): boolean => {
    const some = values.some((wanted) => found.test(value, wanted, variables));
    return found.negated ? !some : some;
  };
  if (quantifier === "ForAllValues") return actual.every(meets);
  if (quantifier === "ForAnyValue") return actual.some(meets);
  // Without a quantifier: one of the request's values, or for a negated operator all of them.
  return found.negated ? actual.every(meets) : actual.some(meets);
}
