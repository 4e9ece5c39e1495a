import assert from "node:assert/strict";
import { test } from "node:test";
import { pendingEvents } from "../../store/tables/events.ts";
import { roles } from "../../store/tables/iam.ts";
import type { HandlerContext } from "../operation.ts";
import { testContext } from "../testing.ts";
import { operations } from "./operations.ts";

const GROUP = "arn:aws:logs:ap-northeast-1:000000000000:log-group:/aws/events/app";
const PATTERN = '{"source": ["app"]}';

function fault(name: string, message: string) {
  return { name, message };
}

function withRule(): HandlerContext {
  const context = testContext();
  operations.PutRule({ Name: "all", EventPattern: PATTERN }, context);
  return context;
}

function putRole(context: HandlerContext, service: string): string {
  const arn = "arn:aws:iam::000000000000:role/bus";
  const Statement = [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: service } }];
  context.store.transaction((tx) =>
    tx.put(roles, {
      account: "000000000000",
      arn,
      roleName: "bus",
      roleId: "AROABUS",
      path: "/",
      assumeRolePolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement }),
      maxSessionDurationSeconds: 3600,
      inlinePolicies: [],
      attachedPolicyArns: [],
      createDate: 0,
      tags: [],
    }),
  );
  return arn;
}

test("a bus is made, shown, changed and deleted; default is there and stays", () => {
  const context = testContext();
  const arn = "arn:aws:events:ap-northeast-1:000000000000:event-bus/orders";
  const Tags = [{ Key: "a", Value: "1" }];
  assert.deepEqual(operations.CreateEventBus({ Name: "orders", Description: "text", Tags }, context), {
    EventBusArn: arn,
    Description: "text",
  });
  assert.throws(
    () => operations.CreateEventBus({ Name: "orders" }, context),
    fault("ResourceAlreadyExistsException", "Event bus orders already exists."),
  );
  operations.UpdateEventBus({ Name: "orders", Description: "" }, context);
  const now = new Date(context.clock.now());
  assert.deepEqual(operations.DescribeEventBus({ Name: arn }, context), {
    Name: "orders",
    Arn: arn,
    CreationTime: now,
    LastModifiedTime: now,
  });
  const names = (NamePrefix?: string) =>
    operations.ListEventBuses({ NamePrefix }, context).EventBuses?.map(({ Name }) => Name);
  assert.deepEqual(names(), ["default", "orders"]);
  assert.deepEqual(names("o"), ["orders"]);
  operations.PutRule({ Name: "r", EventBusName: "orders", EventPattern: PATTERN }, context);
  assert.throws(
    () => operations.DeleteEventBus({ Name: "orders" }, context),
    fault("ValidationException", "EventBus can't be deleted since it has rules."),
  );
  operations.DeleteRule({ Name: "r", EventBusName: arn }, context);
  operations.DeleteEventBus({ Name: "orders" }, context);
  assert.deepEqual(operations.DeleteEventBus({ Name: "orders" }, context), {});
  assert.throws(
    () => operations.DescribeEventBus({ Name: "orders" }, context),
    fault("ResourceNotFoundException", "Event bus orders does not exist."),
  );
  assert.throws(
    () => operations.DeleteEventBus({ Name: "default" }, context),
    fault("ValidationException", "Cannot delete event bus default."),
  );
});

test("a rule is replaced as a whole, but for its targets and tags", () => {
  const context = testContext();
  const arn = "arn:aws:events:ap-northeast-1:000000000000:rule/all";
  const Tags = [{ Key: "a", Value: "1" }];
  assert.deepEqual(
    operations.PutRule(
      { Name: "all", EventPattern: PATTERN, Description: "text", State: "DISABLED", Tags },
      context,
    ),
    { RuleArn: arn },
  );
  operations.PutTargets({ Rule: "all", Targets: [{ Id: "1", Arn: GROUP }] }, context);
  operations.PutRule({ Name: "all", EventPattern: '{"source": ["b"]}', Tags: [] }, context);
  assert.deepEqual(operations.DescribeRule({ Name: "all" }, context), {
    Name: "all",
    Arn: arn,
    EventPattern: '{"source": ["b"]}',
    State: "ENABLED",
    EventBusName: "default",
    CreatedBy: "000000000000",
  });
  assert.deepEqual(operations.ListTagsForResource({ ResourceARN: arn }, context), { Tags });
  assert.deepEqual(operations.ListTargetsByRule({ Rule: "all" }, context).Targets, [{ Id: "1", Arn: GROUP }]);
  assert.deepEqual(operations.ListRuleNamesByTarget({ TargetArn: GROUP }, context), { RuleNames: ["all"] });
  operations.DisableRule({ Name: "all" }, context);
  assert.equal(operations.ListRules({ NamePrefix: "al" }, context).Rules?.[0]?.State, "DISABLED");
  assert.throws(
    () => operations.DeleteRule({ Name: "all" }, context),
    fault("ValidationException", "Rule can't be deleted since it has targets."),
  );
  operations.RemoveTargets({ Rule: "all", Ids: ["1", "gone"] }, context);
  operations.DeleteRule({ Name: "all" }, context);
  assert.deepEqual(operations.DeleteRule({ Name: "all" }, context), {});
});

test("what is wrong with a rule is told in EventBridge's words", () => {
  const context = testContext();
  const rows: readonly [input: Parameters<typeof operations.PutRule>[0], name: string, message: RegExp][] = [
    [
      { Name: "a" },
      "ValidationException",
      /^Parameter\(s\) EventPattern or ScheduleExpression must be specified\.$/,
    ],
    [
      { Name: "a", EventPattern: '{"int": 42}' },
      "InvalidEventPatternException",
      /^Event pattern is not valid\. Reason: "int" must be an object or an array\n at \[Source: .*column: 11\]$/,
    ],
    [
      { Name: "a", ScheduleExpression: "rate(1 minutes)" },
      "ValidationException",
      /^Parameter ScheduleExpression is not valid\.$/,
    ],
    [
      { Name: "a b", EventPattern: PATTERN },
      "ValidationException",
      /at 'name' failed to satisfy constraint: Member must satisfy regular/,
    ],
    [
      { Name: "a", EventBusName: "b", EventPattern: PATTERN },
      "ResourceNotFoundException",
      /^Event bus b does not exist\.$/,
    ],
    [
      { Name: "a", EventPattern: PATTERN, RoleArn: "arn:aws:iam::000000000000:role/none" },
      "ValidationException",
      /^Provided role 'arn:aws:iam::000000000000:role\/none' cannot be assumed by principal 'events\.amazonaws\.com'\.$/,
    ],
  ];
  for (const [input, name, message] of rows) {
    assert.throws(() => operations.PutRule(input, context), { name, message });
  }
  for (const broken of [
    () => operations.DescribeRule({ Name: "all" }, context),
    () => operations.EnableRule({ Name: "all" }, context),
    () => operations.PutTargets({ Rule: "all", Targets: [{ Id: "1", Arn: GROUP }] }, context),
    () => operations.ListTargetsByRule({ Rule: "all" }, context),
    () =>
      operations.TagResource(
        { ResourceARN: "arn:aws:events:ap-northeast-1:000000000000:rule/all", Tags: [] },
        context,
      ),
  ]) {
    assert.throws(broken, fault("ResourceNotFoundException", "Rule all does not exist on EventBus default."));
  }
});

test("a target that nothing would reach is refused by name", () => {
  const context = withRule();
  const roleArn = putRole(context, "events.amazonaws.com");
  const bus = "arn:aws:events:ap-northeast-1:000000000000:event-bus/b";
  const template = (InputTemplate: string) => ({
    Arn: GROUP,
    InputTransformer: { InputPathsMap: { t: "$.time" }, InputTemplate },
  });
  const rows: readonly [target: object, message: RegExp][] = [
    [{ Arn: "queue" }, /^Parameter queue is not valid\. Reason: Provided Arn is not in correct format\.$/],
    [{ Arn: "arn:aws:sqs:ap-northeast-1:000000000000:q" }, /^Berth does not support targets of sqs /],
    [{ Arn: GROUP, RoleArn: roleArn }, /^RoleArn is not supported for target arn:aws:logs:.*app\.$/],
    [
      { Arn: GROUP, Input: "{}" },
      /^Input and InputPath are not valid forms of input for target t\. The only valid form/,
    ],
    [{ Arn: GROUP, Input: "{" }, /^JSON syntax error in input for target t\.$/],
    [
      { Arn: GROUP, Input: "{}", InputPath: "$" },
      /^Only one of Input, InputPath, or InputTransformer must be provided for target t\.$/,
    ],
    [{ Arn: GROUP, InputPath: "detail" }, /^InputPath for target t is invalid\.$/],
    [
      template('{"timestamp": <x>, "message": "a"}'),
      /^InputTemplate for target t contains invalid placeholder x\.$/,
    ],
    [template('"at <t>"'), /must be of the form/],
    [template("<t> at"), /is not a valid JSON text/],
    [{ Arn: GROUP, DeadLetterConfig: { Arn: "q" } }, /^Berth does not support dead-letter queues/],
    [
      { Arn: GROUP, EcsParameters: { TaskDefinitionArn: "a" } },
      /^Parameter\(s\) EcsParameters not supported for target: t\.$/,
    ],
    [
      { Arn: GROUP, RetryPolicy: { MaximumEventAgeInSeconds: 1 } },
      /at 'targets\.1\.member\.retryPolicy\.maximumEventAgeInSeconds' failed/,
    ],
    [{ Arn: bus }, /^RoleArn is required for target arn:aws:events:.*\/b\.$/],
    [
      { Arn: bus.replace("000000000000", "111111111111"), RoleArn: roleArn },
      /^Berth does not support targets of another account/,
    ],
  ];
  for (const [target, message] of rows) {
    const Targets = [{ Id: "t", Arn: "", ...target }];
    assert.throws(() => operations.PutTargets({ Rule: "all", Targets }, context), {
      name: "ValidationException",
      message,
    });
  }
  const good = [template('{"timestamp": <t>, "message": "at <t>"}'), { Arn: bus, RoleArn: roleArn }];
  const Targets = good.map((target, index) => ({ Id: String(index), ...target }));
  assert.deepEqual(operations.PutTargets({ Rule: "all", Targets }, context), {
    FailedEntryCount: 0,
    FailedEntries: [],
  });
  const more = [0, 1, 2, 3].map((index) => ({ Id: `more-${index}`, Arn: GROUP }));
  assert.throws(
    () => operations.PutTargets({ Rule: "all", Targets: more }, context),
    fault("LimitExceededException", "The requested resource exceeds the maximum number allowed."),
  );
});

test("entries of PutEvents succeed and fail each for itself; what nobody wants is not kept", () => {
  const context = withRule();
  operations.PutTargets({ Rule: "all", Targets: [{ Id: "1", Arn: GROUP }] }, context);
  const good = { Source: "app", DetailType: "t", Detail: '{"a": 1}' };
  const { FailedEntryCount, Entries = [] } = operations.PutEvents(
    {
      Entries: [
        { ...good, Time: new Date("2026-01-01T00:00:00.5Z"), Resources: ["r"] },
        { ...good, Source: "other" },
        { ...good, EventBusName: "gone" },
        { ...good, Source: "aws.ecs" },
        { ...good, Source: undefined },
        { ...good, DetailType: undefined },
        { ...good, Detail: undefined },
        { ...good, Detail: "[]" },
      ],
    },
    context,
  );
  assert.equal(FailedEntryCount, 5);
  assert.deepEqual(
    Entries.slice(3).map(({ ErrorCode, ErrorMessage }) => `${ErrorCode}: ${ErrorMessage}`),
    [
      "NotAuthorizedForSourceException: Not authorized for the source.",
      "InvalidArgument: Parameter Source is not valid. Reason: Source is a required argument.",
      "InvalidArgument: Parameter DetailType is not valid. Reason: DetailType is a required argument.",
      "InvalidArgument: Parameter Detail is not valid. Reason: Detail is a required argument.",
      "MalformedDetail: Detail is malformed.",
    ],
  );
  assert.deepEqual(
    context.store.list(pendingEvents).map(({ event }) => event),
    [
      {
        version: "0",
        id: Entries[0]?.EventId,
        "detail-type": "t",
        source: "app",
        account: "000000000000",
        time: "2026-01-01T00:00:00Z",
        region: "ap-northeast-1",
        resources: ["r"],
        detail: { a: 1 },
      },
    ],
  );
  assert.throws(
    () => operations.PutEvents({ Entries: Array(11).fill({ Source: "a", Detail: "{}" }) }, context),
    {
      name: "ValidationException",
      message:
        /^1 validation error detected: Value '\[PutEventsRequestEntry\(time=null, source=a, resources=null, detailType=null, detail=\{\}, .*internalMetadata=null\)\]' at 'entries' failed to satisfy constraint: Member must have length less than or equal to 10$/,
    },
  );
  const EventBusName = "arn:aws:events:ap-northeast-1:111111111111:event-bus/default";
  assert.throws(() => operations.PutEvents({ Entries: [{ ...good, EventBusName }] }, context), {
    name: "ValidationException",
    message: /^Berth does not support event buses of another account or region/,
  });
  const Detail = JSON.stringify({ a: "x".repeat(1024 * 1024) });
  assert.throws(
    () => operations.PutEvents({ Entries: [{ ...good, Detail }] }, context),
    fault("ValidationException", "Total size of the entries in the request is over the limit."),
  );
});

test("a pattern is tried against an event", () => {
  const Event = JSON.stringify({
    id: "1",
    account: "1",
    source: "app",
    time: "t",
    region: "r",
    "detail-type": "t",
  });
  assert.deepEqual(operations.TestEventPattern({ EventPattern: PATTERN, Event }), { Result: true });
  assert.deepEqual(operations.TestEventPattern({ EventPattern: '{"source": ["b"]}', Event }), {
    Result: false,
  });
  assert.throws(
    () => operations.TestEventPattern({ EventPattern: PATTERN, Event: "{}" }),
    fault("ValidationException", "Parameter Event is not valid."),
  );
  assert.throws(() => operations.TestEventPattern({ EventPattern: "{}", Event }), {
    name: "InvalidEventPatternException",
  });
});

test("tags hang on rules and buses, on default too", () => {
  const context = withRule();
  for (const ResourceARN of [
    "arn:aws:events:ap-northeast-1:000000000000:event-bus/default",
    "arn:aws:events:ap-northeast-1:000000000000:rule/all",
  ]) {
    const tags = () => operations.ListTagsForResource({ ResourceARN }, context).Tags;
    operations.TagResource(
      {
        ResourceARN,
        Tags: [
          { Key: "a", Value: "1" },
          { Key: "b", Value: "2" },
        ],
      },
      context,
    );
    operations.UntagResource({ ResourceARN, TagKeys: ["a", "none"] }, context);
    assert.deepEqual(tags(), [{ Key: "b", Value: "2" }]);
    assert.throws(
      () =>
        operations.TagResource(
          {
            ResourceARN,
            Tags: [
              { Key: "a", Value: "1" },
              { Key: "a", Value: "2" },
            ],
          },
          context,
        ),
      fault("ValidationException", "Invalid parameter: Duplicated keys are not allowed."),
    );
  }
  const other = { ...context, scope: { ...context.scope, account: "111111111111" } };
  assert.throws(
    () =>
      operations.ListTagsForResource(
        { ResourceARN: "arn:aws:events:ap-northeast-1:000000000000:rule/all" },
        other,
      ),
    { name: "ResourceNotFoundException" },
  );
});
