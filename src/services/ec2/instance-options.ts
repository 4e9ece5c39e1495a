/** Options of instances that have operations of their own: metadata, credits, monitoring; and the console's output. */
import type * as wire from "@aws-sdk/client-ec2";
import { isGoing } from "../../model/ec2/instance-state.ts";
import { findInstanceType } from "../../model/ec2/instance-types.ts";
import type { Instance } from "../../model/ec2/records.ts";
import { instances } from "../../store/tables/ec2.ts";
import type { HandlerContext } from "../operation.ts";
import { requireInstances } from "./change-instance-state.ts";
import { invalidParameterValue } from "./errors.ts";
import { instanceNotUsable } from "./instance-errors.ts";
import { listed } from "./listing.ts";
import { listInScope, requireInstance } from "./resolve.ts";
import { ID_KINDS } from "./resource-ids.ts";
import { describeMetadataOptions } from "./views/instance.ts";

const LARGEST_HOP_LIMIT = 64;

export function modifyInstanceMetadataOptions(
  input: wire.ModifyInstanceMetadataOptionsRequest,
  context: HandlerContext,
): wire.ModifyInstanceMetadataOptionsResult {
  const instance = requireInstance(context, input.InstanceId);
  if (isGoing(instance)) throw instanceNotUsable(instance.instanceId, "running");
  const hops = input.HttpPutResponseHopLimit;
  if (hops !== undefined && (hops < 1 || hops > LARGEST_HOP_LIMIT)) {
    throw invalidParameterValue(
      `Value (${hops}) for parameter HttpPutResponseHopLimit is invalid. The value must be between 1 and ${LARGEST_HOP_LIMIT}.`,
    );
  }
  const options = instance.metadataOptions;
  const changed: Instance = {
    ...instance,
    metadataOptions: {
      httpTokens: input.HttpTokens ?? options.httpTokens,
      httpEndpoint: input.HttpEndpoint ?? options.httpEndpoint,
      httpPutResponseHopLimit: hops ?? options.httpPutResponseHopLimit,
      instanceMetadataTags: input.InstanceMetadataTags ?? options.instanceMetadataTags,
    },
  };
  context.store.transaction((tx) => tx.put(instances, changed));
  return { InstanceId: instance.instanceId, InstanceMetadataOptions: describeMetadataOptions(changed) };
}

/** Without ids, burstable ones whose credits are `unlimited` (API reference). */
export function describeInstanceCreditSpecifications(
  input: wire.DescribeInstanceCreditSpecificationsRequest,
  context: HandlerContext,
): wire.DescribeInstanceCreditSpecificationsResult {
  const { items, nextToken } = listed(listInScope(context, instances), {
    ids: input.InstanceIds,
    idKind: ID_KINDS.instance,
    key: (record) => record.instanceId,
    filters: input.Filters,
    filterTable: { "instance-id": (record) => record.instanceId },
    maxResults: input.MaxResults,
    nextToken: input.NextToken,
  });
  const asked = input.InstanceIds?.length;
  return {
    InstanceCreditSpecifications: items
      .filter(({ creditSpecification }) => asked || creditSpecification === "unlimited")
      .filter(({ creditSpecification }) => creditSpecification !== undefined)
      .map((record) => ({ InstanceId: record.instanceId, CpuCredits: record.creditSpecification })),
    NextToken: nextToken,
  };
}

/** One by one: what cannot be changed is told, the rest is. */
export function modifyInstanceCreditSpecification(
  input: wire.ModifyInstanceCreditSpecificationRequest,
  context: HandlerContext,
): wire.ModifyInstanceCreditSpecificationResult {
  const SuccessfulInstanceCreditSpecifications: wire.SuccessfulInstanceCreditSpecificationItem[] = [];
  const UnsuccessfulInstanceCreditSpecifications: wire.UnsuccessfulInstanceCreditSpecificationItem[] = [];
  const known = new Map(listInScope(context, instances).map((record) => [record.instanceId, record]));
  context.store.transaction((tx) => {
    for (const { InstanceId = "", CpuCredits } of input.InstanceCreditSpecifications ?? []) {
      if (CpuCredits !== "standard" && CpuCredits !== "unlimited") {
        throw invalidParameterValue(`Invalid value '${CpuCredits ?? ""}' for CpuCredits.`);
      }
      const instance = known.get(InstanceId);
      const error = whyNoCredits(InstanceId, instance);
      if (error !== undefined || instance === undefined) {
        UnsuccessfulInstanceCreditSpecifications.push({ InstanceId, Error: error });
        continue;
      }
      tx.put(instances, { ...instance, creditSpecification: CpuCredits });
      SuccessfulInstanceCreditSpecifications.push({ InstanceId });
    }
  });
  return { SuccessfulInstanceCreditSpecifications, UnsuccessfulInstanceCreditSpecifications };
}

function whyNoCredits(
  instanceId: string,
  instance: Instance | undefined,
): wire.UnsuccessfulInstanceCreditSpecificationItemError | undefined {
  if (instance === undefined) {
    return {
      Code: "InvalidInstanceID.NotFound",
      Message: `The instance ID '${instanceId}' does not exist`,
    };
  }
  if (isGoing(instance)) {
    return {
      Code: "IncorrectInstanceState",
      Message: `The instance '${instanceId}' is not in a state from which its credits can be changed.`,
    };
  }
  if (findInstanceType(instance.instanceType)?.burstable !== true) {
    return {
      Code: "InstanceCreditSpecification.NotSupported",
      Message: `The instance type '${instance.instanceType}' of instance '${instanceId}' is not burstable.`,
    };
  }
  return undefined;
}

export function monitorInstances(
  input: wire.MonitorInstancesRequest,
  context: HandlerContext,
): wire.MonitorInstancesResult {
  return setMonitoring(context, input.InstanceIds, true);
}

export function unmonitorInstances(
  input: wire.UnmonitorInstancesRequest,
  context: HandlerContext,
): wire.UnmonitorInstancesResult {
  return setMonitoring(context, input.InstanceIds, false);
}

function setMonitoring(
  context: HandlerContext,
  ids: readonly string[] | undefined,
  monitoring: boolean,
): wire.MonitorInstancesResult {
  const found = requireInstances(context, ids);
  context.store.transaction((tx) => {
    for (const instance of found) tx.put(instances, { ...instance, monitoring });
  });
  return {
    InstanceMonitorings: found.map(({ instanceId }) => ({
      InstanceId: instanceId,
      Monitoring: { State: monitoring ? "pending" : "disabling" },
    })),
  };
}

/** What booting printed, in base64. */
export function getConsoleOutput(
  input: wire.GetConsoleOutputRequest,
  context: HandlerContext,
): wire.GetConsoleOutputResult {
  const instance = requireInstance(context, input.InstanceId);
  return {
    InstanceId: instance.instanceId,
    Timestamp: new Date(instance.stateChangedAt),
    Output: Buffer.from(instance.consoleOutput).toString("base64"),
  };
}
