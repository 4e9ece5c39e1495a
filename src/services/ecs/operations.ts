/** Amazon ECS: the operations that Berth implements. */
import type * as sdk from "@aws-sdk/client-ecs";
import type { OperationsOf, ServiceFaults } from "../operation.ts";
import {
  deleteAccountSetting,
  listAccountSettings,
  putAccountSetting,
  putAccountSettingDefault,
} from "./account-settings.ts";
import { deleteAttributes, listAttributes, putAttributes } from "./attributes.ts";
import {
  createCapacityProvider,
  deleteCapacityProvider,
  describeCapacityProviders,
  updateCapacityProvider,
} from "./capacity-providers.ts";
import { putClusterCapacityProviders } from "./cluster-capacity.ts";
import {
  deregisterContainerInstance,
  describeContainerInstances,
  listContainerInstances,
  updateContainerAgent,
  updateContainerInstancesState,
} from "./container-instances.ts";
import { createCluster } from "./create-cluster.ts";
import { createService } from "./create-service.ts";
import { describeClusters, listClusters } from "./describe-clusters.ts";
import { describeServices, listServices, listServicesByNamespace } from "./describe-services.ts";
import {
  deleteTaskDefinitions,
  deregisterTaskDefinition,
  describeTaskDefinition,
  listTaskDefinitionFamilies,
  listTaskDefinitions,
} from "./describe-task-definition.ts";
import { describeTasks, listTasks } from "./describe-tasks.ts";
import { clientException, invalidParameter } from "./errors.ts";
import { executeCommand } from "./execute-command.ts";
import { registerContainerInstance } from "./register-container-instance.ts";
import { registerTaskDefinition } from "./register-task-definition.ts";
import { runTask, stopTask } from "./run-task.ts";
import {
  describeServiceDeployments,
  describeServiceRevisions,
  listServiceDeployments,
} from "./service-deployments.ts";
import { startTask } from "./start-task.ts";
import { stopServiceDeployment } from "./stop-service-deployment.ts";
import { listTagsForResource, tagResource, untagResource } from "./tags.ts";
import { getTaskProtection, updateTaskProtection } from "./task-protection.ts";
import { deleteCluster, updateCluster, updateClusterSettings } from "./update-cluster.ts";
import { deleteService, updateService } from "./update-service.ts";

export const operations = {
  CreateCapacityProvider: createCapacityProvider,
  CreateCluster: createCluster,
  CreateService: createService,
  DeleteAccountSetting: deleteAccountSetting,
  DeleteAttributes: deleteAttributes,
  DeleteCapacityProvider: deleteCapacityProvider,
  DeleteCluster: deleteCluster,
  DeleteService: deleteService,
  DeleteTaskDefinitions: deleteTaskDefinitions,
  DeregisterContainerInstance: deregisterContainerInstance,
  DeregisterTaskDefinition: deregisterTaskDefinition,
  DescribeCapacityProviders: describeCapacityProviders,
  DescribeClusters: describeClusters,
  DescribeContainerInstances: describeContainerInstances,
  DescribeServiceDeployments: describeServiceDeployments,
  DescribeServiceRevisions: describeServiceRevisions,
  DescribeServices: describeServices,
  DescribeTaskDefinition: describeTaskDefinition,
  DescribeTasks: describeTasks,
  GetTaskProtection: getTaskProtection,
  UpdateTaskProtection: updateTaskProtection,
  ExecuteCommand: executeCommand,
  ListAccountSettings: listAccountSettings,
  ListAttributes: listAttributes,
  ListClusters: listClusters,
  ListContainerInstances: listContainerInstances,
  ListServiceDeployments: listServiceDeployments,
  ListServices: listServices,
  ListServicesByNamespace: listServicesByNamespace,
  ListTagsForResource: listTagsForResource,
  ListTaskDefinitionFamilies: listTaskDefinitionFamilies,
  ListTaskDefinitions: listTaskDefinitions,
  ListTasks: listTasks,
  PutAccountSetting: putAccountSetting,
  PutAccountSettingDefault: putAccountSettingDefault,
  PutAttributes: putAttributes,
  PutClusterCapacityProviders: putClusterCapacityProviders,
  RegisterContainerInstance: registerContainerInstance,
  RegisterTaskDefinition: registerTaskDefinition,
  RunTask: runTask,
  StartTask: startTask,
  StopServiceDeployment: stopServiceDeployment,
  StopTask: stopTask,
  TagResource: tagResource,
  UntagResource: untagResource,
  UpdateCapacityProvider: updateCapacityProvider,
  UpdateCluster: updateCluster,
  UpdateClusterSettings: updateClusterSettings,
  UpdateContainerAgent: updateContainerAgent,
  UpdateContainerInstancesState: updateContainerInstancesState,
  UpdateService: updateService,
} satisfies Partial<OperationsOf<typeof sdk>>;

export const faults: ServiceFaults = {
  invalidInput(fault) {
    if (fault.kind === "malformed") return clientException(fault.message);
    return invalidParameter(`${fault.member} can not be blank.`);
  },
};
