/** Capacity providers: AWS's own two. Auto Scaling group providers come with container instances. */
import type * as wire from "@aws-sdk/client-ecs";
import { clusters } from "../../store/tables/ecs.ts";
import type { HandlerContext } from "../operation.ts";
import { checkStrategy } from "./constraints.ts";
import { clientException } from "./errors.ts";
import { requireCluster } from "./resolve.ts";
import { describeCluster } from "./views/cluster.ts";

const BUILT_IN = ["FARGATE", "FARGATE_SPOT"];

/** Throws ClientException for a provider that does not exist. */
export function readCapacityProviders(names: readonly string[] | undefined): string[] {
  for (const name of names ?? []) {
    if (!BUILT_IN.includes(name)) {
      throw clientException(
        "The specified capacity provider does not exist. Specify a valid name or ARN and try again.",
      );
    }
  }
  return [...new Set(names ?? [])];
}

export function describeCapacityProviders(
  input: wire.DescribeCapacityProvidersRequest,
  context: HandlerContext,
): wire.DescribeCapacityProvidersResponse {
  const asked = input.capacityProviders ?? BUILT_IN;
  const nameOf = (text: string) => text.replace(/^.*capacity-provider\//, "");
  const arnOf = (name: string) =>
    `arn:aws:ecs:${context.scope.region}:${context.scope.account}:capacity-provider/${name}`;
  return {
    capacityProviders: asked
      .filter((text) => BUILT_IN.includes(nameOf(text)))
      .map((text) => ({
        capacityProviderArn: arnOf(nameOf(text)),
        name: nameOf(text),
        type: nameOf(text) === "FARGATE" ? "FARGATE" : "FARGATE_SPOT",
        status: "ACTIVE",
        tags: [],
      })),
    failures: asked
      .filter((text) => !BUILT_IN.includes(nameOf(text)))
      .map((text) => ({ arn: text.startsWith("arn:") ? text : arnOf(text), reason: "MISSING" })),
  };
}

export function putClusterCapacityProviders(
  input: wire.PutClusterCapacityProvidersRequest,
  context: HandlerContext,
): wire.PutClusterCapacityProvidersResponse {
  const cluster = requireCluster(context, input.cluster);
  const changed = {
    ...cluster,
    capacityProviders: readCapacityProviders(input.capacityProviders),
    defaultCapacityProviderStrategy: input.defaultCapacityProviderStrategy ?? [],
  };
  checkStrategy(changed, changed.defaultCapacityProviderStrategy, "cluster");
  context.store.transaction((tx) => tx.put(clusters, changed));
  return { cluster: describeCluster(context.store, changed, ["SETTINGS", "TAGS"]) };
}
