import type * as wire from "@aws-sdk/client-ecs";
import { clusters } from "../../store/tables/ecs.ts";
import type { HandlerContext } from "../operation.ts";
import { page } from "../page.ts";
import { readMaxResults } from "./constraints.ts";
import { invalidParameter, invalidToken } from "./errors.ts";
import { clusterArn, findCluster } from "./resolve.ts";
import { describeCluster } from "./views/cluster.ts";

export function describeClusters(
  input: wire.DescribeClustersRequest,
  context: HandlerContext,
): wire.DescribeClustersResponse {
  const asked = input.clusters?.length ? input.clusters : ["default"];
  if (asked.length > 100) throw invalidParameter("clusters can have at most 100 items.");
  const found: wire.Cluster[] = [];
  const failures: wire.Failure[] = [];
  for (const name of asked) {
    const cluster = findCluster(context, name);
    if (cluster !== undefined) found.push(describeCluster(context.store, cluster, input.include));
    else
      failures.push({ arn: name.startsWith("arn:") ? name : clusterArn(context, name), reason: "MISSING" });
  }
  return { clusters: found, failures };
}

export function listClusters(
  input: wire.ListClustersRequest,
  { store, scope }: HandlerContext,
): wire.ListClustersResponse {
  const active = store
    .where(clusters, "scope", `${scope.account}/${scope.region}`)
    .filter((cluster) => cluster.status === "ACTIVE");
  const { items, nextToken } = page(active, {
    token: input.nextToken,
    limit: readMaxResults(input.maxResults, 100),
    key: (cluster) => cluster.arn,
    invalidToken,
  });
  return {
    clusterArns: items.map((cluster) => cluster.arn),
    ...(nextToken === undefined ? {} : { nextToken }),
  };
}
