/**
 * Filter patterns, as "Filter pattern syntax for metric filters, subscription filters, filter log events, and Live
 * Tail" of the CloudWatch Logs User Guide describes them. Terms and JSON comparisons; not the space-delimited form
 * and not regular expressions, which are refused.
 */
import { invalidFilterPattern, invalidParameter } from "./errors.ts";

export type LineTest = (message: string) => boolean;
type JsonTest = (value: unknown) => boolean;

const LONGEST_PATTERN = 1024;
const TERM = /\s*([-?]?)(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))/y;
const COMPARISON =
  /\s*(\$(?:\.[\w-]+|\[\d+\]|\["[^"]*"\])+)\s*(?:(!=|>=|<=|=|>|<)\s*("(?:[^"\\]|\\.)*"|[^\s"(){}&|]+)|(IS\s+NULL|IS\s+TRUE|IS\s+FALSE|NOT\s+EXISTS))\s*/iy;

/** Throws InvalidParameterException. An empty pattern lets everything through. */
export function parseFilterPattern(pattern: string): LineTest {
  if (pattern.length > LONGEST_PATTERN) throw invalidFilterPattern();
  const text = pattern.trim();
  if (text.startsWith("{")) return parseJsonPattern(text);
  if (text.startsWith("[") || text.startsWith("%")) {
    throw invalidParameter("Invalid filter pattern: Berth matches terms and JSON comparisons only");
  }
  return parseTerms(text);
}

/** All plain terms, none of the `-` ones; `?` ones are alternatives, and count only when they stand alone. */
function parseTerms(text: string): LineTest {
  const required: string[] = [];
  const excluded: string[] = [];
  const alternatives: string[] = [];
  TERM.lastIndex = 0;
  while (TERM.lastIndex < text.length) {
    const match = TERM.exec(text);
    if (match === null) throw invalidFilterPattern();
    const [, sign, quoted, bare = ""] = match;
    const term = quoted === undefined ? bare : unquote(quoted);
    const terms = sign === "-" ? excluded : sign === "?" ? alternatives : required;
    terms.push(term);
  }
  return (message) => {
    if (excluded.some((term) => message.includes(term))) return false;
    if (required.length > 0) return required.every((term) => message.includes(term));
    if (alternatives.length > 0 && excluded.length === 0) {
      return alternatives.some((term) => message.includes(term));
    }
    return true;
  };
}

function parseJsonPattern(text: string): LineTest {
  if (!text.endsWith("}")) throw invalidFilterPattern();
  const reader = new JsonPatternReader(text.slice(1, -1).trim());
  const test = reader.readAll();
  return (message) => {
    if (!message.trimStart().startsWith("{")) return false;
    try {
      return test(JSON.parse(message));
    } catch {
      return false;
    }
  };
}

/** `comparison && comparison || ( … )`: && binds more tightly. */
class JsonPatternReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  readAll(): JsonTest {
    const test = this.#readAlternatives();
    if (this.#at < this.#text.length) throw invalidFilterPattern();
    return test;
  }

  #readAlternatives(): JsonTest {
    const tests = [this.#readConjunction()];
    while (this.#take("||")) tests.push(this.#readConjunction());
    return (value) => tests.some((test) => test(value));
  }

  #readConjunction(): JsonTest {
    const tests = [this.#readOperand()];
    while (this.#take("&&")) tests.push(this.#readOperand());
    return (value) => tests.every((test) => test(value));
  }

  #readOperand(): JsonTest {
    if (this.#take("(")) {
      const test = this.#readAlternatives();
      if (!this.#take(")")) throw invalidFilterPattern();
      return test;
    }
    COMPARISON.lastIndex = this.#at;
    const match = COMPARISON.exec(this.#text);
    if (match === null) throw invalidFilterPattern();
    this.#at = COMPARISON.lastIndex;
    const [, selector = "", operator, operand = "", predicate] = match;
    const select = parseSelector(selector);
    if (operator === undefined) return parsePredicate(select, predicate ?? "");
    return parseComparison(select, operator, operand);
  }

  #take(sign: string): boolean {
    const rest = this.#text.slice(this.#at);
    const trimmed = rest.trimStart();
    if (!trimmed.startsWith(sign)) return false;
    this.#at += rest.length - trimmed.length + sign.length;
    return true;
  }
}

type Selector = (value: unknown) => unknown;

function parseSelector(text: string): Selector {
  const steps = [...text.matchAll(/\.([\w-]+)|\[(\d+)\]|\["([^"]*)"\]/g)].map(
    ([, member, index, quoted]) => member ?? index ?? quoted ?? "",
  );
  return (value) =>
    steps.reduce<unknown>(
      (current, step) =>
        typeof current === "object" && current !== null && Object.hasOwn(current, step)
          ? Reflect.get(current, step)
          : undefined,
      value,
    );
}

function parsePredicate(select: Selector, predicate: string): JsonTest {
  switch (predicate.replace(/\s+/g, " ").toUpperCase()) {
    case "IS NULL":
      return (value) => select(value) === null;
    case "IS TRUE":
      return (value) => select(value) === true;
    case "IS FALSE":
      return (value) => select(value) === false;
    default:
      return (value) => select(value) === undefined;
  }
}

function parseComparison(select: Selector, operator: string, operand: string): JsonTest {
  const number = operand.startsWith('"') ? Number.NaN : Number(operand);
  if (operator !== "=" && operator !== "!=") {
    if (Number.isNaN(number)) throw invalidFilterPattern();
    return (value) => {
      const found = select(value);
      if (typeof found !== "number") return false;
      if (operator === ">") return found > number;
      if (operator === "<") return found < number;
      return operator === ">=" ? found >= number : found <= number;
    };
  }
  const wanted = operand.startsWith('"') ? unquote(operand.slice(1, -1)) : operand;
  const equals: JsonTest = (found) =>
    typeof found === "number" ? found === number : typeof found === "string" && wildcardMatch(wanted, found);
  if (operator === "=") return (value) => equals(select(value));
  return (value) => {
    const found = select(value);
    return found !== undefined && !equals(found);
  };
}

/** `*` stands for any text. Linear: no regular expression is made of a client's text. */
function wildcardMatch(pattern: string, text: string): boolean {
  const [head = "", ...rest] = pattern.split("*");
  if (rest.length === 0) return pattern === text;
  const tail = rest.pop() ?? "";
  if (!text.startsWith(head) || !text.endsWith(tail) || text.length < head.length + tail.length) return false;
  let at = head.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return at <= text.length - tail.length;
}

function unquote(text: string): string {
  return text.replace(/\\(.)/g, "$1");
}
