/**
 * What becomes of a task that waits for a container instance. Tasks wait as long as their capacity provider brings
 * instances, even when none that it brings would do (Amazon ECS developer guide, "Amazon ECS managed scaling
 * behavior"); else they fail (developer guide, "API failure reasons", DescribeTasks). Pure.
 */
import type { PlacementOutcome } from "../../model/ecs/placement/outcome.ts";
import type { ContainerInstance } from "../../model/ecs/records.ts";

export type WaitingVerdict =
  | { readonly kind: "place"; readonly containerInstance: ContainerInstance }
  | { readonly kind: "wait" }
  /** The task's stopped reason. */
  | { readonly kind: "fail"; readonly reason: string };

/**
 * @param bringsInstances whether the capacity provider of the task has managed scaling
 * @param registered container instances of the provider, whatever their status
 */
export function judgeWaiting(
  outcome: PlacementOutcome,
  provider: { readonly bringsInstances: boolean; readonly registered: number },
): WaitingVerdict {
  if (outcome.kind === "placed") return { kind: "place", containerInstance: outcome.containerInstance };
  if (provider.bringsInstances) return { kind: "wait" };
  if (outcome.kind === "no-instances") {
    const reason = provider.registered === 0 ? "EMPTY CAPACITY PROVIDER" : "NO ACTIVE INSTANCES";
    return { kind: "fail", reason: `TaskFailedToStart: ${reason}` };
  }
  return {
    kind: "fail",
    reason: `TaskFailedToStart: ${outcome.failures[0]?.reason ?? "NO ACTIVE INSTANCES"}`,
  };
}
