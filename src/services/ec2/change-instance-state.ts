/**
 * TerminateInstances, StopInstances, StartInstances and RebootInstances. They write what is wanted; the answers show
 * the state that EC2 shows at once. One instance that cannot be changed, and none is.
 */
import type * as wire from "@aws-sdk/client-ec2";
import { isGoing, shownState } from "../../model/ec2/instance-state.ts";
import type { Instance } from "../../model/ec2/records.ts";
import { instances } from "../../store/tables/ec2.ts";
import type { HandlerContext } from "../operation.ts";
import { missingParameter } from "./errors.ts";
import { incorrectInstanceState, stopProtected, terminationProtected } from "./instance-errors.ts";
import { findInScope } from "./resolve.ts";
import { checkIdForm, ID_KINDS, notFound } from "./resource-ids.ts";
import { describeState } from "./views/instance.ts";

const USER_SHUTDOWN = {
  code: "Client.UserInitiatedShutdown",
  message: "Client.UserInitiatedShutdown: User initiated shutdown",
};

/** In the order asked, without repetition. Throws the malformed or not-found of instances. */
export function requireInstances(context: HandlerContext, ids: readonly string[] | undefined): Instance[] {
  if (!ids?.length) throw missingParameter("InstanceId");
  const distinct = [...new Set(ids)];
  for (const id of distinct) checkIdForm(ID_KINDS.instance, id);
  const found = distinct.map((id) => ({ id, record: findInScope(context, instances, id) }));
  const missing = found.filter(({ record }) => record === undefined).map(({ id }) => id);
  if (missing.length > 0) throw notFound(ID_KINDS.instance, missing);
  return found.map(({ record }) => record).filter((record) => record !== undefined);
}

function changeAll(
  context: HandlerContext,
  before: readonly Instance[],
  change: (instance: Instance) => Instance,
): wire.InstanceStateChange[] {
  const after = before.map(change);
  context.store.transaction((tx) => {
    for (const instance of after) tx.put(instances, instance);
  });
  return before.map((previous, index) => ({
    InstanceId: previous.instanceId,
    PreviousState: describeState(shownState(previous)),
    CurrentState: describeState(shownState(after[index] ?? previous)),
  }));
}

/** A terminated instance may be terminated again. */
export function terminateInstances(
  input: wire.TerminateInstancesRequest,
  context: HandlerContext,
): wire.TerminateInstancesResult {
  const found = requireInstances(context, input.InstanceIds);
  const protectedOne = found.find((instance) => instance.disableApiTermination && !isGoing(instance));
  if (protectedOne !== undefined) throw terminationProtected(protectedOne.instanceId);
  return {
    TerminatingInstances: changeAll(context, found, (instance) =>
      isGoing(instance) ? instance : { ...instance, desiredState: "terminated", stateReason: USER_SHUTDOWN },
    ),
  };
}

/** A stopped instance may be stopped again; one that is going or has not come up may not. */
export function stopInstances(
  input: wire.StopInstancesRequest,
  context: HandlerContext,
): wire.StopInstancesResult {
  const found = requireInstances(context, input.InstanceIds);
  for (const instance of found) {
    if (isGoing(instance) || shownState(instance) === "pending") {
      throw incorrectInstanceState(instance.instanceId, "stopped");
    }
    if (instance.disableApiStop && instance.desiredState === "running") {
      throw stopProtected(instance.instanceId);
    }
  }
  return {
    StoppingInstances: changeAll(context, found, (instance) =>
      instance.desiredState === "stopped"
        ? instance
        : { ...instance, desiredState: "stopped", stateReason: USER_SHUTDOWN },
    ),
  };
}

/** A running instance may be started again; one that is still stopping may not. */
export function startInstances(
  input: wire.StartInstancesRequest,
  context: HandlerContext,
): wire.StartInstancesResult {
  const found = requireInstances(context, input.InstanceIds);
  for (const instance of found) {
    if (isGoing(instance) || shownState(instance) === "stopping") {
      throw incorrectInstanceState(instance.instanceId, "started");
    }
  }
  const now = context.clock.now();
  return {
    StartingInstances: changeAll(context, found, (instance) =>
      instance.desiredState === "running"
        ? instance
        : { ...instance, desiredState: "running", stateReason: undefined, launchTime: now },
    ),
  };
}

/** Instances that are terminated or shutting down are passed over (API reference, RebootInstances). */
export function rebootInstances(input: wire.RebootInstancesRequest, context: HandlerContext): object {
  const found = requireInstances(context, input.InstanceIds);
  for (const instance of found) {
    if (!isGoing(instance) && shownState(instance) !== "running") {
      throw incorrectInstanceState(instance.instanceId, "rebooted");
    }
  }
  changeAll(context, found, (instance) =>
    isGoing(instance) ? instance : { ...instance, rebootsAsked: instance.rebootsAsked + 1 },
  );
  return {};
}
