import assert from "node:assert/strict";
import { test } from "node:test";
import type * as wire from "@aws-sdk/client-elastic-load-balancing-v2";
import type { HandlerContext } from "../operation.ts";
import { createRule } from "./create-rule.ts";
import { deleteRule } from "./delete-rule.ts";
import { describeRules } from "./describe-rules.ts";
import { modifyRule } from "./modify-rule.ts";
import { addTags, describeTags, removeTags } from "./resource-tags.ts";
import { setRulePriorities } from "./set-rule-priorities.ts";
import { contextWithVpc, fault, newListenerArn, newLoadBalancerArn, newTargetGroupArn } from "./testing.ts";

interface Fixture {
  readonly context: HandlerContext;
  readonly listener: string;
  create(priority: number, conditions?: wire.RuleCondition[]): string | undefined;
}

const HOST: wire.RuleCondition = { Field: "host-header", HostHeaderConfig: { Values: ["www.example.com"] } };

function fixture(): Fixture {
  const context = contextWithVpc();
  const listener = newListenerArn(context, newLoadBalancerArn(context));
  const TargetGroupArn = newTargetGroupArn(context);
  return {
    context,
    listener,
    create: (Priority, Conditions = [HOST]) =>
      createRule(
        { ListenerArn: listener, Priority, Conditions, Actions: [{ Type: "forward", TargetGroupArn }] },
        context,
      ).Rules?.[0]?.RuleArn,
  };
}

test("rules are listed by priority, the default last, and their ARNs derive from the listener's", () => {
  const { context, listener, create } = fixture();
  create(100);
  create(20);
  const { Rules } = describeRules({ ListenerArn: listener }, context);
  assert.deepEqual(
    Rules?.map((rule) => [rule.Priority, rule.IsDefault]),
    [
      ["20", false],
      ["100", false],
      ["default", true],
    ],
  );
  for (const rule of Rules ?? []) {
    const derived = rule.RuleArn?.replace(":listener-rule/", ":listener/").replace(/\/[0-9a-f]{16}$/, "");
    assert.equal(derived, listener);
  }
  const [first] = Rules ?? [];
  assert.deepEqual(first?.Conditions, [
    {
      Field: "host-header",
      Values: ["www.example.com"],
      HostHeaderConfig: { Values: ["www.example.com"] },
    },
  ]);
});

test("a priority is taken once", () => {
  const { create } = fixture();
  create(100);
  assert.throws(() => create(100), fault("PriorityInUseException", "Priority '100' is currently in use"));
  assert.throws(
    () => create(50_001),
    /Value '50001' at 'priority' failed to satisfy constraint: Member must have value less than or equal to 50000/,
  );
});

test("conditions are checked with the service's texts", () => {
  const { create } = fixture();
  const cases: readonly [wire.RuleCondition[], string][] = [
    [[], "A condition must be specified"],
    [[{ Values: ["x"] }], "A condition field must be specified"],
    [
      [{ Field: "nope", Values: ["x"] }],
      "Condition field 'nope' must be one of '[path-pattern,host-header,http-header,http-request-method,query-string,source-ip]'",
    ],
    [[{ Field: "host-header" }], "A condition value must be specified"],
    [
      [{ ...HOST, Values: ["a.com"] }],
      "You cannot provide both Values and 'HostHeaderConfig' for a condition of type 'host-header'",
    ],
    [[HOST, HOST], "A rule can only have one 'host-header' condition"],
    [
      [{ Field: "path-pattern", PathPatternConfig: { Values: ["/1", "/2", "/3", "/4", "/5", "/6"] } }],
      "A rule can only have '5' condition values",
    ],
    [[{ Field: "path-pattern", Values: ["/******"] }], "A rule can only have '5' condition wildcards"],
    [
      [{ Field: "host-header", Values: ["under_score.example.com"] }],
      "Condition value 'under_score.example.com' contains a character that is not valid",
    ],
    [[{ Field: "http-header" }], "A 'HttpHeaderConfig' must be specified with 'http-header'"],
    [
      [{ Field: "http-request-method", HttpRequestMethodConfig: { Values: ["get"] } }],
      "The 'http-request-method' value is invalid; the allowed characters are A-Z, hyphen and underscore",
    ],
    [
      [{ Field: "query-string", QueryStringConfig: { Values: [{ Key: "k" }] } }],
      "A 'Value' must be specified in 'QueryStringKeyValuePair'",
    ],
    [
      [{ Field: "source-ip", SourceIpConfig: { Values: ["10.0.0.1"] } }],
      "The 'source-ip' value '10.0.0.1' must be in CIDR format",
    ],
    [
      [{ Field: "source-ip", Values: ["10.0.0.0/8"] }],
      "The 'Values' field is not compatible with 'source-ip'",
    ],
  ];
  for (const [conditions, message] of cases) {
    assert.throws(() => create(1, conditions), fault("ValidationError", message));
  }
});

test("every kind of condition is stored and shown as it was given", () => {
  const { context, create } = fixture();
  const conditions: wire.RuleCondition[] = [
    { Field: "http-header", HttpHeaderConfig: { HttpHeaderName: "X-Team", Values: ["blue"] } },
    { Field: "http-request-method", HttpRequestMethodConfig: { Values: ["GET"] } },
    { Field: "query-string", QueryStringConfig: { Values: [{ Key: "v", Value: "1" }] } },
    { Field: "source-ip", SourceIpConfig: { Values: ["2001:db8::/32"] } },
  ];
  const arn = create(1, conditions) ?? "";
  assert.deepEqual(describeRules({ RuleArns: [arn] }, context).Rules?.[0]?.Conditions, conditions);
});

test("priorities can be swapped at once, and not moved onto those of others", () => {
  const { context, listener, create } = fixture();
  const [a, b, c] = [create(1), create(2), create(3)];
  const set = (...pairs: [string | undefined, number][]) =>
    setRulePriorities(
      { RulePriorities: pairs.map(([RuleArn, Priority]) => ({ RuleArn, Priority })) },
      context,
    );
  set([a, 2], [b, 1]);
  const order = describeRules({ ListenerArn: listener }, context).Rules?.map((rule) => rule.RuleArn);
  assert.deepEqual(order?.slice(0, 3), [b, a, c]);
  assert.throws(() => set([a, 3]), fault("PriorityInUseException", "Priority '3' is currently in use"));
  assert.throws(
    () => set([a, 9], [b, 9]),
    fault("ValidationError", "Priority '9' was provided multiple times"),
  );
});

test("the default rule can be neither changed nor deleted nor moved", () => {
  const { context, listener } = fixture();
  const RuleArn = describeRules({ ListenerArn: listener }, context).Rules?.[0]?.RuleArn;
  const refused = { name: "OperationNotPermittedException" };
  assert.throws(() => modifyRule({ RuleArn, Conditions: [HOST] }, context), refused);
  assert.throws(() => deleteRule({ RuleArn }, context), refused);
  assert.throws(() => setRulePriorities({ RulePriorities: [{ RuleArn, Priority: 5 }] }, context), refused);
  assert.equal(describeRules({ RuleArns: [RuleArn ?? ""] }, context).Rules?.[0]?.Priority, "default");
});

test("ModifyRule needs something to change; a deleted rule is not found", () => {
  const { context, create } = fixture();
  const RuleArn = create(1);
  assert.throws(
    () => modifyRule({ RuleArn }, context),
    fault("ValidationError", "Either conditions or actions must be specified"),
  );
  const changed = modifyRule(
    { RuleArn, Conditions: [{ Field: "path-pattern", Values: ["/v2/*"] }] },
    context,
  );
  assert.deepEqual(changed.Rules?.[0]?.Conditions?.[0]?.PathPatternConfig?.Values, ["/v2/*"]);
  deleteRule({ RuleArn }, context);
  assert.throws(
    () => deleteRule({ RuleArn }, context),
    fault("RuleNotFoundException", "One or more rules not found"),
  );
});

test("tags of every kind of resource: a description for each ARN, also without tags", () => {
  const { context, listener, create } = fixture();
  const rule = create(1) ?? "";
  addTags({ ResourceArns: [rule], Tags: [{ Key: "a", Value: "1" }] }, context);
  addTags({ ResourceArns: [rule, listener], Tags: [{ Key: "a", Value: "2" }, { Key: "b" }] }, context);
  removeTags({ ResourceArns: [listener], TagKeys: ["a", "b"] }, context);
  assert.deepEqual(describeTags({ ResourceArns: [rule, listener] }, context).TagDescriptions, [
    {
      ResourceArn: rule,
      Tags: [
        { Key: "a", Value: "2" },
        { Key: "b", Value: "" },
      ],
    },
    { ResourceArn: listener, Tags: [] },
  ]);
  assert.throws(() => addTags({ ResourceArns: [rule], Tags: [{ Key: "a" }, { Key: "a" }] }, context), {
    name: "DuplicateTagKeysException",
  });
  const many = Array.from({ length: 49 }, (_, index) => ({ Key: `k${index}` }));
  assert.throws(() => addTags({ ResourceArns: [rule], Tags: many }, context), {
    name: "TooManyTagsException",
  });
});
