import type { AccessKey, InstanceProfile, Policy, Role, Session, User } from "../../model/iam/records.ts";
import { defineTable } from "../table.ts";

export const roles = defineTable<Role>()({
  name: "iam_roles",
  key: (record) => `${record.account}/${record.roleName}`,
  indexes: { account: (record) => record.account, policy: (record) => record.attachedPolicyArns },
});

export const policies = defineTable<Policy>()({
  name: "iam_policies",
  key: (record) => record.arn,
  indexes: { account: (record) => record.account },
});

export const instanceProfiles = defineTable<InstanceProfile>()({
  name: "iam_instance_profiles",
  key: (record) => `${record.account}/${record.instanceProfileName}`,
  indexes: { account: (record) => record.account, role: (record) => record.roleNames },
});

export const users = defineTable<User>()({
  name: "iam_users",
  key: (record) => `${record.account}/${record.userName}`,
  indexes: { account: (record) => record.account, policy: (record) => record.attachedPolicyArns },
});

export const accessKeys = defineTable<AccessKey>()({
  name: "iam_access_keys",
  key: (record) => record.accessKeyId,
  indexes: { user: (record) => `${record.account}/${record.userName}` },
});

export const sessions = defineTable<Session>()({
  name: "iam_sessions",
  key: (record) => record.accessKeyId,
  indexes: { issuedFor: (record) => record.issuedFor },
});
