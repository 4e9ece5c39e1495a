/**
 * Policy documents: read far enough to refuse what IAM refuses, and stored as they came. Nothing evaluates them
 * here. Sizes as in "IAM and AWS STS quotas" of the IAM User Guide; whitespace is not counted.
 */
import { constraintViolation, lengthRequirement } from "../constraint-messages.ts";
import { requireMember } from "./constraints.ts";
import { limitExceeded, malformedPolicyDocument, validationError } from "./errors.ts";

export const LARGEST_TRUST_POLICY = 2048;
export const LARGEST_INLINE_POLICIES = 10_240;
export const LARGEST_MANAGED_POLICY = 6144;
const LARGEST_DOCUMENT = 131_072;
const VERSIONS = ["2012-10-17", "2008-10-17"];
const STS_ACTION = /^sts:(\*|[A-Za-z*?]+)$/i;
const ROOT_MEMBERS = ["Version", "Id", "Statement"];
const STATEMENT_MEMBERS = [
  "Sid",
  "Effect",
  "Principal",
  "NotPrincipal",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Condition",
];

type Json = Readonly<Record<string, unknown>>;

/** RFC 3986: what IAM answers documents in. */
export function encodeDocument(document: string): string {
  return encodeURIComponent(document).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

export function countedSize(document: string): number {
  return document.replace(/\s/g, "").length;
}

/** Throws ValidationError, MalformedPolicyDocument or LimitExceeded. */
export function readTrustPolicy(document: string | undefined, path: string): string {
  const text = requireDocument(document, path);
  for (const statement of readStatements(text)) {
    if ("Resource" in statement || "NotResource" in statement) {
      throw malformedPolicyDocument("Has prohibited field Resource");
    }
    if (!("Principal" in statement) && !("NotPrincipal" in statement)) {
      throw malformedPolicyDocument("Missing required field Principal");
    }
    checkPrincipal(statement["Principal"] ?? statement["NotPrincipal"]);
    if (!strings(statement["Action"] ?? statement["NotAction"]).every((action) => STS_ACTION.test(action))) {
      throw malformedPolicyDocument("AssumeRole policy may only specify STS AssumeRole actions.");
    }
  }
  if (countedSize(text) > LARGEST_TRUST_POLICY) {
    throw limitExceeded(`Cannot exceed quota for ACLSizePerRole: ${LARGEST_TRUST_POLICY}`);
  }
  return text;
}

/** An inline or managed policy of an identity. Throws ValidationError or MalformedPolicyDocument. */
export function readIdentityPolicy(document: string | undefined): string {
  const text = requireDocument(document, "policyDocument");
  for (const statement of readStatements(text)) {
    if ("Principal" in statement || "NotPrincipal" in statement) {
      throw malformedPolicyDocument("Policy document should not specify a principal.");
    }
    for (const action of strings(statement["Action"] ?? statement["NotAction"])) {
      if (action !== "*" && !/^[^:]+:.+$/.test(action)) {
        throw malformedPolicyDocument(
          "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
        );
      }
    }
    const resources = strings(statement["Resource"] ?? statement["NotResource"]);
    if (resources.length === 0) throw malformedPolicyDocument("Policy statement must contain resources.");
    for (const resource of resources) {
      if (resource !== "*" && !/^(arn|\*)(:|$)/.test(resource) && !resource.startsWith("*")) {
        throw malformedPolicyDocument(`Resource ${resource} must be in ARN format or "*".`);
      }
    }
  }
  return text;
}

function requireDocument(document: string | undefined, path: string): string {
  const text = requireMember(document, path);
  const broken = lengthRequirement(text.length, 1, LARGEST_DOCUMENT);
  if (broken !== undefined) throw validationError(constraintViolation(text.slice(0, 64), path, broken));
  return text;
}

function readStatements(document: string): Json[] {
  const root = parseObject(document);
  if (Object.keys(root).some((member) => !ROOT_MEMBERS.includes(member))) throw syntaxError();
  const version = root["Version"];
  if (version !== undefined && !VERSIONS.includes(String(version))) throw syntaxError();
  const statement = root["Statement"];
  const statements = Array.isArray(statement) ? statement : [statement];
  if (statement === undefined || statements.length === 0) throw syntaxError();
  const sids = new Set<string>();
  return statements.map((entry: unknown) => {
    if (!isObject(entry)) throw syntaxError();
    checkStatement(entry);
    const sid = entry["Sid"];
    if (typeof sid === "string" && sid !== "" && seen(sids, sid)) {
      throw malformedPolicyDocument("Statement IDs (SID) in a single policy must be unique.");
    }
    return entry;
  });
}

function seen(known: Set<string>, value: string): boolean {
  if (known.has(value)) return true;
  known.add(value);
  return false;
}

function checkStatement(statement: Json): void {
  if (Object.keys(statement).some((member) => !STATEMENT_MEMBERS.includes(member))) throw syntaxError();
  if (statement["Effect"] !== "Allow" && statement["Effect"] !== "Deny") throw syntaxError();
  for (const [one, other] of [
    ["Action", "NotAction"],
    ["Resource", "NotResource"],
    ["Principal", "NotPrincipal"],
  ] as const) {
    if (one in statement && other in statement) throw syntaxError();
  }
  if (strings(statement["Action"] ?? statement["NotAction"]).length === 0) {
    throw malformedPolicyDocument("Policy statement must contain actions.");
  }
  if (statement["Condition"] !== undefined && !isObject(statement["Condition"])) throw syntaxError();
}

/** `"*"`, or a map of kinds to one or several values. */
function checkPrincipal(principal: unknown): void {
  if (principal === "*") return;
  if (!isObject(principal)) throw malformedPolicyDocument(`Invalid principal in policy: ${quote(principal)}`);
  for (const [kind, value] of Object.entries(principal)) {
    for (const text of strings(value)) {
      if (!isPrincipal(kind, text)) {
        throw malformedPolicyDocument(`Invalid principal in policy: "${kind}":"${text}"`);
      }
    }
  }
}

function isPrincipal(kind: string, value: string): boolean {
  switch (kind) {
    case "AWS":
      return (
        value === "*" ||
        /^\d{12}$/.test(value) ||
        /^arn:aws[a-z-]*:(iam|sts)::(\d{12}|cloudfront):.+$/.test(value)
      );
    case "Service":
      return /^[a-z0-9-]+(\.[a-z0-9-]+)*\.(amazonaws\.com(\.cn)?|internal|aws\.internal)$/i.test(value);
    case "Federated":
      return value !== "";
    case "CanonicalUser":
      return /^[0-9a-f]{64}$/.test(value);
    default:
      return false;
  }
}

/** One text or a list of them; anything else is no policy. */
function strings(value: unknown): string[] {
  if (value === undefined) return [];
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.map((entry) => {
    if (typeof entry !== "string") throw syntaxError();
    return entry;
  });
}

function parseObject(document: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(document);
  } catch {
    throw malformedPolicyDocument("This policy contains invalid Json");
  }
  if (!isObject(value)) throw syntaxError();
  return value;
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function quote(value: unknown): string {
  return JSON.stringify(value) ?? "null";
}

function syntaxError(): Error {
  return malformedPolicyDocument("Syntax errors in policy.");
}
