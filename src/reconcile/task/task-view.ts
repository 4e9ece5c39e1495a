/** What a look at a task sees, and the steps that may follow from it. Pure. */
import type * as wire from "@aws-sdk/client-ecs";
import type { NetworkInterface } from "../../model/ec2/records.ts";
import { withRouterFirst } from "../../model/ecs/firelens/firelens.ts";
import type { BridgeEndpoint, Task, TaskContainer, TaskDefinition } from "../../model/ecs/records.ts";
import type { ObservedContainer } from "../../runtime/container-runtime.ts";
import { linksOf } from "./bridge.ts";
import type { TaskHost } from "./task-host.ts";

export interface TaskView {
  readonly task: Task;
  readonly definition: TaskDefinition | undefined;
  readonly networkInterface: NetworkInterface | undefined;
  /** Where it was placed, under launch type EC2. */
  readonly host: TaskHost | undefined;
  /** Its containers' places on the instance's bridge. */
  readonly endpoints: readonly BridgeEndpoint[];
  /** The containers of its sandbox, the sandbox's own included. */
  readonly observed: readonly ObservedContainer[];
  readonly registrationComplete: boolean;
  readonly deregistrationComplete: boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Since when Berth has been running: waits for others are measured from then at the earliest. */
  readonly runningSince: number;
}

export type TaskChanges = Partial<
  Pick<
    Task,
    | "desiredStatus"
    | "stopCode"
    | "stoppedReason"
    | "stoppingAt"
    | "lastStatus"
    | "attachment"
    | "containers"
    | "healthStatus"
    | "connectivityAt"
    | "availabilityZone"
    | "startedAt"
    | "executionStoppedAt"
    | "stoppedAt"
  >
>;

export type TaskStep =
  /** Nothing to do until something changes, or the time has passed. */
  | { readonly kind: "wait"; readonly againAfterMs?: number | undefined }
  | { readonly kind: "change"; readonly changes: TaskChanges }
  | { readonly kind: "create-interface" }
  | { readonly kind: "ensure-sandbox" }
  | { readonly kind: "create-endpoint"; readonly container: TaskContainer }
  | { readonly kind: "ensure-pause"; readonly container: TaskContainer }
  /** A pause container that holds what the containers share, where none holds their network. */
  | { readonly kind: "ensure-namespaces" }
  | { readonly kind: "pull"; readonly containers: readonly TaskContainer[] }
  | { readonly kind: "create"; readonly container: TaskContainer }
  | { readonly kind: "start"; readonly containerId: string; readonly name: string }
  | {
      readonly kind: "stop";
      readonly containers: readonly { readonly containerId: string; readonly timeoutSeconds: number }[];
    }
  /** The last one: the sandbox, then in one transaction ENI, endpoints and the status. */
  | { readonly kind: "deprovision" }
  | { readonly kind: "forget" };

/** Whether containers share something that a pause container must hold, whatever their network is. */
export function sharesNamespaces({ definition }: Pick<TaskView, "definition">): boolean {
  const { pidMode, ipcMode } = definition?.definition ?? {};
  return pidMode === "task" || ipcMode === "task";
}

/** A link is a dependency, too, and so is a log router: the other one must have been started (Amazon ECS agent). */
export function containerDefinitions({ definition }: TaskView): readonly wire.ContainerDefinition[] {
  return withRouterFirst(definition?.definition.containerDefinitions ?? []).map((container) => {
    const links = linksOf(container);
    if (links.length === 0) return container;
    const implied = links.map(({ name }) => ({ containerName: name, condition: "START" as const }));
    return { ...container, dependsOn: [...(container.dependsOn ?? []), ...implied] };
  });
}

/** A definition without one has Docker's default (API reference, RegisterTaskDefinition). */
export function networkModeOf({ definition }: Pick<TaskView, "definition">): wire.NetworkMode {
  return definition?.definition.networkMode ?? "bridge";
}

export function changeContainer(
  { task }: Pick<TaskView, "task">,
  container: TaskContainer,
  changes: Partial<TaskContainer>,
): TaskStep {
  return {
    kind: "change",
    changes: {
      containers: task.containers.map((other) =>
        other.name === container.name ? { ...other, ...changes } : other,
      ),
    },
  };
}

export function stopTask(
  now: number,
  stopCode: wire.TaskStopCode,
  stoppedReason: string,
  more: TaskChanges = {},
): TaskStep {
  return {
    kind: "change",
    changes: { ...more, desiredStatus: "STOPPED", stopCode, stoppedReason, stoppingAt: now },
  };
}

export function runningSandbox({ observed }: TaskView): ObservedContainer | undefined {
  return observed.find(
    ({ name, holdsFor, state }) => name === undefined && holdsFor === undefined && state === "running",
  );
}
