/** Access keys of users: the secret is told once, and kept sealed. */
import type * as wire from "@aws-sdk/client-iam";
import { KEY_ALPHABET, KEY_DRAWN_CHARACTERS, newKeyId } from "../../model/iam/key-ids.ts";
import type { AccessKey, User } from "../../model/iam/records.ts";
import { newSecret, sealSecret } from "../../store/iam-sessions.ts";
import { accessKeys } from "../../store/tables/iam.ts";
import { constraintViolation, enumRequirement } from "../constraint-messages.ts";
import type { HandlerContext } from "../operation.ts";
import { checkLength, requireMember } from "./constraints.ts";
import { accessKeyNotFound, limitExceeded, userMustBeNamed, validationError } from "./errors.ts";
import { iamPage } from "./pages.ts";
import { requireUser } from "./resolve.ts";
import { ownName } from "./users.ts";

/** "Access keys assigned to an IAM user"; it cannot be raised. */
const MOST_KEYS = 2;

export function createAccessKey(
  input: wire.CreateAccessKeyRequest,
  context: HandlerContext,
): wire.CreateAccessKeyResponse {
  const user = requireNamedUser(input.UserName, context);
  if (keysOf(user, context).length >= MOST_KEYS) {
    throw limitExceeded(`Cannot exceed quota for AccessKeysPerUser: ${MOST_KEYS}`);
  }
  const { random, settings } = context;
  const { sealingKey } = settings;
  const accessKeyId = newKeyId("AKIA", random.text(KEY_DRAWN_CHARACTERS, KEY_ALPHABET), sealingKey);
  const secretAccessKey = newSecret(random);
  const key: AccessKey = {
    accessKeyId,
    account: user.account,
    userName: user.userName,
    sealedSecret: sealSecret(accessKeyId, secretAccessKey, { random, sealingKey }),
    status: "Active",
    createDate: context.clock.now(),
  };
  context.store.transaction((tx) => tx.put(accessKeys, key));
  return {
    AccessKey: {
      UserName: user.userName,
      AccessKeyId: accessKeyId,
      Status: key.status,
      SecretAccessKey: secretAccessKey,
      CreateDate: new Date(key.createDate),
    },
  };
}

export function listAccessKeys(
  input: wire.ListAccessKeysRequest,
  context: HandlerContext,
): wire.ListAccessKeysResponse {
  const user = requireNamedUser(input.UserName, context);
  const { items, end } = iamPage(keysOf(user, context), input, (key) => key.accessKeyId);
  return {
    AccessKeyMetadata: items.map(({ userName, accessKeyId, status, createDate }) => ({
      UserName: userName,
      AccessKeyId: accessKeyId,
      Status: status,
      CreateDate: new Date(createDate),
    })),
    ...end,
  };
}

const STATUSES = ["Active", "Inactive"] as const;

export function updateAccessKey(input: wire.UpdateAccessKeyRequest, context: HandlerContext): object {
  const key = requireKey(input, context);
  const given = requireMember(input.Status, "Status");
  const status = STATUSES.find((known) => known === given);
  if (status === undefined) {
    throw validationError(constraintViolation(given, "status", enumRequirement(STATUSES)));
  }
  context.store.transaction((tx) => tx.put(accessKeys, { ...key, status }));
  return {};
}

export function deleteAccessKey(input: wire.DeleteAccessKeyRequest, context: HandlerContext): object {
  const key = requireKey(input, context);
  context.store.transaction((tx) => tx.delete(accessKeys, key.accessKeyId));
  return {};
}

/** A key that was never used has no date, and "N/A" as service and region. */
export function getAccessKeyLastUsed(
  input: wire.GetAccessKeyLastUsedRequest,
  context: HandlerContext,
): wire.GetAccessKeyLastUsedResponse {
  const key = findKey(input.AccessKeyId, context);
  const { lastUsed } = key;
  return {
    UserName: key.userName,
    AccessKeyLastUsed: {
      LastUsedDate: lastUsed === undefined ? undefined : new Date(lastUsed.at),
      ServiceName: lastUsed?.service ?? "N/A",
      Region: lastUsed?.region ?? "N/A",
    },
  };
}

function keysOf(user: User, { store }: HandlerContext): AccessKey[] {
  return store.where(accessKeys, "user", `${user.account}/${user.userName}`);
}

/** Without a name: the caller's. */
function requireNamedUser(userName: string | undefined, context: HandlerContext): User {
  const name = userName ?? ownName(context);
  if (name === undefined) throw userMustBeNamed();
  return requireUser(context, name);
}

function findKey(id: string | undefined, { store, scope }: HandlerContext): AccessKey {
  const accessKeyId = requireMember(id, "AccessKeyId");
  checkLength(accessKeyId, "AccessKeyId", 16, 128);
  const key = store.get(accessKeys, accessKeyId);
  if (key === undefined || key.account !== scope.account) throw accessKeyNotFound(accessKeyId);
  return key;
}

/** Of the user that is named, or of the caller. */
function requireKey(
  input: { readonly AccessKeyId: string | undefined; readonly UserName?: string | undefined },
  context: HandlerContext,
): AccessKey {
  const user = requireNamedUser(input.UserName, context);
  const key = findKey(input.AccessKeyId, context);
  if (key.userName !== user.userName) throw accessKeyNotFound(key.accessKeyId);
  return key;
}
