import type * as wire from "@aws-sdk/client-ecs";
import { namespaces } from "../../store/tables/cloudmap.ts";
import { services } from "../../store/tables/ecs.ts";
import type { HandlerContext } from "../operation.ts";
import { page } from "../page.ts";
import { readMaxResults } from "./constraints.ts";
import { invalidParameter, invalidToken, namespaceNotFound } from "./errors.ts";
import { findService, requireKnownCluster } from "./resolve.ts";
import { describeService } from "./views/service.ts";

/** A deleted service is shown as INACTIVE for a while; one that never was is a failure MISSING. */
export function describeServices(
  input: wire.DescribeServicesRequest,
  context: HandlerContext,
): wire.DescribeServicesResponse {
  const cluster = requireKnownCluster(context, input.cluster);
  const asked = input.services ?? [];
  if (asked.length === 0) throw invalidParameter("Services cannot be empty.");
  if (asked.length > 10) throw invalidParameter("services can have at most 10 items.");
  const found: wire.Service[] = [];
  const failures: wire.Failure[] = [];
  for (const name of asked) {
    const service = findService(context, cluster, name);
    if (service !== undefined) found.push(describeService(context.store, service, input.include));
    else {
      const arn = name.startsWith("arn:") ? name : `${cluster.arn.replace(":cluster/", ":service/")}/${name}`;
      failures.push({ arn, reason: "MISSING" });
    }
  }
  return { services: found, failures };
}

export function listServices(
  input: wire.ListServicesRequest,
  context: HandlerContext,
): wire.ListServicesResponse {
  const cluster = requireKnownCluster(context, input.cluster);
  const found = context.store
    .where(services, "cluster", cluster.arn)
    .filter((service) => service.status !== "INACTIVE")
    .filter((service) => input.launchType === undefined || service.spec.launchType === input.launchType)
    .filter(
      (service) =>
        input.schedulingStrategy === undefined || service.schedulingStrategy === input.schedulingStrategy,
    );
  const { items, nextToken } = page(found, {
    token: input.nextToken,
    limit: readMaxResults(input.maxResults, 10),
    key: (service) => service.arn,
    invalidToken,
  });
  return {
    serviceArns: items.map((service) => service.arn),
    ...(nextToken === undefined ? {} : { nextToken }),
  };
}

/** Services that use Service Connect in a namespace: none, as Berth does not have it yet. */
export function listServicesByNamespace(
  input: wire.ListServicesByNamespaceRequest,
  { store, scope }: HandlerContext,
): wire.ListServicesByNamespaceResponse {
  const known = store
    .where(namespaces, "scope", `${scope.account}/${scope.region}`)
    .some(({ name, arn }) => name === input.namespace || arn === input.namespace);
  if (!known) throw namespaceNotFound();
  return { serviceArns: [] };
}
