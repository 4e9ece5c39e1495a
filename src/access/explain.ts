/** Why a principal may or may not do something: the decision, with the statements that made it. */
import { denialText } from "../model/iam/policy/denial.ts";
import type { Statement } from "../model/iam/policy/document.ts";
import {
  type AccessRequest,
  type DecidingStatement,
  type Decision,
  evaluateAccess,
  type NamedPolicy,
  type PolicySet,
} from "../model/iam/policy/evaluate.ts";
import type { Role } from "../model/iam/records.ts";
import { findRoleByArn, policiesOfRole, trustPolicyOf } from "../store/iam-access.ts";
import { type Actor, actorOfUser } from "../store/iam-actors.ts";
import type { StoreReader } from "../store/store.ts";
import { roles, users } from "../store/tables/iam.ts";
import { contextOf, globalKeys, resourceTagKeys } from "./request-context.ts";
import { policyOfResource, tagsOfResource } from "./resource-facts.ts";

export interface Question {
  /** A user's, role's or session's ARN, or a service (`ecs-tasks.amazonaws.com`), which may be asked about `sts:AssumeRole` only. */
  readonly principal: string;
  /** `ecs:RunTask`. */
  readonly action: string;
  /** `*` where it has none. */
  readonly resource: string;
  /** Condition keys that the request would have, over those that Berth knows. */
  readonly context: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface Explanation {
  readonly decision: Decision["effect"];
  /** One line, as a client would be told. */
  readonly reason: string;
  readonly statements: readonly {
    readonly policy: string;
    readonly kind: DecidingStatement["kind"];
    readonly sid?: string | undefined;
    /** From 0. */
    readonly index: number;
    readonly statement: Readonly<Record<string, unknown>>;
  }[];
  /** Names of all policies that were asked. */
  readonly policies: readonly string[];
}

/** Undefined when there is no such principal. */
export function explain(store: StoreReader, question: Question): Explanation | undefined {
  const { principal, action, resource } = question;
  const asked = principal.startsWith("arn:")
    ? askedOfEntity(store, question)
    : askedOfService(store, question);
  if (asked === undefined) return undefined;
  const decision = evaluateAccess(asked.policies, asked.request);
  return {
    decision: decision.effect,
    reason:
      decision.effect === "allow"
        ? `${principal} may perform ${action} on ${resource}`
        : denialText({ user: principal, action, resource }, decision),
    statements: decision.effect === "implicit-deny" ? [] : decision.by.map((by) => shown(by, asked.policies)),
    policies: policiesOf(asked.policies).map(({ name }) => name),
  };
}

interface Asked {
  readonly policies: PolicySet;
  readonly request: AccessRequest;
}

function askedOfEntity(store: StoreReader, question: Question): Asked | undefined {
  const actor = actorOf(store, question.principal);
  if (actor === undefined) return undefined;
  const { action, resource } = question;
  const service = action.split(":")[0] ?? "";
  const account = /^arn:[^:]*:[^:]*:[^:]*:(\d{12}):/.exec(resource)?.[1];
  const role = service === "sts" ? findRoleByArn(store, resource) : undefined;
  const own = role === undefined ? policyOfResource(store, resource) : trustPolicyOf(role);
  const request = { now: question.now, region: resource.split(":")[3] || "us-east-1", secureTransport: true };
  return {
    policies: {
      ...actor.policies,
      ...(own === undefined ? {} : { resource: own }),
      ...(account === undefined ? {} : { resourceAccount: account }),
      ...(role === undefined ? {} : { resourceDecides: true }),
    },
    request: {
      action,
      resource,
      principal: actor.facts,
      context: contextOf(
        globalKeys(actor, request),
        resourceTagKeys(service, tagsOfResource(store, resource)),
        question.context,
      ),
    },
  };
}

/** What a trust policy says to an AWS service. */
function askedOfService(
  store: StoreReader,
  { principal, action, resource, context }: Question,
): Asked | undefined {
  const role = findRoleByArn(store, resource);
  if (role === undefined) return undefined;
  return {
    policies: {
      identity: [],
      resource: trustPolicyOf(role),
      resourceAccount: role.account,
      resourceDecides: true,
    },
    request: {
      action,
      resource,
      principal: { account: role.account, arn: "", service: principal },
      context: contextOf(context),
    },
  };
}

function actorOf(store: StoreReader, arn: string): Actor | undefined {
  const [, account, kind, name] =
    /^arn:aws:(?:iam|sts)::(\d{12}):(user|role|assumed-role)\/(.+)$/.exec(arn) ?? [];
  if (kind === "user") {
    const user = store.get(users, `${account}/${name?.split("/").at(-1)}`);
    return user === undefined ? undefined : actorOfUser(store, user);
  }
  const role =
    kind === "assumed-role"
      ? store.get(roles, `${account}/${name?.split("/")[0]}`)
      : findRoleByArn(store, arn);
  return role === undefined ? undefined : actorOfRole(store, role, kind === "assumed-role" ? arn : undefined);
}

function actorOfRole(store: StoreReader, role: Role, sessionArn: string | undefined): Actor {
  const { account, arn, roleId, tags } = role;
  const sessionName = sessionArn?.split("/").at(-1);
  return {
    account,
    arn: sessionArn ?? arn,
    userId: sessionName === undefined ? roleId : `${roleId}:${sessionName}`,
    facts: { account, arn, sessionArn },
    policies: policiesOfRole(store, role),
    tags,
  };
}

function policiesOf({ identity, resource, boundary, session }: PolicySet): NamedPolicy[] {
  return [
    ...identity,
    ...(resource === undefined ? [] : [resource]),
    ...(boundary === undefined ? [] : [boundary]),
    ...(session ?? []),
  ];
}

function shown(by: DecidingStatement, policies: PolicySet): Explanation["statements"][number] {
  const policy = policiesOf(policies).find(({ name }) => name === by.policy);
  const statement = policy?.document.statements.find(({ index }) => index === by.index);
  return { ...by, statement: statement === undefined ? {} : asWritten(statement) };
}

/** Near to how it stands in the document. */
function asWritten(statement: Statement): Readonly<Record<string, unknown>> {
  const conditions: Record<string, Record<string, readonly string[]>> = {};
  for (const { operator, key, values } of statement.conditions) {
    conditions[operator] = { ...conditions[operator], [key]: values };
  }
  const principals = statement.principals ?? statement.notPrincipals;
  const principal = principals instanceof Map ? Object.fromEntries(principals) : principals;
  return Object.fromEntries(
    Object.entries({
      Sid: statement.sid,
      Effect: statement.effect,
      Principal: statement.principals === undefined ? undefined : principal,
      NotPrincipal: statement.notPrincipals === undefined ? undefined : principal,
      Action: statement.actions,
      NotAction: statement.notActions,
      Resource: statement.resources,
      NotResource: statement.notResources,
      Condition: statement.conditions.length === 0 ? undefined : conditions,
    }).filter(([, value]) => value !== undefined),
  );
}
