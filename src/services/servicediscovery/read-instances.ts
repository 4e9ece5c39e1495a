/** GetInstance, ListInstances and GetInstancesHealthStatus. */
import type * as wire from "@aws-sdk/client-servicediscovery";
import { discoveryInstances } from "../../store/tables/cloudmap.ts";
import type { HandlerContext } from "../operation.ts";
import { page } from "../page.ts";
import { invalidNextToken, readMaxResults } from "./constraints.ts";
import { requireInstance, requireService } from "./resolve.ts";

export function getInstance(
  input: wire.GetInstanceRequest,
  context: HandlerContext,
): wire.GetInstanceResponse {
  const service = requireService(input.ServiceId, context);
  const instance = requireInstance(service, input.InstanceId, context);
  return {
    ResourceOwner: service.account,
    Instance: {
      Id: instance.instanceId,
      ...(instance.creatorRequestId === undefined ? {} : { CreatorRequestId: instance.creatorRequestId }),
      Attributes: { ...instance.attributes },
      CreatedByAccount: instance.account,
    },
  };
}

export function listInstances(
  input: wire.ListInstancesRequest,
  context: HandlerContext,
): wire.ListInstancesResponse {
  const service = requireService(input.ServiceId, context);
  const found = page(context.store.where(discoveryInstances, "service", service.id), {
    token: input.NextToken,
    limit: readMaxResults(input.MaxResults),
    key: (instance) => instance.instanceId,
    invalidToken: invalidNextToken,
  });
  return {
    ResourceOwner: service.account,
    Instances: found.items.map((instance) => ({
      Id: instance.instanceId,
      Attributes: { ...instance.attributes },
      CreatedByAccount: instance.account,
    })),
    ...(found.nextToken === undefined ? {} : { NextToken: found.nextToken }),
  };
}

/** Of the instances that are named, or of all. */
export function getInstancesHealthStatus(
  input: wire.GetInstancesHealthStatusRequest,
  context: HandlerContext,
): wire.GetInstancesHealthStatusResponse {
  const service = requireService(input.ServiceId, context);
  const instances =
    input.Instances?.map((id) => requireInstance(service, id, context)) ??
    context.store.where(discoveryInstances, "service", service.id);
  const found = page(instances, {
    token: input.NextToken,
    limit: readMaxResults(input.MaxResults),
    key: (instance) => instance.instanceId,
    invalidToken: invalidNextToken,
  });
  return {
    Status: Object.fromEntries(found.items.map((instance) => [instance.instanceId, instance.health])),
    ...(found.nextToken === undefined ? {} : { NextToken: found.nextToken }),
  };
}
