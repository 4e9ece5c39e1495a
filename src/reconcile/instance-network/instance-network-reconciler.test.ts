import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import type { InstanceNetworkConfig } from "../../fabric/config.ts";
import { silentLog } from "../../lib/log.ts";
import type { Instance } from "../../model/ec2/records.ts";
import type { BridgeEndpoint } from "../../model/ecs/records.ts";
import { type TestClock, testClock } from "../../services/testing.ts";
import { Store } from "../../store/store.ts";
import { instances } from "../../store/tables/ec2.ts";
import { bridgeEndpoints } from "../../store/tables/ecs.ts";
import { createInstanceNetworkReconciler } from "./instance-network-reconciler.ts";

const INSTANCE = "i-00000000000000001";
const scope = { account: "000000000000", region: "ap-northeast-1" };

function instance(parts: Partial<Instance> = {}): Instance {
  return {
    ...scope,
    instanceId: INSTANCE,
    reservationId: "r-1",
    launchIndex: 0,
    imageId: "ami-1",
    instanceType: "t3.small",
    vpcId: "vpc-1",
    subnetId: "subnet-1",
    availabilityZone: "ap-northeast-1a",
    metadataOptions: {
      httpTokens: "required",
      httpEndpoint: "enabled",
      httpPutResponseHopLimit: 2,
      instanceMetadataTags: "disabled",
    },
    monitoring: false,
    ebsOptimized: false,
    disableApiTermination: false,
    disableApiStop: false,
    shutdownBehavior: "stop",
    blockDevices: [],
    launchTime: 0,
    tags: [],
    desiredState: "running",
    rebootsAsked: 0,
    state: "running",
    stateChangedAt: 0,
    rebootsDone: 0,
    sandbox: { containerId: "machine", processId: 40 },
    userDataDone: true,
    consoleOutput: "",
    ...parts,
  };
}

function endpoint(number: number, parts: Partial<BridgeEndpoint> = {}): BridgeEndpoint {
  return {
    ...scope,
    endpointId: String(number).repeat(64),
    instanceId: INSTANCE,
    taskArn: "task",
    containerName: `container-${number}`,
    engineName: `ecs-${number}`,
    address: `172.17.0.${number}`,
    macAddress: `02:42:ac:11:00:0${number}`,
    ports: [],
    sandbox: { containerId: `pause-${number}`, processId: 40 + number },
    linkState: "absent",
    ...parts,
  };
}

describe("instance network reconciler", () => {
  const applied: InstanceNetworkConfig[] = [];
  const gone = new Set<number>();
  let failures = 0;
  let whileApplied = () => {};
  let clock: TestClock;
  let store: Store;
  let reconciler: ReturnType<typeof createInstanceNetworkReconciler>;

  beforeEach(() => {
    applied.length = 0;
    gone.clear();
    failures = 0;
    whileApplied = () => {};
    clock = testClock();
    store = new Store(":memory:");
    const applyInstance = async (config: InstanceNetworkConfig) => {
      await Promise.resolve();
      applied.push(config);
      if (failures-- > 0) throw new Error("the kernel says no");
      whileApplied();
      const linked = config.endpoints.filter(({ processId }) => !gone.has(processId));
      return { linkedEndpointIds: linked.map(({ endpointId }) => endpointId) };
    };
    reconciler = createInstanceNetworkReconciler({
      store,
      clock,
      log: silentLog,
      instances: { applyInstance },
    });
  });
  afterEach(async () => {
    await reconciler.stop();
    store.close();
  });

  const put = async (...records: (Instance | BridgeEndpoint)[]) => {
    store.transaction((tx) => {
      for (const record of records) {
        if ("endpointId" in record) tx.put(bridgeEndpoints, record);
        else tx.put(instances, record);
      }
    });
    await reconciler.settled();
  };
  const stateOf = (number: number) => store.get(bridgeEndpoints, endpoint(number).endpointId)?.linkState;

  it("makes the bridge of an instance that has a namespace, without containers too, and once", async () => {
    await put(instance());
    reconciler.start();
    await reconciler.settled();
    assert.deepEqual(applied, [{ instanceId: INSTANCE, processId: 40, endpoints: [] }]);
    await put(instance({ tags: [{ key: "a", value: "b" }] }));
    assert.equal(applied.length, 1);
  });

  it("waits for the namespace, and makes everything in that of the next boot", async () => {
    reconciler.start();
    await put(instance({ state: "pending", sandbox: undefined }), endpoint(2));
    assert.deepEqual([applied.length, stateOf(2)], [0, "absent"]);
    await put(instance());
    assert.deepEqual([applied.at(-1)?.processId, stateOf(2)], [40, "ready"]);
    await put(instance({ sandbox: { containerId: "machine", processId: 60 } }));
    assert.equal(applied.at(-1)?.processId, 60);
    await put(instance({ state: "stopped", sandbox: undefined }));
    assert.equal(stateOf(2), "absent");
  });

  it("declares all endpoints that have a sandbox, and says which are linked", async () => {
    await put(instance(), endpoint(2), endpoint(3, { sandbox: undefined }));
    reconciler.start();
    await reconciler.settled();
    assert.deepEqual(
      applied.at(-1)?.endpoints.map(({ address, processId }) => [address, processId]),
      [["172.17.0.2", 42]],
    );
    assert.deepEqual([stateOf(2), stateOf(3)], ["ready", "absent"]);
    const applications = applied.length;
    store.transaction((tx) => tx.delete(bridgeEndpoints, endpoint(2).endpointId));
    await reconciler.settled();
    assert.deepEqual([applied.length, applied.at(-1)?.endpoints], [applications + 1, []]);
  });

  it("does not say ready of a sandbox that was replaced meanwhile", async () => {
    await put(instance(), endpoint(2));
    whileApplied = () => {
      whileApplied = () => assert.equal(stateOf(2), "absent");
      const next = { containerId: "another", processId: 99 };
      store.transaction((tx) => tx.put(bridgeEndpoints, endpoint(2, { sandbox: next })));
    };
    reconciler.start();
    await reconciler.settled();
    assert.deepEqual([applied.length, stateOf(2)], [2, "ready"]);
    assert.equal(store.get(bridgeEndpoints, endpoint(2).endpointId)?.sandbox?.processId, 99);
  });

  it("looks again for a sandbox that takes no link yet, and after a failure", async () => {
    gone.add(42);
    failures = 1;
    await put(instance(), endpoint(2));
    reconciler.start();
    await reconciler.settled();
    assert.equal(applied.length, 1);
    clock.advance(250);
    await reconciler.settled();
    assert.deepEqual([applied.length, stateOf(2)], [2, "absent"]);
    gone.clear();
    clock.advance(1000);
    await reconciler.settled();
    assert.equal(stateOf(2), "ready");
  });
});
