/** Parameter policies of advanced parameters (Systems Manager guide, "Assigning parameter policies"). */

export interface ParameterPolicy {
  readonly type: "Expiration" | "ExpirationNotification" | "NoChangeNotification";
  /** The policy as JSON, as it is shown. */
  readonly text: string;
  /** Of an Expiration, in milliseconds. */
  readonly expiresAt?: number;
}

export type PolicyFault = "malformed" | "type" | "attribute" | "too-many" | "conflict";

const TYPES = ["Expiration", "ExpirationNotification", "NoChangeNotification"] as const;
const MOST_POLICIES = 10;

/** The policies in a request's JSON, or what is wrong with it. `[{}]` stands for none. */
export function parsePolicies(text: string): readonly ParameterPolicy[] | PolicyFault {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    return "malformed";
  }
  if (!Array.isArray(list)) return "malformed";
  if (list.length > MOST_POLICIES) return "too-many";
  const policies: ParameterPolicy[] = [];
  for (const item of list) {
    if (typeof item !== "object" || item === null) return "malformed";
    if (Object.keys(item).length === 0) continue;
    const policy = parsePolicy(item);
    if (typeof policy === "string") return policy;
    policies.push(policy);
  }
  const expirations = policies.filter((policy) => policy.type === "Expiration");
  return expirations.length > 1 ? "conflict" : policies;
}

function parsePolicy(item: object): ParameterPolicy | PolicyFault {
  const type = TYPES.find((known) => "Type" in item && item.Type === known);
  if (type === undefined) return "type";
  const attributes = "Attributes" in item ? item.Attributes : undefined;
  if (typeof attributes !== "object" || attributes === null) return "attribute";
  const text = JSON.stringify(item);
  if (type !== "Expiration") return { type, text };
  const timestamp = "Timestamp" in attributes ? attributes.Timestamp : undefined;
  const expiresAt = typeof timestamp === "string" ? Date.parse(timestamp) : Number.NaN;
  return Number.isNaN(expiresAt) ? "attribute" : { type, text, expiresAt };
}

/** Of policies that were accepted once. */
export function storedPolicies(text: string | undefined): readonly ParameterPolicy[] {
  const policies = text === undefined ? [] : parsePolicies(text);
  return typeof policies === "string" ? [] : policies;
}

/** Whether its Expiration has passed: then the parameter is as if deleted. */
export function isExpired(text: string | undefined, now: number): boolean {
  return storedPolicies(text).some(({ expiresAt }) => expiresAt !== undefined && expiresAt <= now);
}
