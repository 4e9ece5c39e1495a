/** What the planner is given: a service and everything around it, as plain data. */
import type { ContainerHealth } from "../../model/ecs/container-health.ts";
import type { Deployment, Service, ServiceProgress, Task } from "../../model/ecs/records.ts";

export interface ServiceSnapshot {
  readonly service: Service;
  /** Of this service, in any order, finished ones included. */
  readonly deployments: readonly Deployment[];
  /** Of this service, stopped ones included. */
  readonly tasks: readonly ObservedTask[];
  readonly progress?: ServiceProgress | undefined;
  /** Whether a task's target or Cloud Map instance is still registered. */
  readonly registered: boolean;
}

export interface ObservedTask {
  readonly task: Task;
  readonly containerHealth: ContainerHealth;
  /** One per target group of the task's deployment. */
  readonly targets: readonly ObservedTarget[];
}

export interface ObservedTarget {
  readonly targetGroupArn: string;
  readonly port: number;
  readonly state: "waiting" | "healthy" | "unhealthy";
  /** Elastic Load Balancing's description of an unhealthy state. */
  readonly reason: string;
}
