/** DescribeInstances and DescribeInstanceStatus. */
import type * as wire from "@aws-sdk/client-ec2";
import { STATE_CODES, shownState } from "../../model/ec2/instance-state.ts";
import type { Instance } from "../../model/ec2/records.ts";
import type { StoreReader } from "../../store/store.ts";
import { instances, subnets } from "../../store/tables/ec2.ts";
import type { HandlerContext } from "../operation.ts";
import type { FilterTable } from "./filters.ts";
import { newInstanceFilters } from "./instance-filters.ts";
import { listed } from "./listing.ts";
import { listInScope } from "./resolve.ts";
import { ID_KINDS } from "./resource-ids.ts";
import { describeReservations, describeState } from "./views/instance.ts";

export function describeInstances(
  input: wire.DescribeInstancesRequest,
  context: HandlerContext,
): wire.DescribeInstancesResult {
  const { items, nextToken } = listed(listInScope(context, instances), {
    ids: input.InstanceIds,
    idKind: ID_KINDS.instance,
    key: (record) => record.instanceId,
    filters: input.Filters,
    filterTable: newInstanceFilters(context.store),
    maxResults: input.MaxResults,
    nextToken: input.NextToken,
    idsExcludeMaxResults: "instancesSet",
  });
  return { Reservations: describeReservations(context.store, items), NextToken: nextToken };
}

const never = () => undefined;

function newStatusFilters(store: StoreReader): FilterTable<Instance> {
  return {
    "application-status.status": never,
    "attached-ebs-status.status": checkOf,
    "availability-zone": (record) => record.availabilityZone,
    "availability-zone-id": (record) => store.get(subnets, record.subnetId)?.availabilityZoneId,
    "event.code": never,
    "event.description": never,
    "event.instance-event-id": never,
    "event.not-after": never,
    "event.not-before": never,
    "event.not-before-deadline": never,
    "instance-state-code": (record) => STATE_CODES[shownState(record)],
    "instance-state-name": shownState,
    "instance-status.reachability": reachabilityOf,
    "instance-status.status": checkOf,
    "operator.managed": () => false,
    "operator.principal": never,
    "system-status.reachability": reachabilityOf,
    "system-status.status": checkOf,
  };
}

/** Running ones alone, unless all are asked for. */
export function describeInstanceStatus(
  input: wire.DescribeInstanceStatusRequest,
  context: HandlerContext,
): wire.DescribeInstanceStatusResult {
  const all = listInScope(context, instances);
  const { items, nextToken } = listed(all, {
    ids: input.InstanceIds,
    idKind: ID_KINDS.instance,
    key: (record) => record.instanceId,
    filters: input.Filters,
    filterTable: newStatusFilters(context.store),
    maxResults: input.MaxResults,
    nextToken: input.NextToken,
    idsExcludeMaxResults: "instancesSet",
  });
  return {
    InstanceStatuses: items
      .filter((record) => input.IncludeAllInstances === true || shownState(record) === "running")
      .map((record) => describeStatus(context.store, record)),
    NextToken: nextToken,
  };
}

/** An instance that runs here is reachable: there is no hardware that could fail under it alone. */
function checkOf(record: Instance): "ok" | "not-applicable" {
  return shownState(record) === "running" ? "ok" : "not-applicable";
}

function reachabilityOf(record: Instance): "passed" | undefined {
  return shownState(record) === "running" ? "passed" : undefined;
}

function describeStatus(store: StoreReader, record: Instance): wire.InstanceStatus {
  const Status = checkOf(record);
  const summary = (): wire.InstanceStatusSummary =>
    Status === "ok" ? { Status, Details: [{ Name: "reachability", Status: "passed" }] } : { Status };
  return {
    InstanceId: record.instanceId,
    AvailabilityZone: record.availabilityZone,
    AvailabilityZoneId: store.get(subnets, record.subnetId)?.availabilityZoneId,
    InstanceState: describeState(shownState(record)),
    InstanceStatus: summary(),
    SystemStatus: summary(),
    AttachedEbsStatus:
      Status === "ok" ? { Status, Details: [{ Name: "reachability", Status: "passed" }] } : { Status },
    Events: [],
    Operator: { Managed: false },
  };
}
