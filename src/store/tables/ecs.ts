import type {
  AccountSetting,
  BridgeEndpoint,
  CapacityProvider,
  Cluster,
  ContainerInstance,
  Deployment,
  Service,
  ServiceEvents,
  ServiceProgress,
  SessionProgram,
  Task,
  TaskDefinition,
  TaskDefinitionFamily,
  TaskRegistration,
} from "../../model/ecs/records.ts";
import { defineTable } from "../table.ts";

export const clusters = defineTable<Cluster>()({
  name: "ecs_clusters",
  key: (record) => record.arn,
  indexes: { scope: (record) => `${record.account}/${record.region}` },
});

export const taskDefinitionFamilies = defineTable<TaskDefinitionFamily>()({
  name: "ecs_task_definition_families",
  key: (record) => `${record.account}/${record.region}/${record.family}`,
  indexes: { scope: (record) => `${record.account}/${record.region}` },
});

export const taskDefinitions = defineTable<TaskDefinition>()({
  name: "ecs_task_definitions",
  key: (record) => record.arn,
  indexes: {
    scope: (record) => `${record.account}/${record.region}`,
    family: (record) => `${record.account}/${record.region}/${record.family}`,
  },
});

export const services = defineTable<Service>()({
  name: "ecs_services",
  key: (record) => record.arn,
  indexes: { cluster: (record) => record.clusterArn },
});

export const deployments = defineTable<Deployment>()({
  name: "ecs_deployments",
  key: (record) => record.id,
  indexes: {
    service: (record) => record.serviceArn,
    serviceDeployment: (record) => record.serviceDeploymentArn,
    serviceRevision: (record) => record.serviceRevisionArn,
  },
});

export const serviceEvents = defineTable<ServiceEvents>()({
  name: "ecs_service_events",
  key: (record) => record.serviceArn,
  indexes: {},
});

export const tasks = defineTable<Task>()({
  name: "ecs_tasks",
  key: (record) => record.arn,
  indexes: {
    cluster: (record) => record.clusterArn,
    service: (record) => record.serviceArn,
    deployment: (record) => record.deploymentId,
    taskId: (record) => record.taskId,
    /** Those that hold resources of it: not the stopped ones. */
    containerInstance: (record) =>
      record.lastStatus === "STOPPED" ? undefined : record.containerInstanceArn,
    /** Cluster ARNs: those that wait for an instance to be placed on. */
    unplaced: (record) =>
      record.launchType === "EC2" &&
      record.containerInstanceArn === undefined &&
      record.lastStatus !== "STOPPED"
        ? record.clusterArn
        : undefined,
    clientToken: (record) =>
      record.clientToken === undefined ? undefined : `${record.clusterArn}|${record.clientToken}`,
    /** The ids that its containers have at the task metadata endpoint, as long as it has not stopped. */
    endpoint: (record) =>
      record.lastStatus === "STOPPED"
        ? undefined
        : record.containers.flatMap(({ endpointId }) => (endpointId === undefined ? [] : [endpointId])),
    credentials: (record) => (record.lastStatus === "STOPPED" ? undefined : record.credentialsId),
  },
});

export const serviceProgress = defineTable<ServiceProgress>()({
  name: "ecs_service_progress",
  key: (record) => record.serviceArn,
  indexes: {},
});

export const taskRegistrations = defineTable<TaskRegistration>()({
  name: "ecs_task_registrations",
  key: (record) => record.taskArn,
  indexes: {
    service: (record) => record.serviceArn,
    target: (record) =>
      record.targets.map((target) => `${target.targetGroupArn}|${target.targetId}|${target.port}`),
    instance: (record) => record.instances.map((instance) => `${instance.serviceId}|${instance.instanceId}`),
  },
});

export const accountSettings = defineTable<AccountSetting>()({
  name: "ecs_account_settings",
  key: (record) => `${record.account}/${record.region}|${record.principalArn}|${record.name}`,
  indexes: {
    principal: (record) => `${record.account}/${record.region}|${record.principalArn}`,
  },
});

export const containerInstances = defineTable<ContainerInstance>()({
  name: "ecs_container_instances",
  key: (record) => record.arn,
  indexes: {
    cluster: (record) => record.clusterArn,
    instance: (record) => record.ec2InstanceId,
  },
});

export const capacityProviders = defineTable<CapacityProvider>()({
  name: "ecs_capacity_providers",
  key: (record) => record.arn,
  indexes: {
    scope: (record) => `${record.account}/${record.region}`,
    autoScalingGroup: (record) => record.autoScalingGroupProvider.autoScalingGroupArn,
  },
});

export const bridgeEndpoints = defineTable<BridgeEndpoint>()({
  name: "ecs_bridge_endpoints",
  key: (record) => record.endpointId,
  indexes: { instance: (record) => record.instanceId, task: (record) => record.taskArn },
});

export const sessionPrograms = defineTable<SessionProgram>()({
  name: "ecs_session_programs",
  key: (record) => record.sessionId,
  indexes: {},
});
