import { isIPv4, isIPv6 } from "node:net";
import type * as wire from "@aws-sdk/client-servicediscovery";
import type { DiscoveryService } from "../../model/cloudmap/records.ts";
import { registerInstance as storeInstance } from "../../store/discovery.ts";
import { discoveryInstances, namespaces } from "../../store/tables/cloudmap.ts";
import type { HandlerContext } from "../operation.ts";
import { recordOperation } from "./asynchronous.ts";
import { checkEnum, checkLength, checkPattern } from "./constraints.ts";
import { invalidInput, tooManyInstances } from "./errors.ts";
import { requireService } from "./resolve.ts";

const INSTANCE_ID = /^[0-9a-zA-Z_/:.@-]+$/;
/** Quotas of "AWS Cloud Map service quotas". */
const MOST_INSTANCES = 1000;
const MOST_CUSTOM_ATTRIBUTES = 30;
const MOST_ATTRIBUTE_CHARACTERS = 5000;

/** An id that is registered already is updated. */
export function registerInstance(
  input: wire.RegisterInstanceRequest,
  context: HandlerContext,
): wire.RegisterInstanceResponse {
  const instanceId = input.InstanceId ?? "";
  const attributes = input.Attributes ?? {};
  checkLength(instanceId, "instanceId", 1, 64);
  checkPattern(instanceId, "instanceId", INSTANCE_ID);
  checkLength(input.CreatorRequestId, "creatorRequestId", 0, 64);
  const service = requireService(input.ServiceId, context);
  checkAttributes(attributes);
  checkRequired(attributes, service, context);
  const others = context.store
    .where(discoveryInstances, "service", service.id)
    .filter((instance) => instance.instanceId !== instanceId);
  if (others.length >= MOST_INSTANCES) throw tooManyInstances(MOST_INSTANCES);
  const operationId = context.store.transaction((tx) => {
    storeInstance(tx, service, { instanceId, attributes, creatorRequestId: input.CreatorRequestId });
    return recordOperation(tx, context, "REGISTER_INSTANCE", { SERVICE: service.id, INSTANCE: instanceId });
  });
  return { OperationId: operationId };
}

function checkAttributes(attributes: Readonly<Record<string, string>>): void {
  const entries = Object.entries(attributes);
  for (const [key, value] of entries) {
    checkLength(key, "attributes.key", 1, 255);
    checkLength(value, "attributes.value", 0, 1024);
  }
  if (entries.filter(([key]) => !key.startsWith("AWS_")).length > MOST_CUSTOM_ATTRIBUTES) {
    throw invalidInput(`Only ${MOST_CUSTOM_ATTRIBUTES} custom attributes can be specified`);
  }
  if (entries.reduce((sum, [key, value]) => sum + key.length + value.length, 0) > MOST_ATTRIBUTE_CHARACTERS) {
    throw invalidInput(
      `The total size of the attributes can't exceed ${MOST_ATTRIBUTE_CHARACTERS} characters`,
    );
  }
  const ipv4 = attributes["AWS_INSTANCE_IPV4"];
  const ipv6 = attributes["AWS_INSTANCE_IPV6"];
  const port = attributes["AWS_INSTANCE_PORT"];
  const initial = attributes["AWS_INIT_HEALTH_STATUS"];
  if (ipv4 !== undefined && !isIPv4(ipv4)) {
    throw invalidInput(`Invalid IPv4 address in AWS_INSTANCE_IPV4: ${ipv4}`);
  }
  if (ipv6 !== undefined && !isIPv6(ipv6)) {
    throw invalidInput(`Invalid IPv6 address in AWS_INSTANCE_IPV6: ${ipv6}`);
  }
  if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) <= 65_535)) {
    throw invalidInput(`Invalid port in AWS_INSTANCE_PORT: ${port}`);
  }
  if (initial !== undefined)
    checkEnum(initial, "attributes.AWS_INIT_HEALTH_STATUS", ["HEALTHY", "UNHEALTHY"]);
}

/** What the service's DNS records are made of ("RegisterInstance", Cloud Map API reference). */
function checkRequired(
  attributes: Readonly<Record<string, string>>,
  service: DiscoveryService,
  context: HandlerContext,
): void {
  const has = (name: string) => attributes[name] !== undefined;
  const namespace = context.store.get(namespaces, service.namespaceId);
  if (has("AWS_EC2_INSTANCE_ID") && namespace?.type !== "HTTP") {
    throw invalidInput("AWS_EC2_INSTANCE_ID can be specified for instances in HTTP namespaces only");
  }
  if (has("AWS_ALIAS_DNS_NAME")) {
    if (Object.keys(attributes).some((key) => key.startsWith("AWS_INSTANCE_"))) {
      throw invalidInput("AWS_ALIAS_DNS_NAME can't be combined with AWS_INSTANCE_ attributes");
    }
    if (service.dnsConfig?.routingPolicy !== "WEIGHTED") {
      throw invalidInput("AWS_ALIAS_DNS_NAME requires the routing policy WEIGHTED");
    }
    return;
  }
  const missing = (type: string, name: string) =>
    invalidInput(`${name} must be specified for a service with a DNS record of type ${type}`);
  for (const { type } of service.dnsConfig?.dnsRecords ?? []) {
    if (type === "A" && !has("AWS_INSTANCE_IPV4")) throw missing(type, "AWS_INSTANCE_IPV4");
    if (type === "AAAA" && !has("AWS_INSTANCE_IPV6")) throw missing(type, "AWS_INSTANCE_IPV6");
    if (type === "CNAME" && !has("AWS_INSTANCE_CNAME")) throw missing(type, "AWS_INSTANCE_CNAME");
    if (type !== "SRV") continue;
    if (!has("AWS_INSTANCE_PORT")) throw missing(type, "AWS_INSTANCE_PORT");
    if (!has("AWS_INSTANCE_IPV4") && !has("AWS_INSTANCE_IPV6")) {
      throw missing(type, "AWS_INSTANCE_IPV4 or AWS_INSTANCE_IPV6");
    }
  }
}
