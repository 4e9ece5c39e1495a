import type { InstanceProfile, Policy, Role } from "../../model/iam/records.ts";
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
