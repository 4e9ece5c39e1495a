import type * as wire from "@aws-sdk/client-ecs";
import type { CapacityProvider } from "../../../model/ecs/records.ts";
import type { Scope } from "../../../model/scope.ts";

export function describeCapacityProvider(
  provider: CapacityProvider,
  include: readonly string[] = [],
): wire.CapacityProvider {
  return {
    capacityProviderArn: provider.arn,
    name: provider.name,
    type: "EC2_AUTOSCALING",
    status: provider.status,
    autoScalingGroupProvider: provider.autoScalingGroupProvider,
    ...(provider.updateStatus === undefined ? {} : { updateStatus: provider.updateStatus }),
    ...(provider.updateStatusReason === undefined ? {} : { updateStatusReason: provider.updateStatusReason }),
    tags: include.includes("TAGS") ? [...provider.tags] : [],
  };
}

/** One of AWS's own two. */
export function describeFargateProvider(scope: Scope, name: string): wire.CapacityProvider {
  return {
    capacityProviderArn: `arn:aws:ecs:${scope.region}:${scope.account}:capacity-provider/${name}`,
    name,
    type: name === "FARGATE" ? "FARGATE" : "FARGATE_SPOT",
    status: "ACTIVE",
    tags: [],
  };
}
