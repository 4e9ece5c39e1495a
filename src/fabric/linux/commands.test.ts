import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readBatchFailures } from "./commands.ts";
import { KeyedLock, mapLimited } from "./serial.ts";

describe("readBatchFailures", () => {
  it("tells which commands of a batch failed, and why", () => {
    const stderr = `RTNETLINK answers: File exists
Command failed -:2
Cannot find device "e-9"
Command failed -:3
`;
    assert.deepEqual(readBatchFailures(["a", "b", "c"], stderr), [
      { command: "b", message: "RTNETLINK answers: File exists" },
      { command: "c", message: 'Cannot find device "e-9"' },
    ]);
    assert.deepEqual(readBatchFailures(["a"], ""), []);
  });
});

describe("KeyedLock", () => {
  it("runs one at a time per key, in order, also after one fails", async () => {
    const lock = new KeyedLock();
    const steps: string[] = [];
    const work = (name: string, fails = false) =>
      lock.run("key", async () => {
        steps.push(`${name} starts`);
        await new Promise((resolve) => setImmediate(resolve));
        steps.push(`${name} ends`);
        if (fails) throw new Error(name);
      });
    const results = await Promise.allSettled([work("a", true), work("b")]);
    assert.deepEqual(steps, ["a starts", "a ends", "b starts", "b ends"]);
    assert.deepEqual(
      results.map((result) => result.status),
      ["rejected", "fulfilled"],
    );
  });
});

describe("mapLimited", () => {
  it("keeps the order of results and never has more than the limit under way", async () => {
    let running = 0;
    let most = 0;
    const results = await mapLimited([1, 2, 3, 4, 5], 2, async (item) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      return item * 10;
    });
    assert.deepEqual(results, [10, 20, 30, 40, 50]);
    assert.equal(most, 2);
  });
});
