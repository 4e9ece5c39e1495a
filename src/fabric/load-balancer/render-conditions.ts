/** A rule's conditions as HAProxy ACLs. Matching: "Condition types for listener rules" in the ALB user guide. */
import { unreachable } from "../../lib/assert.ts";
import type { ProxyCondition } from "../config.ts";
import { quote, wildcardExpression } from "./quote.ts";

/** The name in the first Host header, without a port. */
export const HOST_NAME = "req.fhdr(host,1),host_only";

/** The criterion of an ACL: it holds when any value of the condition matches. */
export function renderCondition(condition: ProxyCondition): string {
  switch (condition.kind) {
    case "host-header":
      return matches(HOST_NAME, "ignore case", condition.values.map(wholePattern));
    case "path-pattern":
      return matches("path", "exact case", condition.values.map(wholePattern));
    case "http-header":
      return renderHeader(condition.name, condition.values);
    case "http-request-method":
      return `method -m str -- ${condition.values.map(quote).join(" ")}`;
    case "query-string":
      return matches("query", "ignore case", condition.values.map(queryPattern));
    case "source-ip":
      return `src ${condition.values.map(quote).join(" ")}`;
    default:
      return unreachable(condition);
  }
}

function matches(sample: string, letters: "ignore case" | "exact case", expressions: string[]): string {
  const flags = letters === "ignore case" ? "-i -m reg" : "-m reg";
  return `${sample} ${flags} -- ${expressions.map(quote).join(" ")}`;
}

function wholePattern(pattern: string): string {
  return `^${wildcardExpression(pattern)}$`;
}

/** Any occurrence of the header; `fhdr` takes each as it stands, commas included. */
function renderHeader(name: string, values: readonly string[]): string {
  // A name that no HTTP header can have never matches, and could not be written as an argument.
  if (!/^[A-Za-z0-9!#$%&*+.^_|~-]+$/.test(name)) return "always_false";
  return matches(quote(`req.fhdr(${name})`), "ignore case", values.map(wholePattern));
}

/** One pair of the query as it came, percent signs included. Without a key: any key that has the value. */
function queryPattern(pair: { readonly key?: string | undefined; readonly value: string }): string {
  const inPair = { character: "[^&]", escapes: true };
  const key =
    pair.key === undefined ? "[^=&]*" : wildcardExpression(pair.key, { character: "[^=&]", escapes: true });
  return `(^|&)${key}=${wildcardExpression(pair.value, inPair)}(&|$)`;
}
