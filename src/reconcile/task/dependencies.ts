/**
 * Container ordering: when a container may start, and in which order containers stop (API reference,
 * ContainerDependency; developer guide, "Container dependency"; reasons as the Amazon ECS agent words them). Pure.
 */
import type * as wire from "@aws-sdk/client-ecs";
import type { TaskContainer } from "../../model/ecs/records.ts";

export type DependencyState =
  | { readonly kind: "met" }
  /** `againAfterMs`: when a start timeout would end the wait. */
  | { readonly kind: "waiting"; readonly againAfterMs?: number | undefined }
  | { readonly kind: "never"; readonly reason: string };

/** Whether everything that `target` depends on is as far as it must be. */
export function dependencyState(
  target: wire.ContainerDefinition,
  definitions: readonly wire.ContainerDefinition[],
  containers: readonly TaskContainer[],
  now: number,
): DependencyState {
  let result: DependencyState = { kind: "met" };
  for (const { containerName, condition } of target.dependsOn ?? []) {
    const dependency = containers.find(({ name }) => name === containerName);
    const definition = definitions.find(({ name }) => name === containerName);
    if (dependency === undefined || definition === undefined) continue;
    const state = conditionState(condition ?? "START", dependency, definition, describeTarget(target), now);
    if (state.kind === "never") return state;
    if (state.kind === "waiting") result = sooner(result, state);
  }
  return result;
}

function sooner(
  a: DependencyState,
  b: { readonly kind: "waiting"; readonly againAfterMs?: number | undefined },
) {
  const waits = [a.kind === "waiting" ? a.againAfterMs : undefined, b.againAfterMs].filter(
    (wait) => wait !== undefined,
  );
  return { kind: "waiting", againAfterMs: waits.length === 0 ? undefined : Math.min(...waits) } as const;
}

function conditionState(
  condition: wire.ContainerCondition,
  dependency: TaskContainer,
  definition: wire.ContainerDefinition,
  target: string,
  now: number,
): DependencyState {
  if (isMet(condition, dependency)) return { kind: "met" };
  const [from, to] = [`[${describeContainer(dependency)}]`, `[${target}]`];
  const unresolved = `dependency graph: failed to resolve container ordering dependency ${from} for target ${to}`;
  if (dependency.lastStatus === "STOPPED") {
    if (dependency.startedAt === undefined) {
      return { kind: "never", reason: `${unresolved} because dependency will never start` };
    }
    return { kind: "never", reason: `${unresolved} as dependency did not exit successfully.` };
  }
  const { startTimeout } = definition;
  if (condition === "START" || startTimeout === undefined || dependency.startedAt === undefined) {
    return { kind: "waiting" };
  }
  const remainingMs = dependency.startedAt + startTimeout * 1000 - now;
  if (remainingMs > 0) return { kind: "waiting", againAfterMs: remainingMs };
  return {
    kind: "never",
    reason: `dependency graph: container ordering dependency ${from} for target ${to} has timed out.`,
  };
}

function isMet(condition: wire.ContainerCondition, dependency: TaskContainer): boolean {
  const stopped = dependency.lastStatus === "STOPPED" && dependency.exitCode !== undefined;
  switch (condition) {
    case "COMPLETE":
      return stopped;
    case "SUCCESS":
      return stopped && dependency.exitCode === 0;
    case "HEALTHY":
      return dependency.lastStatus === "RUNNING" && dependency.healthStatus === "HEALTHY";
    default:
      return dependency.lastStatus === "RUNNING" || stopped;
  }
}

function describeContainer({ name, image, lastStatus, exitCode }: TaskContainer): string {
  const known = lastStatus === "PENDING" ? "NONE" : lastStatus;
  return `${name}(${image}) (${known}->RUNNING)${exitCode === undefined ? "" : ` - Exit: ${exitCode}`}`;
}

function describeTarget({ name, image }: wire.ContainerDefinition): string {
  return `${name}(${image}) (NONE->RUNNING)`;
}

/** Of those that run, the ones that nothing else that runs depends on: they may stop now. */
export function stoppableNow(
  running: readonly string[],
  definitions: readonly wire.ContainerDefinition[],
): string[] {
  const needed = new Set(
    definitions
      .filter(({ name }) => name !== undefined && running.includes(name))
      .flatMap(({ dependsOn }) => dependsOn?.map(({ containerName }) => containerName) ?? []),
  );
  const free = running.filter((name) => !needed.has(name));
  // A cycle cannot be registered; should there be one all the same, everything stops at once.
  return free.length > 0 ? free : [...running];
}
