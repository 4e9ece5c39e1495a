/** Route 53: the operations that Berth has. */
import type * as sdk from "@aws-sdk/client-route-53";
import { constraintViolation, memberPath, NOT_NULL } from "../constraint-messages.ts";
import type { OperationsOf, ServiceFaults } from "../operation.ts";
import { changeResourceRecordSets } from "./change-resource-record-sets.ts";
import { createHostedZone } from "./create-hosted-zone.ts";
import { deleteHostedZone } from "./delete-hosted-zone.ts";
import { testDnsAnswer } from "./dns-answer.ts";
import { invalidInput } from "./errors.ts";
import { getChange } from "./get-change.ts";
import { getHostedZone } from "./get-hosted-zone.ts";
import {
  getHostedZoneCount,
  listHostedZones,
  listHostedZonesByName,
  listHostedZonesByVpc,
} from "./list-hosted-zones.ts";
import { listResourceRecordSets } from "./list-resource-record-sets.ts";
import { changeTagsForResource, listTagsForResource, listTagsForResources } from "./tags.ts";
import { updateHostedZoneComment } from "./update-hosted-zone-comment.ts";
import { associateVpcWithHostedZone, disassociateVpcFromHostedZone } from "./vpc-associations.ts";

export const operations = {
  AssociateVPCWithHostedZone: associateVpcWithHostedZone,
  ChangeResourceRecordSets: changeResourceRecordSets,
  ChangeTagsForResource: changeTagsForResource,
  CreateHostedZone: createHostedZone,
  DeleteHostedZone: deleteHostedZone,
  DisassociateVPCFromHostedZone: disassociateVpcFromHostedZone,
  GetChange: getChange,
  GetHostedZone: getHostedZone,
  GetHostedZoneCount: getHostedZoneCount,
  ListHostedZones: listHostedZones,
  ListHostedZonesByName: listHostedZonesByName,
  ListHostedZonesByVPC: listHostedZonesByVpc,
  ListResourceRecordSets: listResourceRecordSets,
  ListTagsForResource: listTagsForResource,
  ListTagsForResources: listTagsForResources,
  TestDNSAnswer: testDnsAnswer,
  UpdateHostedZoneComment: updateHostedZoneComment,
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
