/** What EventBridge refuses as an event pattern, and in which words (`Event pattern is not valid. Reason: …`). */
import { isIP } from "node:net";
import { PatternFault, PatternTokens, type TokenKind } from "./pattern-tokens.ts";

/** Why a text is no event pattern; undefined when it is one. */
export function checkPattern(text: string): string | undefined {
  try {
    const tokens = new PatternTokens(text);
    if (tokens.next() !== "{") throw tokens.fault("Filter is not an object");
    checkObject(tokens, false);
    JSON.parse(text);
    return undefined;
  } catch (error) {
    if (error instanceof PatternFault || error instanceof SyntaxError) return error.message;
    throw error;
  }
}

/** These would be taken for operators beside `$or`. */
const RESERVED_IN_OR = [
  "exactly",
  "prefix",
  "suffix",
  "anything-but",
  "exists",
  "cidr",
  "numeric",
  "equals-ignore-case",
  "wildcard",
  "=",
  "<",
  "<=",
  ">",
  ">=",
];

function checkObject(tokens: PatternTokens, inOr: boolean): void {
  let empty = true;
  while (tokens.next() !== "}") {
    empty = false;
    const name = tokens.text();
    if (name === "$or") {
      checkOr(tokens);
      continue;
    }
    if (inOr && RESERVED_IN_OR.includes(name)) {
      throw tokens.fault(`${name} is Ruler reserved fieldName which cannot be used inside $or.`);
    }
    const kind = tokens.next();
    if (kind === "{") checkObject(tokens, inOr);
    else if (kind === "[") checkAlternatives(tokens);
    else throw tokens.fault(`"${name}" must be an object or an array`);
  }
  if (empty) throw tokens.fault("Empty objects are not allowed");
}

function checkOr(tokens: PatternTokens): void {
  if (tokens.next() !== "[") throw tokens.fault("It must be an Array followed with $or.");
  let count = 0;
  for (let kind = tokens.next(); kind !== "]"; kind = tokens.next()) {
    count++;
    if (kind !== "{") throw tokens.fault("Only JSON object is allowed in array of $or relationship.");
    checkObject(tokens, true);
  }
  if (count < 2) throw tokens.fault("There must have at least 2 Objects in $or relationship.");
}

function checkAlternatives(tokens: PatternTokens): void {
  let empty = true;
  for (let kind = tokens.next(); kind !== "]"; kind = tokens.next()) {
    empty = false;
    if (kind === "{") checkOperator(tokens);
    else if (kind === "[") {
      throw tokens.fault("Match value must be String, number, true, false, or null");
    }
  }
  if (empty) throw tokens.fault("Empty arrays are not allowed");
}

function checkOperator(tokens: PatternTokens): void {
  if (tokens.next() !== "name") throw tokens.fault("Match expression name not found");
  const operator = tokens.text();
  switch (operator) {
    case "exactly":
      checkText(tokens, tokens.next(), "exact");
      break;
    case "prefix":
    case "suffix":
      checkAffix(tokens, operator);
      break;
    case "equals-ignore-case":
      checkText(tokens, tokens.next(), operator);
      break;
    case "wildcard":
      checkText(tokens, tokens.next(), operator, () => checkWildcard(tokens));
      break;
    case "cidr":
      // Ruler's own slip: it speaks of a prefix here.
      checkText(tokens, tokens.next(), "prefix", () => checkCidr(tokens.text()));
      break;
    case "exists":
      checkExists(tokens);
      break;
    case "numeric":
      checkNumeric(tokens);
      break;
    case "anything-but":
      checkAnythingBut(tokens);
      break;
    default:
      throw tokens.fault(`Unrecognized match type ${operator}`);
  }
}

function checkText(tokens: PatternTokens, kind: TokenKind, operator: string, check?: () => void): void {
  if (kind !== "string") throw tokens.fault(`${operator} match pattern must be a string`);
  tokens.text();
  check?.();
  close(tokens);
}

function close(tokens: PatternTokens): void {
  if (tokens.next() !== "}") throw tokens.fault("Only one key allowed in match expression");
}

function checkAffix(tokens: PatternTokens, operator: "prefix" | "suffix"): void {
  const kind = tokens.next();
  if (kind !== "{") {
    checkText(tokens, kind, operator);
    return;
  }
  const title = operator === "prefix" ? "Prefix" : "Suffix";
  if (tokens.next() !== "name") throw tokens.fault(`${title} expression name not found`);
  const inner = tokens.text();
  if (inner !== "equals-ignore-case") throw tokens.fault(`Unsupported ${operator} pattern: ${inner}`);
  checkText(tokens, tokens.next(), inner);
  close(tokens);
}

function checkExists(tokens: PatternTokens): void {
  const kind = tokens.next();
  if (kind !== "true" && kind !== "false") {
    throw tokens.fault("exists match pattern must be either true or false.");
  }
  close(tokens);
}

function checkWildcard(tokens: PatternTokens): void {
  // Positions count the quote before the text.
  const value = Buffer.from(`"${tokens.text()}"`).toString("latin1");
  for (let at = 0; at < value.length; at++) {
    const next = value[at + 1] ?? "";
    if (value[at] === "*" && next === "*") {
      throw tokens.fault(`Consecutive wildcard characters at pos ${at}`);
    }
    if (value[at] !== "\\") continue;
    if (next !== "*" && next !== "\\") throw tokens.fault(`Invalid escape character at pos ${at}`);
    at++;
  }
}

/** These messages tell no place. */
function checkCidr(text: string): void {
  const [address = "", bits = "", ...more] = text.split("/");
  if (!text.includes("/") || more.length > 0) throw new PatternFault("Malformed CIDR, one '/' required");
  if (!/^[+-]?\d+$/.test(bits)) throw new PatternFault("Malformed CIDR, mask bits must be an integer");
  if (Number(bits) < 0) throw new PatternFault("Malformed CIDR, mask bits must not be negative");
  const family = isIP(address);
  if (family === 0) throw new PatternFault(`Nonstandard IP address: ${address}`);
  if (family === 4 && Number(bits) > 31) throw new PatternFault("IPv4 mask bits must be < 32");
  if (family === 6 && Number(bits) > 127) throw new PatternFault("IPv6 mask bits must be < 128");
}

function checkNumeric(tokens: PatternTokens): void {
  if (tokens.next() !== "[") throw tokens.fault("Value of numeric must be an array.");
  if (tokens.next() !== "string") throw tokens.fault(`Invalid member in numeric match: ${tokens.text()}`);
  const operator = tokens.text();
  const value = tokens.next();
  if (!["=", "<", "<=", ">", ">="].includes(operator)) {
    throw tokens.fault(`Unrecognized numeric range operator: ${operator}`);
  }
  if (value !== "number") {
    throw tokens.fault(`Value of ${operator === "=" ? "equals" : operator} must be numeric`);
  }
  const after = tokens.next();
  if (after !== "]") {
    if (!operator.startsWith(">")) throw tokens.fault("Too many elements in numeric expression");
    checkUpperEnd(tokens, after);
  }
  if (tokens.next() !== "}") throw tokens.fault("Too many elements in numeric expression");
}

function checkUpperEnd(tokens: PatternTokens, kind: TokenKind): void {
  if (kind !== "string") throw tokens.fault(`Bad value in numeric range: ${tokens.text()}`);
  const operator = tokens.text();
  if (operator !== "<" && operator !== "<=") throw tokens.fault(`Bad numeric range operator: ${operator}`);
  if (tokens.next() !== "number") throw tokens.fault(`Value of ${operator} must be numeric`);
  if (tokens.next() !== "]") throw tokens.fault("Too many terms in numeric range expression");
}

const BUT_OPERATORS = ["equals-ignore-case", "prefix", "suffix", "wildcard"];

function checkAnythingBut(tokens: PatternTokens): void {
  let kind = tokens.next();
  let operator: string | undefined;
  if (kind === "{") {
    if (tokens.next() !== "name") throw tokens.fault("Anything-But expression name not found");
    operator = tokens.text();
    if (!BUT_OPERATORS.includes(operator)) {
      throw tokens.fault(`Unsupported anything-but pattern: ${operator}`);
    }
    kind = tokens.next();
  }
  if (kind !== "[" && kind !== "string" && kind !== "number") {
    throw tokens.fault("Value of anything-but must be an array or single string/number value.");
  }
  if (kind === "[") checkButList(tokens, operator);
  else if (operator !== undefined) checkButText(tokens, kind, operator);
  else tokens.text();
  if (tokens.next() !== "}") throw tokens.fault("Too many elements in numeric expression");
  if (operator !== undefined && tokens.next() !== "}") {
    throw tokens.fault("Too many elements in numeric expression");
  }
}

function checkButList(tokens: PatternTokens, operator: string | undefined): void {
  const kinds = new Set<TokenKind>();
  for (let kind = tokens.next(); kind !== "]"; kind = tokens.next()) {
    kinds.add(kind);
    try {
      if (operator !== undefined) checkButText(tokens, kind, operator);
      else if (kind !== "string" && kind !== "number") {
        throw tokens.fault("Inside anything but list, start|null|boolean is not supported.");
      }
    } catch (error) {
      // Ruler tells the place twice here.
      throw error instanceof PatternFault ? tokens.fault(error.message) : error;
    }
  }
  if (operator === undefined && kinds.size !== 1) {
    throw tokens.fault(
      "Inside anything but list, either all values are number or string, mixed type is not supported",
    );
  }
}

function checkButText(tokens: PatternTokens, kind: TokenKind, operator: string): void {
  if (kind !== "string") {
    switch (operator) {
      case "equals-ignore-case":
        throw tokens.fault(
          "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.",
        );
      case "wildcard":
        throw tokens.fault("wildcard match pattern must be a string");
      default:
        throw tokens.fault("prefix/suffix match pattern must be a string");
    }
  }
  const text = tokens.text();
  if (operator === "wildcard") checkWildcard(tokens);
  if ((operator === "prefix" || operator === "suffix") && text === "") {
    throw tokens.fault("Null prefix/suffix not allowed");
  }
}
