import assert from "node:assert/strict";
import { test } from "node:test";
import { findInstanceType, listInstanceTypes } from "./instance-types.ts";

test("known types have the sizes and limits of the EC2 and ECS guides", () => {
  const shown = (name: string) => {
    const type = findInstanceType(name);
    assert.ok(type, name);
    return [
      type.vcpus,
      type.memoryMiB,
      type.maximumInterfaces,
      type.addressesPerInterface,
      type.trunkedTasks,
    ];
  };
  assert.deepEqual(shown("t2.micro"), [1, 1024, 2, 2, undefined]);
  assert.deepEqual(shown("t2.small"), [1, 2048, 3, 4, undefined]);
  assert.deepEqual(shown("t3.medium"), [2, 4096, 3, 6, undefined]);
  assert.deepEqual(shown("m5.large"), [2, 8192, 3, 10, 10]);
  assert.deepEqual(shown("c5.18xlarge"), [72, 147_456, 15, 50, 120]);
  assert.equal(findInstanceType("m6g.large")?.architecture, "arm64");
  assert.equal(findInstanceType("g4dn.12xlarge")?.gpus, 4);
  assert.equal(findInstanceType("t9.huge"), undefined);
});

test("every type can hold at least its primary interface, and all current families are there", () => {
  const types = listInstanceTypes();
  assert.ok(types.length > 1000);
  for (const type of types) {
    assert.ok(type.vcpus > 0 && type.memoryMiB > 0 && type.maximumInterfaces > 0, type.name);
    if (type.trunkedTasks !== undefined)
      assert.ok(type.trunkedTasks >= type.maximumInterfaces - 1, type.name);
  }
  for (const family of ["t3", "t4g", "m5", "m6i", "m7g", "m8g", "c7i", "r7a", "i4i", "p5", "g6"]) {
    assert.ok(
      types.some(({ name }) => name.startsWith(`${family}.`)),
      family,
    );
  }
});
