import assert from "node:assert/strict";
import { test } from "node:test";
import type { SecretVersion } from "./records.ts";
import { moveStage, versionAtStage, withVersion } from "./versions.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

function version(versionId: string, stages: readonly string[], createdAt = 0): SecretVersion {
  return { versionId, kind: "string", value: "", stages, createdAt };
}

function shown(versions: readonly SecretVersion[]): string {
  return versions.map(({ versionId, stages }) => `${versionId}:${[...stages].sort().join("+")}`).join(" ");
}

// The histories are those that Secrets Manager shows.
test("a new current version makes the former one the previous one", () => {
  const first = withVersion([], version("1", ["AWSCURRENT"]));
  const second = withVersion(first, version("2", ["AWSCURRENT"]));
  assert.equal(shown(second), "1:AWSPREVIOUS 2:AWSCURRENT");
  assert.equal(shown(withVersion(second, version("3", ["AWSCURRENT"]))), "1: 2:AWSPREVIOUS 3:AWSCURRENT");
});

test("the first version is the current one in any case", () => {
  assert.equal(shown(withVersion([], version("1", ["mine"]))), "1:AWSCURRENT+mine");
});

test("a pending version becomes current, and loses both labels to the next current one", () => {
  const pending = withVersion(
    withVersion([], version("1", ["AWSCURRENT"])),
    version("2", ["AWSPENDING", "PUT1"]),
  );
  assert.equal(shown(pending), "1:AWSCURRENT 2:AWSPENDING+PUT1");
  const moved = moveStage(pending, "AWSCURRENT", "2");
  assert.equal(shown(moved), "1:AWSPREVIOUS 2:AWSCURRENT+AWSPENDING+PUT1");
  assert.equal(
    shown(withVersion(moved, version("3", ["AWSPENDING"]))),
    "1:AWSPREVIOUS 2:AWSCURRENT+PUT1 3:AWSPENDING",
  );
  assert.equal(shown(withVersion(moved, version("3", ["AWSCURRENT"]))), "1: 2:AWSPREVIOUS+PUT1 3:AWSCURRENT");
});

test("a label is at one version", () => {
  const versions = [version("1", ["AWSCURRENT", "a"]), version("2", ["b"])];
  assert.equal(versionAtStage(versions, "b")?.versionId, "2");
  assert.equal(shown(withVersion(versions, version("3", ["a", "b"]))), "1:AWSCURRENT 2: 3:a+b");
  assert.equal(shown(moveStage(versions, "b", undefined)), "1:AWSCURRENT+a 2:");
});

test("of more than a hundred versions the oldest go that have no label and are a day old", () => {
  const old = Array.from({ length: 100 }, (_, index) => version(String(index), index === 0 ? ["keep"] : []));
  const added = withVersion(old, version("new", ["AWSCURRENT"], 2 * DAY_MS));
  assert.equal(added.length, 100);
  assert.deepEqual(
    added.slice(0, 2).map(({ versionId }) => versionId),
    ["0", "2"],
  );
  assert.equal(withVersion(old, version("new", ["AWSCURRENT"], DAY_MS / 2)).length, 101);
});
