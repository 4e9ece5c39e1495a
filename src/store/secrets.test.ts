import assert from "node:assert/strict";
import { test } from "node:test";
import { seal } from "../lib/sealing.ts";
import type { Secret } from "../model/secretsmanager/records.ts";
import type { Parameter } from "../model/ssm/records.ts";
import { readSecret } from "./secrets.ts";
import { Store } from "./store.ts";
import { secrets } from "./tables/secretsmanager.ts";
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

const SECRET_ARN = `arn:aws:secretsmanager:${SCOPE.region}:${SCOPE.account}:secret:app-AbCdEf`;
const OLD = "00000000-0000-0000-0000-000000000001";
const NEW = "00000000-0000-0000-0000-000000000002";

function secret(deletionAt?: number): Secret {
  const version = (versionId: string, text: string, stage: string) => ({
    versionId,
    kind: "string" as const,
    value: seal(text, { secret: KEY, owner: SECRET_ARN }, versionId.slice(-12).padStart(24, "0")),
    stages: [stage],
    createdAt: 0,
  });
  return {
    ...SCOPE,
    arn: SECRET_ARN,
    name: "app",
    versions: [version(OLD, "plain", "AWSPREVIOUS"), version(NEW, '{"password":"new"}', "AWSCURRENT")],
    createdAt: 0,
    lastChangedAt: 0,
    deletionAt,
    tags: [],
  };
}

test("a secret by its ARN, with a key, a label and a version; the service's own errors", () => {
  const store = new Store(":memory:");
  store.transaction((tx) => tx.put(secrets, secret()));
  const read = (valueFrom: string, account = SCOPE.account) => {
    const found = readSecret(store, KEY, { ...SCOPE, account }, valueFrom, 0);
    return found.ok ? found.value : found.failure;
  };
  assert.equal(read(SECRET_ARN), '{"password":"new"}');
  assert.equal(read(SECRET_ARN.slice(0, -7)), '{"password":"new"}');
  assert.equal(read(`${SECRET_ARN}:password::`), "new");
  assert.equal(read(`${SECRET_ARN}::AWSPREVIOUS:`), "plain");
  assert.equal(read(`${SECRET_ARN}:::${OLD}`), "plain");
  assert.equal(read(`${SECRET_ARN}:password:AWSCURRENT:${NEW}`), "new");
  assert.equal(
    read(`${SECRET_ARN}:password:AWSPREVIOUS:`),
    "invalid character 'p' looking for beginning of value",
  );
  assert.equal(
    read(`${SECRET_ARN}:user::`),
    "retrieved secret from Secrets Manager did not contain json key user",
  );
  assert.equal(
    read(`${SECRET_ARN}:password`),
    `trying to retrieve secret with value ${SECRET_ARN}:password resulted in error: an invalid ARN format for the AWS Secrets Manager secret was specified. Specify a valid ARN and try again.`,
  );
  assert.equal(
    read(`${SECRET_ARN}::none:`),
    "ResourceNotFoundException: Secrets Manager can't find the specified secret value for staging label: none",
  );
  const missing = "ResourceNotFoundException: Secrets Manager can't find the specified secret.";
  assert.equal(read(`${SECRET_ARN}x`), missing);
  assert.equal(read(SECRET_ARN, "444455556666"), missing);
});

test("a secret that is to be deleted cannot be read, and then is gone", () => {
  const store = new Store(":memory:");
  store.transaction((tx) => tx.put(secrets, secret(100)));
  const read = (now: number) => {
    const found = readSecret(store, KEY, SCOPE, SECRET_ARN, now);
    return found.ok ? found.value : found.failure;
  };
  assert.match(read(99), /^InvalidRequestException: .* marked for deletion\.$/);
  assert.match(read(100), /^ResourceNotFoundException: /);
});
