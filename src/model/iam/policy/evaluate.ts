/**
 * May this principal do that? (IAM User Guide, "Policy evaluation logic".) Pure: policies and facts in, a decision out,
 * with the statement that decided.
 */
import { conditionHolds } from "./conditions.ts";
import type { PolicyDocument, PrincipalElement, Statement } from "./document.ts";
import { matchesPattern, type RequestContext } from "./patterns.ts";

/** Who asks, in every form that a policy may name it by. */
export interface PrincipalFacts {
  /** 12 digits. */
  readonly account: string;
  /** User or role ARN. */
  readonly arn: string;
  /** Of an assumed role's session: `arn:aws:sts::…:assumed-role/<role>/<session>`. */
  readonly sessionArn?: string | undefined;
  /** An AWS service: `ecs-tasks.amazonaws.com`. It has no policies of its own. */
  readonly service?: string | undefined;
}

export interface AccessRequest {
  /** `ecs:RunTask`. */
  readonly action: string;
  /** An ARN, or `*` where the action has no resource. */
  readonly resource: string;
  readonly principal: PrincipalFacts;
  readonly context: RequestContext;
}

export interface NamedPolicy {
  /** An ARN, or a name with its owner: what an explanation shows. */
  readonly name: string;
  readonly document: PolicyDocument;
}

export interface PolicySet {
  readonly identity: readonly NamedPolicy[];
  /** Of the resource: a trust policy, a key's policy. */
  readonly resource?: NamedPolicy | undefined;
  /** The account of the resource, where it has a policy of its own. */
  readonly resourceAccount?: string | undefined;
  /** Trust policies and key policies: without their own permission nothing else suffices. */
  readonly resourceDecides?: boolean | undefined;
  readonly boundary?: NamedPolicy | undefined;
  /** Given when the session was made. */
  readonly session?: readonly NamedPolicy[] | undefined;
}

export interface DecidingStatement {
  readonly policy: string;
  readonly kind: "identity" | "resource" | "boundary" | "session";
  readonly sid?: string | undefined;
  /** From 0. */
  readonly index: number;
}

export type Decision =
  | { readonly effect: "allow"; readonly by: readonly DecidingStatement[] }
  | { readonly effect: "explicit-deny"; readonly by: readonly DecidingStatement[] }
  /** No statement of that kind of policy allows it. */
  | { readonly effect: "implicit-deny"; readonly missing: DecidingStatement["kind"] };

export function evaluateAccess(policies: PolicySet, request: AccessRequest): Decision {
  const { identity, resource, boundary, session } = policies;
  const groups: readonly (readonly [DecidingStatement["kind"], readonly NamedPolicy[]])[] = [
    ["identity", identity],
    ["resource", resource === undefined ? [] : [resource]],
    ["boundary", boundary === undefined ? [] : [boundary]],
    ["session", session ?? []],
  ];
  const denies = groups.flatMap(([kind, list]) => matching(kind, list, "Deny", request));
  if (denies.length > 0) return { effect: "explicit-deny", by: denies };

  const byResource = matching("resource", resource === undefined ? [] : [resource], "Allow", request);
  const byIdentity = matching("identity", identity, "Allow", request);
  const sameAccount =
    policies.resourceAccount === undefined || policies.resourceAccount === request.principal.account;
  // One that names the account alone leaves it to the account's own policies.
  const direct = byResource.filter((by) => namesPrincipal(by, policies, request));
  if (policies.resourceDecides === true || request.principal.service !== undefined) {
    if (byResource.length === 0) return { effect: "implicit-deny", missing: "resource" };
    if (request.principal.service !== undefined) return { effect: "allow", by: byResource };
    if (sameAccount && direct.length > 0) return { effect: "allow", by: direct };
  }
  if (!sameAccount && byResource.length === 0) return { effect: "implicit-deny", missing: "resource" };
  // Within one account either will do; a resource's policy that names the session itself also passes the limits.
  if (sameAccount && direct.some((by) => namesExactly(by, policies, request))) {
    return { effect: "allow", by: direct };
  }
  const granted = sameAccount ? [...byIdentity, ...direct] : byIdentity;
  if (granted.length === 0) return { effect: "implicit-deny", missing: "identity" };
  const byBoundary = boundary === undefined ? undefined : matching("boundary", [boundary], "Allow", request);
  if (byBoundary?.length === 0) return { effect: "implicit-deny", missing: "boundary" };
  const bySession = session === undefined ? undefined : matching("session", session, "Allow", request);
  if (bySession?.length === 0) return { effect: "implicit-deny", missing: "session" };
  return { effect: "allow", by: [...granted, ...(byBoundary ?? []), ...(bySession ?? [])] };
}

function statementOf(by: DecidingStatement, { resource }: PolicySet): Statement | undefined {
  return resource?.document.statements.find((statement) => statement.index === by.index);
}

/** Whether the statement speaks of the principal itself, or of everyone: more than of its account. */
function namesPrincipal(by: DecidingStatement, policies: PolicySet, { principal }: AccessRequest): boolean {
  const named = statementOf(by, policies)?.principals;
  // NotPrincipal speaks of everyone else.
  if (named === undefined || named === "*") return true;
  const { arn, sessionArn } = principal;
  return (named.get("AWS") ?? []).some((value) => value === "*" || value === arn || value === sessionArn);
}

/** A user or a session by its ARN: boundaries and session policies do not take away what it is given so. */
function namesExactly(by: DecidingStatement, policies: PolicySet, { principal }: AccessRequest): boolean {
  const named = statementOf(by, policies)?.principals;
  if (!(named instanceof Map)) return false;
  const { arn, sessionArn } = principal;
  const exact = sessionArn ?? (arn.includes(":user/") ? arn : undefined);
  return exact !== undefined && (named.get("AWS") ?? []).includes(exact);
}

function matching(
  kind: DecidingStatement["kind"],
  policies: readonly NamedPolicy[],
  effect: Statement["effect"],
  request: AccessRequest,
): DecidingStatement[] {
  return policies.flatMap(({ name, document }) =>
    document.statements
      .filter((statement) => statement.effect === effect && applies(statement, document, kind, request))
      .map(({ sid, index }) => ({ policy: name, kind, sid, index })),
  );
}

/** Whether the statement speaks of the request at all. */
export function applies(
  statement: Statement,
  document: PolicyDocument,
  kind: DecidingStatement["kind"],
  { action, resource, principal, context }: AccessRequest,
): boolean {
  const variables = document.hasVariables ? context : undefined;
  const actionMatches = (pattern: string) => matchesPattern(pattern, action, { ignoreCase: true });
  const resourceMatches = (pattern: string) => matchesResource(pattern, resource, variables);
  if (statement.actions !== undefined && !statement.actions.some(actionMatches)) return false;
  if (statement.notActions?.some(actionMatches)) return false;
  if (statement.resources !== undefined && !statement.resources.some(resourceMatches)) return false;
  if (statement.notResources?.some(resourceMatches)) return false;
  if (kind === "resource") {
    const { principals, notPrincipals } = statement;
    if (principals !== undefined && !isNamed(principals, principal)) return false;
    if (notPrincipals !== undefined && isNamed(notPrincipals, principal)) return false;
    if (principals === undefined && notPrincipals === undefined) return false;
  }
  return statement.conditions.every((condition) => conditionHolds(condition, context, variables));
}

/** A request without a resource is met by `*` alone. */
function matchesResource(pattern: string, resource: string, variables: RequestContext | undefined): boolean {
  if (resource === "*") return pattern === "*";
  return matchesPattern(pattern, resource, { context: variables });
}

function isNamed(element: PrincipalElement, principal: PrincipalFacts): boolean {
  if (element === "*") return true;
  for (const [kind, values] of element) {
    if (kind === "Service" && principal.service !== undefined && values.includes(principal.service))
      return true;
    if (
      kind === "AWS" &&
      principal.service === undefined &&
      values.some((value) => isAccountPrincipal(value, principal))
    ) {
      return true;
    }
  }
  return false;
}

function isAccountPrincipal(value: string, { account, arn, sessionArn }: PrincipalFacts): boolean {
  return (
    value === "*" ||
    value === account ||
    value === `arn:aws:iam::${account}:root` ||
    value === arn ||
    value === sessionArn
  );
}
