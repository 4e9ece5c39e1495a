/** What a request may say about where its tasks go (API reference, PlacementConstraint and PlacementStrategy). */
import type * as wire from "@aws-sdk/client-ecs";
import { findPlacementFault } from "../../model/ecs/placement-rules.ts";
import { invalidParameter } from "./errors.ts";

interface Placement {
  readonly placementConstraints?: readonly wire.PlacementConstraint[] | undefined;
  readonly placementStrategy?: readonly wire.PlacementStrategy[] | undefined;
}

/** Fargate knows no container instances to place tasks on. Throws InvalidParameterException. */
export function checkPlacement(input: Placement, launchType: wire.LaunchType): void {
  if (launchType === "FARGATE") {
    if (input.placementConstraints?.length) {
      throw invalidParameter("Placement constraints are not supported with FARGATE launch type.");
    }
    if (input.placementStrategy?.length) {
      throw invalidParameter("Placement strategies are not supported with FARGATE launch type.");
    }
    return;
  }
  const fault = findPlacementFault(input.placementConstraints ?? [], input.placementStrategy ?? []);
  if (fault !== undefined) throw invalidParameter(fault);
}

/** As ECS shows it: `host` is `instanceId`, and the fields of `binpack` are in capitals. */
export function readStrategies(
  given: readonly wire.PlacementStrategy[] | undefined,
): wire.PlacementStrategy[] {
  return (given ?? []).map(({ type, field }) => {
    if (type === "spread" && field === "host") return { type, field: "instanceId" };
    if (type === "binpack" && field !== undefined) return { type, field: field.toUpperCase() };
    return field === undefined ? { type } : { type, field };
  });
}
