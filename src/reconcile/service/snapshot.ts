/** What the planner is given: a service and everything around it, as plain data. */
import type { ContainerHealth } from "../../model/ecs/container-health.ts";
import type {
  ContainerInstance,
  Deployment,
  Service,
  ServiceProgress,
  Task,
} from "../../model/ecs/records.ts";

export interface ServiceSnapshot {
  readonly service: Service;
  /** Of this service, in any order, finished ones included. */
  readonly deployments: readonly Deployment[];
  /** Of this service, stopped ones included. */
  readonly tasks: readonly ObservedTask[];
  readonly progress?: ServiceProgress | undefined;
  /** Whether a task's target or Cloud Map instance is still registered. */
  readonly registered: boolean;
  /** Of a DAEMON service: the ACTIVE container instances that its constraints allow, each of which gets a task. */
  readonly daemonInstances: readonly ContainerInstance[];
  /** Under Availability Zone rebalancing: the zones in which tasks may be. */
  readonly zones: readonly string[];
}

export interface ObservedTask {
  readonly task: Task;
  readonly containerHealth: ContainerHealth;
  /** One per target group of the task's deployment. */
  readonly targets: readonly ObservedTarget[];
  /** Where it is, under launch type EC2. */
  readonly host?: TaskHost | undefined;
}

/** The container instance of a task, as far as it matters to its service. */
export interface TaskHost {
  readonly containerInstanceArn: string;
  /** It is DRAINING, or gone: what runs there is to run elsewhere. */
  readonly leaving: boolean;
  readonly zone?: string | undefined;
  /** Tasks of others than DAEMON services that are not STOPPED there. */
  readonly otherTasks: number;
  /** By placement strategy of the service: a value that is to hold equally many tasks, or what remains to binpack. */
  readonly strategies: readonly (
    | { readonly kind: "spread"; readonly value: string }
    | { readonly kind: "binpack"; readonly remaining: number }
  )[];
}

export interface ObservedTarget {
  readonly targetGroupArn: string;
  readonly port: number;
  readonly state: "waiting" | "healthy" | "unhealthy";
  /** Elastic Load Balancing's description of an unhealthy state. */
  readonly reason: string;
}
