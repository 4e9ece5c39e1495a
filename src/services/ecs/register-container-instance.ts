/** RegisterContainerInstance: what a container agent calls when it starts, and what a client may call in its stead. */
import type * as wire from "@aws-sdk/client-ecs";
import { arn } from "../../model/arn.ts";
import type { Cluster, ContainerInstance } from "../../model/ecs/records.ts";
import { autoScalingInstances } from "../../store/tables/autoscaling.ts";
import { capacityProviders, containerInstances } from "../../store/tables/ecs.ts";
import type { HandlerContext } from "../operation.ts";
import { isCustom } from "./attributes.ts";
import { readTags } from "./constraints.ts";
import { clientException, containerInstanceNotRegistered, invalidParameter } from "./errors.ts";
import { findContainerInstance, requireCluster } from "./resolve.ts";
import { describeContainerInstance } from "./views/container-instance.ts";

export function registerContainerInstance(
  input: wire.RegisterContainerInstanceRequest,
  context: HandlerContext,
): wire.RegisterContainerInstanceResponse {
  const { store } = context;
  const cluster = requireCluster(context, input.cluster);
  const identity = readIdentity(input.instanceIdentityDocument);
  const before = earlier(context, cluster, input.containerInstanceArn, identity);
  const instance = { ...(before ?? newRecord(context, cluster, input, identity)), ...told(input) };
  const registered: ContainerInstance = {
    ...instance,
    attributes: [
      ...(before?.attributes ?? []).filter(isCustom),
      ...identityAttributes(identity),
      ...readAttributes(input.attributes, before !== undefined),
    ],
    version: instance.version + (before === undefined ? 0 : 1),
  };
  if (registered.attributes.filter(isCustom).length > 10) {
    throw invalidParameter("attributes can have at most 10 custom items.");
  }
  store.transaction((tx) => tx.put(containerInstances, registered));
  return { containerInstance: describeContainerInstance(store, registered, ["TAGS"]) };
}

interface InstanceIdentity {
  readonly instanceId: string;
  readonly instanceType?: string | undefined;
  readonly imageId?: string | undefined;
  readonly availabilityZone?: string | undefined;
  readonly architecture?: string | undefined;
}

/** The instance metadata service's document; its signature is not looked at. */
function readIdentity(document: string | undefined): InstanceIdentity {
  if (document === undefined || document === "") {
    throw invalidParameter("instanceIdentityDocument can not be blank.");
  }
  const read = parseObject(document);
  const text = (name: string) => {
    const value = read?.[name];
    return typeof value === "string" ? value : undefined;
  };
  const instanceId = text("instanceId");
  if (instanceId === undefined) throw invalidParameter("instanceIdentityDocument is not valid.");
  return {
    instanceId,
    instanceType: text("instanceType"),
    imageId: text("imageId"),
    availabilityZone: text("availabilityZone"),
    architecture: text("architecture"),
  };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** The record of an agent that comes back. Throws when it is not, or is another machine now. */
function earlier(
  context: HandlerContext,
  cluster: Cluster,
  instanceArn: string | undefined,
  identity: InstanceIdentity,
): ContainerInstance | undefined {
  if (instanceArn === undefined) return undefined;
  const known = findContainerInstance(context, cluster, instanceArn);
  if (known === undefined || known.status === "INACTIVE") {
    throw containerInstanceNotRegistered(instanceArn.split("/").at(-1) ?? instanceArn);
  }
  const type = known.attributes.find(({ name }) => name === "ecs.instance-type")?.value;
  if (type !== undefined && identity.instanceType !== undefined && type !== identity.instanceType) {
    throw clientException(
      `Container instance type changes are not supported. Container instance ${known.containerInstanceId} was previously registered as ${type}.`,
    );
  }
  return known;
}

/** Nobody has connected for it yet: that is the agent's part, which a client that calls this is not. */
function newRecord(
  context: HandlerContext,
  cluster: Cluster,
  input: wire.RegisterContainerInstanceRequest,
  identity: InstanceIdentity,
): ContainerInstance {
  const { scope, random, clock } = context;
  const containerInstanceId = random.hex(32);
  return {
    ...scope,
    arn: arn("ecs", scope, `container-instance/${cluster.name}/${containerInstanceId}`),
    containerInstanceId,
    clusterArn: cluster.arn,
    ec2InstanceId: identity.instanceId,
    status: "ACTIVE",
    agentConnected: false,
    versionInfo: {},
    registeredResources: [],
    attributes: [],
    capacityProviderName: capacityProviderOf(context, cluster, identity.instanceId),
    registeredAt: clock.now(),
    version: 1,
    tags: readTags(input.tags),
  };
}

function told(
  input: wire.RegisterContainerInstanceRequest,
): Partial<Pick<ContainerInstance, "versionInfo" | "registeredResources">> {
  return {
    ...(input.versionInfo === undefined ? {} : { versionInfo: input.versionInfo }),
    ...(input.totalResources === undefined
      ? {}
      : {
          registeredResources: input.totalResources.map((resource) => ({
            doubleValue: 0,
            longValue: 0,
            integerValue: 0,
            ...resource,
          })),
        }),
  };
}

/** The one whose Auto Scaling group launched the instance, if the cluster has it. */
function capacityProviderOf(
  { store, scope }: HandlerContext,
  cluster: Cluster,
  instanceId: string,
): string | undefined {
  const member = store.get(autoScalingInstances, instanceId);
  if (member === undefined) return undefined;
  return store
    .where(capacityProviders, "scope", `${scope.account}/${scope.region}`)
    .find(
      ({ name, status, autoScalingGroupProvider }) =>
        status === "ACTIVE" &&
        cluster.capacityProviders.includes(name) &&
        autoScalingGroupProvider.autoScalingGroupArn?.endsWith(
          `:autoScalingGroupName/${member.groupName}`,
        ) === true,
    )?.name;
}

function identityAttributes(identity: InstanceIdentity): wire.Attribute[] {
  const values = {
    "ecs.ami-id": identity.imageId,
    "ecs.availability-zone": identity.availabilityZone,
    "ecs.cpu-architecture": identity.architecture,
    "ecs.instance-type": identity.instanceType,
  };
  return Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
}

const FROM_IDENTITY = ["ecs.ami-id", "ecs.availability-zone", "ecs.cpu-architecture", "ecs.instance-type"];

/** Users' own attributes are taken at the first registration only (Amazon ECS agent). */
function readAttributes(given: readonly wire.Attribute[] | undefined, again: boolean): wire.Attribute[] {
  return (given ?? [])
    .filter(({ name = "" }) => !FROM_IDENTITY.includes(name))
    .filter((attribute) => !again || !isCustom(attribute))
    .map(({ name, value }) => (value === undefined ? { name } : { name, value }));
}
