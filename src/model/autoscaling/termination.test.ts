import assert from "node:assert/strict";
import { test } from "node:test";
import { systemRandom } from "../../lib/random.ts";
import { type Candidate, selectForTermination } from "./termination.ts";

const NOW = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;

function candidate(instanceId: string, overrides: Partial<Candidate> = {}): Candidate {
  return {
    instanceId,
    availabilityZone: "a",
    protectedFromScaleIn: false,
    launchTime: NOW - 10 * MINUTE,
    templateVersion: 1,
    usesCurrentTemplate: true,
    ...overrides,
  };
}

const chosen = (candidates: readonly Candidate[], count: number, ...policies: string[]): string[] =>
  selectForTermination(candidates, count, policies, { now: NOW, random: systemRandom }).map(
    ({ instanceId }) => instanceId,
  );

test("each policy ranks by what it is named after", () => {
  const candidates = [
    candidate("old", { launchTime: NOW - 65 * MINUTE, templateVersion: 3 }),
    candidate("new", { launchTime: NOW - 1 * MINUTE, templateVersion: 2 }),
    candidate("hour", { launchTime: NOW - 59 * MINUTE, templateVersion: 1 }),
  ];
  assert.deepEqual(chosen(candidates, 1, "OldestInstance"), ["old"]);
  assert.deepEqual(chosen(candidates, 1, "NewestInstance"), ["new"]);
  assert.deepEqual(chosen(candidates, 1, "ClosestToNextInstanceHour"), ["hour"]);
  assert.deepEqual(chosen(candidates, 3, "OldestLaunchTemplate"), ["hour", "new", "old"]);
});

test("the default policy takes launch configurations first, then old templates, then the next hour", () => {
  const candidates = [
    candidate("current", { launchTime: NOW - 59 * MINUTE, templateVersion: 2 }),
    candidate("configured", { configurationCreatedAt: 1, templateVersion: undefined }),
    candidate("foreign", { usesCurrentTemplate: false, templateVersion: 9 }),
    candidate("outdated", { templateVersion: 1 }),
  ];
  assert.deepEqual(chosen(candidates, 4, "Default"), ["configured", "foreign", "outdated", "current"]);
});

test("the fullest zone gives first, whatever the policy; protected instances fill it but stay", () => {
  const candidates = [
    candidate("a1", { availabilityZone: "a", launchTime: 1 }),
    candidate("b1", { availabilityZone: "b", protectedFromScaleIn: true }),
    candidate("b2", { availabilityZone: "b", launchTime: NOW }),
  ];
  assert.deepEqual(chosen(candidates, 3, "OldestInstance"), ["b2", "a1"]);
});

test("policies follow one another where the first leaves several", () => {
  const candidates = [
    candidate("x", { templateVersion: 1, launchTime: 5 }),
    candidate("y", { templateVersion: 1, launchTime: 4 }),
    candidate("z", { templateVersion: 2, launchTime: 3 }),
  ];
  assert.deepEqual(chosen(candidates, 1, "OldestLaunchTemplate", "OldestInstance"), ["y"]);
});
