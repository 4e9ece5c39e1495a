/** Attributes of a service itself: what its clients should know about all of its instances. */
import type * as wire from "@aws-sdk/client-servicediscovery";
import { discoveryServices } from "../../store/tables/cloudmap.ts";
import type { HandlerContext } from "../operation.ts";
import { checkLength } from "./constraints.ts";
import { serviceAttributesLimitExceeded } from "./errors.ts";
import { requireService } from "./resolve.ts";

const MOST_ATTRIBUTES = 30;

export function getServiceAttributes(
  input: wire.GetServiceAttributesRequest,
  context: HandlerContext,
): wire.GetServiceAttributesResponse {
  const service = requireService(input.ServiceId, context);
  return {
    ServiceAttributes: {
      ServiceArn: service.arn,
      ResourceOwner: service.account,
      Attributes: { ...service.attributes },
    },
  };
}

export function updateServiceAttributes(
  input: wire.UpdateServiceAttributesRequest,
  context: HandlerContext,
): wire.UpdateServiceAttributesResponse {
  const service = requireService(input.ServiceId, context);
  for (const [key, value] of Object.entries(input.Attributes ?? {})) {
    checkLength(key, "attributes.key", 0, 255);
    checkLength(value, "attributes.value", 0, 1024);
  }
  const attributes = { ...service.attributes, ...input.Attributes };
  if (Object.keys(attributes).length > MOST_ATTRIBUTES) throw serviceAttributesLimitExceeded(MOST_ATTRIBUTES);
  context.store.transaction((tx) => tx.put(discoveryServices, { ...service, attributes }));
  return {};
}

export function deleteServiceAttributes(
  input: wire.DeleteServiceAttributesRequest,
  context: HandlerContext,
): wire.DeleteServiceAttributesResponse {
  const service = requireService(input.ServiceId, context);
  const removed = new Set(input.Attributes);
  const attributes = Object.fromEntries(
    Object.entries(service.attributes).filter(([key]) => !removed.has(key)),
  );
  context.store.transaction((tx) => tx.put(discoveryServices, { ...service, attributes }));
  return {};
}
