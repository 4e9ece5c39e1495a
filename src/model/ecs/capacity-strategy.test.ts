import assert from "node:assert/strict";
import { test } from "node:test";
import { launchTypeOf, pickCapacityProvider } from "./capacity-strategy.ts";

test("the base is filled first, the rest goes by weight", () => {
  const strategy = [
    { capacityProvider: "FARGATE", base: 2, weight: 1 },
    { capacityProvider: "FARGATE_SPOT", weight: 3 },
  ];
  const picked: (string | undefined)[] = [];
  for (let i = 0; i < 10; i++) {
    const held = (name: string | undefined) => picked.filter((other) => other === name).length;
    picked.push(pickCapacityProvider(strategy, held));
  }
  assert.deepEqual(picked.slice(0, 2), ["FARGATE", "FARGATE"]);
  assert.equal(picked.filter((name) => name === "FARGATE").length, 4);
  assert.equal(
    pickCapacityProvider([], () => 0),
    undefined,
  );
});

test("a strategy stands for the launch type of its providers", () => {
  const strategy = (...names: string[]) => ({
    capacityProviderStrategy: names.map((capacityProvider) => ({ capacityProvider, weight: 1 })),
  });
  assert.equal(launchTypeOf(strategy("FARGATE_SPOT")), "FARGATE");
  assert.equal(launchTypeOf(strategy("mine")), "EC2");
  assert.equal(launchTypeOf({ launchType: "EC2", ...strategy() }), "EC2");
});
