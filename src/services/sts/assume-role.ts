/**
 * AssumeRole: the role's trust policy decides, together with the caller's own policies ("Using IAM roles"). What is
 * given along (policies, tags) limits and names the session.
 */
import type * as wire from "@aws-sdk/client-sts";
import { notAuthorized } from "../../model/iam/policy/denial.ts";
import { evaluateAccess } from "../../model/iam/policy/evaluate.ts";
import type { RequestContext } from "../../model/iam/policy/patterns.ts";
import type { Role } from "../../model/iam/records.ts";
import { mergeTags, type Tag } from "../../model/tags.ts";
import { findRoleByArn, trustPolicyOf } from "../../store/iam-access.ts";
import { type Actor, findActor } from "../../store/iam-actors.ts";
import { issueSession, sessionArn } from "../../store/iam-sessions.ts";
import type { HandlerContext } from "../operation.ts";
import { accessDenied, validationError } from "./errors.ts";
import { type AssumeRoleInput, readAssumeRole } from "./read-assume-role.ts";
import { describeCredentials } from "./views.ts";

/** A role that was assumed by a role's session ("role chaining") is had for an hour at most. */
const LONGEST_CHAINED_SECONDS = 3600;

export function assumeRole(input: wire.AssumeRoleRequest, context: HandlerContext): wire.AssumeRoleResponse {
  const given = readAssumeRole(input);
  const { caller, scope, store, clock, random, settings } = context;
  const actor = findActor(store, scope.account, caller.principal);
  const role = findRoleByArn(store, given.roleArn);
  const denied = accessDenied(
    notAuthorized({ user: caller.arn, action: "sts:AssumeRole", resource: given.roleArn }),
  );
  if (actor === undefined || role === undefined || isFederated(actor)) throw denied;
  const tags = sessionTags(actor, given);
  checkPermission(role, actor, given, tags, context);
  checkDuration(role, actor, given);
  const credentials = store.transaction((tx) =>
    issueSession(
      tx,
      { ...given, role, tags, durationSeconds: given.durationSeconds },
      { random, sealingKey: settings.sealingKey, now: clock.now() },
    ),
  );
  return {
    Credentials: describeCredentials(credentials),
    AssumedRoleUser: {
      AssumedRoleId: `${role.roleId}:${given.sessionName}`,
      Arn: sessionArn(role, given.sessionName),
    },
    ...(given.packedSize === undefined ? {} : { PackedPolicySize: given.packedSize }),
    ...(given.sourceIdentity === undefined ? {} : { SourceIdentity: given.sourceIdentity }),
  };
}

/** May call nothing of STS but GetCallerIdentity ("Compare AWS STS credentials"). */
function isFederated({ session }: Actor): boolean {
  return session?.of.kind === "user" && session.of.federatedName !== undefined;
}

/** Those of the request, and the transitive ones of the caller's session. */
function sessionTags({ session }: Actor, { tags }: AssumeRoleInput): Tag[] {
  const transitive = new Set(session?.transitiveTagKeys);
  return mergeTags(
    (session?.sessionTags ?? []).filter(({ key }) => transitive.has(key)),
    tags,
  );
}

/** Every action that the request amounts to. Throws AccessDenied. */
function checkPermission(
  role: Role,
  actor: Actor,
  given: AssumeRoleInput,
  tags: readonly Tag[],
  { caller, clock, scope }: HandlerContext,
): void {
  const actions = [
    "sts:AssumeRole",
    ...(given.tags.length > 0 ? ["sts:TagSession"] : []),
    ...(given.sourceIdentity === undefined ? [] : ["sts:SetSourceIdentity"]),
  ];
  const requestContext = contextOf(role, actor, given, tags, { now: clock.now(), region: scope.region });
  for (const action of actions) {
    const decision = evaluateAccess(
      {
        ...actor.policies,
        resource: trustPolicyOf(role),
        resourceAccount: role.account,
        resourceDecides: true,
      },
      { action, resource: role.arn, principal: actor.facts, context: requestContext },
    );
    if (decision.effect !== "allow") {
      throw accessDenied(notAuthorized({ user: caller.arn, action, resource: role.arn }));
    }
  }
}

function contextOf(
  role: Role,
  actor: Actor,
  given: AssumeRoleInput,
  tags: readonly Tag[],
  { now, region }: { readonly now: number; readonly region: string },
): RequestContext {
  const entries: readonly (readonly [string, readonly string[] | undefined])[] = [
    ["aws:CurrentTime", [new Date(now).toISOString()]],
    ["aws:EpochTime", [String(Math.floor(now / 1000))]],
    ["aws:RequestedRegion", [region]],
    ["aws:SecureTransport", ["true"]],
    ["aws:PrincipalArn", [actor.facts.arn]],
    ["aws:PrincipalAccount", [actor.account]],
    ["aws:PrincipalType", [actor.session?.of.kind === "role" ? "AssumedRole" : "User"]],
    ["aws:userid", [actor.userId]],
    ["aws:username", actor.userName === undefined ? undefined : [actor.userName]],
    [
      "aws:SourceIdentity",
      actor.session?.sourceIdentity === undefined ? undefined : [actor.session.sourceIdentity],
    ],
    ["sts:ExternalId", given.externalId === undefined ? undefined : [given.externalId]],
    ["sts:RoleSessionName", [given.sessionName]],
    ["sts:SourceIdentity", given.sourceIdentity === undefined ? undefined : [given.sourceIdentity]],
    ["sts:TransitiveTagKeys", given.transitiveTagKeys.length === 0 ? undefined : given.transitiveTagKeys],
    ["aws:TagKeys", tags.length === 0 ? undefined : tags.map(({ key }) => key)],
    ...tags.map(({ key, value }) => [`aws:RequestTag/${key}`, [value]] as const),
    ...actor.tags.map(({ key, value }) => [`aws:PrincipalTag/${key}`, [value]] as const),
    ...role.tags.flatMap(({ key, value }) => [
      [`aws:ResourceTag/${key}`, [value]] as const,
      [`iam:ResourceTag/${key}`, [value]] as const,
    ]),
  ];
  return new Map(
    entries.flatMap(([key, values]) => (values === undefined ? [] : [[key.toLowerCase(), values] as const])),
  );
}

function checkDuration(role: Role, { session }: Actor, { durationSeconds }: AssumeRoleInput): void {
  if (session?.of.kind === "role" && durationSeconds > LONGEST_CHAINED_SECONDS) {
    throw validationError(
      "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
    );
  }
  if (durationSeconds > role.maxSessionDurationSeconds) {
    throw validationError("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
  }
}
