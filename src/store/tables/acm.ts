import type { Certificate } from "../../model/acm/records.ts";
import { defineTable } from "../table.ts";

export const certificates = defineTable<Certificate>()({
  name: "acm_certificates",
  key: (record) => record.arn,
  indexes: { scope: (record) => `${record.account}/${record.region}`, status: (record) => record.status },
});
