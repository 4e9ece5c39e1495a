import assert from "node:assert/strict";
import { test } from "node:test";
import { matchesQuery, parseClusterQuery } from "./cluster-query.ts";
import { type InstanceLoad, NO_LOAD } from "./load.ts";
import { exampleInstance } from "./testing.ts";

const instance = exampleInstance("abcd1234", {
  type: "t2.small",
  attributes: [{ name: "stack", value: "prod" }, { name: "bare" }, { name: "rank", value: "10" }],
});
const load: InstanceLoad = {
  ...NO_LOAD,
  running: 1,
  groups: new Map([
    ["service:production", 2],
    ["databases", 1],
  ]),
};

function ask(text: string): boolean {
  const parsed = parseClusterQuery(text);
  assert.ok(parsed.ok, `${text}: ${parsed.ok ? "" : parsed.failure}`);
  return matchesQuery(parsed.value, { instance, load });
}

const TRUE = [
  "attribute:ecs.instance-type == t2.small",
  "attribute:ecs.instance-type equals t2.small",
  "attribute:ecs.availability-zone in [ap-northeast-1a, ap-northeast-1c]",
  "attribute:ecs.instance-type =~ t2.* and attribute:ecs.availability-zone != us-east-1d",
  "task:group == service:production",
  "not(task:group == frontend)",
  "!(task:group == frontend)",
  "task:group in [frontend, databases]",
  "runningTasksCount == 1",
  "runningTasksCount<2&&runningTasksCount>=1",
  "agentVersion < 1.14.10",
  "agentVersion >= 1.14",
  "registeredAt > 2018-02-13",
  "registeredAt < 2018-06-18T22:28:28+00:00",
  "registeredAt <= 2018-02-20T00:00:00Z",
  "registeredAt == 2018-02-20T00:00:00",
  "ec2InstanceId in ['i-abcd1234', 'i-wxyx7890']",
  'ec2InstanceId == "i-abcd1234"',
  "agentConnected == true",
  "attribute:bare exists",
  "attribute:other !exists",
  "attribute:other not_exists",
  "attribute:rank greater_than 9",
  "attribute:stack not_in [test, staging]",
  "attribute:stack !in [test, staging]",
  "attribute:ecs.instance-type !~ m5.*",
  "attribute:ecs.instance-type matches t[23]\\.(small|large)".replace("(small|large)", "small"),
  "attribute:ecs.instance-type =~ 't[23]\\.(small|large)'",
  "(attribute:stack == test or attribute:stack == prod) and runningTasksCount == 1",
  "attribute:stack == prod or attribute:stack == prod and runningTasksCount == 7",
];

const FALSE = [
  "attribute:stack != prod",
  // As documented, != asks for instances that have the attribute.
  "attribute:other != prod",
  "attribute:ecs.instance-type =~ t2",
  "runningTasksCount > 1",
  "agentVersion == 1.14",
  "not attribute:stack == prod",
  "attribute:other exists",
  "attribute:stack in [test]",
  "not (attribute:stack == prod) or agentConnected == false",
];

for (const text of TRUE) test(`true: ${text}`, () => assert.equal(ask(text), true));
for (const text of FALSE) test(`false: ${text}`, () => assert.equal(ask(text), false));

const WRONG: readonly (readonly [string, string])[] = [
  ["", "expected a subject, found the end"],
  ["attribute:stack", "expected an operator, found the end"],
  ["attribute:stack ==", "expected an argument, found the end"],
  ["attribute:stack = prod", "unexpected '=' at position 16"],
  ["attribute:stack == prod test", "expected 'and' or 'or', found 'test' at position 24"],
  ["(attribute:stack == prod", "expected ')', found the end"],
  ["attribute:stack in prod", "expected '[', found 'prod' at position 19"],
  ["attribute:stack in [prod", "expected ',' or ']', found the end"],
  ["attribute:stack == 'prod", "no closing ' for the one at position 19"],
  ["instanceType == t2.micro", "'instanceType' is not a subject"],
  ["attribute: == x", "'attribute:' is not a subject"],
  ["agentConnected > true", "operator 'greater_than' is not valid for 'agentConnected'"],
  ["runningTasksCount in [1]", "operator 'in' is not valid for 'runningTasksCount'"],
  ["runningTasksCount == many", "'many' is not valid for 'runningTasksCount'"],
  ["registeredAt < yesterday", "'yesterday' is not valid for 'registeredAt'"],
  ["registeredAt < 2018-13-40", "'2018-13-40' is not valid for 'registeredAt'"],
  ["attribute:a =~ [b", "'[b' is not a pattern: unclosed '['"],
  ["attribute:a =~ '(?=b)'", "'(?=b)' is not a pattern: only plain and (?:…) groups are supported"],
  [`attribute:a == ${"b".repeat(2000)}`, "the expression has more than 2000 characters"],
];

for (const [text, expected] of WRONG) {
  test(`refused: ${text.slice(0, 60)}`, () => {
    const parsed = parseClusterQuery(text);
    assert.equal(parsed.ok ? "accepted" : parsed.failure, expected);
  });
}

test("patterns that make other engines explode are matched in no time, and huge ones are refused", () => {
  const parsed = parseClusterQuery("attribute:long =~ '(a+)+(a|a)*(a?){40}b'");
  assert.ok(parsed.ok);
  const long = exampleInstance("x", { attributes: [{ name: "long", value: "a".repeat(128) }] });
  const started = performance.now();
  assert.equal(matchesQuery(parsed.value, { instance: long, load }), false);
  assert.ok(performance.now() - started < 1000);
  const huge = parseClusterQuery("attribute:long =~ '((a{99}){99}){99}'");
  assert.equal(
    huge.ok ? "accepted" : huge.failure,
    "'((a{99}){99}){99}' is not a pattern: the pattern is too large",
  );
  const empty = parseClusterQuery("attribute:long =~ '((){9999}){9999}'");
  assert.equal(empty.ok, false);
});

test("nesting as deep as the length allows is read", () => {
  assert.ok(parseClusterQuery(`${"(".repeat(900)}agentConnected == true${")".repeat(900)}`).ok);
});
