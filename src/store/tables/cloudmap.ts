import type {
  DiscoveryInstance,
  DiscoveryOperation,
  DiscoveryService,
  Namespace,
} from "../../model/cloudmap/records.ts";
import { defineTable } from "../table.ts";

const scope = (record: { account: string; region: string }) => `${record.account}/${record.region}`;

export const namespaces = defineTable<Namespace>()({
  name: "cloudmap_namespaces",
  key: (record) => record.id,
  indexes: { scope, hostedZone: (record) => record.hostedZoneId },
});

export const discoveryServices = defineTable<DiscoveryService>()({
  name: "cloudmap_services",
  key: (record) => record.id,
  indexes: { scope, namespace: (record) => record.namespaceId },
});

export const discoveryInstances = defineTable<DiscoveryInstance>()({
  name: "cloudmap_instances",
  key: (record) => `${record.serviceId}|${record.instanceId}`,
  indexes: { service: (record) => record.serviceId },
});

export const discoveryOperations = defineTable<DiscoveryOperation>()({
  name: "cloudmap_operations",
  key: (record) => record.id,
  indexes: { scope },
});
