/** A container as the task metadata endpoint shows it (amazon-ecs-agent, `ecs-agent/tmds/handlers/v2` and `/v4/state`). */
import { formatAddress, parseCidr } from "../../model/cidr.ts";
import { privateDnsDomain } from "../../model/ec2/addresses.ts";
import { dockerNameOf, ecsLabels } from "../../model/ecs/docker-container.ts";
import type { BridgeEndpoint, Task, TaskContainer, TaskDefinition } from "../../model/ecs/records.ts";
import type { StoreReader } from "../../store/store.ts";
import { networkInterfaces, subnets, vpcs } from "../../store/tables/ec2.ts";
import { bridgeEndpoints } from "../../store/tables/ecs.ts";

export type MetadataVersion = "v2" | "v3" | "v4";

export interface ShownTask {
  readonly store: StoreReader;
  readonly task: Task;
  readonly definition: TaskDefinition;
  readonly version: MetadataVersion;
}

type GivenVolume = NonNullable<TaskDefinition["definition"]["volumes"]>[number];
type GivenContainer = NonNullable<TaskDefinition["definition"]["containerDefinitions"]>[number];

/** The agent shows no less: Docker takes that for what is smaller. */
const LEAST_CPU_UNITS = 2;

export function describeContainer(shown: ShownTask, container: TaskContainer): object {
  const { store, task, definition, version } = shown;
  const given = definition.definition.containerDefinitions?.find(({ name }) => name === container.name);
  const override = task.overrides.containerOverrides?.find(({ name }) => name === container.name);
  const endpoint = store
    .where(bridgeEndpoints, "task", task.arn)
    .find(({ containerName }) => containerName === container.name);
  const fargate = task.launchType === "FARGATE";
  const ports = (container.networkBindings ?? []).map((binding) => describePort(binding, version));
  return {
    DockerId: container.runtimeId ?? "",
    Name: container.name,
    DockerName: fargate ? container.name : (endpoint?.engineName ?? dockerNameOf(definition, container)),
    Image: container.image,
    ImageID: container.imageId ?? "",
    ...(ports.length === 0 ? {} : { Ports: ports }),
    Labels: { ...given?.dockerLabels, ...ecsLabels(task, definition, container.name) },
    DesiredStatus: task.desiredStatus,
    KnownStatus: knownStatus(container),
    ...(container.exitCode === undefined ? {} : { ExitCode: container.exitCode }),
    Limits: {
      CPU: Math.max(LEAST_CPU_UNITS, override?.cpu ?? given?.cpu ?? 0),
      Memory: override?.memory ?? given?.memory ?? 0,
    },
    ...time("CreatedAt", container.createdAt ?? container.startedAt),
    ...time("StartedAt", container.startedAt),
    ...time("FinishedAt", container.finishedAt),
    Type: "NORMAL",
    // The agent's second version knew networks of ENIs alone, and only tasks with one can ask for it.
    Networks: [describeNetwork(shown, endpoint)],
    ...(given?.healthCheck === undefined ? {} : { Health: describeHealth(container) }),
    ...describeVolumes(shown, given),
    ...(version === "v4" ? moreOfContainer(task, given, container) : {}),
  };
}

/** On an instance the container that holds the namespace of the ENI is shown, too. */
export function describePause(shown: ShownTask): object[] {
  const { store, task, definition } = shown;
  const [networkInterface] = store.where(networkInterfaces, "owner", task.arn);
  if (task.launchType === "FARGATE" || networkInterface?.sandbox?.kind !== "container") return [];
  const { containerId } = networkInterface.sandbox;
  const name = "~internal~ecs~pause";
  return [
    {
      DockerId: containerId,
      Name: name,
      DockerName: dockerNameOf(definition, { name, arn: task.taskId }),
      Image: "amazon/amazon-ecs-pause:0.1.0",
      ImageID: "",
      Labels: ecsLabels(task, definition, name),
      DesiredStatus: "RESOURCES_PROVISIONED",
      KnownStatus: "RESOURCES_PROVISIONED",
      Limits: { CPU: LEAST_CPU_UNITS, Memory: 0 },
      ...time("CreatedAt", task.connectivityAt),
      ...time("StartedAt", task.connectivityAt),
      Type: "CNI_PAUSE",
      Networks: [describeNetwork(shown, undefined)],
    },
  ];
}

/** The agent knows NONE, PULLED, CREATED, RUNNING and STOPPED. */
export function knownStatus({ lastStatus, runtimeId, imageId }: TaskContainer): string {
  if (lastStatus !== "PENDING") return lastStatus;
  return runtimeId !== undefined ? "CREATED" : imageId !== undefined ? "PULLED" : "NONE";
}

/** A member with a time, where there is one. @param at milliseconds since the epoch */
export function time(name: string, at: number | undefined): Record<string, string> {
  return at === undefined ? {} : { [name]: new Date(at).toISOString() };
}

function describePort(
  binding: NonNullable<TaskContainer["networkBindings"]>[number],
  version: MetadataVersion,
): object {
  const { containerPort, protocol, hostPort, bindIP } = binding;
  return {
    ContainerPort: containerPort,
    Protocol: protocol,
    HostPort: hostPort,
    ...(version === "v4" ? { HostIp: bindIP } : {}),
  };
}

function describeHealth({ healthStatus, healthCheck }: TaskContainer): object {
  if (healthStatus === "UNKNOWN") return {};
  const { exitCode = 0, output = "" } = healthCheck ?? {};
  return {
    status: healthStatus,
    ...time("statusSince", healthCheck?.since),
    ...(exitCode === 0 ? {} : { exitCode }),
    ...(output === "" ? {} : { output }),
  };
}

/** Where the agent sees them on an instance; on Fargate it shows none. Those that no instance has are left out. */
function describeVolumes(shown: ShownTask, given: GivenContainer | undefined): object {
  const { task, definition } = shown;
  if (task.launchType !== "EC2") return {};
  const mounted = (given?.mountPoints ?? []).flatMap(({ sourceVolume, containerPath }) => {
    const volume = definition.definition.volumes?.find(({ name }) => name === sourceVolume);
    return volume === undefined ? [] : [{ ...placeOf(shown, volume), Destination: containerPath }];
  });
  return mounted.length === 0 ? {} : { Volumes: mounted };
}

function placeOf({ task, definition }: ShownTask, volume: GivenVolume): object {
  const { name = "", host, dockerVolumeConfiguration: docker } = volume;
  if (host?.sourcePath !== undefined && host.sourcePath !== "") return { Source: host.sourcePath };
  const engineName = docker?.scope === "shared" ? name : dockerNameOf(definition, { name, arn: task.taskId });
  return { DockerName: engineName, Source: `/var/lib/docker/volumes/${engineName}/_data` };
}

function moreOfContainer(task: Task, given: GivenContainer | undefined, container: TaskContainer): object {
  const { logConfiguration } = given ?? {};
  return {
    ...(logConfiguration === undefined
      ? {}
      : {
          LogDriver: logConfiguration.logDriver,
          LogOptions: logOptions(task, container, logConfiguration),
        }),
    ContainerARN: container.arn,
    ...(given?.restartPolicy?.enabled === true ? { RestartCount: container.restartCount ?? 0 } : {}),
    ...(task.launchType === "FARGATE" ? { Snapshotter: "overlayfs" } : {}),
  };
}

/** ECS turns the prefix into the stream's name before the agent hears of it. */
function logOptions(
  task: Task,
  { name }: TaskContainer,
  { logDriver, options = {} }: NonNullable<GivenContainer["logConfiguration"]>,
): Record<string, string> {
  const { "awslogs-stream-prefix": prefix, ...rest } = options;
  if (logDriver !== "awslogs" || prefix === undefined) return options;
  return { ...rest, "awslogs-stream": `${prefix}/${name}/${task.taskId}` };
}

function describeNetwork(shown: ShownTask, endpoint: BridgeEndpoint | undefined): object {
  const { task, definition, version } = shown;
  const mode = definition.definition.networkMode ?? "bridge";
  const address = endpoint?.address ?? task.attachment?.privateIpv4Address ?? "";
  return {
    NetworkMode: mode,
    IPv4Addresses: [address],
    ...(mode === "awsvpc" && version === "v4" ? interfaceProperties(shown) : {}),
  };
}

function interfaceProperties({ store, task }: ShownTask): object {
  const { subnetId = "", macAddress, privateDnsName } = task.attachment ?? {};
  const subnet = store.get(subnets, subnetId);
  const vpc = subnet === undefined ? undefined : store.get(vpcs, subnet.vpcId);
  const range = parseCidr(subnet?.cidrBlock ?? "");
  const vpcRange = parseCidr(vpc?.cidrBlock ?? "");
  return {
    AttachmentIndex: 0,
    MACAddress: macAddress,
    IPv4SubnetCIDRBlock: subnet?.cidrBlock,
    ...(vpcRange === undefined ? {} : { DomainNameServers: [formatAddress(vpcRange.base + 2)] }),
    DomainNameSearchList: [privateDnsDomain(task.region)],
    PrivateDNSName: privateDnsName,
    ...(range === undefined
      ? {}
      : { SubnetGatewayIpv4Address: `${formatAddress(range.base + 1)}/${range.prefixLength}` }),
  };
}
