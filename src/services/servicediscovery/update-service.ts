import type * as wire from "@aws-sdk/client-servicediscovery";
import type { DiscoveryService } from "../../model/cloudmap/records.ts";
import { discoveryServices, namespaces } from "../../store/tables/cloudmap.ts";
import type { HandlerContext } from "../operation.ts";
import { recordOperation } from "./asynchronous.ts";
import { checkLength } from "./constraints.ts";
import { invalidInput } from "./errors.ts";
import { requireService } from "./resolve.ts";
import { type DnsConfig, readDnsRecords, readHealthCheckConfig } from "./service-input.ts";

/** DNS records and a health check that the request leaves out are removed; a custom health check stays. */
export function updateService(
  input: wire.UpdateServiceRequest,
  context: HandlerContext,
): wire.UpdateServiceResponse {
  const service = requireService(input.Id, context);
  checkLength(input.Service?.Description, "service.description", 0, 1024);
  const namespace = context.store.get(namespaces, service.namespaceId);
  const dnsConfig = readDnsChange(input.Service?.DnsConfig, service);
  const updated: DiscoveryService = {
    ...service,
    description: input.Service?.Description ?? service.description,
    dnsConfig,
    healthCheckConfig: readHealthCheckConfig(input.Service?.HealthCheckConfig, namespace, dnsConfig),
    type: dnsConfig === undefined ? "HTTP" : service.type,
  };
  const operationId = context.store.transaction((tx) => {
    tx.put(discoveryServices, updated);
    return recordOperation(tx, context, "UPDATE_SERVICE", { SERVICE: service.id });
  });
  return { OperationId: operationId };
}

/** TTLs change; types do not. */
function readDnsChange(
  change: wire.DnsConfigChange | undefined,
  service: DiscoveryService,
): DnsConfig | undefined {
  if (change === undefined) return undefined;
  const dnsRecords = readDnsRecords(change.DnsRecords);
  const types = service.dnsConfig?.dnsRecords.map(({ type }) => type) ?? [];
  if (service.dnsConfig === undefined || dnsRecords.some(({ type }) => !types.includes(type))) {
    throw invalidInput("The type of a DNS record can't be changed");
  }
  return { routingPolicy: service.dnsConfig.routingPolicy, dnsRecords };
}
