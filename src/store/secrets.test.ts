import assert from "node:assert/strict";
import { test } from "node:test";
import { seal } from "../lib/sealing.ts";
import type { Parameter } from "../model/ssm/records.ts";
import { readSecret } from "./secrets.ts";
import { Store } from "./store.ts";
import { parameters } from "./tables/ssm.ts";

const SCOPE = { account: "111122223333", region: "ap-northeast-1" };
const ARN = `arn:aws:ssm:${SCOPE.region}:${SCOPE.account}:parameter/app/password`;
const KEY = "key";

function parameter(): Parameter {
  const version = (value: string, number: number, labels: readonly string[]) => ({
    version: number,
    type: "SecureString" as const,
    value: seal(value, { secret: KEY, owner: ARN }, String(number).padStart(24, "0")),
    dataType: "text",
    labels,
    lastModifiedAt: 0,
    lastModifiedBy: "",
  });
  const versions = [version("old", 1, ["prod"]), version("new", 2, [])];
  return { ...SCOPE, arn: ARN, name: "/app/password", tier: "Standard", versions, tags: [] };
}

test("a parameter by name or ARN, the newest or the one that is meant; no other account's", () => {
  const store = new Store(":memory:");
  store.transaction((tx) => tx.put(parameters, parameter()));
  const read = (valueFrom: string, account = SCOPE.account) => {
    const found = readSecret(store, KEY, { ...SCOPE, account }, valueFrom, 0);
    return found.ok ? found.value : found.failure;
  };
  assert.equal(read("/app/password"), "new");
  assert.equal(read(ARN), "new");
  assert.equal(read(`${ARN}:prod`), "old");
  assert.equal(read("/app/password:1"), "old");
  assert.equal(read("/app/other"), "invalid parameters: /app/other");
  assert.equal(read(ARN, "444455556666"), `invalid parameters: ${ARN}`);
});
