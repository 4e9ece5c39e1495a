import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { NormalizedSchema } from "@smithy/core/schema";
import { findRule } from "../../src/access/actions/rules.ts";
import { refusalOf } from "../../src/access/authorize.ts";
import { serviceCatalog } from "../../src/gateway/service-catalog.ts";
import { systemRandom } from "../../src/lib/random.ts";
import { actorOfUser, newOperatorUser } from "../../src/store/iam-actors.ts";
import { Store } from "../../src/store/store.ts";

const ADMINISTRATOR = newOperatorUser("111122223333", systemRandom, 0);

/** Nothing, and each member alone with nothing in it. */
function sparseInputs(schema: NormalizedSchema): Record<string, unknown>[] {
  return [{}, ...[...schema.structIterator()].flatMap(([name, member]) => emptyValues(name, member))];
}

function emptyValues(name: string, member: NormalizedSchema): Record<string, unknown>[] {
  if (!member.isListSchema()) return [{ [name]: member.isStructSchema() || member.isMapSchema() ? {} : "x" }];
  return [{ [name]: [] }, { [name]: [member.getValueSchema().isStructSchema() ? {} : "x"] }];
}

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

  it("every rule can read whatever the schema lets through", async () => {
    const store = new Store(":memory:");
    const scope = { account: "111122223333", region: "ap-northeast-1" };
    const actor = actorOfUser(store, ADMINISTRATOR);
    const request = { now: 0, region: scope.region, secureTransport: true };
    let asked = 0;
    for (const { id, load } of serviceCatalog) {
      const { operations, model } = await load();
      for (const operation of Object.keys(operations)) {
        const schema = model.operations.get(operation)?.input;
        for (const input of schema === undefined ? [] : sparseInputs(schema)) {
          assert.equal(refusalOf(store, actor, { scope, service: id, operation, input, request }), undefined);
          asked += 1;
        }
      }
    }
    assert.ok(asked > 2000);
  });

  it("an operation that nobody knows has none", () => {
    assert.equal(findRule("ecs", "MakeCoffee"), undefined);
    assert.equal(findRule("ecs", "constructor"), undefined);
    assert.equal(findRule("coffee", "RunTask"), undefined);
  });
});
