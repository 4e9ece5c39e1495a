import type * as sdk from "@aws-sdk/client-ecs";
import {
  type ActionRules,
  ANY,
  type Asking,
  arnOr,
  type CallFacts,
  type Keys,
  passing,
  regional,
  tagList,
} from "./action.ts";
import {
  capacityProviderArn,
  clusterArn,
  clusterKey,
  containerInstanceArn,
  findTaskDefinition,
  serviceArn,
  taskArn,
  taskDefinitionArn,
} from "./ecs-arns.ts";

const TASKS = "ecs-tasks.amazonaws.com";

/** Creating with tags asks for TagResource as well ("Grant permission to tag resources on creation"). */
function tagging(operation: string, arn: string, tags: readonly sdk.Tag[] | undefined): Asking[] {
  if (tags === undefined || tags.length === 0) return [];
  return [{ action: "ecs:TagResource", resource: arn, keys: { "ecs:CreateAction": operation } }];
}

function passingRolesOf(
  call: CallFacts,
  taskDefinition: string | undefined,
  overrides?: sdk.TaskOverride,
): Asking[] {
  const definition = findTaskDefinition(call, taskDefinition)?.definition;
  return passingTo(call, TASKS, [
    overrides?.taskRoleArn ?? definition?.taskRoleArn,
    overrides?.executionRoleArn ?? definition?.executionRoleArn,
  ]);
}

/** ECS takes a role's name as well, which is the account's own. */
function passingTo({ scope }: CallFacts, service: string, roles: readonly (string | undefined)[]): Asking[] {
  const arns = roles.map(
    (role) => role && arnOr(role, (name) => `arn:aws:iam::${scope.account}:role/${name}`),
  );
  return passing(arns, service);
}

function ofCluster(input: { readonly cluster?: string | undefined }, call: CallFacts): Keys {
  return { "ecs:cluster": clusterKey(call, input.cluster) };
}

const onCluster = (input: { readonly cluster?: string | undefined }, call: CallFacts) => [
  clusterArn(call, input.cluster),
];

function startedTasks(
  operation: "RunTask" | "StartTask",
  input: sdk.RunTaskRequest | sdk.StartTaskRequest,
  call: CallFacts,
): Asking[] {
  return [
    ...passingRolesOf(call, input.taskDefinition, input.overrides),
    ...tagging(operation, taskArn(call, input.cluster, "*"), input.tags),
  ];
}

function serviceKeys(input: sdk.CreateServiceRequest | sdk.UpdateServiceRequest, call: CallFacts): Keys {
  const vpc = input.networkConfiguration?.awsvpcConfiguration;
  return {
    ...ofCluster(input, call),
    "ecs:task-definition":
      input.taskDefinition === undefined ? undefined : taskDefinitionArn(call, input.taskDefinition),
    "ecs:enable-execute-command": input.enableExecuteCommand,
    "ecs:enable-ecs-managed-tags": input.enableECSManagedTags,
    "ecs:enable-service-connect": input.serviceConnectConfiguration?.enabled,
    "ecs:namespace": input.serviceConnectConfiguration?.namespace,
    "ecs:propagate-tags": input.propagateTags,
    "ecs:auto-assign-public-ip":
      vpc?.assignPublicIp === undefined ? undefined : vpc.assignPublicIp === "ENABLED",
    "ecs:subnet": vpc?.subnets?.map((id) => regional("ec2", call, `subnet/${id}`)),
    "ecs:capacity-provider": providers(input.capacityProviderStrategy, call),
  };
}

function providers(
  strategy: readonly sdk.CapacityProviderStrategyItem[] | undefined,
  call: CallFacts,
): string[] | undefined {
  return strategy?.map((item) => capacityProviderArn(call, item.capacityProvider ?? ""));
}

/** Task ids to ARNs; none means nothing is named. */
function onTasks(
  cluster: string | undefined,
  ids: readonly (string | undefined)[],
  call: CallFacts,
): string[] {
  return ids.map((id) => taskArn(call, cluster, id ?? ""));
}

function instancesOf(
  input: {
    readonly cluster?: string | undefined;
    readonly containerInstances?: readonly string[] | undefined;
  },
  call: CallFacts,
): string[] {
  return (input.containerInstances ?? []).map((id) => containerInstanceArn(call, input.cluster, id));
}

/** Of `service-deployment/<cluster>/<service>/<id>` and the like: the service. */
function servicesOf(arns: readonly string[] | undefined): string[] {
  return (arns ?? []).flatMap((arn) => [
    arn.replace(/:service-(?:deployment|revision)\/([^/]+)\/([^/]+)\/.*$/, ":service/$1/$2"),
    arn,
  ]);
}

export const ecsActions = {
  CreateCapacityProvider: {
    on: (input, call) => [capacityProviderArn(call, input.name ?? "")],
    tags: (input) => tagList(input.tags),
    also: (input, call) =>
      tagging("CreateCapacityProvider", capacityProviderArn(call, input.name ?? ""), input.tags),
  },
  UpdateCapacityProvider: { on: (input, call) => [capacityProviderArn(call, input.name ?? "")] },
  DeleteCapacityProvider: { on: (input, call) => [capacityProviderArn(call, input.capacityProvider ?? "")] },
  DescribeCapacityProviders: {
    on: (input, call) => (input.capacityProviders ?? ["*"]).map((name) => capacityProviderArn(call, name)),
  },
  CreateCluster: {
    on: (input, call) => [clusterArn(call, input.clusterName)],
    tags: (input) => tagList(input.tags),
    keys: (input, call) => ({
      "ecs:capacity-provider": input.capacityProviders?.map((name) => capacityProviderArn(call, name)),
    }),
    also: (input, call) => tagging("CreateCluster", clusterArn(call, input.clusterName), input.tags),
  },
  UpdateCluster: { on: onCluster },
  UpdateClusterSettings: { on: onCluster },
  DeleteCluster: { on: onCluster },
  DescribeClusters: {
    on: (input, call) => (input.clusters ?? [undefined]).map((cluster) => clusterArn(call, cluster)),
  },
  ListClusters: ANY,
  PutClusterCapacityProviders: {
    on: onCluster,
    keys: (input, call) => ({
      "ecs:capacity-provider": input.capacityProviders?.map((name) => capacityProviderArn(call, name)),
    }),
  },
  RegisterContainerInstance: { on: onCluster, tags: (input) => tagList(input.tags) },
  DeregisterContainerInstance: { on: onCluster },
  ListContainerInstances: { on: onCluster },
  ListAttributes: { on: onCluster },
  DescribeContainerInstances: { on: instancesOf, keys: ofCluster },
  UpdateContainerInstancesState: { on: instancesOf, keys: ofCluster },
  UpdateContainerAgent: {
    on: (input, call) => [containerInstanceArn(call, input.cluster, input.containerInstance ?? "")],
    keys: ofCluster,
  },
  PutAttributes: {
    on: ({ cluster, attributes }, call) =>
      (attributes ?? []).map(({ targetId }) => containerInstanceArn(call, cluster, targetId ?? "")),
    keys: ofCluster,
  },
  DeleteAttributes: {
    on: ({ cluster, attributes }, call) =>
      (attributes ?? []).map(({ targetId }) => containerInstanceArn(call, cluster, targetId ?? "")),
    keys: ofCluster,
  },
  CreateService: {
    on: (input, call) => [serviceArn(call, input.cluster, input.serviceName)],
    keys: serviceKeys,
    tags: (input) => tagList(input.tags),
    also: (input, call) => [
      ...passingRolesOf(call, input.taskDefinition),
      ...passingTo(call, "ecs.amazonaws.com", [input.role]),
      ...tagging("CreateService", serviceArn(call, input.cluster, input.serviceName), input.tags),
    ],
  },
  UpdateService: {
    on: (input, call) => [serviceArn(call, input.cluster, input.service)],
    keys: serviceKeys,
    also: (input, call) =>
      input.taskDefinition === undefined ? [] : passingRolesOf(call, input.taskDefinition),
  },
  DeleteService: {
    on: (input, call) => [serviceArn(call, input.cluster, input.service)],
    keys: ofCluster,
  },
  DescribeServices: {
    on: (input, call) => (input.services ?? []).map((name) => serviceArn(call, input.cluster, name)),
    keys: ofCluster,
  },
  ListServices: { keys: ofCluster },
  ListServicesByNamespace: { keys: (input) => ({ "ecs:namespace": input.namespace }) },
  DescribeServiceDeployments: { on: (input) => servicesOf(input.serviceDeploymentArns) },
  StopServiceDeployment: { on: (input) => servicesOf([input.serviceDeploymentArn ?? ""]) },
  DescribeServiceRevisions: { on: (input) => servicesOf(input.serviceRevisionArns) },
  ListServiceDeployments: {
    on: (input, call) => [serviceArn(call, input.cluster, input.service)],
    keys: ofCluster,
  },
  RegisterTaskDefinition: {
    on: (input, call) => [regional("ecs", call, `task-definition/${input.family ?? ""}:*`)],
    tags: (input) => tagList(input.tags),
    keys: (input) => ({
      "ecs:task-cpu": input.cpu,
      "ecs:task-memory": input.memory,
      "ecs:compute-compatibility": input.requiresCompatibilities,
      "ecs:privileged": input.containerDefinitions?.some(({ privileged }) => privileged === true),
    }),
    also: (input, call) => [
      ...passingTo(call, TASKS, [input.taskRoleArn, input.executionRoleArn]),
      ...tagging(
        "RegisterTaskDefinition",
        regional("ecs", call, `task-definition/${input.family ?? ""}:*`),
        input.tags,
      ),
    ],
  },
  DeleteTaskDefinitions: {
    on: (input, call) => (input.taskDefinitions ?? []).map((text) => taskDefinitionArn(call, text)),
  },
  DeregisterTaskDefinition: ANY,
  DescribeTaskDefinition: ANY,
  ListTaskDefinitionFamilies: ANY,
  ListTaskDefinitions: ANY,
  RunTask: {
    on: (input, call) => [taskDefinitionArn(call, input.taskDefinition ?? "")],
    tags: (input) => tagList(input.tags),
    keys: (input, call) => ({
      ...ofCluster(input, call),
      "ecs:capacity-provider": providers(input.capacityProviderStrategy, call),
      "ecs:enable-execute-command": input.enableExecuteCommand,
    }),
    also: (input, call) => startedTasks("RunTask", input, call),
  },
  StartTask: {
    on: (input, call) => [taskDefinitionArn(call, input.taskDefinition ?? "")],
    tags: (input) => tagList(input.tags),
    keys: (input, call) => ({
      ...ofCluster(input, call),
      "ecs:container-instances": instancesOf(input, call),
      "ecs:enable-execute-command": input.enableExecuteCommand,
    }),
    also: (input, call) => startedTasks("StartTask", input, call),
  },
  StopTask: { on: (input, call) => onTasks(input.cluster, [input.task], call), keys: ofCluster },
  DescribeTasks: { on: (input, call) => onTasks(input.cluster, input.tasks ?? [], call), keys: ofCluster },
  ExecuteCommand: {
    on: (input, call) => [clusterArn(call, input.cluster), ...onTasks(input.cluster, [input.task], call)],
    keys: (input, call) => ({ ...ofCluster(input, call), "ecs:container-name": input.container }),
  },
  GetTaskProtection: {
    on: (input, call) => onTasks(input.cluster, input.tasks ?? [], call),
    keys: ofCluster,
  },
  UpdateTaskProtection: {
    on: (input, call) => onTasks(input.cluster, input.tasks ?? [], call),
    keys: ofCluster,
  },
  // Only tasks of one container instance have a resource to be asked for.
  ListTasks: {
    on: ({ cluster, containerInstance }, call) =>
      containerInstance === undefined ? [] : [containerInstanceArn(call, cluster, containerInstance)],
    keys: ofCluster,
  },
  ListAccountSettings: ANY,
  PutAccountSetting: { keys: (input) => ({ "ecs:account-setting": input.name }) },
  PutAccountSettingDefault: { keys: (input) => ({ "ecs:account-setting": input.name }) },
  DeleteAccountSetting: { keys: (input) => ({ "ecs:account-setting": input.name }) },
  ListTagsForResource: { on: (input) => [input.resourceArn ?? "*"] },
  TagResource: { on: (input) => [input.resourceArn ?? "*"], tags: (input) => tagList(input.tags) },
  UntagResource: { on: (input) => [input.resourceArn ?? "*"], tagKeys: (input) => input.tagKeys ?? [] },
} satisfies ActionRules<typeof sdk>;
