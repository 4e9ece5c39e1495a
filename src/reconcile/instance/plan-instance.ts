/**
 * One look at one instance: what is the next step? Pure. pending → running → stopping → stopped, or → shutting-down →
 * terminated (EC2 user guide, "Amazon EC2 instance state changes").
 */
import type { NetworkInterface } from "../../model/ec2/records.ts";
import type { InstanceStep, InstanceView } from "./instance-view.ts";

/** EC2 user guide, "Terminate Amazon EC2 instances": it remains visible for a while, about an hour. */
export const TERMINATED_RETENTION_MS = 3_600_000;
/** Store and engine tell of every change; this catches what might have been missed. */
const LOOK_AGAIN_MS = 300_000;

export function planInstance(view: InstanceView): InstanceStep {
  if (view.instance.state === "terminated") return planForget(view);
  switch (view.instance.desiredState) {
    case "terminated":
      return planTermination(view);
    case "stopped":
      return planStop(view);
    case "running":
      return planBoot(view) ?? planAgent(view);
  }
}

function planForget({ instance, machine, now }: InstanceView): InstanceStep {
  if (machine !== undefined) return { kind: "remove-machine" };
  const remainingMs = instance.stateChangedAt + TERMINATED_RETENTION_MS - now;
  return remainingMs > 0 ? { kind: "wait", againAfterMs: remainingMs } : { kind: "forget" };
}

function planTermination({ instance, machine }: InstanceView): InstanceStep {
  if (instance.state !== "shutting-down") return { kind: "change", changes: { state: "shutting-down" } };
  return machine === undefined ? { kind: "terminate" } : { kind: "remove-machine" };
}

function planStop({ instance, machine }: InstanceView): InstanceStep {
  if (instance.state !== "stopping" && instance.state !== "stopped") {
    return { kind: "change", changes: { state: "stopping" } };
  }
  if (machine?.state === "running") return { kind: "halt-machine" };
  return instance.state === "stopping" ? { kind: "stopped" } : { kind: "wait" };
}

/** Undefined when it has started and its user data ran. */
function planBoot(view: InstanceView): InstanceStep | undefined {
  const { instance, interfaces, machine } = view;
  const { state, rebootsAsked, sandbox } = instance;
  const wasDown = state === "stopping" || state === "stopped";
  if (wasDown || instance.rebootsDone < rebootsAsked) {
    if (machine?.state === "running") return { kind: "halt-machine" };
    const changes = { rebootsDone: rebootsAsked, ...(wasDown ? { state: "pending" as const } : {}) };
    return { kind: "change", changes };
  }
  // Another process is another namespace: engine or machine were started anew.
  if (machine?.state !== "running" || sandbox?.processId !== machine.processId) {
    return { kind: "start-machine" };
  }
  if (interfaces.some((one) => !isIn(one, sandbox.processId))) return { kind: "place-interfaces" };
  const primary = interfaces.find(({ instanceAttachment }) => instanceAttachment?.deviceIndex === 0);
  if (primary?.linkState !== "ready") return { kind: "wait", againAfterMs: LOOK_AGAIN_MS };
  if (state !== "running") return { kind: "change", changes: { state: "running" } };
  if (instance.userDataDone) return undefined;
  return view.userDataRuns ? { kind: "wait" } : { kind: "run-user-data" };
}

function isIn({ sandbox }: NetworkInterface, processId: number): boolean {
  return sandbox?.kind === "container" && sandbox.processId === processId;
}

/** One that was deregistered stays so: its agent does nothing more. */
function planAgent({ hasAgent, containerInstance }: InstanceView): InstanceStep {
  const wait: InstanceStep = { kind: "wait", againAfterMs: LOOK_AGAIN_MS };
  if (!hasAgent || containerInstance?.status === "INACTIVE") return wait;
  if (containerInstance === undefined) return { kind: "start-agent" };
  if (!containerInstance.agentConnected) return { kind: "connect-agent" };
  return containerInstance.status === "REGISTERING" ? { kind: "attach-trunk" } : wait;
}
