import type { LogGroup, LogResourcePolicy, LogStream } from "../../model/logs/records.ts";
import { defineTable } from "../table.ts";

export const logGroups = defineTable<LogGroup>()({
  name: "logs_groups",
  key: (record) => record.arn,
  indexes: { scope: (record) => `${record.account}/${record.region}` },
});

export const logStreams = defineTable<LogStream>()({
  name: "logs_streams",
  key: (record) => record.arn,
  indexes: { group: (record) => record.groupArn },
});

/** Key: account, region and name. */
export const logResourcePolicies = defineTable<LogResourcePolicy>()({
  name: "logs_resource_policies",
  key: (record) => `${record.account}/${record.region}/${record.policyName}`,
  indexes: { scope: (record) => `${record.account}/${record.region}` },
});
