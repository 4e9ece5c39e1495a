/**
 * Event patterns (EventBridge user guide, "Comparison operators for use in event patterns"): every field that the
 * pattern names must be there and meet one of the pattern's alternatives.
 */
import { addressInCidr } from "../addresses.ts";
import { checkPattern } from "./pattern-check.ts";

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type JsonObject = { readonly [key: string]: Json };

export function matchesPattern(text: string, event: object): boolean {
  return patternMatcher(event)(text);
}

/** Reads the event once, for many patterns. A text that is no pattern matches nothing. */
export function patternMatcher(event: object): (text: string) => boolean {
  let value: Json | undefined;
  return (text) => {
    if (checkPattern(text) !== undefined) return false;
    const pattern = unfolded(JSON.parse(text));
    // Through JSON once, so that the event is only what its receivers would see.
    value ??= unfolded(JSON.parse(JSON.stringify(event)));
    return isObject(pattern) && isObject(value) && matchesObject(pattern, value);
  };
}

/** `{"a.b": 1}` and `{"a": {"b": 1}}` are one to EventBridge. */
function unfolded(value: Json): Json {
  if (Array.isArray(value)) return value.map(unfolded);
  if (!isObject(value)) return value;
  // Without a prototype: nobody's event has a field `constructor` of itself.
  const result: Record<string, Json> = Object.create(null);
  for (const [key, entry] of Object.entries(value)) {
    const [first = key, ...rest] = key.split(".");
    const below = rest.reduceRight<Json>((inner, name) => ({ [name]: inner }), unfolded(entry));
    const known = result[first];
    result[first] =
      known !== undefined && isObject(known) && isObject(below) ? { ...known, ...below } : below;
  }
  return result;
}

function matchesObject(pattern: JsonObject, event: JsonObject): boolean {
  return Object.entries(pattern).every(([key, wanted]) => {
    if (key === "$or" && Array.isArray(wanted)) {
      return wanted.some((entry) => isObject(entry) && matchesObject(entry, event));
    }
    const actual = event[key];
    if (Array.isArray(wanted)) return wanted.some((alternative) => matchesField(alternative, actual));
    if (!isObject(wanted)) return false;
    const below = Array.isArray(actual) ? actual : [actual];
    // A field that is asked not to be there is not there below something missing, either.
    if (actual === undefined) return matchesObject(wanted, NOTHING);
    return below.some((entry) => isObject(entry ?? null) && matchesObject(wanted, toObject(entry)));
  });
}

function toObject(value: Json | undefined): JsonObject {
  return value !== undefined && isObject(value) ? value : NOTHING;
}

const NOTHING: JsonObject = Object.create(null);

function matchesField(alternative: Json, actual: Json | undefined): boolean {
  if (isObject(alternative) && "exists" in alternative) {
    const present = (Array.isArray(actual) ? actual : [actual]).some(isLeaf);
    return present === (alternative["exists"] === true);
  }
  if (actual === undefined) return false;
  // Of a list any member will do.
  const values = Array.isArray(actual) ? actual : [actual];
  return values.some((value) => matchesValue(alternative, value));
}

function matchesValue(alternative: Json, value: Json): boolean {
  if (!isObject(alternative)) return alternative === value;
  const [operator, wanted] = Object.entries(alternative)[0] ?? [];
  switch (operator) {
    case "prefix":
    case "suffix":
    case "wildcard":
    case "equals-ignore-case":
      return typeof value === "string" && matchesText(operator, wanted, value);
    case "anything-but":
      return matchesNone(wanted, value);
    case "numeric":
      return typeof value === "number" && Array.isArray(wanted) && matchesNumber(wanted, value);
    case "cidr":
      return typeof value === "string" && typeof wanted === "string" && addressInCidr(value, wanted);
    default:
      return false;
  }
}

function matchesText(operator: string, wanted: Json | undefined, value: string): boolean {
  if (wanted !== undefined && isObject(wanted)) {
    const folded = wanted["equals-ignore-case"];
    return typeof folded === "string" && matchesText(operator, folded.toLowerCase(), value.toLowerCase());
  }
  if (typeof wanted !== "string") return false;
  switch (operator) {
    case "prefix":
      return value.startsWith(wanted);
    case "suffix":
      return value.endsWith(wanted);
    case "equals-ignore-case":
      return value.toLowerCase() === wanted.toLowerCase();
    default:
      return matchesWildcard(wanted, value);
  }
}

/** `*` is any text; a backslash takes that from it. No regular expression: many stars would take it for ever. */
function matchesWildcard(text: string, value: string): boolean {
  const pieces = [""];
  for (const [part] of text.matchAll(/\\[\s\S]|[\s\S]/g)) {
    if (part === "*") pieces.push("");
    else pieces.push((pieces.pop() ?? "") + (part.length === 2 ? part.charAt(1) : part));
  }
  const [first = "", ...others] = pieces;
  const last = others.pop();
  if (last === undefined) return value === first;
  if (!value.startsWith(first) || !value.endsWith(last)) return false;
  let at = first.length;
  for (const piece of others) {
    const found = value.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return at <= value.length - last.length;
}

function matchesNone(wanted: Json | undefined, value: Json): boolean {
  if (wanted === undefined) return false;
  const list = Array.isArray(wanted) ? wanted : [wanted];
  return list.every((entry) => {
    if (!isObject(entry)) return entry !== value;
    const [operator = "", inner] = Object.entries(entry)[0] ?? [];
    const texts = Array.isArray(inner) ? inner : [inner];
    return typeof value !== "string" || !texts.some((text) => matchesText(operator, text, value));
  });
}

/** `["=", 5]`, `[">", 0, "<=", 5]`. */
function matchesNumber(conditions: readonly Json[], value: number): boolean {
  for (let at = 0; at + 1 < conditions.length; at += 2) {
    const limit = Number(conditions[at + 1]);
    const holds = {
      "=": value === limit,
      "<": value < limit,
      "<=": value <= limit,
      ">": value > limit,
      ">=": value >= limit,
    }[String(conditions[at])];
    if (holds !== true) return false;
  }
  return conditions.length > 0;
}

function isLeaf(value: Json | undefined): boolean {
  return value !== undefined && !isObject(value);
}

function isObject(value: Json): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
