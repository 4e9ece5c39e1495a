import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import type { LoadBalancerNodeConfig, ObservedTarget } from "../../fabric/config.ts";
import type { LoadBalancerFabric } from "../../fabric/fabric.ts";
import { silentLog } from "../../lib/log.ts";
import type { Certificate } from "../../model/acm/records.ts";
import type { Action, Listener, ListenerRule, Target, TargetGroup } from "../../model/elb/records.ts";
import { type TestClock, testClock } from "../../services/testing.ts";
import { Store } from "../../store/store.ts";
import { certificates } from "../../store/tables/acm.ts";
import { instances, networkInterfaces } from "../../store/tables/ec2.ts";
import { listenerRules, listeners, loadBalancers, targetGroups, targets } from "../../store/tables/elb.ts";
import { deregisterTarget, findTarget, registerTarget } from "../../store/targets.ts";
import { exampleInstance, examplePrimaryInterface, INSTANCE_ID } from "../task/instance-testing.ts";
import { createLoadBalancerReconciler, type LoadBalancerReconciler } from "./load-balancer-reconciler.ts";
import { planNodes } from "./plan-nodes.ts";

const SCOPE = { account: "000000000000", region: "ap-northeast-1" };
const PREFIX = "arn:aws:elasticloadbalancing:ap-northeast-1:000000000000";
const LB = `${PREFIX}:loadbalancer/app/web/0123456789abcdef`;
const GROUP = `${PREFIX}:targetgroup/group/fedcba9876543210`;
const LISTENER = `${PREFIX}:listener/app/web/0123456789abcdef/1111111111111111`;
const RULE = `${PREFIX}:listener-rule/app/web/0123456789abcdef/1111111111111111/2222222222222222`;
const CERTIFICATE = "arn:aws:acm:ap-northeast-1:000000000000:certificate/1";
const ADDRESS = { targetGroupArn: GROUP, targetId: "10.0.1.5", port: 80 };
const FIXED: Action = { kind: "fixed-response", statusCode: "404" };

/** Nodes as told, and what the test says that they see. */
class FakeLoadBalancers implements LoadBalancerFabric {
  readonly nodes = new Map<string, LoadBalancerNodeConfig>();
  applied = 0;
  see: (nodeId: string) => Partial<ObservedTarget> = () => ({ state: "initial" });

  async applyNode(config: LoadBalancerNodeConfig): Promise<void> {
    this.applied += 1;
    this.nodes.set(config.nodeId, config);
  }
  async removeNode(nodeId: string): Promise<void> {
    this.nodes.delete(nodeId);
  }
  async observeNodes(): Promise<readonly string[]> {
    return [...this.nodes.keys()];
  }
  async observeTargets(nodeId: string): Promise<readonly ObservedTarget[]> {
    const config = this.nodes.get(nodeId);
    if (config === undefined) throw new Error("no such node");
    return config.backends.flatMap((backend) =>
      backend.targets.map(({ address, port }) => ({
        ...{ backendId: backend.backendId, address, port, openSessions: 0, state: "initial" as const },
        ...this.see(nodeId),
      })),
    );
  }
}

let store: Store;
let clock: TestClock;
let fabric: FakeLoadBalancers;
let reconciler: LoadBalancerReconciler;

beforeEach(() => {
  store = new Store(":memory:");
  clock = testClock();
  fabric = new FakeLoadBalancers();
  reconciler = createLoadBalancerReconciler({ store, clock, log: silentLog, loadBalancers: fabric });
  store.transaction((tx) => {
    tx.put(loadBalancers, {
      ...{ ...SCOPE, arn: LB, name: "web", type: "application", scheme: "internal", vpcId: "vpc-1" },
      ...{ securityGroupIds: [], dnsName: "web.test", canonicalHostedZoneId: "Z", ipAddressType: "ipv4" },
      zones: [
        { subnetId: "subnet-1", zoneName: "a", networkInterfaceId: "eni-1" },
        { subnetId: "subnet-2", zoneName: "c", networkInterfaceId: "eni-2" },
      ],
      ...{ state: "provisioning", attributes: {}, createdTime: 0, tags: [] },
    });
    tx.put(targetGroups, group());
    tx.put(listeners, listener());
  });
  putInterface("eni-1", "ready");
  putInterface("eni-2", "absent");
});

function group(): TargetGroup {
  return {
    ...{ ...SCOPE, arn: GROUP, name: "group", protocol: "HTTP", port: 80, vpcId: "vpc-1", targetType: "ip" },
    healthCheck: {
      ...{ enabled: true, protocol: "HTTP", port: "traffic-port", path: "/h", matcher: "200" },
      ...{ intervalSeconds: 30, timeoutSeconds: 5, healthyThresholdCount: 5, unhealthyThresholdCount: 2 },
    },
    ...{ attributes: {}, createdTime: 0, tags: [] },
  };
}

function listener(changes: Partial<Listener> = {}): Listener {
  return {
    ...{ ...SCOPE, arn: LISTENER, loadBalancerArn: LB, port: 80, protocol: "HTTP", certificateArns: [] },
    ...{ defaultActions: [FIXED], attributes: {}, tags: [] },
    ...changes,
  };
}

function rule(): ListenerRule {
  return {
    ...{ ...SCOPE, arn: RULE, listenerArn: LISTENER, priority: 10, tags: [] },
    conditions: [{ kind: "host-header", values: ["a.test"] }],
    actions: [{ kind: "forward", targetGroups: [{ targetGroupArn: GROUP }] }],
  };
}

function putInterface(networkInterfaceId: string, linkState: "absent" | "ready"): void {
  store.transaction((tx) =>
    tx.put(networkInterfaces, {
      ...{ ...SCOPE, networkInterfaceId, vpcId: "vpc-1", subnetId: "subnet-1", availabilityZone: "a" },
      ...{ privateIpAddress: `10.0.0.${networkInterfaceId.slice(4)}`, macAddress: "0a:00:00:00:00:01" },
      ...{ groupIds: [], sourceDestCheck: true, description: "", createTime: 0, tags: [] },
      owner: { kind: "load-balancer", loadBalancerArn: LB, description: "ELB app/web/0123456789abcdef" },
      sandbox: { kind: "own-namespace" },
      linkState,
    }),
  );
}

function register(): void {
  store.transaction((tx) => registerTarget(tx, store, { ...SCOPE, ...ADDRESS, registeredAt: clock.now() }));
}

function health(): Target["health"] | undefined {
  return findTarget(store, ADDRESS)?.health;
}

/** Lets what is queued run, and what that queues. */
async function settle(): Promise<void> {
  await new Promise(setImmediate);
  await reconciler.settled();
}

async function pass(ms: number): Promise<void> {
  clock.advance(ms);
  await settle();
}

async function startServing(): Promise<void> {
  store.transaction((tx) => tx.put(listenerRules, rule()));
  putInterface("eni-2", "ready");
  reconciler.start();
  await settle();
}

test("a load balancer is active when each of its nodes serves, not before", async () => {
  reconciler.start();
  await settle();
  assert.deepEqual([...fabric.nodes.keys()], ["eni-1"]);
  assert.equal(store.get(loadBalancers, LB)?.state, "provisioning");
  putInterface("eni-2", "ready");
  await settle();
  assert.deepEqual([...fabric.nodes.keys()], ["eni-1", "eni-2"]);
  assert.equal(store.get(loadBalancers, LB)?.state, "active");
});

test("a registered target becomes healthy when every node says so", async () => {
  await startServing();
  register();
  await settle();
  assert.equal(health()?.reason, "Elb.InitialHealthChecking");
  fabric.see = (nodeId) => ({ state: nodeId === "eni-1" ? "healthy" : "initial" });
  await pass(1000);
  assert.equal(health()?.state, "initial");
  fabric.see = () => ({ state: "healthy" });
  await pass(1000);
  assert.deepEqual(health(), { state: "healthy" });
});

test("looking at targets does not apply nodes again", async () => {
  await startServing();
  register();
  await settle();
  const before = fabric.applied;
  await pass(1000);
  await pass(1000);
  assert.equal(fabric.applied, before);
});

test("a node whose targets cannot be seen is applied again", async () => {
  await startServing();
  const before = fabric.applied;
  fabric.nodes.delete("eni-2");
  await pass(3000);
  await pass(250);
  assert.equal(fabric.applied, before + 1);
  assert.ok(fabric.nodes.has("eni-2"));
});

test("a deregistered target drains until nobody is connected and is then deleted", async () => {
  await startServing();
  register();
  fabric.see = () => ({ state: "healthy", openSessions: 1 });
  await settle();
  store.transaction((tx) => deregisterTarget(tx, store, { ...ADDRESS, deregisteredAt: clock.now() }));
  await settle();
  assert.equal(fabric.nodes.get("eni-1")?.backends[0]?.targets[0]?.draining, true);
  await pass(1000);
  assert.equal(health()?.state, "draining");
  fabric.see = () => ({ state: "healthy", openSessions: 0 });
  await pass(1000);
  assert.equal(health(), undefined);
  await settle();
  assert.deepEqual(fabric.nodes.get("eni-1")?.backends[0]?.targets, []);
});

test("what was seen of an earlier registration says nothing about the one that replaced it", async () => {
  await startServing();
  register();
  fabric.see = () => ({ state: "healthy" });
  await settle();
  store.transaction((tx) => deregisterTarget(tx, store, { ...ADDRESS, deregisteredAt: clock.now() }));
  await settle();
  fabric.see = () => {
    // Registered anew while the nodes are being asked.
    if (findTarget(store, ADDRESS)?.deregisteredAt !== undefined) register();
    fabric.see = () => ({ state: "initial" });
    return { state: "healthy" };
  };
  await pass(1000);
  assert.equal(health()?.state, "initial");
});

test("targets of a group that nothing forwards to are unused, and come into use with a rule", async () => {
  putInterface("eni-2", "ready");
  reconciler.start();
  register();
  await settle();
  assert.equal(health()?.reason, "Target.NotInUse");
  store.transaction((tx) => tx.put(listenerRules, rule()));
  await settle();
  assert.equal(health()?.state, "initial");
  store.transaction((tx) => tx.delete(listenerRules, RULE));
  await settle();
  assert.equal(health()?.reason, "Target.NotInUse");
});

test("requests for an instance go to its primary address while it runs; then it is unused, and at last forgotten", async () => {
  await startServing();
  const target = { targetGroupArn: GROUP, targetId: INSTANCE_ID, port: 32_768 };
  const state = () => findTarget(store, target)?.health;
  const addresses = () =>
    fabric.nodes.get("eni-1")?.backends[0]?.targets.map(({ address, port }) => `${address}:${port}`);
  store.transaction((tx) => {
    const current = store.get(targetGroups, GROUP);
    assert.ok(current);
    tx.put(targetGroups, { ...current, targetType: "instance" });
    tx.put(instances, exampleInstance());
    tx.put(networkInterfaces, examplePrimaryInterface());
    registerTarget(tx, store, { ...SCOPE, ...target, registeredAt: clock.now() });
  });
  fabric.see = () => ({ state: "healthy" });
  await settle();
  assert.deepEqual(addresses(), ["10.0.11.7:32768"]);
  assert.equal(state()?.state, "healthy");
  store.transaction((tx) => tx.put(instances, exampleInstance({ state: "stopped" })));
  await settle();
  assert.deepEqual(addresses(), []);
  assert.deepEqual(state(), {
    state: "unused",
    reason: "Target.InvalidState",
    description: "Target is in the stopped state",
  });
  store.transaction((tx) => tx.put(instances, exampleInstance()));
  await settle();
  assert.deepEqual(addresses(), ["10.0.11.7:32768"]);
  store.transaction((tx) => tx.put(instances, exampleInstance({ state: "terminated" })));
  await settle();
  assert.equal(state()?.description, "Target is in the terminated state");
  store.transaction((tx) => tx.delete(instances, INSTANCE_ID));
  await settle();
  assert.equal(state(), undefined);
});

test("nodes of a load balancer that is gone are removed, also those of an earlier run", async () => {
  await startServing();
  const config = fabric.nodes.get("eni-1");
  assert.ok(config);
  fabric.nodes.set("eni-9", { ...config, nodeId: "eni-9" });
  store.transaction((tx) => {
    tx.delete(loadBalancers, LB);
    tx.delete(listeners, LISTENER);
    tx.delete(listenerRules, RULE);
  });
  await settle();
  assert.deepEqual([...fabric.nodes.keys()], []);
});

test("rules are in order of priority, the default last", () => {
  store.transaction((tx) => {
    tx.put(listenerRules, { ...rule(), arn: `${RULE}b`, priority: 9, actions: [FIXED] });
    tx.put(listenerRules, rule());
  });
  const record = store.get(loadBalancers, LB);
  assert.ok(record);
  const [node] = planNodes(store, record);
  assert.deepEqual(
    node?.listeners[0]?.rules.map((planned) => [planned.conditions.length, planned.action.kind]),
    [
      [1, "fixed-response"],
      [1, "forward"],
      [0, "fixed-response"],
    ],
  );
  assert.deepEqual(
    node?.backends.map((backend) => backend.backendId),
    ["group.fedcba9876543210"],
  );
  assert.equal(node?.idleTimeoutSeconds, 60);
});

test("an HTTPS listener serves once its certificate is issued: key, certificate, chain", () => {
  const certificate: Certificate = {
    ...{ ...SCOPE, arn: CERTIFICATE, domainName: "a.test", subjectAlternativeNames: ["a.test"] },
    ...{
      type: "AMAZON_ISSUED",
      validationMethod: "DNS",
      keyAlgorithm: "RSA_2048",
      status: "PENDING_VALIDATION",
    },
    ...{ validationRecords: [], createdAt: 0, certificateTransparencyLogging: "DISABLED", tags: [] },
  };
  store.transaction((tx) => {
    tx.put(certificates, certificate);
    tx.put(listeners, listener({ protocol: "HTTPS", port: 443, certificateArns: [CERTIFICATE] }));
  });
  const record = store.get(loadBalancers, LB);
  assert.ok(record);
  assert.deepEqual(planNodes(store, record)[0]?.listeners, []);
  const issued = {
    status: "ISSUED",
    privateKeyPem: "KEY\n",
    certificatePem: "CERT",
    chainPem: "CHAIN",
  } as const;
  store.transaction((tx) => tx.put(certificates, { ...certificate, ...issued }));
  const [https] = planNodes(store, record)[0]?.listeners ?? [];
  assert.deepEqual(https?.certificates, [{ name: CERTIFICATE, pem: "KEY\nCERT\nCHAIN\n" }]);
  assert.deepEqual(https?.tlsVersions, { minimum: "TLSv1", maximum: "TLSv1.2" });
});

test("attributes of a load balancer become settings of its nodes", () => {
  const record = store.get(loadBalancers, LB);
  assert.ok(record);
  const [node] = planNodes(store, {
    ...record,
    attributes: {
      "idle_timeout.timeout_seconds": "5",
      "routing.http2.enabled": "false",
      "routing.http.xff_header_processing.mode": "remove",
      "routing.http.preserve_host_header.enabled": "true",
    },
  });
  assert.equal(node?.idleTimeoutSeconds, 5);
  assert.equal(node?.http2, false);
  assert.equal(node?.requestHeaders?.forwardedFor, "remove");
  assert.equal(node?.requestHeaders?.preserveHost, true);
});

test("the store keeps no record of targets that have drained away with their group's use", async () => {
  await startServing();
  register();
  await settle();
  store.transaction((tx) => deregisterTarget(tx, store, { ...ADDRESS, deregisteredAt: clock.now() }));
  store.transaction((tx) => tx.delete(listenerRules, RULE));
  await settle();
  assert.equal(store.count(targets, "targetGroup", GROUP), 0);
});
