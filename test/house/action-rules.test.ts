import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { findRule } from "../../src/access/actions/rules.ts";
import { serviceCatalog } from "../../src/gateway/service-catalog.ts";

describe("IAM's actions", () => {
  it("every operation that is implemented tells what permission it asks for", async () => {
    const missing: string[] = [];
    for (const { id, load } of serviceCatalog) {
      for (const operation of Object.keys((await load()).operations)) {
        if (findRule(id, operation) === undefined) missing.push(`${id}:${operation}`);
      }
    }
    assert.deepEqual(missing, [], "src/access/actions/<service>.ts");
  });

  it("an operation that nobody knows has none", () => {
    assert.equal(findRule("ecs", "MakeCoffee"), undefined);
    assert.equal(findRule("ecs", "constructor"), undefined);
    assert.equal(findRule("coffee", "RunTask"), undefined);
  });
});
