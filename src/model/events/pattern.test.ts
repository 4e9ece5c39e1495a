import assert from "node:assert/strict";
import { test } from "node:test";
import { targetInput } from "./input.ts";
import { matchesPattern } from "./pattern.ts";
import { checkPattern } from "./pattern-check.ts";
import type { Event } from "./records.ts";

const EVENT: Event = {
  version: "0",
  id: "9bcdac79-b31f-4d3d-9410-fbd727c29fab",
  "detail-type": "ECS Task State Change",
  source: "aws.ecs",
  account: "111122223333",
  time: "2026-11-21T07:00:00Z",
  region: "us-east-1",
  resources: ["arn:aws:ecs:us-east-1:111122223333:task/web/b99d40b39"],
  detail: {
    lastStatus: "STOPPED",
    stopCode: "EssentialContainerExited",
    containers: [
      { name: "web", exitCode: 1 },
      { name: "log", exitCode: 0 },
    ],
    version: 4,
    address: "10.0.1.5",
    group: "service:Web",
    none: null,
    empty: [],
    a: { b: 1 },
    "dotted.name": 2,
  },
};

test("patterns match as the guide says", () => {
  const rows: readonly [pattern: object, matches: boolean][] = [
    [{ source: ["aws.ecs"] }, true],
    [{ source: ["aws.ec2", "aws.ecs"], region: ["us-east-1"] }, true],
    [{ source: ["aws.ecs"], region: ["eu-west-1"] }, false],
    [{ source: ["AWS.ECS"] }, false],
    [{ detail: { lastStatus: ["STOPPED"] } }, true],
    [{ detail: { lastStatus: ["STOPPED"], missing: ["x"] } }, false],
    [{ resources: [{ prefix: "arn:aws:ecs:" }] }, true],
    [{ resources: [{ suffix: "b99d40b39" }] }, true],
    [{ detail: { group: [{ prefix: { "equals-ignore-case": "SERVICE:" } }] } }, true],
    [{ detail: { group: [{ "equals-ignore-case": "service:web" }] } }, true],
    [{ detail: { group: [{ wildcard: "ser*:W*b" }] } }, true],
    [{ detail: { group: [{ wildcard: "ser*:w*b" }] } }, false],
    [{ detail: { group: [{ wildcard: "service:Web" }] } }, true],
    [{ detail: { group: [{ wildcard: "*e*e*e" }] } }, false],
    [{ detail: { group: [{ wildcard: "*service:Web*" }] } }, true],
    [{ detail: { group: [{ wildcard: "service:We*eb" }] } }, false],
    [{ detail: { constructor: [{ exists: true }] } }, false],
    [{ detail: { stopCode: [{ "anything-but": ["UserInitiated", "ServiceSchedulerInitiated"] }] } }, true],
    [{ detail: { stopCode: [{ "anything-but": "EssentialContainerExited" }] } }, false],
    [{ detail: { stopCode: [{ "anything-but": { prefix: "Essential" } }] } }, false],
    [{ detail: { absent: [{ "anything-but": "x" }] } }, false],
    [{ detail: { version: [{ numeric: [">", 3, "<=", 4] }] } }, true],
    [{ detail: { version: [{ numeric: ["<", 4] }] } }, false],
    [{ detail: { version: ["4"] } }, false],
    [{ detail: { address: [{ cidr: "10.0.0.0/16" }] } }, true],
    [{ detail: { absent: [{ exists: false }] } }, true],
    [{ detail: { lastStatus: [{ exists: false }] } }, false],
    [{ nothing: { below: [{ exists: false }] } }, true],
    [{ detail: { none: [null] } }, true],
    [{ detail: { containers: { exitCode: [{ numeric: ["!=", 0] }] } } }, false],
    [{ detail: { containers: { exitCode: [1] } } }, true],
    [{ $or: [{ region: ["eu-west-1"] }, { detail: { version: [4] } }] }, true],
    [{ "detail.lastStatus": ["STOPPED"] }, true],
    [{ detail: { "a.b": [1], dotted: { name: [2] } } }, true],
    [{ detail: { empty: [{ exists: true }] } }, false],
    [{ detail: { containers: [{ exists: true }] } }, false],
    [{ $or: [{ region: ["eu-west-1"] }, { detail: { version: [5] } }] }, false],
  ];
  for (const [pattern, matches] of rows) {
    const text = JSON.stringify(pattern);
    assert.equal(matchesPattern(text, EVENT), matches, text);
  }
});

test("what is no pattern is refused and matches nothing", () => {
  for (const text of ["", "[]", "{}", '{"source":"aws.ecs"}', '{"source":[]}', '{"source":[{"like":"a"}]}']) {
    assert.notEqual(checkPattern(text), undefined, text);
    assert.equal(matchesPattern(text, EVENT), false, text);
  }
  assert.equal(checkPattern('{"source":["aws.ecs"]}'), undefined);
});

test("a target gets the event, a text, a part or a template", () => {
  const rule = "arn:aws:events:us-east-1:111122223333:rule/stopped";
  const input = (target: object) => targetInput({ Id: "1", Arn: "a", ...target }, EVENT, rule);
  assert.deepEqual(JSON.parse(input({})), EVENT);
  assert.equal(input({ Input: '{"a":1}' }), '{"a":1}');
  assert.equal(input({ InputPath: "$.detail.containers[0].name" }), '"web"');
  const whole = { InputTemplate: '{"a": <aws.events.event>, "b": <aws.events.event.json>}' };
  const { "detail-type": detailType, detail: _, ...rest } = EVENT;
  assert.deepEqual(JSON.parse(input({ InputTransformer: whole })), { a: { ...rest, detailType }, b: EVENT });
  const InputPathsMap = {
    status: "$.detail.lastStatus",
    list: "$.detail.containers",
    version: "$.detail.version",
  };
  assert.equal(
    input({ InputTransformer: { InputPathsMap, InputTemplate: '"Task is <status> (<version>)"' } }),
    '"Task is STOPPED (4)"',
  );
  assert.deepEqual(
    JSON.parse(
      input({
        InputTransformer: {
          InputPathsMap,
          InputTemplate:
            '{"state": <status>, "again": "<status>", "all": <list>, "rule": <aws.events.rule-name>}',
        },
      }),
    ),
    {
      state: "STOPPED",
      again: "STOPPED",
      all: [
        { name: "web", exitCode: 1 },
        { name: "log", exitCode: 0 },
      ],
      rule: "stopped",
    },
  );
});

test("many wildcards take no longer than few", () => {
  const pattern = JSON.stringify({ source: [{ wildcard: `${"*a".repeat(1000)}*b` }] });
  const began = performance.now();
  assert.equal(matchesPattern(pattern, { source: "a".repeat(100_000) }), false);
  assert.ok(performance.now() - began < 2000);
});
