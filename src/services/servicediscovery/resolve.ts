/** Finding Cloud Map's nouns by id or ARN, within the caller's account and region. */
import type {
  DiscoveryInstance,
  DiscoveryOperation,
  DiscoveryService,
  Namespace,
} from "../../model/cloudmap/records.ts";
import { inScope } from "../../model/scope.ts";
import { instanceKey } from "../../store/discovery.ts";
import {
  discoveryInstances,
  discoveryOperations,
  discoveryServices,
  namespaces,
} from "../../store/tables/cloudmap.ts";
import type { HandlerContext } from "../operation.ts";
import { checkLength } from "./constraints.ts";
import {
  instanceNotFound,
  namespaceNotFound,
  operationNotFound,
  resourceNotFound,
  serviceNotFound,
} from "./errors.ts";

export function scopeKey(context: HandlerContext): string {
  return `${context.scope.account}/${context.scope.region}`;
}

export function requireNamespace(idOrArn: string | undefined, context: HandlerContext): Namespace {
  const given = idOrArn ?? "";
  checkLength(given, "id", 0, 255);
  const namespace = context.store.get(namespaces, idOf(given));
  if (namespace === undefined || !inScope(namespace, context.scope)) throw namespaceNotFound(given);
  if (given.startsWith("arn:") && given !== namespace.arn) throw namespaceNotFound(given);
  return namespace;
}

export function requireService(idOrArn: string | undefined, context: HandlerContext): DiscoveryService {
  const given = idOrArn ?? "";
  checkLength(given, "serviceId", 0, 255);
  const service = context.store.get(discoveryServices, idOf(given));
  if (service === undefined || !inScope(service, context.scope)) throw serviceNotFound(given);
  if (given.startsWith("arn:") && given !== service.arn) throw serviceNotFound(given);
  return service;
}

export function requireInstance(
  service: DiscoveryService,
  instanceId: string | undefined,
  context: HandlerContext,
): DiscoveryInstance {
  checkLength(instanceId, "instanceId", 0, 64);
  const instance = context.store.get(discoveryInstances, instanceKey(service.id, instanceId ?? ""));
  if (instance === undefined) throw instanceNotFound(instanceId ?? "");
  return instance;
}

export function requireOperation(id: string | undefined, context: HandlerContext): DiscoveryOperation {
  checkLength(id, "operationId", 0, 255);
  const operation = context.store.get(discoveryOperations, id ?? "");
  if (operation === undefined || !inScope(operation, context.scope)) throw operationNotFound(id ?? "");
  return operation;
}

/** What a tag operation's ARN names. */
export function requireTaggable(
  arn: string | undefined,
  context: HandlerContext,
):
  | { readonly kind: "namespace"; readonly record: Namespace }
  | { readonly kind: "service"; readonly record: DiscoveryService } {
  const given = arn ?? "";
  checkLength(given, "resourceARN", 1, 1011);
  const namespace = context.store.get(namespaces, idOf(given));
  if (namespace?.arn === given && inScope(namespace, context.scope)) {
    return { kind: "namespace", record: namespace };
  }
  const service = context.store.get(discoveryServices, idOf(given));
  if (service?.arn === given && inScope(service, context.scope)) return { kind: "service", record: service };
  throw resourceNotFound(given);
}

/** `srv-…` of `arn:aws:servicediscovery:…:service/srv-…`, or the id itself. */
function idOf(idOrArn: string): string {
  return idOrArn.startsWith("arn:") ? (idOrArn.split("/").at(-1) ?? "") : idOrArn;
}
