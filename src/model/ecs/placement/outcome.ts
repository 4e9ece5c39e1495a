/** What placing one task on the container instances of a cluster comes to. */
import type * as wire from "@aws-sdk/client-ecs";
import type { ContainerInstance, TaskDefinition } from "../records.ts";

export interface PlacementRequest {
  readonly clusterArn: string;
  readonly definition: TaskDefinition;
  readonly overrides?: wire.TaskOverride | undefined;
  /** `family:…`, `service:…` or the user's own: what `distinctInstance` and `task:group` go by. */
  readonly group: string;
  readonly serviceArn?: string | undefined;
  readonly deploymentId?: string | undefined;
  /** Of the request or service; the definition's own are added. */
  readonly placementConstraints: readonly wire.PlacementConstraint[];
  readonly placementStrategy: readonly wire.PlacementStrategy[];
  readonly networkConfiguration?: wire.NetworkConfiguration | undefined;
  /** Only instances of that provider. */
  readonly capacityProviderName?: string | undefined;
  /** Only these (StartTask, daemons, one zone's). */
  readonly among?: ((instance: ContainerInstance) => boolean) | undefined;
}

/** The reasons that ECS names per instance (developer guide, "API failure reasons"). */
export type PlacementReason =
  | "RESOURCE:CPU"
  | "RESOURCE:MEMORY"
  | "RESOURCE:PORTS"
  | "RESOURCE:ENI"
  | "RESOURCE:GPU"
  | "AGENT"
  | "ATTRIBUTE"
  | "LOCATION"
  | "MemberOf placement constraint unsatisfied"
  | "DistinctInstance placement constraint unsatisfied";

export interface PlacementFailure {
  readonly containerInstanceArn: string;
  readonly reason: PlacementReason;
}

export type PlacementOutcome =
  | { readonly kind: "placed"; readonly containerInstance: ContainerInstance }
  /** The cluster, or the capacity provider, has no ACTIVE instance. */
  | { readonly kind: "no-instances" }
  /** One entry per instance, the closest to fitting first. */
  | { readonly kind: "refused"; readonly failures: readonly PlacementFailure[] };
