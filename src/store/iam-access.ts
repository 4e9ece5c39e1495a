/** May this role, user or session do that? Gathers the policies that apply; `model/iam/policy` decides. */
import { findAwsManagedPolicy } from "../model/iam/aws-managed-policies.ts";
import { denialText } from "../model/iam/policy/denial.ts";
import { type PolicyDocument, parsePolicy } from "../model/iam/policy/document.ts";
import {
  type AccessRequest,
  type Decision,
  evaluateAccess,
  type NamedPolicy,
  type PolicySet,
} from "../model/iam/policy/evaluate.ts";
import type { Role, Session, User } from "../model/iam/records.ts";
import { bucketPolicyOf } from "./objects.ts";
import type { StoreReader } from "./store.ts";
import { policies, roles } from "./tables/iam.ts";

export type Asked = Pick<AccessRequest, "action" | "resource" | "context">;

/** A role, as ECS uses it for a task, or within one of its sessions. */
export function decideForRole(store: StoreReader, role: Role, asked: Asked, session?: Session): Decision {
  const policies = { ...policiesOfRole(store, role, session), ...bucketPolicyOf(store, asked.resource) };
  return evaluateAccess(policies, {
    ...asked,
    principal: { account: role.account, arn: role.arn, sessionArn: session?.arn },
  });
}

/** Why a role may not do something, in the words that follow "is not authorized to perform …". */
export type RoleVerdict =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly kind: "no-role" | "not-assumable"; readonly reason: string }
  | {
      readonly allowed: false;
      readonly kind: "denied";
      /** `User: … is not authorized to perform: … on resource: … because …`. */
      readonly reason: string;
    };

/**
 * Whether `service` (`ecs-tasks.amazonaws.com`) may assume the role, and the role may then do that: what a loop asks
 * before it does something in the role's name. `sessionName` is the one that AWS would give the session: a task's id.
 */
export function mayRole(
  store: StoreReader,
  {
    roleArn,
    service,
    sessionName,
  }: { readonly roleArn: string; readonly service: string; readonly sessionName: string },
  { action, resource, context = new Map() }: Omit<Asked, "context"> & { readonly context?: Asked["context"] },
): RoleVerdict {
  const role = findRoleByArn(store, roleArn);
  if (role === undefined)
    return { allowed: false, kind: "no-role", reason: `The role ${roleArn} does not exist.` };
  if (!mayServiceAssume(role, service, context)) {
    return {
      allowed: false,
      kind: "not-assumable",
      reason: `${service} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`,
    };
  }
  const decision = decideForRole(store, role, { action, resource, context });
  if (decision.effect === "allow") return { allowed: true };
  const user = `arn:aws:sts::${role.account}:assumed-role/${role.roleName}/${sessionName}`;
  return { allowed: false, kind: "denied", reason: denialText({ user, action, resource }, decision) };
}

export function decideForUser(store: StoreReader, user: User, asked: Asked): Decision {
  return evaluateAccess(policiesOfEntity(store, user, user.userName), {
    ...asked,
    principal: { account: user.account, arn: user.arn },
  });
}

/** Whether an AWS service (`ecs-tasks.amazonaws.com`) may assume the role, by the role's trust policy. */
export function mayServiceAssume(
  role: Role,
  service: string,
  context: AccessRequest["context"] = new Map(),
): boolean {
  const decision = evaluateAccess(
    { identity: [], resource: trustPolicyOf(role), resourceAccount: role.account, resourceDecides: true },
    {
      action: "sts:AssumeRole",
      resource: role.arn,
      principal: { account: role.account, arn: "", service },
      context,
    },
  );
  return decision.effect === "allow";
}

export function trustPolicyOf(role: Role): NamedPolicy {
  return named(`trust policy of ${role.roleName}`, role.assumeRolePolicyDocument);
}

/** By ARN or name; undefined when there is none. */
export function findRoleByArn(store: StoreReader, arn: string): Role | undefined {
  const parts = /^arn:aws:iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(arn);
  if (parts === null) return undefined;
  const role = store.get(roles, `${parts[1]}/${parts[2]}`);
  return role?.arn === arn ? role : undefined;
}

export function policiesOfRole(store: StoreReader, role: Role, session?: Session): PolicySet {
  const own = policiesOfEntity(store, role, role.roleName);
  const limits = session === undefined ? [] : sessionPolicies(store, session);
  return limits.length === 0 ? own : { ...own, session: limits };
}

/** What was given when the session was made. */
export function sessionPolicies(store: StoreReader, session: Session): NamedPolicy[] {
  return [
    ...session.sessionPolicies.map((document) => named("session policy", document)),
    ...session.sessionPolicyArns.flatMap((arn) => managed(store, arn)),
  ];
}

export function policiesOfEntity(
  store: StoreReader,
  entity: Pick<Role, "inlinePolicies" | "attachedPolicyArns" | "permissionsBoundaryArn">,
  owner: string,
): PolicySet {
  const boundary =
    entity.permissionsBoundaryArn === undefined
      ? undefined
      : (managed(store, entity.permissionsBoundaryArn)[0] ?? NOTHING);
  return {
    identity: [
      ...entity.inlinePolicies.map(({ policyName, policyDocument }) =>
        named(`${policyName} of ${owner}`, policyDocument),
      ),
      ...entity.attachedPolicyArns.flatMap((arn) => managed(store, arn)),
    ],
    ...(boundary === undefined ? {} : { boundary }),
  };
}

/** A boundary whose policy is gone allows nothing. */
const NOTHING: NamedPolicy = {
  name: "a permissions boundary that is not there",
  document: { hasVariables: false, statements: [] },
};

function managed(store: StoreReader, arn: string): NamedPolicy[] {
  const policy = findAwsManagedPolicy(arn) ?? store.get(policies, arn);
  const document = policy?.versions.find(({ isDefault }) => isDefault)?.document;
  return document === undefined ? [] : [named(arn, document)];
}

function named(name: string, text: string): NamedPolicy {
  return { name, document: parsed(text) };
}

/** Documents are few and asked often. */
const MOST_PARSED = 1000;
const parsedByText = new Map<string, PolicyDocument>();

function parsed(text: string): PolicyDocument {
  const known = parsedByText.get(text);
  if (known !== undefined) return known;
  const document = parsePolicy(text) ?? { hasVariables: false, statements: [] };
  if (parsedByText.size >= MOST_PARSED) parsedByText.clear();
  parsedByText.set(text, document);
  return document;
}
