import { globalArn } from "../../model/arn.ts";
import { findAwsManagedPolicy, isAwsManagedArn } from "../../model/iam/aws-managed-policies.ts";
import type { InstanceProfile, Policy, Role, User } from "../../model/iam/records.ts";
import { instanceProfiles, policies, roles, users } from "../../store/tables/iam.ts";
import type { HandlerContext } from "../operation.ts";
import { requireName, requirePolicyArn } from "./constraints.ts";
import {
  instanceProfileNotFound,
  policyNotAttachable,
  policyNotFound,
  protectedRole,
  roleNotFound,
  userNotFound,
} from "./errors.ts";

const ID_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const SERVICE_ROLE_PATH = "/aws-service-role/";

/** `AROA…`, `ANPA…`, `AIPA…`. */
export function newId(context: HandlerContext, prefix: string): string {
  return prefix + context.random.text(17, ID_ALPHABET);
}

/** `kind` is `role`, `policy` or `instance-profile`. */
export function entityArn(context: HandlerContext, kind: string, path: string, name: string): string {
  return globalArn("iam", context.scope.account, `${kind}${path}${name}`);
}

/** Names are unique without regard to case. */
export function findRole(context: HandlerContext, roleName: string): Role | undefined {
  const { account } = context.scope;
  const lower = roleName.toLowerCase();
  return (
    context.store.get(roles, `${account}/${roleName}`) ??
    context.store.where(roles, "account", account).find((role) => role.roleName.toLowerCase() === lower)
  );
}

/** Throws ValidationError or NoSuchEntity. */
export function requireRole(context: HandlerContext, roleName: string | undefined): Role {
  const name = requireName(roleName, "RoleName", 64);
  const found = findRole(context, name);
  if (found === undefined) throw roleNotFound(name);
  return found;
}

/** Names are unique without regard to case. */
export function findUser(context: HandlerContext, userName: string): User | undefined {
  const { account } = context.scope;
  const lower = userName.toLowerCase();
  return (
    context.store.get(users, `${account}/${userName}`) ??
    context.store.where(users, "account", account).find((user) => user.userName.toLowerCase() === lower)
  );
}

/** Throws ValidationError or NoSuchEntity. */
export function requireUser(context: HandlerContext, userName: string | undefined): User {
  const name = requireName(userName, "UserName", 128);
  const found = findUser(context, name);
  if (found === undefined) throw userNotFound(name);
  return found;
}

export function isServiceLinked(role: Role): boolean {
  return role.path.startsWith(SERVICE_ROLE_PATH);
}

/** A role that the account itself may change. Throws UnmodifiableEntity for service-linked ones. */
export function requireOwnRole(context: HandlerContext, roleName: string | undefined): Role {
  const role = requireRole(context, roleName);
  if (isServiceLinked(role)) throw protectedRole(role.roleName);
  return role;
}

/** The account's own, or AWS's. Throws ValidationError, InvalidInput or NoSuchEntity. */
export function requirePolicy(context: HandlerContext, policyArn: string | undefined): Policy {
  const arn = requirePolicyArn(policyArn);
  const policy = findAwsManagedPolicy(arn) ?? context.store.get(policies, arn);
  if (policy === undefined || (policy.account !== "aws" && policy.account !== context.scope.account)) {
    throw policyNotFound(arn);
  }
  return policy;
}

/** A policy that the account may change. */
export function requireOwnPolicy(context: HandlerContext, policyArn: string | undefined): Policy {
  const arn = requirePolicyArn(policyArn);
  const policy = context.store.get(policies, arn);
  if (policy === undefined || policy.account !== context.scope.account) throw policyNotFound(arn);
  return policy;
}

/** Throws NoSuchEntity for what is neither AWS's nor a policy of the account. */
export function requireAttachableArn(context: HandlerContext, policyArn: string | undefined): string {
  const arn = requirePolicyArn(policyArn);
  if (isAwsManagedArn(arn)) return arn;
  if (context.store.get(policies, arn)?.account !== context.scope.account) throw policyNotAttachable(arn);
  return arn;
}

/** Throws ValidationError or NoSuchEntity. */
export function requireInstanceProfile(context: HandlerContext, name: string | undefined): InstanceProfile {
  const text = requireName(name, "InstanceProfileName", 128);
  const found = context.store.get(instanceProfiles, `${context.scope.account}/${text}`);
  if (found === undefined) throw instanceProfileNotFound(text);
  return found;
}
