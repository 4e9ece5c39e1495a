/**
 * Makes the network inside each instance as the store has it: docker0, and the containers that hang on it. One key
 * per instance. Writes the link states of bridge endpoints, nothing else.
 */
import { isDeepStrictEqual } from "node:util";
import type { InstanceNetworkConfig } from "../../fabric/config.ts";
import type { InstanceFabric } from "../../fabric/fabric.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { BridgeEndpoint } from "../../model/ecs/records.ts";
import type { Store, StoreReader } from "../../store/store.ts";
import { instances } from "../../store/tables/ec2.ts";
import { bridgeEndpoints } from "../../store/tables/ecs.ts";
import { Controller, type ReconcileResult } from "../controller.ts";

export interface InstanceNetworkDependencies {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly instances: InstanceFabric;
}

/** A container may be gone before its owner says so, or refuse its link for a moment. */
const UNLINKED_AGAIN_MS = 1000;

export function createInstanceNetworkReconciler(dependencies: InstanceNetworkDependencies): {
  start(): void;
  stop(): Promise<void>;
  /** Resolves when nothing is left to do now; for tests. */
  settled(): Promise<void>;
} {
  const { store, clock, log } = dependencies;
  const controller = new Controller({
    name: "instance-network",
    clock,
    log,
    concurrency: 4,
    reconcile: (instanceId) => reconcileInstanceNetwork(dependencies, instanceId),
  });
  return {
    start() {
      store.onChange(bridgeEndpoints, ({ before, after }) => {
        const instanceId = (after ?? before)?.instanceId;
        if (instanceId !== undefined && concernsNetwork(before, after)) controller.enqueue(instanceId);
      });
      store.onChange(instances, ({ key, before, after }) => {
        if (!isDeepStrictEqual(before?.sandbox, after?.sandbox)) controller.enqueue(key);
      });
      for (const { instanceId } of store.list(instances)) controller.enqueue(instanceId);
      for (const { instanceId } of store.list(bridgeEndpoints)) controller.enqueue(instanceId);
    },
    stop: () => controller.stop(),
    settled: () => controller.settled(),
  };
}

/** Its own writes change link states only. */
function concernsNetwork(before: BridgeEndpoint | undefined, after: BridgeEndpoint | undefined): boolean {
  const rest = (endpoint: BridgeEndpoint | undefined) => ({ ...endpoint, linkState: undefined });
  return !isDeepStrictEqual(rest(before), rest(after));
}

/** What the store says about the inside of an instance; undefined when it has no namespace. */
export function compileInstanceNetwork(
  store: StoreReader,
  instanceId: string,
): InstanceNetworkConfig | undefined {
  const sandbox = store.get(instances, instanceId)?.sandbox;
  if (sandbox === undefined) return undefined;
  return {
    instanceId,
    processId: sandbox.processId,
    endpoints: store.where(bridgeEndpoints, "instance", instanceId).flatMap((endpoint) =>
      endpoint.sandbox === undefined
        ? []
        : [
            {
              endpointId: endpoint.endpointId,
              processId: endpoint.sandbox.processId,
              address: endpoint.address,
              macAddress: endpoint.macAddress,
              ports: endpoint.ports,
            },
          ],
    ),
  };
}

export async function reconcileInstanceNetwork(
  { store, instances: fabric }: InstanceNetworkDependencies,
  instanceId: string,
): Promise<ReconcileResult | undefined> {
  const config = compileInstanceNetwork(store, instanceId);
  const compiled = new Map(
    store.where(bridgeEndpoints, "instance", instanceId).map((one) => [one.endpointId, one.sandbox]),
  );
  const linked = new Set(config === undefined ? [] : (await fabric.applyInstance(config)).linkedEndpointIds);
  const changed = store
    .where(bridgeEndpoints, "instance", instanceId)
    .map((one): BridgeEndpoint => {
      // Its owner may have put it into another container meanwhile; that change has queued this instance again.
      const isReady =
        linked.has(one.endpointId) && isDeepStrictEqual(one.sandbox, compiled.get(one.endpointId));
      return { ...one, linkState: isReady ? "ready" : "absent" };
    })
    .filter((one) => store.get(bridgeEndpoints, one.endpointId)?.linkState !== one.linkState);
  if (changed.length > 0) {
    store.transaction((tx) => {
      for (const one of changed) tx.put(bridgeEndpoints, one);
    });
  }
  const missing = config?.endpoints.some(({ endpointId }) => !linked.has(endpointId));
  return missing === true ? { againAfterMs: UNLINKED_AGAIN_MS } : undefined;
}
