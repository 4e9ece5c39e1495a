import type { Parameter } from "../../model/ssm/records.ts";
import { defineTable } from "../table.ts";

/** Key: the ARN. */
export const parameters = defineTable<Parameter>()({
  name: "ssm_parameters",
  key: (record) => record.arn,
  indexes: { scope: (record) => `${record.account}/${record.region}` },
});
