import type { HostedZone, RecordSet, ZoneChange } from "../../model/route53/records.ts";
import { defineTable } from "../table.ts";

export const hostedZones = defineTable<HostedZone>()({
  name: "route53_hosted_zones",
  key: (record) => record.id,
  indexes: {
    account: (record) => record.account,
    name: (record) => record.name,
    vpc: (record) => record.vpcs.map((vpc) => vpc.vpcId),
  },
});

export const recordSets = defineTable<RecordSet>()({
  name: "route53_record_sets",
  key: (record) => `${record.zoneId}|${record.name}|${record.type}|${record.setIdentifier ?? ""}`,
  indexes: { zone: (record) => record.zoneId },
});

export const zoneChanges = defineTable<ZoneChange>()({
  name: "route53_changes",
  key: (record) => record.id,
  indexes: { account: (record) => record.account },
});
