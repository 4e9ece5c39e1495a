/** Users: create, read, update, delete. */
import type * as wire from "@aws-sdk/client-iam";
import { OPERATOR_USER } from "../../model/iam/principal.ts";
import type { User } from "../../model/iam/records.ts";
import { accessKeys, users } from "../../store/tables/iam.ts";
import type { HandlerContext } from "../operation.ts";
import { readPath, requireName } from "./constraints.ts";
import { deleteConflictOf, userExists, userMustBeNamed, userNotFound } from "./errors.ts";
import { iamPage } from "./pages.ts";
import { entityArn, findUser, newId, requireAttachableArn, requireUser } from "./resolve.ts";
import { describeTags, readTags, withoutTagKeys, withTags } from "./tags.ts";
import { describeUser, describeUserInList } from "./views/entities.ts";

export function createUser(input: wire.CreateUserRequest, context: HandlerContext): wire.CreateUserResponse {
  const userName = requireName(input.UserName, "UserName", 64);
  const path = readPath(input.Path);
  const user: User = {
    account: context.scope.account,
    arn: entityArn(context, "user", path, userName),
    userName,
    userId: newId(context, "AIDA"),
    path,
    ...(input.PermissionsBoundary === undefined
      ? {}
      : { permissionsBoundaryArn: requireAttachableArn(context, input.PermissionsBoundary) }),
    inlinePolicies: [],
    attachedPolicyArns: [],
    createDate: context.clock.now(),
    tags: readTags(input.Tags),
  };
  if (findUser(context, userName) !== undefined) throw userExists(userName);
  context.store.transaction((tx) => tx.put(users, user));
  return { User: describeUser(user) };
}

/** The operator's user is made with the account; IAM knows no earlier date. */
const OPERATOR_CREATED = new Date(0);

/** Without a name: the caller. */
export function getUser(input: wire.GetUserRequest, context: HandlerContext): wire.GetUserResponse {
  const { caller, scope } = context;
  const own = ownName(context);
  const name = input.UserName ?? own;
  if (name === undefined) throw userMustBeNamed();
  const user = findUser(context, name);
  if (user !== undefined) return { User: describeUser(user) };
  if (name !== own || caller.principal.kind !== "operator") throw userNotFound(name);
  // The operator has no record where nothing restricts them.
  return {
    User: {
      Path: "/",
      UserName: OPERATOR_USER,
      UserId: caller.userId,
      Arn: `arn:aws:iam::${scope.account}:user/${OPERATOR_USER}`,
      CreateDate: OPERATOR_CREATED,
    },
  };
}

/** Of the caller, where it is a user. */
export function ownName({ caller }: HandlerContext): string | undefined {
  const [, name] = /:user\/(?:.*\/)?([^/]+)$/.exec(caller.arn) ?? [];
  return name;
}

export function listUsers(input: wire.ListUsersRequest, context: HandlerContext): wire.ListUsersResponse {
  const prefix = input.PathPrefix ?? "/";
  const found = context.store
    .where(users, "account", context.scope.account)
    .filter((user) => user.path.startsWith(prefix));
  const { items, end } = iamPage(found, input, (user) => user.userName);
  return { Users: items.map(describeUserInList), ...end };
}

/** A new name or path is a new ARN; policies that name the old one do not follow. */
export function updateUser(input: wire.UpdateUserRequest, context: HandlerContext): object {
  const user = requireUser(context, input.UserName);
  const userName =
    input.NewUserName === undefined ? user.userName : requireName(input.NewUserName, "NewUserName", 64);
  const path = input.NewPath === undefined ? user.path : readPath(input.NewPath);
  const taken = findUser(context, userName);
  if (taken !== undefined && taken.userId !== user.userId) throw userExists(userName);
  const renamed = { ...user, userName, path, arn: entityArn(context, "user", path, userName) };
  const keys = context.store.where(accessKeys, "user", `${user.account}/${user.userName}`);
  context.store.transaction((tx) => {
    if (userName !== user.userName) tx.delete(users, `${user.account}/${user.userName}`);
    tx.put(users, renamed);
    for (const key of keys) tx.put(accessKeys, { ...key, userName });
  });
  return {};
}

export function deleteUser(input: wire.DeleteUserRequest, context: HandlerContext): object {
  const user = requireUser(context, input.UserName);
  const key = `${user.account}/${user.userName}`;
  if (user.attachedPolicyArns.length > 0) throw deleteConflictOf("detach all policies");
  if (user.inlinePolicies.length > 0) throw deleteConflictOf("delete policies");
  if (context.store.count(accessKeys, "user", key) > 0) throw deleteConflictOf("delete access keys");
  context.store.transaction((tx) => tx.delete(users, key));
  return {};
}

export function putUserPermissionsBoundary(
  input: wire.PutUserPermissionsBoundaryRequest,
  context: HandlerContext,
): object {
  const user = requireUser(context, input.UserName);
  const permissionsBoundaryArn = requireAttachableArn(context, input.PermissionsBoundary);
  context.store.transaction((tx) => tx.put(users, { ...user, permissionsBoundaryArn }));
  return {};
}

export function deleteUserPermissionsBoundary(
  input: wire.DeleteUserPermissionsBoundaryRequest,
  context: HandlerContext,
): object {
  const user = requireUser(context, input.UserName);
  context.store.transaction((tx) => tx.put(users, { ...user, permissionsBoundaryArn: undefined }));
  return {};
}

export function tagUser(input: wire.TagUserRequest, context: HandlerContext): object {
  const user = requireUser(context, input.UserName);
  const tags = withTags(user.tags, input.Tags);
  context.store.transaction((tx) => tx.put(users, { ...user, tags }));
  return {};
}

export function untagUser(input: wire.UntagUserRequest, context: HandlerContext): object {
  const user = requireUser(context, input.UserName);
  const tags = withoutTagKeys(user.tags, input.TagKeys);
  context.store.transaction((tx) => tx.put(users, { ...user, tags }));
  return {};
}

export function listUserTags(
  input: wire.ListUserTagsRequest,
  context: HandlerContext,
): wire.ListUserTagsResponse {
  const { items, end } = iamPage(requireUser(context, input.UserName).tags, input, (tag) => tag.key);
  return { Tags: describeTags(items), ...end };
}

/** There are no groups. */
export function listGroupsForUser(
  input: wire.ListGroupsForUserRequest,
  context: HandlerContext,
): wire.ListGroupsForUserResponse {
  requireUser(context, input.UserName);
  return { Groups: [], IsTruncated: false };
}
