/** A task as the container agent shows it at `/v1/tasks` (amazon-ecs-agent, `ecs-agent/introspection/v1`). */
import type { Task, TaskContainer, TaskDefinition } from "../model/ecs/records.ts";
import type { StoreReader } from "../store/store.ts";
import { bridgeEndpoints, taskDefinitions, tasks } from "../store/tables/ecs.ts";

export function tasksOn(store: StoreReader, containerInstanceArn: string): Task[] {
  return store
    .where(tasks, "containerInstance", containerInstanceArn)
    .filter(({ lastStatus }) => lastStatus !== "STOPPED");
}

export function introspectTask(store: StoreReader, task: Task): object {
  const definition = store.get(taskDefinitions, task.taskDefinitionArn);
  return {
    Arn: task.arn,
    DesiredStatus: task.desiredStatus,
    KnownStatus: knownStatus(task),
    Family: definition?.family ?? "",
    Version: String(definition?.revision ?? ""),
    Containers: task.containers.flatMap((container) =>
      container.runtimeId === undefined ? [] : [describeContainer(store, task, definition, container)],
    ),
  };
}

/** The agent knows NONE, PULLED, CREATED, RUNNING and STOPPED. */
function knownStatus({ containers }: Task): string {
  if (containers.every(({ lastStatus }) => lastStatus === "STOPPED")) return "STOPPED";
  if (containers.every(({ lastStatus }) => lastStatus !== "PENDING")) return "RUNNING";
  return containers.every(({ runtimeId }) => runtimeId !== undefined) ? "CREATED" : "NONE";
}

function describeContainer(
  store: StoreReader,
  task: Task,
  definition: TaskDefinition | undefined,
  container: TaskContainer,
): object {
  const endpoint = store
    .where(bridgeEndpoints, "task", task.arn)
    .find(({ containerName }) => containerName === container.name);
  const { runtimeId = "", startedAt, networkBindings = [] } = container;
  const mode = definition?.definition.networkMode ?? "bridge";
  const addresses = [endpoint?.address ?? task.attachment?.privateIpv4Address].filter(
    (address) => address !== undefined,
  );
  return {
    DockerId: runtimeId,
    DockerName: endpoint?.engineName ?? container.name,
    Name: container.name,
    Image: container.image,
    ImageID: container.imageId ?? "",
    ...(startedAt === undefined ? {} : { StartedAt: new Date(startedAt).toISOString() }),
    ...(networkBindings.length === 0
      ? {}
      : {
          Ports: networkBindings.map(({ containerPort, protocol, hostPort, bindIP }) => ({
            ContainerPort: containerPort,
            Protocol: protocol,
            HostPort: hostPort,
            HostIp: bindIP,
          })),
        }),
    Networks: [{ NetworkMode: mode, ...(addresses.length === 0 ? {} : { IPv4Addresses: addresses }) }],
  };
}
