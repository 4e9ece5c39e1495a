import type * as wire from "@aws-sdk/client-servicediscovery";
import { LOWER_ALPHANUMERIC } from "../../lib/random.ts";
import { arn } from "../../model/arn.ts";
import type { DiscoveryService, Namespace } from "../../model/cloudmap/records.ts";
import { discoveryServices } from "../../store/tables/cloudmap.ts";
import type { HandlerContext } from "../operation.ts";
import { checkEnum, checkLength, checkPattern, checkRange, SERVICE_NAME } from "./constraints.ts";
import { invalidInput, serviceAlreadyExists } from "./errors.ts";
import { requireNamespace } from "./resolve.ts";
import { type DnsConfig, readDnsRecords, readHealthCheckConfig, readRoutingPolicy } from "./service-input.ts";
import { readTags } from "./tags.ts";
import { describeService } from "./views/service.ts";

export function createService(
  input: wire.CreateServiceRequest,
  context: HandlerContext,
): wire.CreateServiceResponse {
  const service = newService(input, context);
  context.store.transaction((tx) => tx.put(discoveryServices, service));
  return { Service: describeService(context.store, service) };
}

function newService(input: wire.CreateServiceRequest, context: HandlerContext): DiscoveryService {
  const name = input.Name ?? "";
  checkPattern(name, "name", SERVICE_NAME);
  checkLength(input.CreatorRequestId, "creatorRequestId", 0, 64);
  checkLength(input.Description, "description", 0, 1024);
  if (input.Type !== undefined) checkEnum(input.Type, "type", ["HTTP"]);
  const namespace = readNamespace(input, context);
  const dnsConfig = readDnsConfig(input, namespace);
  const healthCheckConfig = readHealthCheckConfig(input.HealthCheckConfig, namespace, dnsConfig);
  const custom = input.HealthCheckCustomConfig;
  if (healthCheckConfig !== undefined && custom !== undefined) {
    throw invalidInput("Specify either HealthCheckConfig or HealthCheckCustomConfig, but not both");
  }
  if (custom?.FailureThreshold !== undefined) {
    checkRange(custom.FailureThreshold, "healthCheckCustomConfig.failureThreshold", 1, 10);
  }
  const existing = context.store
    .where(discoveryServices, "namespace", namespace.id)
    .find((other) => other.name.toLowerCase() === name.toLowerCase());
  if (existing !== undefined) throw serviceAlreadyExists(existing);
  const id = `srv-${context.random.text(16, LOWER_ALPHANUMERIC)}`;
  const ownArn = arn("servicediscovery", context.scope, `service/${id}`);
  return {
    ...context.scope,
    id,
    arn: ownArn,
    name,
    namespaceId: namespace.id,
    description: input.Description,
    creatorRequestId: input.CreatorRequestId,
    dnsConfig,
    healthCheckConfig,
    // Always 1, whatever is asked for ("HealthCheckCustomConfig", Cloud Map API reference).
    healthCheckCustomConfig: custom === undefined ? undefined : { failureThreshold: 1 },
    type: dnsConfig === undefined ? "HTTP" : "DNS_HTTP",
    instancesRevision: 1,
    attributes: {},
    createDate: context.clock.now(),
    tags: readTags(input.Tags, ownArn),
  };
}

/** Named at the top, or, as older clients do, within DnsConfig. */
function readNamespace(input: wire.CreateServiceRequest, context: HandlerContext): Namespace {
  const inner = input.DnsConfig?.NamespaceId;
  const given = input.NamespaceId ?? inner;
  if (given === undefined || given === "") throw invalidInput("NamespaceId must be specified");
  const namespace = requireNamespace(given, context);
  if (inner !== undefined && inner !== "" && requireNamespace(inner, context).id !== namespace.id) {
    throw invalidInput("NamespaceId and DnsConfig.NamespaceId must be the same");
  }
  return namespace;
}

function readDnsConfig(input: wire.CreateServiceRequest, namespace: Namespace): DnsConfig | undefined {
  if (input.DnsConfig === undefined) return undefined;
  if (namespace.type === "HTTP") {
    throw invalidInput("DnsConfig can't be specified for a service in an HTTP namespace");
  }
  if (input.Type === "HTTP") throw invalidInput("DnsConfig can't be specified for a service of type HTTP");
  const dnsRecords = readDnsRecords(input.DnsConfig.DnsRecords);
  return { routingPolicy: readRoutingPolicy(input.DnsConfig.RoutingPolicy, dnsRecords), dnsRecords };
}
