/** What the engine shows, brought into the task's own record of its containers. Pure. */
import type * as wire from "@aws-sdk/client-ecs";
import type { TaskContainer } from "../../model/ecs/records.ts";
import type { ObservedContainer } from "../../runtime/container-runtime.ts";
import { cannotStartContainer, containerVanished, OUT_OF_MEMORY } from "./reasons.ts";

/** A killed container's exit code: 128 + SIGKILL. */
const KILLED = 137;
/** As much of a health check's output as the agent keeps (`maxHealthCheckOutputLength`). */
const LONGEST_CHECK_OUTPUT = 1024;
/** API reference, ContainerRestartPolicy: `restartAttemptPeriod` in seconds when none is given. */
const DEFAULT_RESTART_ATTEMPT_PERIOD = 300;

/** The same array when nothing is new. */
export function withObserved(
  containers: readonly TaskContainer[],
  definitions: readonly wire.ContainerDefinition[],
  observed: readonly ObservedContainer[],
  stopping: boolean,
): readonly TaskContainer[] {
  const updated = containers.map((container) => {
    const definition = definitions.find(({ name }) => name === container.name);
    const seen = observed.find(({ name }) => name === container.name);
    return withOneObserved(container, definition, seen, stopping);
  });
  return updated.every((container, index) => container === containers[index]) ? containers : updated;
}

function withOneObserved(
  container: TaskContainer,
  definition: wire.ContainerDefinition | undefined,
  seen: ObservedContainer | undefined,
  stopping: boolean,
): TaskContainer {
  if (container.lastStatus === "STOPPED") return container;
  if (seen === undefined) {
    // Never made, or made just now; once it ran, its disappearance is its end.
    return container.lastStatus === "RUNNING"
      ? stopped(container, containerVanished(container.runtimeId ?? ""))
      : container;
  }
  switch (seen.state) {
    case "created": {
      const known = merged(container, { runtimeId: seen.containerId });
      return seen.error === undefined ? known : stopped(known, cannotStartContainer(seen.error));
    }
    case "running":
      return merged(container, {
        lastStatus: "RUNNING",
        runtimeId: seen.containerId,
        startedAt: seen.startedAt ?? container.startedAt,
        ...restarts(container, seen),
        ...healthOf(container, definition, seen),
      });
    case "exited":
      if (!stopping && restartsAfter(definition?.restartPolicy, seen)) {
        return merged(container, {
          lastStatus: "RUNNING",
          runtimeId: seen.containerId,
          startedAt: seen.startedAt,
          ...restarts(container, seen),
        });
      }
      return {
        ...stopped(container, seen.outOfMemory && seen.exitCode === KILLED ? OUT_OF_MEMORY : undefined),
        runtimeId: seen.containerId,
        startedAt: seen.startedAt ?? container.startedAt,
        finishedAt: seen.finishedAt,
        exitCode: seen.exitCode,
      };
  }
}

function merged(container: TaskContainer, changes: Partial<TaskContainer>): TaskContainer {
  const entries = Object.entries(changes);
  return entries.every(([name, value]) => container[name as keyof TaskContainer] === value)
    ? container
    : { ...container, ...changes };
}

function stopped(container: TaskContainer, reason: string | undefined): TaskContainer {
  return { ...container, lastStatus: "STOPPED", ...(reason === undefined ? {} : { reason }) };
}

/** What ran before and has begun anew since was started again by its restart policy. */
function restarts(
  { lastStatus, startedAt, restartCount = 0 }: TaskContainer,
  seen: ObservedContainer,
): Pick<TaskContainer, "restartCount"> {
  const again = lastStatus === "RUNNING" && startedAt !== undefined && seen.startedAt !== undefined;
  return again && seen.startedAt > startedAt ? { restartCount: restartCount + 1 } : {};
}

/** As the agent: the details are those of the check that changed the status. */
function healthOf(
  container: TaskContainer,
  definition: wire.ContainerDefinition | undefined,
  seen: ObservedContainer,
): Pick<TaskContainer, "healthStatus" | "healthCheck"> {
  const status = definition?.healthCheck === undefined ? "UNKNOWN" : healthStatus(seen);
  if (status === container.healthStatus) {
    return { healthStatus: status, healthCheck: container.healthCheck };
  }
  const { endedAt = seen.startedAt ?? 0, exitCode = 0, output = "" } = seen.lastCheck ?? {};
  return {
    healthStatus: status,
    healthCheck:
      status === "UNKNOWN"
        ? undefined
        : { since: endedAt, exitCode, output: output.slice(0, LONGEST_CHECK_OUTPUT) },
  };
}

function healthStatus({ health }: ObservedContainer): wire.HealthStatus {
  return health === "healthy" ? "HEALTHY" : health === "unhealthy" ? "UNHEALTHY" : "UNKNOWN";
}

/** Developer guide, "Restart individual containers in Amazon ECS tasks with container restart policies". */
export function restartsAfter(
  policy: wire.ContainerRestartPolicy | undefined,
  seen: ObservedContainer,
): boolean {
  if (policy?.enabled !== true || seen.startedAt === undefined || seen.finishedAt === undefined) return false;
  if (seen.exitCode !== undefined && policy.ignoredExitCodes?.includes(seen.exitCode)) return false;
  const leastMs = (policy.restartAttemptPeriod ?? DEFAULT_RESTART_ATTEMPT_PERIOD) * 1000;
  return seen.finishedAt - seen.startedAt >= leastMs;
}

/** Over the essential containers: one UNHEALTHY makes it so, one UNKNOWN leaves it unknown (API reference, Task). */
export function taskHealth(containers: readonly TaskContainer[]): wire.HealthStatus {
  const states = containers.filter(({ essential }) => essential).map(({ healthStatus: state }) => state);
  if (states.includes("UNHEALTHY")) return "UNHEALTHY";
  return states.length === 0 || states.some((state) => state !== "HEALTHY") ? "UNKNOWN" : "HEALTHY";
}
