/** The texts of refusals (IAM User Guide, "Troubleshoot access denied error messages"). */
import type { DecidingStatement, Decision } from "./evaluate.ts";

export interface Refused {
  /** ARN of the user, or of the session of a role. */
  readonly user: string;
  readonly action: string;
  /** As the service shows it; some show none where the action has no resource. */
  readonly resource?: string | undefined;
}

/** What AWS calls a kind of policy: with an article, and without. */
const KINDS: Readonly<Record<DecidingStatement["kind"], readonly [article: string, name: string]>> = {
  identity: ["an", "identity-based policy"],
  resource: ["a", "resource-based policy"],
  boundary: ["a", "permissions boundary"],
  session: ["a", "session policy"],
};

export function denialText(refused: Refused, decision: Exclude<Decision, { effect: "allow" }>): string {
  return `${notAuthorized(refused)} ${because(refused.action, decision)}`;
}

/** Without the reason, as STS says it. */
export function notAuthorized({ user, action, resource }: Refused): string {
  const on = resource === undefined ? "" : ` on resource: ${resource}`;
  return `User: ${user} is not authorized to perform: ${action}${on}`;
}

function because(action: string, decision: Exclude<Decision, { effect: "allow" }>): string {
  if (decision.effect === "explicit-deny") {
    const [article, name] = KINDS[decision.by[0]?.kind ?? "identity"];
    return `with an explicit deny in ${article} ${name}`;
  }
  return `because no ${KINDS[decision.missing][1]} allows the ${action} action`;
}
