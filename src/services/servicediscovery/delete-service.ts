import type * as wire from "@aws-sdk/client-servicediscovery";
import { discoveryInstances, discoveryServices } from "../../store/tables/cloudmap.ts";
import type { HandlerContext } from "../operation.ts";
import { serviceHasInstances } from "./errors.ts";
import { requireService } from "./resolve.ts";

export function deleteService(
  input: wire.DeleteServiceRequest,
  context: HandlerContext,
): wire.DeleteServiceResponse {
  const service = requireService(input.Id, context);
  if (context.store.count(discoveryInstances, "service", service.id) > 0) throw serviceHasInstances();
  context.store.transaction((tx) => tx.delete(discoveryServices, service.id));
  return {};
}
