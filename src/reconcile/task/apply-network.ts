/** The steps that give a task its network: ENI and sandbox under `awsvpc`, endpoint and pause container under `bridge`. */
import type { TaskContainer } from "../../model/ecs/records.ts";
import { changedTask } from "../../model/ecs/task-change.ts";
import type { Sandbox } from "../../runtime/container-runtime.ts";
import { remainingOf } from "../../store/instance-usage.ts";
import { networkInterfaces, vpcs } from "../../store/tables/ec2.ts";
import { bridgeEndpoints, tasks } from "../../store/tables/ecs.ts";
import { newBridgeEndpoint, pauseSpec } from "./bridge.ts";
import { cannotCreateContainer, resourceInitialization } from "./reasons.ts";
import { namespaceSpec, newTaskInterface, sandboxSpec } from "./task-network.ts";
import type { TaskView } from "./task-view.ts";
import { changeContainerRecord, engineError, failTask, type StepDeps } from "./write-task.ts";

export function createInterface(deps: StepDeps, { task, host }: TaskView): void {
  const { store, random, clock, publicPool } = deps;
  const { attachment } = task;
  if (attachment === undefined) return;
  const options = { random, now: clock.now(), publicPool, host };
  const made = newTaskInterface(store, task, attachment, options);
  if (!made.ok) {
    failTask(deps, task.arn, made.failure, { attachment: { ...attachment, status: "FAILED" } });
    return;
  }
  const { networkInterface } = made.value;
  store.transaction((tx) => {
    tx.put(networkInterfaces, networkInterface);
    const { availabilityZone } = networkInterface;
    tx.put(tasks, changedTask(task, { attachment: made.value.attachment, availabilityZone }));
  });
}

export async function ensureSandbox(
  deps: StepDeps,
  { task, definition, networkInterface }: TaskView,
): Promise<void> {
  const { store, runtime } = deps;
  if (networkInterface === undefined || definition === undefined) return;
  const vpc = store.get(vpcs, networkInterface.vpcId);
  if (vpc === undefined) {
    failTask(deps, task.arn, resourceInitialization(`no such VPC: ${networkInterface.vpcId}`));
    return;
  }
  const made = await runtime.ensureSandbox(sandboxSpec(task, definition, networkInterface, vpc));
  if (!made.ok) {
    if (made.failure.kind === "engine-unreachable") throw engineError(made.failure);
    failTask(
      deps,
      task.arn,
      resourceInitialization(`failed to create new container runtime task: ${made.failure.message}`),
    );
    return;
  }
  const { containerId, processId } = made.value;
  const current = store.get(networkInterfaces, networkInterface.networkInterfaceId);
  if (current === undefined) return;
  // A sandbox of another process is a new namespace: no link is in it, whatever was true of the old one.
  store.transaction((tx) =>
    tx.put(networkInterfaces, {
      ...current,
      sandbox: { kind: "container", containerId, processId },
      linkState: "absent",
    }),
  );
}

/** Under `bridge`, `host` and `none`, where the network of containers is not the task's. */
export async function ensureNamespaces(deps: StepDeps, { task, definition }: TaskView): Promise<void> {
  if (definition === undefined) return;
  const made = await deps.runtime.ensureSandbox(namespaceSpec(task, definition));
  if (made.ok) return;
  if (made.failure.kind === "engine-unreachable") throw engineError(made.failure);
  failTask(deps, task.arn, resourceInitialization(made.failure.message));
}

/** Address and ports are taken in the transaction that writes them: two containers never get the same ones. */
export function createEndpoint(deps: StepDeps, view: TaskView, record: TaskContainer): void {
  const { store } = deps;
  const { task, definition, host } = view;
  const container = definition?.definition.containerDefinitions?.find(({ name }) => name === record.name);
  if (definition === undefined || container === undefined || host?.instance === undefined) return;
  const { instanceId } = host.instance;
  const known = store.where(bridgeEndpoints, "task", task.arn);
  if (known.some(({ containerName }) => containerName === record.name)) return;
  const { portsTcp, portsUdp } = remainingOf(store, host.containerInstance);
  const source = {
    task,
    definition,
    container,
    instanceId,
    others: store.where(bridgeEndpoints, "instance", instanceId),
    taken: { tcp: new Set(portsTcp), udp: new Set(portsUdp) },
  };
  const made = newBridgeEndpoint(source, deps.hostPorts, deps.random);
  if (made.ok) {
    store.transaction((tx) => tx.put(bridgeEndpoints, made.value));
    return;
  }
  changeContainerRecord(deps, task, record.name, { lastStatus: "STOPPED", reason: made.failure });
}

export async function ensurePause(deps: StepDeps, view: TaskView, record: TaskContainer): Promise<void> {
  const { store, runtime } = deps;
  const { task, definition, host, endpoints } = view;
  const container = definition?.definition.containerDefinitions?.find(({ name }) => name === record.name);
  const endpoint = endpoints.find(({ containerName }) => containerName === record.name);
  const vpc = host?.instance === undefined ? undefined : store.get(vpcs, host.instance.vpcId);
  if (definition === undefined || container === undefined || endpoint === undefined || vpc === undefined) {
    throw new Error(`the network of ${record.name} in ${task.arn} is not complete`);
  }
  const made = await runtime.ensureSandbox(
    pauseSpec(task, definition, container, endpoint, { vpc, endpoints }),
  );
  if (made.ok) {
    holdEndpoint(deps, endpoint.endpointId, made.value);
    return;
  }
  if (made.failure.kind === "engine-unreachable") throw engineError(made.failure);
  changeContainerRecord(deps, task, record.name, {
    lastStatus: "STOPPED",
    reason: cannotCreateContainer(made.failure.message),
  });
}

function holdEndpoint({ store }: StepDeps, endpointId: string, { containerId, processId }: Sandbox): void {
  const current = store.get(bridgeEndpoints, endpointId);
  if (current === undefined) return;
  store.transaction((tx) =>
    tx.put(bridgeEndpoints, { ...current, sandbox: { containerId, processId }, linkState: "absent" }),
  );
}
