import assert from "node:assert/strict";
import { test } from "node:test";
import type { Listener } from "../model/elb/records.ts";
import { Store } from "./store.ts";
import { listeners } from "./tables/elb.ts";
import { deregisterTarget, findTarget, isTargetGroupInUse, registerTarget, targetsOf } from "./targets.ts";

const scope = { account: "000000000000", region: "ap-northeast-1" };
const address = { targetGroupArn: "group", targetId: "10.0.0.5", port: 80 };
const listener: Listener = {
  ...scope,
  arn: "listener",
  loadBalancerArn: "balancer",
  port: 80,
  protocol: "HTTP",
  certificateArns: [],
  defaultActions: [{ kind: "forward", targetGroups: [{ targetGroupArn: "group" }] }],
  attributes: {},
  tags: [],
};

function register(store: Store, registeredAt: number): void {
  store.transaction((tx) => registerTarget(tx, store, { ...scope, ...address, registeredAt }));
}

function deregister(store: Store, deregisteredAt: number): void {
  store.transaction((tx) => deregisterTarget(tx, store, { ...address, deregisteredAt }));
}

test("a target of a group that nothing forwards to has nothing to drain", () => {
  const store = new Store(":memory:");
  register(store, 1);
  assert.equal(isTargetGroupInUse(store, "group"), false);
  assert.equal(findTarget(store, address)?.health.state, "unused");
  deregister(store, 2);
  assert.deepEqual(targetsOf(store, "group"), []);
});

test("a target in use drains from the first deregistration on, and starts anew when registered again", () => {
  const store = new Store(":memory:");
  store.transaction((tx) => tx.put(listeners, listener));
  assert.equal(isTargetGroupInUse(store, "group"), true);
  register(store, 1);
  register(store, 2);
  assert.equal(findTarget(store, address)?.registeredAt, 1);
  deregister(store, 3);
  deregister(store, 4);
  assert.equal(findTarget(store, address)?.deregisteredAt, 3);
  assert.equal(findTarget(store, address)?.health.state, "draining");
  register(store, 5);
  assert.equal(findTarget(store, address)?.registeredAt, 5);
  assert.equal(findTarget(store, address)?.deregisteredAt, undefined);
  assert.equal(findTarget(store, address)?.health.state, "initial");
});
