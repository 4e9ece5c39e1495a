/** Changes an instance's record as it is at that moment, and what follows from it for its container instance. */
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { Random } from "../../lib/random.ts";
import type { Instance } from "../../model/ec2/records.ts";
import type { ContainerInstance } from "../../model/ecs/records.ts";
import type { ContainerRuntime, RuntimeFailure } from "../../runtime/container-runtime.ts";
import type { Store, StoreReader, Transaction } from "../../store/store.ts";
import { instances } from "../../store/tables/ec2.ts";
import { containerInstances } from "../../store/tables/ecs.ts";
import { appendOutput } from "./console.ts";
import type { InstanceChanges } from "./instance-view.ts";

export interface InstanceDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly runtime: ContainerRuntime;
}

export function changeInstance(deps: InstanceDeps, instanceId: string, changes: InstanceChanges): void {
  const { store, clock } = deps;
  const instance = store.get(instances, instanceId);
  if (instance === undefined) return;
  const moved = changes.state !== undefined && changes.state !== instance.state;
  store.transaction((tx) => {
    tx.put(instances, { ...instance, ...changes, ...(moved ? { stateChangedAt: clock.now() } : {}) });
    if (moved && changes.state !== "running" && changes.state !== "pending") {
      leaveCluster(tx, store, instanceId, changes.state);
    }
  });
}

/** The agent goes with its machine; an instance with a trunk deregisters until that is gone. */
function leaveCluster(
  tx: Transaction,
  store: StoreReader,
  instanceId: string,
  state: Instance["state"] | undefined,
): void {
  const current = containerInstanceOf(store, instanceId);
  if (current === undefined || current.status === "INACTIVE") return;
  const deregisters = state === "shutting-down" && current.trunkInterfaceId !== undefined;
  if (!current.agentConnected && !deregisters) return;
  tx.put(containerInstances, {
    ...current,
    agentConnected: false,
    ...(deregisters ? { status: "DEREGISTERING" } : {}),
    version: current.version + 1,
  });
}

export function print(deps: InstanceDeps, instanceId: string, text: string): void {
  const instance = deps.store.get(instances, instanceId);
  if (instance === undefined) return;
  changeInstance(deps, instanceId, { consoleOutput: appendOutput(instance.consoleOutput, text) });
}

/** The one that it has in its cluster; else the last that it had. */
export function containerInstanceOf(store: StoreReader, instanceId: string): ContainerInstance | undefined {
  const all = store.where(containerInstances, "instance", instanceId);
  return (
    all.find(({ status }) => status !== "INACTIVE") ??
    all.toSorted((one, other) => other.registeredAt - one.registeredAt)[0]
  );
}

export function engineError(failure: RuntimeFailure): Error {
  return new Error(`container engine: ${failure.kind}: ${failure.message}`);
}
