/** Amazon ECS: the operations that Berth implements. */
import type * as sdk from "@aws-sdk/client-ecs";
import type { OperationsOf, ServiceFaults } from "../operation.ts";
import {
  deleteAccountSetting,
  listAccountSettings,
  putAccountSetting,
  putAccountSettingDefault,
} from "./account-settings.ts";
import { describeCapacityProviders, putClusterCapacityProviders } from "./capacity-providers.ts";
import {
  describeContainerInstances,
  listAttributes,
  listContainerInstances,
  startTask,
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
import { registerTaskDefinition } from "./register-task-definition.ts";
import { runTask, stopTask } from "./run-task.ts";
import {
  describeServiceDeployments,
  describeServiceRevisions,
  listServiceDeployments,
} from "./service-deployments.ts";
import { stopServiceDeployment } from "./stop-service-deployment.ts";
import { listTagsForResource, tagResource, untagResource } from "./tags.ts";
import { deleteCluster, updateCluster, updateClusterSettings } from "./update-cluster.ts";
import { deleteService, updateService } from "./update-service.ts";

export const operations = {
  CreateCluster: createCluster,
  CreateService: createService,
  DeleteAccountSetting: deleteAccountSetting,
  DeleteCluster: deleteCluster,
  DeleteService: deleteService,
  DeleteTaskDefinitions: deleteTaskDefinitions,
  DeregisterTaskDefinition: deregisterTaskDefinition,
  DescribeCapacityProviders: describeCapacityProviders,
  DescribeClusters: describeClusters,
  DescribeContainerInstances: describeContainerInstances,
  DescribeServiceDeployments: describeServiceDeployments,
  DescribeServiceRevisions: describeServiceRevisions,
  DescribeServices: describeServices,
  DescribeTaskDefinition: describeTaskDefinition,
  DescribeTasks: describeTasks,
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
  PutClusterCapacityProviders: putClusterCapacityProviders,
  RegisterTaskDefinition: registerTaskDefinition,
  RunTask: runTask,
  StartTask: startTask,
  StopServiceDeployment: stopServiceDeployment,
  StopTask: stopTask,
  TagResource: tagResource,
  UntagResource: untagResource,
  UpdateCluster: updateCluster,
  UpdateClusterSettings: updateClusterSettings,
  UpdateService: updateService,
} satisfies Partial<OperationsOf<typeof sdk>>;

export const faults: ServiceFaults = {
  invalidInput(fault) {
    if (fault.kind === "malformed") return clientException(fault.message);
    return invalidParameter(`${fault.member} can not be blank.`);
  },
};
