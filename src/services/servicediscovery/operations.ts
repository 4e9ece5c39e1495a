/** Cloud Map: the operations that Berth has, which are all of them. */
import type * as sdk from "@aws-sdk/client-servicediscovery";
import { constraintViolation, memberPath, NOT_NULL } from "../constraint-messages.ts";
import type { OperationsOf, ServiceFaults } from "../operation.ts";
import {
  createHttpNamespace,
  createPrivateDnsNamespace,
  createPublicDnsNamespace,
} from "./create-namespace.ts";
import { createService } from "./create-service.ts";
import { deleteNamespace } from "./delete-namespace.ts";
import { deleteService } from "./delete-service.ts";
import { deregisterInstance } from "./deregister-instance.ts";
import { discoverInstances, discoverInstancesRevision } from "./discover-instances.ts";
import { invalidInput } from "./errors.ts";
import { getInstance, getInstancesHealthStatus, listInstances } from "./read-instances.ts";
import { getNamespace, listNamespaces } from "./read-namespaces.ts";
import { getOperation, listOperations } from "./read-operations.ts";
import { getService, listServices } from "./read-services.ts";
import { registerInstance } from "./register-instance.ts";
import {
  deleteServiceAttributes,
  getServiceAttributes,
  updateServiceAttributes,
} from "./service-attributes.ts";
import { listTagsForResource, tagResource, untagResource } from "./tags.ts";
import { updateInstanceCustomHealthStatus } from "./update-instance-custom-health-status.ts";
import {
  updateHttpNamespace,
  updatePrivateDnsNamespace,
  updatePublicDnsNamespace,
} from "./update-namespace.ts";
import { updateService } from "./update-service.ts";

export const operations = {
  CreateHttpNamespace: createHttpNamespace,
  CreatePrivateDnsNamespace: createPrivateDnsNamespace,
  CreatePublicDnsNamespace: createPublicDnsNamespace,
  CreateService: createService,
  DeleteNamespace: deleteNamespace,
  DeleteService: deleteService,
  DeleteServiceAttributes: deleteServiceAttributes,
  DeregisterInstance: deregisterInstance,
  DiscoverInstances: discoverInstances,
  DiscoverInstancesRevision: discoverInstancesRevision,
  GetInstance: getInstance,
  GetInstancesHealthStatus: getInstancesHealthStatus,
  GetNamespace: getNamespace,
  GetOperation: getOperation,
  GetService: getService,
  GetServiceAttributes: getServiceAttributes,
  ListInstances: listInstances,
  ListNamespaces: listNamespaces,
  ListOperations: listOperations,
  ListServices: listServices,
  ListTagsForResource: listTagsForResource,
  RegisterInstance: registerInstance,
  TagResource: tagResource,
  UntagResource: untagResource,
  UpdateHttpNamespace: updateHttpNamespace,
  UpdateInstanceCustomHealthStatus: updateInstanceCustomHealthStatus,
  UpdatePrivateDnsNamespace: updatePrivateDnsNamespace,
  UpdatePublicDnsNamespace: updatePublicDnsNamespace,
  UpdateService: updateService,
  UpdateServiceAttributes: updateServiceAttributes,
} satisfies Partial<OperationsOf<typeof sdk>>;

export const faults: ServiceFaults = {
  invalidInput(fault) {
    return invalidInput(
      fault.kind === "missing"
        ? constraintViolation(undefined, memberPath(fault.member), NOT_NULL)
        : fault.message,
    );
  },
};
