import type { Secret } from "../../model/secretsmanager/records.ts";
import { defineTable } from "../table.ts";

/** Key: the ARN. */
export const secrets = defineTable<Secret>()({
  name: "secretsmanager_secrets",
  key: (record) => record.arn,
  indexes: {
    scope: (record) => `${record.account}/${record.region}`,
    name: (record) => `${record.account}/${record.region}/${record.name}`,
  },
});
