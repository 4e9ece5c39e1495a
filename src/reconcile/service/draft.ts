/** A plan while it is made: each part of the planner adds to it. */
import type { Deployment, Service, ServiceProgress, Task } from "../../model/ecs/records.ts";

/** In the order in which they happen, which is the order of the service's events. */
export type Step =
  | {
      readonly kind: "start";
      readonly deploymentId: string;
      readonly count: number;
      /** How many of them stand in for unhealthy tasks. */
      readonly replacing: number;
      /** DAEMON: the container instances that get one each; absent: where placement puts them. */
      readonly on?: readonly string[] | undefined;
      /** Rebalancing: only in that Availability Zone. */
      readonly zone?: string | undefined;
    }
  | { readonly kind: "stop"; readonly task: Task; readonly reason: string }
  | { readonly kind: "say"; readonly message: string };

export interface Draft {
  service: Service;
  /** How many tasks there are to be: of a daemon as many as instances, of a deleted service none. */
  readonly desired: number;
  readonly deployments: Map<string, Deployment>;
  readonly steps: Step[];
  progress: ServiceProgress;
  readonly wakeTimes: number[];
  readonly now: number;
}

export function primaryOf(draft: Draft): Deployment | undefined {
  return [...draft.deployments.values()].find((deployment) => deployment.status === "PRIMARY");
}
