/** Tasks of launch type EC2 are placed while their caller waits. */
import type * as wire from "@aws-sdk/client-ecs";
import type { PlacementRequest } from "../../model/ecs/placement/outcome.ts";
import type { ContainerInstance } from "../../model/ecs/records.ts";
import { bringsInstances } from "../../store/capacity-providers.ts";
import { placeTask } from "../../store/placement.ts";
import type { HandlerContext } from "../operation.ts";
import { invalidParameter } from "./errors.ts";

export type Placing =
  | { readonly kind: "placed"; readonly containerInstance: ContainerInstance }
  /** Its capacity provider brings an instance; reconcile/placement goes on. */
  | { readonly kind: "waits" }
  | { readonly kind: "refused"; readonly failures: readonly wire.Failure[] };

/** Throws InvalidParameterException when there is no instance at all, and none to come. */
export function placeForCaller(context: HandlerContext, request: PlacementRequest): Placing {
  const outcome = placeTask(context.store, request, context.random);
  if (outcome.kind === "placed") return outcome;
  const { capacityProviderName } = request;
  if (
    capacityProviderName !== undefined &&
    bringsInstances(context.store, context.scope, capacityProviderName)
  ) {
    return { kind: "waits" };
  }
  if (outcome.kind === "no-instances") {
    throw invalidParameter(
      capacityProviderName === undefined
        ? "No Container Instances were found in your cluster."
        : "No Container Instances were found in your capacity provider.",
    );
  }
  return {
    kind: "refused",
    failures: outcome.failures.map(({ containerInstanceArn, reason }) => ({
      arn: containerInstanceArn,
      reason,
    })),
  };
}
