/** GetService and ListServices. */
import type * as wire from "@aws-sdk/client-servicediscovery";
import type { DiscoveryService } from "../../model/cloudmap/records.ts";
import { discoveryServices } from "../../store/tables/cloudmap.ts";
import type { HandlerContext } from "../operation.ts";
import { page } from "../page.ts";
import { invalidNextToken, readMaxResults } from "./constraints.ts";
import { type FilterAspects, matcher } from "./filters.ts";
import { requireService, scopeKey } from "./resolve.ts";
import { describeService, summariseService } from "./views/service.ts";

export function getService(input: wire.GetServiceRequest, context: HandlerContext): wire.GetServiceResponse {
  return { Service: describeService(context.store, requireService(input.Id, context)) };
}

const ASPECTS: FilterAspects<DiscoveryService> = {
  NAMESPACE_ID: (service) => service.namespaceId,
  // Nothing is shared between accounts.
  RESOURCE_OWNER: () => "SELF",
};

export function listServices(
  input: wire.ListServicesRequest,
  context: HandlerContext,
): wire.ListServicesResponse {
  const matches = matcher(input.Filters, ASPECTS);
  const found = page(context.store.where(discoveryServices, "scope", scopeKey(context)).filter(matches), {
    token: input.NextToken,
    limit: readMaxResults(input.MaxResults),
    key: (service) => service.id,
    invalidToken: invalidNextToken,
  });
  return {
    Services: found.items.map((service) => summariseService(context.store, service)),
    ...(found.nextToken === undefined ? {} : { NextToken: found.nextToken }),
  };
}
