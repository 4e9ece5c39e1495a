/** Who calls, with all that policies can ask about them: from the principal that a key stands for. */
import type { Random } from "../lib/random.ts";
import { globalArn } from "../model/arn.ts";
import type { NamedPolicy, PolicySet, PrincipalFacts } from "../model/iam/policy/evaluate.ts";
import { OPERATOR_USER, type Principal } from "../model/iam/principal.ts";
import type { Session, User } from "../model/iam/records.ts";
import { mergeTags, type Tag } from "../model/tags.ts";
import { policiesOfEntity, policiesOfRole, sessionPolicies } from "./iam-access.ts";
import type { StoreReader } from "./store.ts";
import { roles, sessions, users } from "./tables/iam.ts";

export interface Actor {
  /** 12 digits. */
  readonly account: string;
  /** As GetCallerIdentity shows it: of a role its session's ARN. */
  readonly arn: string;
  /** `AIDA…`, or `AROA…:<session>`. */
  readonly userId: string;
  readonly userName?: string | undefined;
  /** How policies may name them. */
  readonly facts: PrincipalFacts;
  readonly policies: PolicySet;
  /** `aws:PrincipalTag/…`: the entity's, and over them the session's. */
  readonly tags: readonly Tag[];
  readonly session?: Session | undefined;
}

/** The operator has no record where nothing restricts them. */
const OPERATOR_ID = "AIDABERTHOPERATOR0000";

const ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess";
const ID_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** The record that the operator gets where one is needed: may do everything until its policies are changed. */
export function newOperatorUser(account: string, random: Random, now: number): User {
  return {
    account,
    arn: globalArn("iam", account, `user/${OPERATOR_USER}`),
    userName: OPERATOR_USER,
    userId: `AIDA${random.text(17, ID_ALPHABET)}`,
    path: "/",
    inlinePolicies: [],
    attachedPolicyArns: [ADMINISTRATOR],
    createDate: now,
    tags: [],
  };
}

const EVERYTHING: NamedPolicy = {
  name: "the operator of this Berth",
  document: {
    hasVariables: true,
    statements: [{ index: 0, effect: "Allow", actions: ["*"], resources: ["*"], conditions: [] }],
  },
};

/** Undefined when the user, or the role of the session, is not there any more. */
export function findActor(store: StoreReader, account: string, principal: Principal): Actor | undefined {
  switch (principal.kind) {
    case "operator": {
      const known = store.get(users, `${account}/${OPERATOR_USER}`);
      const arn = known?.arn ?? globalArn("iam", account, `user/${OPERATOR_USER}`);
      return {
        account,
        arn,
        userId: known?.userId ?? OPERATOR_ID,
        userName: OPERATOR_USER,
        facts: { account, arn },
        policies: { identity: [EVERYTHING] },
        tags: known?.tags ?? [],
      };
    }
    case "user": {
      const user = store.get(users, `${account}/${principal.userName}`);
      return user === undefined ? undefined : actorOfUser(store, user);
    }
    case "session": {
      const session = store.get(sessions, principal.accessKeyId);
      return session === undefined ? undefined : actorOfSession(store, session);
    }
  }
}

export function actorOfUser(store: StoreReader, user: User): Actor {
  const { account, arn, userId, userName, tags } = user;
  return {
    account,
    arn,
    userId,
    userName,
    facts: { account, arn },
    policies: policiesOfEntity(store, user, userName),
    tags,
  };
}

/** Has of the user's permissions what the session's policies allow, and nothing without any ("GetFederationToken"). */
function federated(store: StoreReader, user: Actor, session: Session, name: string): Actor {
  const { account } = user;
  return {
    ...user,
    arn: session.arn,
    userId: `${account}:${name}`,
    userName: undefined,
    facts: { account, arn: session.arn },
    policies: { ...user.policies, session: sessionPolicies(store, session) },
    tags: mergeTags(user.tags, session.sessionTags),
  };
}

function actorOfSession(store: StoreReader, session: Session): Actor | undefined {
  const { account, of: owner } = session;
  if (owner.kind === "user") {
    const user = store.get(users, `${account}/${owner.userName}`);
    if (user === undefined || user.userId !== owner.userId) return undefined;
    const { federatedName } = owner;
    const actor = { ...actorOfUser(store, user), session };
    return federatedName === undefined ? actor : federated(store, actor, session, federatedName);
  }
  const role = store.get(roles, `${account}/${owner.roleName}`);
  if (role === undefined || role.roleId !== owner.roleId) return undefined;
  return {
    account,
    arn: session.arn,
    userId: `${role.roleId}:${owner.sessionName}`,
    facts: { account, arn: role.arn, sessionArn: session.arn },
    policies: policiesOfRole(store, role, session),
    tags: mergeTags(role.tags, session.sessionTags),
    session,
  };
}
