/** EC2 instances as the command line shows them. */
import { createHash } from "node:crypto";
import { shownState } from "../model/ec2/instance-state.ts";
import { findInstanceType } from "../model/ec2/instance-types.ts";
import type { Instance } from "../model/ec2/records.ts";
import type { BridgeEndpoint, ContainerInstance } from "../model/ecs/records.ts";
import { remainingOf } from "../store/instance-usage.ts";
import type { StoreReader } from "../store/store.ts";
import { instances, networkInterfaces } from "../store/tables/ec2.ts";
import { bridgeEndpoints, containerInstances, tasks } from "../store/tables/ecs.ts";
import { primaryInterfaceOf } from "../store/task-endpoints.ts";

export interface InstanceReport {
  readonly id: string;
  readonly type: string;
  readonly state: string;
  readonly zone: string;
  readonly address?: string | undefined;
  /** The id, 32 digits; the rest only with it. */
  readonly containerInstance?: string | undefined;
  readonly cluster?: string | undefined;
  readonly status?: string | undefined;
  readonly agentConnected?: boolean | undefined;
  readonly tasks: number;
  readonly interfaces: number;
  readonly interfaceLimit: number;
  /** Its namespaces are that process's; absent while it does not run. */
  readonly processId?: number | undefined;
  /** As Docker on it names its default network. */
  readonly bridge: BridgeReport;
}

export interface BridgeReport {
  readonly id: string;
  readonly created: string;
  readonly containers: readonly {
    /** Docker's, 64 digits. */
    readonly id: string;
    readonly name: string;
    readonly endpointId: string;
    readonly macAddress: string;
    /** Of 172.17.0.0/16. */
    readonly address: string;
  }[];
}

export function reportInstances(store: StoreReader): InstanceReport[] {
  return store
    .list(instances)
    .toSorted((one, other) => one.launchTime - other.launchTime || one.launchIndex - other.launchIndex)
    .map((instance) => reportInstance(store, instance));
}

function reportInstance(store: StoreReader, instance: Instance): InstanceReport {
  const { instanceId } = instance;
  const containerInstance = store
    .where(containerInstances, "instance", instanceId)
    .find(({ status }) => status !== "INACTIVE");
  const taking = store
    .where(networkInterfaces, "instance", instanceId)
    .filter(({ instanceAttachment }) => instanceAttachment?.deviceIndex !== undefined);
  return {
    id: instanceId,
    type: instance.instanceType,
    state: shownState(instance),
    zone: instance.availabilityZone,
    address: primaryInterfaceOf(store, instanceId)?.privateIpAddress,
    ...describeMember(containerInstance),
    tasks: containerInstance === undefined ? 0 : remainingOf(store, containerInstance).tasks,
    interfaces: taking.length,
    interfaceLimit: findInstanceType(instance.instanceType)?.maximumInterfaces ?? 0,
    processId: instance.sandbox?.processId,
    bridge: {
      id: createHash("sha256").update(`bridge of ${instanceId}`).digest("hex"),
      created: new Date(instance.launchTime).toISOString(),
      containers: store
        .where(bridgeEndpoints, "instance", instanceId)
        .flatMap((endpoint) => describeEndpoint(store, endpoint)),
    },
  };
}

function describeMember(
  containerInstance: ContainerInstance | undefined,
): Pick<InstanceReport, "containerInstance" | "cluster" | "status" | "agentConnected"> {
  if (containerInstance === undefined) return {};
  const { containerInstanceId, clusterArn, status, agentConnected } = containerInstance;
  return {
    containerInstance: containerInstanceId,
    cluster: clusterArn.split("/").at(-1),
    status,
    agentConnected,
  };
}

/** Docker lists the containers that run. */
function describeEndpoint(store: StoreReader, endpoint: BridgeEndpoint): BridgeReport["containers"] {
  const container = store
    .get(tasks, endpoint.taskArn)
    ?.containers.find(({ name }) => name === endpoint.containerName);
  if (container?.runtimeId === undefined || container.lastStatus !== "RUNNING") return [];
  return [
    {
      id: container.runtimeId,
      name: endpoint.engineName,
      endpointId: endpoint.endpointId,
      macAddress: endpoint.macAddress,
      address: endpoint.address,
    },
  ];
}
