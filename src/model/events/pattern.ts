/**
 * Event patterns (EventBridge user guide, "Comparison operators for use in event patterns"): every field that the
 * pattern names must be there and meet one of the pattern's alternatives.
 */
import { addressInCidr } from "../addresses.ts";

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type JsonObject = { readonly [key: string]: Json };

/** Why a text is no event pattern; undefined when it is one. */
export function checkPattern(text: string): string | undefined {
  let pattern: Json;
  try {
    pattern = JSON.parse(text);
  } catch {
    return "Invalid JSON";
  }
  return isObject(pattern) ? problemOf(pattern) : "Filter is not an object";
}

/** A text that is no pattern matches nothing. */
export function matchesPattern(text: string, event: object): boolean {
  if (checkPattern(text) !== undefined) return false;
  const pattern: Json = JSON.parse(text);
  // Through JSON once, so that the event is only what its receivers would see.
  const value: Json = JSON.parse(JSON.stringify(event));
  return isObject(pattern) && isObject(value) && matchesObject(pattern, value);
}

function problemOf(pattern: JsonObject): string | undefined {
  if (Object.keys(pattern).length === 0) return "Empty patterns are not allowed";
  for (const [key, value] of Object.entries(pattern)) {
    if (key === "$or" && Array.isArray(value)) {
      if (value.length < 2 || !value.every(isObject)) return "$or must be an array of at least two objects";
      for (const entry of value) {
        const problem = isObject(entry) ? problemOf(entry) : undefined;
        if (problem !== undefined) return problem;
      }
    } else if (Array.isArray(value)) {
      if (value.length === 0) return "Empty arrays are not allowed";
      const problem = value.map(alternativeProblem).find((found) => found !== undefined);
      if (problem !== undefined) return problem;
    } else if (isObject(value)) {
      const problem = problemOf(value);
      if (problem !== undefined) return problem;
    } else return `"${key}" must be an object or an array`;
  }
  return undefined;
}

const OPERATORS = [
  "exists",
  "prefix",
  "suffix",
  "equals-ignore-case",
  "wildcard",
  "anything-but",
  "numeric",
  "cidr",
];

function alternativeProblem(alternative: Json): string | undefined {
  if (Array.isArray(alternative)) return "Match value must be String, number, true, false, or null";
  if (!isObject(alternative)) return undefined;
  const [name, more] = Object.keys(alternative);
  if (name === undefined || more !== undefined) return "Only one key allowed in match expression";
  return OPERATORS.includes(name) ? undefined : `Unrecognized match type ${name}`;
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
    if (actual === undefined) return matchesObject(wanted, {});
    return below.some((entry) => isObject(entry ?? null) && matchesObject(wanted, toObject(entry)));
  });
}

function toObject(value: Json | undefined): JsonObject {
  return value !== undefined && isObject(value) ? value : {};
}

function matchesField(alternative: Json, actual: Json | undefined): boolean {
  if (isObject(alternative) && "exists" in alternative) {
    const present = actual !== undefined && !isObject(actual);
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
      return wildcard(wanted).test(value);
  }
}

/** `*` is any text; a backslash takes that from it. */
function wildcard(text: string): RegExp {
  const source = text.replace(/\\[\s\S]|[\s\S]/g, (part) => {
    if (part === "*") return "[\\s\\S]*";
    return RegExp.escape(part.length === 2 ? part.charAt(1) : part);
  });
  return new RegExp(`^${source}$`, "u");
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

function isObject(value: Json): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
