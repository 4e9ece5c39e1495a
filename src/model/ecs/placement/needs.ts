/**
 * What a task takes of the container instance that it is on (Amazon ECS developer guide, "How Amazon ECS places tasks
 * on container instances"; API reference, ContainerDefinition and PortMapping).
 */
import type * as wire from "@aws-sdk/client-ecs";
import type { TaskDefinition } from "../records.ts";

export interface TaskNeeds {
  /** CPU units. */
  readonly cpu: number;
  /** MiB. */
  readonly memory: number;
  /** Host ports that the definition names; those that Docker chooses are not counted. */
  readonly portsTcp: readonly number[];
  readonly portsUdp: readonly number[];
  readonly gpus: number;
  /** `awsvpc`: one elastic network interface. */
  readonly ownInterface: boolean;
}

const withoutOverrides = new WeakMap<TaskDefinition, TaskNeeds>();

export function needsOf(definition: TaskDefinition, overrides?: wire.TaskOverride): TaskNeeds {
  if (overrides !== undefined && changesNeeds(overrides)) return computeNeeds(definition, overrides);
  const known = withoutOverrides.get(definition) ?? computeNeeds(definition, undefined);
  withoutOverrides.set(definition, known);
  return known;
}

/** The size of the task where it has one, else the sum over its containers. */
export function sizeOf(
  definition: TaskDefinition["definition"],
  overrides: wire.TaskOverride | undefined,
): { readonly cpu: number; readonly memory: number } {
  const containers = (definition.containerDefinitions ?? []).map((container) => {
    const override = overrides?.containerOverrides?.find(({ name }) => name === container.name);
    return {
      cpu: override?.cpu ?? container.cpu ?? 0,
      memory:
        override?.memoryReservation ??
        container.memoryReservation ??
        override?.memory ??
        container.memory ??
        0,
    };
  });
  const cpu = overrides?.cpu ?? definition.cpu;
  const memory = overrides?.memory ?? definition.memory;
  return {
    cpu: cpu === undefined ? sum(containers.map((container) => container.cpu)) : Number(cpu),
    memory: memory === undefined ? sum(containers.map((container) => container.memory)) : Number(memory),
  };
}

function changesNeeds({ cpu, memory, containerOverrides = [] }: wire.TaskOverride): boolean {
  return (
    cpu !== undefined ||
    memory !== undefined ||
    containerOverrides.some(
      (container) =>
        container.cpu !== undefined ||
        container.memory !== undefined ||
        container.memoryReservation !== undefined ||
        container.resourceRequirements !== undefined,
    )
  );
}

function computeNeeds({ definition }: TaskDefinition, overrides: wire.TaskOverride | undefined): TaskNeeds {
  return {
    ...sizeOf(definition, overrides),
    portsTcp: hostPortsOf(definition, "tcp"),
    portsUdp: hostPortsOf(definition, "udp"),
    gpus: gpusOf(definition, overrides),
    ownInterface: definition.networkMode === "awsvpc",
  };
}

/** Under `awsvpc` ports are the task's own, under `none` there are none; under `host` they are the containers'. */
function hostPortsOf(definition: TaskDefinition["definition"], protocol: "tcp" | "udp"): number[] {
  const mode = definition.networkMode ?? "bridge";
  if (mode === "awsvpc" || mode === "none") return [];
  const ports = (definition.containerDefinitions ?? [])
    .flatMap(({ portMappings = [] }) => portMappings)
    .filter((mapping) => (mapping.protocol ?? "tcp") === protocol)
    .map(({ hostPort, containerPort }) => (mode === "host" ? (hostPort ?? containerPort) : hostPort) ?? 0)
    .filter((port) => port > 0);
  return [...new Set(ports)];
}

function gpusOf(definition: TaskDefinition["definition"], overrides: wire.TaskOverride | undefined): number {
  const requirements = (definition.containerDefinitions ?? []).flatMap((container) => {
    const override = overrides?.containerOverrides?.find(({ name }) => name === container.name);
    return override?.resourceRequirements ?? container.resourceRequirements ?? [];
  });
  return sum(requirements.filter(({ type }) => type === "GPU").map(({ value }) => Number(value)));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
