/**
 * The cluster query language (Amazon ECS developer guide, "Create expressions to define container instances for Amazon
 * ECS tasks"): `subject operator [argument]`, joined by `and`, `or`, `not` and parentheses.
 */
import { failure, type Result, success } from "../../../lib/result.ts";
import type { ContainerInstance } from "../records.ts";
import { attributeOf } from "./capacity.ts";
import type { InstanceLoad } from "./load.ts";
import { compilePattern, type Pattern } from "./pattern.ts";
import { readTokens, type Token } from "./query-tokens.ts";

/** Characters (API reference, PlacementConstraint). */
const LONGEST_QUERY = 2000;

export interface QuerySubject {
  readonly instance: ContainerInstance;
  readonly load: InstanceLoad;
}

type Operator = keyof typeof ALIASES;

type Argument =
  | { readonly kind: "none" }
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "list"; readonly texts: readonly string[] }
  | { readonly kind: "pattern"; readonly pattern: Pattern };

export type Expression =
  | { readonly kind: "and" | "or"; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "not"; readonly of: Expression }
  | {
      readonly kind: "comparison";
      readonly subject: string;
      readonly operator: Operator;
      readonly argument: Argument;
    };

const ALIASES = {
  "==": "equals",
  "!=": "not_equals",
  ">": "greater_than",
  ">=": "greater_than_equal",
  "<": "less_than",
  "<=": "less_than_equal",
  exists: "exists",
  "!exists": "not_exists",
  in: "in",
  "!in": "not_in",
  "=~": "matches",
  "!~": "not_matches",
} as const;

const OPERATORS = new Map<string, Operator>(
  Object.entries(ALIASES).flatMap(([sign, word]) => [
    [sign, sign as Operator],
    [word, sign as Operator],
  ]),
);

const EQUALITY: readonly Operator[] = ["==", "!="];
const ORDER: readonly Operator[] = [...EQUALITY, ">", ">=", "<", "<="];
const CHOICE: readonly Operator[] = [...EQUALITY, "in", "!in", "=~", "!~"];

/** Subjects with operators of their own; attributes and task groups take all. */
const VALID_OPERATORS: Readonly<Record<string, readonly Operator[]>> = {
  agentConnected: CHOICE,
  agentVersion: ORDER,
  ec2InstanceId: CHOICE,
  registeredAt: ORDER,
  runningTasksCount: ORDER,
};

class QueryError extends Error {}

/** The failure says what is wrong and where. */
export function parseClusterQuery(text: string): Result<Expression, string> {
  if (text.length > LONGEST_QUERY) return failure(`the expression has more than ${LONGEST_QUERY} characters`);
  const tokens = readTokens(text);
  if (!tokens.ok) return tokens;
  try {
    return success(new QueryReader(tokens.value).read());
  } catch (error) {
    if (error instanceof QueryError) return failure(error.message);
    throw error;
  }
}

class QueryReader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  read(): Expression {
    const expression = this.#or();
    if (this.#at < this.#tokens.length) this.#fail("'and' or 'or'");
    return expression;
  }

  #or(): Expression {
    let left = this.#and();
    while (this.#skip("||") || this.#skip("or")) left = { kind: "or", left, right: this.#and() };
    return left;
  }

  #and(): Expression {
    let left = this.#not();
    while (this.#skip("&&") || this.#skip("and")) left = { kind: "and", left, right: this.#not() };
    return left;
  }

  #not(): Expression {
    if (this.#skip("!") || this.#skip("not")) return { kind: "not", of: this.#not() };
    if (!this.#skip("(")) return this.#comparison();
    const inner = this.#or();
    if (!this.#skip(")")) this.#fail("')'");
    return inner;
  }

  #comparison(): Expression {
    const subject = this.#word("a subject");
    const valid = VALID_OPERATORS[subject];
    if (valid === undefined && subject !== "task:group" && !/^attribute:./.test(subject)) {
      throw new QueryError(`'${subject}' is not a subject`);
    }
    const operator = this.#operator();
    if (valid !== undefined && !valid.includes(operator)) {
      throw new QueryError(`operator '${ALIASES[operator]}' is not valid for '${subject}'`);
    }
    const argument = this.#argument(operator);
    checkArgument(subject, argument);
    return { kind: "comparison", subject, operator, argument };
  }

  #operator(): Operator {
    const not = this.#skip("!");
    const text = `${not ? "!" : ""}${this.#tokens[this.#at]?.text ?? ""}`;
    const operator = OPERATORS.get(text);
    if (operator === undefined) return this.#fail("an operator");
    this.#at++;
    return operator;
  }

  #argument(operator: Operator): Argument {
    if (operator === "exists" || operator === "!exists") return { kind: "none" };
    if (operator === "in" || operator === "!in") return { kind: "list", texts: this.#list() };
    const text = this.#word("an argument");
    if (operator !== "=~" && operator !== "!~") return { kind: "literal", text };
    const pattern = compilePattern(text);
    if (!pattern.ok) throw new QueryError(`'${text}' is not a pattern: ${pattern.failure}`);
    return { kind: "pattern", pattern: pattern.value };
  }

  #list(): string[] {
    if (!this.#skip("[")) this.#fail("'['");
    const texts = [this.#word("an argument")];
    while (this.#skip(",")) texts.push(this.#word("an argument"));
    if (!this.#skip("]")) this.#fail("',' or ']'");
    return texts;
  }

  #word(what: string): string {
    const token = this.#tokens[this.#at];
    if (token === undefined || token.kind === "sign") return this.#fail(what);
    this.#at++;
    return token.text;
  }

  #skip(text: string): boolean {
    const token = this.#tokens[this.#at];
    if (token === undefined || token.kind === "quoted" || token.text !== text) return false;
    this.#at++;
    return true;
  }

  #fail(expected: string): never {
    const token = this.#tokens[this.#at];
    const found = token === undefined ? "the end" : `'${token.text}' at position ${token.at}`;
    throw new QueryError(`expected ${expected}, found ${found}`);
  }
}

function checkArgument(subject: string, argument: Argument): void {
  const texts =
    argument.kind === "literal" ? [argument.text] : argument.kind === "list" ? argument.texts : [];
  for (const text of texts) {
    const valid =
      subject === "registeredAt"
        ? readDate(text) !== undefined
        : subject === "runningTasksCount"
          ? /^\d{1,9}$/.test(text)
          : subject === "agentVersion"
            ? /^\d+(\.\d+)*$/.test(text)
            : subject !== "agentConnected" || text === "true" || text === "false";
    if (!valid) throw new QueryError(`'${text}' is not valid for '${subject}'`);
  }
}

export function matchesQuery(expression: Expression, subject: QuerySubject): boolean {
  switch (expression.kind) {
    case "and":
      return matchesQuery(expression.left, subject) && matchesQuery(expression.right, subject);
    case "or":
      return matchesQuery(expression.left, subject) || matchesQuery(expression.right, subject);
    case "not":
      return !matchesQuery(expression.of, subject);
    case "comparison":
      return compare(expression, subject);
  }
}

/** An absent subject satisfies `not_exists` alone: `attribute:stack != prod` asks for instances that have a stack. */
function compare(
  { subject: name, operator, argument }: Extract<Expression, { kind: "comparison" }>,
  subject: QuerySubject,
): boolean {
  const values = valuesOf(name, subject);
  if (operator === "exists") return values.length > 0;
  if (operator === "!exists") return values.length === 0;
  return values.some((value) => holds(name, operator, value, argument));
}

function valuesOf(name: string, { instance, load }: QuerySubject): readonly string[] {
  switch (name) {
    case "agentConnected":
      return [String(instance.agentConnected)];
    case "agentVersion":
      return asList(instance.versionInfo.agentVersion);
    case "ec2InstanceId":
      return asList(instance.ec2InstanceId);
    case "registeredAt":
      return [String(instance.registeredAt)];
    case "runningTasksCount":
      return [String(load.running)];
    case "task:group":
      return [...load.groups.keys()];
    default:
      return asList(attributeOf(instance, name.slice("attribute:".length)));
  }
}

function asList(value: string | undefined): readonly string[] {
  return value === undefined ? [] : [value];
}

function holds(name: string, operator: Operator, value: string, argument: Argument): boolean {
  switch (argument.kind) {
    case "none":
      return true;
    case "pattern":
      return argument.pattern.matches(value) === (operator === "=~");
    case "list":
      return argument.texts.includes(value) === (operator === "in");
    case "literal":
      return inOrder(operator, difference(name, value, argument.text));
  }
}

function inOrder(operator: Operator, sign: number): boolean {
  switch (operator) {
    case "==":
      return sign === 0;
    case "!=":
      return sign !== 0;
    case ">":
      return sign > 0;
    case ">=":
      return sign >= 0;
    case "<":
      return sign < 0;
    default:
      return sign <= 0;
  }
}

/** Below, at or above 0, as `value` is before, at or after `argument`. */
function difference(name: string, value: string, argument: string): number {
  if (name === "registeredAt") return Number(value) - (readDate(argument) ?? 0);
  if (name === "agentVersion") return compareVersions(value, argument);
  const numeric = /^-?\d+(\.\d+)?$/;
  if (name === "runningTasksCount" || (numeric.test(value) && numeric.test(argument))) {
    return Number(value) - Number(argument);
  }
  return value === argument ? 0 : value < argument ? -1 : 1;
}

function compareVersions(a: string, b: string): number {
  const parts = (text: string) => text.split(".").map((part) => Number.parseInt(part, 10) || 0);
  const [left, right] = [parts(a), parts(b)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const sign = (left[i] ?? 0) - (right[i] ?? 0);
    if (sign !== 0) return sign;
  }
  return 0;
}

const DATE = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(Z|[+-]\d{2}:\d{2})?)?$/;

/** Milliseconds since the epoch; without a zone it is UTC. */
function readDate(text: string): number | undefined {
  const found = DATE.exec(text);
  if (found === null) return undefined;
  const time = Date.parse(found[1] !== undefined && found[2] === undefined ? `${text}Z` : text);
  return Number.isNaN(time) ? undefined : time;
}
