/** A policy document, read into what evaluating it needs. It was checked when it was stored: what is odd matches nothing. */

/** `"*"`, or kinds (`AWS`, `Service`, `Federated`) with their values. */
export type PrincipalElement = "*" | ReadonlyMap<string, readonly string[]>;

export interface Condition {
  /** As written: `ForAnyValue:StringLikeIfExists`. */
  readonly operator: string;
  /** Lower case: keys are matched without regard to case. */
  readonly key: string;
  readonly values: readonly string[];
}

export interface Statement {
  readonly sid?: string | undefined;
  /** From 0, in the document. */
  readonly index: number;
  readonly effect: "Allow" | "Deny";
  readonly actions?: readonly string[] | undefined;
  readonly notActions?: readonly string[] | undefined;
  readonly resources?: readonly string[] | undefined;
  readonly notResources?: readonly string[] | undefined;
  readonly principals?: PrincipalElement | undefined;
  readonly notPrincipals?: PrincipalElement | undefined;
  readonly conditions: readonly Condition[];
}

export interface PolicyDocument {
  /** Policy variables (`${aws:username}`) are known since 2012-10-17 only. */
  readonly hasVariables: boolean;
  readonly statements: readonly Statement[];
}

/** Undefined when the text is no policy at all. */
export function parsePolicy(text: string): PolicyDocument | undefined {
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(root)) return undefined;
  const statement = root["Statement"];
  const list: unknown[] = Array.isArray(statement) ? statement : [statement];
  return {
    hasVariables: root["Version"] === "2012-10-17",
    statements: list.flatMap((entry, index) => (isObject(entry) ? readStatement(entry, index) : [])),
  };
}

function readStatement(entry: Readonly<Record<string, unknown>>, index: number): Statement[] {
  const effect = entry["Effect"];
  if (effect !== "Allow" && effect !== "Deny") return [];
  const sid = entry["Sid"];
  return [
    {
      sid: typeof sid === "string" ? sid : undefined,
      index,
      effect,
      actions: optionalTexts(entry["Action"]),
      notActions: optionalTexts(entry["NotAction"]),
      resources: optionalTexts(entry["Resource"]),
      notResources: optionalTexts(entry["NotResource"]),
      principals: readPrincipal(entry["Principal"]),
      notPrincipals: readPrincipal(entry["NotPrincipal"]),
      conditions: readConditions(entry["Condition"]),
    },
  ];
}

function readPrincipal(value: unknown): PrincipalElement | undefined {
  if (value === undefined) return undefined;
  if (value === "*") return "*";
  if (!isObject(value)) return new Map();
  return new Map(Object.entries(value).map(([kind, entry]) => [kind, texts(entry)]));
}

function readConditions(value: unknown): Condition[] {
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([operator, block]) =>
    isObject(block)
      ? Object.entries(block).map(([key, entry]) => ({
          operator,
          key: key.toLowerCase(),
          values: texts(entry),
        }))
      : [],
  );
}

function optionalTexts(value: unknown): string[] | undefined {
  return value === undefined ? undefined : texts(value);
}

/** One value or a list; numbers and truth values count as their text. */
function texts(value: unknown): string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.flatMap((entry) =>
    typeof entry === "string" || typeof entry === "number" || typeof entry === "boolean"
      ? [String(entry)]
      : [],
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
