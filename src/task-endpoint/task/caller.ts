/** Who calls from inside a VPC, by the address that the connection comes from, and what that caller may see. */
import type { Task, TaskContainer } from "../../model/ecs/records.ts";
import type { StoreReader } from "../../store/store.ts";
import { networkInterfaces } from "../../store/tables/ec2.ts";
import { tasks } from "../../store/tables/ecs.ts";
import { instanceIdOf } from "../../store/task-endpoints.ts";

export interface Caller {
  readonly vpcId: string;
  readonly address: string;
  /** It has the ENI of that task. */
  readonly taskArn?: string | undefined;
  /** It is on that instance: the instance itself, or a container behind its address. */
  readonly instanceId?: string | undefined;
}

export interface CallingContainer {
  readonly task: Task;
  readonly container: TaskContainer;
}

export function callerAt(store: StoreReader, vpcId: string, remoteAddress: string): Caller {
  const address = remoteAddress.replace(/^::ffff:/, "");
  const found = store
    .where(networkInterfaces, "vpc", vpcId)
    .find(({ privateIpAddress }) => privateIpAddress === address);
  if (found?.owner.kind === "ecs-task") return { vpcId, address, taskArn: found.owner.taskArn };
  return { vpcId, address, instanceId: found?.instanceAttachment?.instanceId };
}

/** A task with an ENI is called for from that ENI alone; one without from its instance. */
export function isCallerOf(store: StoreReader, caller: Caller, task: Task): boolean {
  if (task.lastStatus === "STOPPED") return false;
  if (task.attachment !== undefined) return caller.taskArn === task.arn;
  return caller.instanceId !== undefined && caller.instanceId === instanceIdOf(store, task);
}

/** The task whose ENI the caller has: metadata version 2 knows no other. */
export function taskOfCaller(store: StoreReader, { taskArn }: Caller): Task | undefined {
  return taskArn === undefined ? undefined : store.get(tasks, taskArn);
}

/** Whose container it is, whoever asks. */
export function containerOfEndpoint(store: StoreReader, endpointId: string): CallingContainer | undefined {
  for (const task of store.where(tasks, "endpoint", endpointId)) {
    const container = task.containers.find((one) => one.endpointId === endpointId);
    if (container !== undefined) return { task, container };
  }
  return undefined;
}

export function taskOfCredentials(store: StoreReader, credentialsId: string): Task | undefined {
  return store.where(tasks, "credentials", credentialsId)[0];
}
