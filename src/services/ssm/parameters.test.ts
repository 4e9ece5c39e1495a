import assert from "node:assert/strict";
import { test } from "node:test";
import { parameters } from "../../store/tables/ssm.ts";
import type { HandlerContext } from "../operation.ts";
import { testContext } from "../testing.ts";
import { operations } from "./operations.ts";

function put(
  context: HandlerContext,
  Name: string,
  Value: string,
  more: Omit<Parameters<typeof operations.PutParameter>[0], "Name" | "Value"> = {},
) {
  return operations.PutParameter({ Name, Value, Type: "String", ...more }, context);
}

function value(context: HandlerContext, Name: string, WithDecryption = false): string | undefined {
  return operations.GetParameter({ Name, WithDecryption }, context).Parameter?.Value;
}

test("a parameter is read back with its ARN, version and data type; its name with and without a slash is one", () => {
  const context = testContext();
  assert.deepEqual(put(context, "/app/db/host", "db.local"), { Version: 1, Tier: "Standard" });
  put(context, "plain", "1");
  const { Parameter } = operations.GetParameter({ Name: "/app/db/host" }, context);
  assert.deepEqual(Parameter, {
    Name: "/app/db/host",
    Type: "String",
    Value: "db.local",
    Version: 1,
    LastModifiedDate: new Date(context.clock.now()),
    ARN: "arn:aws:ssm:ap-northeast-1:000000000000:parameter/app/db/host",
    DataType: "text",
  });
  assert.equal(value(context, "arn:aws:ssm:ap-northeast-1:000000000000:parameter/app/db/host"), "db.local");
  assert.equal(value(context, "/plain"), "1");
  assert.throws(() => put(context, "/plain", "2"), { name: "ParameterAlreadyExists" });
});

test("what is not there is ParameterNotFound without a text, and another account sees nothing", () => {
  const context = testContext();
  put(context, "mine", "1");
  const other = { ...context, scope: { ...context.scope, account: "111111111111" } };
  for (const broken of [
    () => operations.GetParameter({ Name: "other" }, context),
    () => operations.GetParameter({ Name: "mine" }, other),
    () => operations.DeleteParameter({ Name: "other" }, context),
    () => operations.GetParameterHistory({ Name: "other" }, context),
  ]) {
    assert.throws(broken, { name: "ParameterNotFound", message: "" });
  }
  assert.deepEqual(
    operations.GetParameters({ Names: ["mine", "gone", "mine:7"] }, context).InvalidParameters,
    ["gone", "mine:7"],
  );
  assert.deepEqual(operations.DescribeParameters({}, other), { Parameters: [] });
});

test("a second write needs Overwrite, makes a version, and keeps what it does not name", () => {
  const context = testContext();
  put(context, "p", "1", { Description: "first", Tags: [{ Key: "team", Value: "a" }] });
  assert.throws(() => put(context, "p", "2"), {
    name: "ParameterAlreadyExists",
    message:
      "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.",
  });
  assert.equal(value(context, "p"), "1");
  const { Version } = operations.PutParameter({ Name: "p", Value: "2", Overwrite: true }, context);
  assert.equal(Version, 2);
  assert.equal(value(context, "p"), "2");
  assert.equal(value(context, "p:1"), "1");
  assert.equal(operations.GetParameter({ Name: "p:1" }, context).Parameter?.Selector, ":1");
  const [described] = operations.DescribeParameters({}, context).Parameters ?? [];
  assert.equal(described?.Description, "first");
  assert.equal(described?.Version, 2);
  assert.throws(() => value(context, "p:3"), {
    name: "ParameterVersionNotFound",
    message: "Systems Manager could not find version 3 of p. Verify the version and try again.",
  });
  assert.throws(() => put(context, "p", "3", { Overwrite: true, Tags: [{ Key: "x", Value: "y" }] }), {
    name: "ValidationException",
    message: /^Invalid request: tags and overwrite can't be used together\. To create a parameter with tags/,
  });
});

test("a SecureString is sealed in the store, opens with decryption only, and not for another parameter", () => {
  const context = testContext();
  put(context, "/app/password", "hunter2", { Type: "SecureString" });
  put(context, "/app/other", "x", { Type: "SecureString" });
  const stored = context.store.where(parameters, "scope", "000000000000/ap-northeast-1");
  assert.doesNotMatch(JSON.stringify(stored), /hunter2/);
  assert.notEqual(value(context, "/app/password"), "hunter2");
  assert.equal(value(context, "/app/password", true), "hunter2");
  const [described] = operations.DescribeParameters({}, context).Parameters ?? [];
  assert.equal(described?.KeyId, "alias/aws/ssm");
  const [first, second] = stored;
  assert(first && second);
  context.store.transaction((tx) => tx.put(parameters, { ...first, versions: second.versions }));
  assert.throws(() => value(context, first.name, true));
  const moved = { ...context, settings: { ...context.settings, sealingKey: "another installation" } };
  assert.throws(() => value(moved, second.name, true));
  assert.throws(() => put(context, "s", "1", { KeyId: "alias/mine" }), {
    message: "KeyId is required for SecureString type parameter only.",
  });
});

test("names: reserved words, symbols, a slash in front, fifteen levels", () => {
  const context = testContext();
  const levels = (count: number) => Array.from({ length: count }, (_, index) => `/l${index}`).join("");
  const cases: readonly [string, string, RegExp | string][] = [
    [
      "/aws/service/mine",
      "AccessDeniedException",
      "No access to reserved parameter name: /aws/service/mine.",
    ],
    [
      "awsThing",
      "ValidationException",
      'Parameter name: can\'t be prefixed with "aws" or "ssm" (case-insensitive).',
    ],
    [
      "/SSM/x",
      "ValidationException",
      /^Parameter name: can't be prefixed with "ssm" \(case-insensitive\)\. If/,
    ],
    [
      "/a/b c",
      "ValidationException",
      /each sub-path can be formed as a mix of letters, numbers and the following 3/,
    ],
    ["/a//b", "ValidationException", /sub-paths divided by slash symbol/],
    ["a/b", "ValidationException", "Parameter name must be a fully qualified name."],
    [levels(16), "HierarchyLevelLimitExceededException", "A hierarchy can have a maximum of 15 levels."],
    [`/${"x".repeat(1000)}`, "ValidationException", /at most 1011 are allowed/],
  ];
  for (const [name, error, message] of cases) {
    assert.throws(() => put(context, name, "1"), { name: error, message }, name);
  }
  put(context, levels(15), "1");
  assert.equal(operations.DescribeParameters({}, context).Parameters?.length, 1);
});

test("values: empty, too long for their tier, against the allowed pattern, of an unknown type", () => {
  const context = testContext();
  assert.throws(() => put(context, "p", ""), {
    message:
      "1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1.",
  });
  assert.throws(() => operations.PutParameter({ Name: "p", Value: "1" }, context), {
    message: "A parameter type is required when you create a parameter.",
  });
  assert.throws(() => put(context, "p", "x".repeat(4097)), {
    message:
      /^Standard tier parameters support a maximum parameter value of 4096 characters\. To create a larger/,
  });
  assert.throws(() => put(context, "p", "x".repeat(8193), { Tier: "Advanced" }), {
    name: "ValidationException",
  });
  assert.equal(put(context, "big", "x".repeat(4097), { Tier: "Intelligent-Tiering" }).Tier, "Advanced");
  assert.throws(() => put(context, "big", "x", { Overwrite: true, Tier: "Standard" }), {
    message: /^This parameter uses the advanced-parameter tier\. You can't downgrade/,
  });
  assert.throws(() => put(context, "n", "10,000", { AllowedPattern: "\\d{1,4}" }), {
    name: "ParameterPatternMismatchException",
    message: "Parameter value, cannot be validated against allowedPattern: \\d{1,4}",
  });
  assert.throws(() => put(context, "n", "1", { AllowedPattern: "(" }), {
    name: "InvalidAllowedPatternException",
  });
  assert.throws(() => put(context, "n", `${"a".repeat(40)}!`, { AllowedPattern: "(a+)+" }), {
    name: "InvalidAllowedPatternException",
  });
  put(context, "n", "100", { AllowedPattern: "\\d{1,4}" });
  assert.throws(() => put(context, "n", "x", { Overwrite: true }), {
    name: "ParameterPatternMismatchException",
  });
  assert.throws(() => put(context, "d", "x", { DataType: "Text" }), {
    message: "The following data type is not supported: Text (Data type names are all lowercase.)",
  });
});

test("by path: one level or all below it, by ten, filtered", () => {
  const context = testContext();
  for (const name of ["/a/1", "/a/2", "/a/b/3", "/ab/4", "5"]) put(context, name, name);
  put(context, "/a/s", "x", { Type: "SecureString" });
  const names = (more: object) =>
    operations.GetParametersByPath({ Path: "/a", ...more }, context).Parameters?.map(({ Name }) => Name);
  assert.deepEqual(names({}), ["/a/1", "/a/2", "/a/s"]);
  assert.deepEqual(names({ Path: "/a/", Recursive: true }), ["/a/1", "/a/2", "/a/b/3", "/a/s"]);
  assert.deepEqual(names({ ParameterFilters: [{ Key: "Type", Values: ["SecureString"] }] }), ["/a/s"]);
  const first = operations.GetParametersByPath({ Path: "/", Recursive: true, MaxResults: 4 }, context);
  const rest = operations.GetParametersByPath(
    { Path: "/", Recursive: true, NextToken: first.NextToken },
    context,
  );
  assert.equal((first.Parameters?.length ?? 0) + (rest.Parameters?.length ?? 0), 6);
  assert.throws(() => names({ MaxResults: 11 }), { message: /less than or equal to 10$/ });
  assert.throws(() => names({ Path: "a" }), {
    message: /^The parameter doesn't meet the parameter name requirements/,
  });
  assert.throws(() => names({ ParameterFilters: [{ Key: "Name", Values: ["x"] }] }), {
    name: "InvalidFilterKey",
    message: "The following filter key is not valid: Name. Valid filter keys include: [Type, KeyId].",
  });
  assert.throws(() => names({ NextToken: "foreign" }), { name: "InvalidNextToken" });
});

test("described: filters by name, path, tag and tier, and what filters may not be", () => {
  const context = testContext();
  put(context, "/web/a", "1", { Tags: [{ Key: "env", Value: "prod" }] });
  put(context, "/web/b", "1", { Tier: "Advanced" });
  put(context, "c", "1");
  const names = (Key: string, Values: string[], Option?: string) =>
    operations
      .DescribeParameters({ ParameterFilters: [{ Key, Values, Option }] }, context)
      .Parameters?.map(({ Name }) => Name);
  assert.deepEqual(names("Name", ["c"]), ["c"]);
  assert.deepEqual(names("Name", ["/c"]), ["c"]);
  assert.deepEqual(names("Name", ["/web"], "BeginsWith"), ["/web/a", "/web/b"]);
  assert.deepEqual(names("Name", ["eb/b"], "Contains"), ["/web/b"]);
  assert.deepEqual(names("Path", ["/web"]), ["/web/a", "/web/b"]);
  assert.deepEqual(names("tag:env", ["prod"]), ["/web/a"]);
  assert.deepEqual(names("Tier", ["Advanced"]), ["/web/b"]);
  assert.throws(() => names("Label", ["x"]), {
    message:
      "The following filter key is not valid: Label. Valid filter keys include: [Path, Name, Type, KeyId, Tier].",
  });
  assert.throws(() => names("Type", ["Text"]), {
    name: "InvalidFilterOption",
    message:
      "The following filter value is not valid: Text. Valid values include: [String, StringList, SecureString].",
  });
  assert.throws(() => names("Path", ["/aws/x"]), {
    name: "ValidationException",
    message: /^Filters for common parameters can't be prefixed with "aws" or "ssm"/,
  });
});

test("labels move between versions, count ten, and keep the oldest version from being dropped", () => {
  const context = testContext();
  put(context, "p", "1");
  put(context, "p", "2", { Overwrite: true });
  const label = (ParameterVersion: number | undefined, ...Labels: string[]) =>
    operations.LabelParameterVersion({ Name: "p", ParameterVersion, Labels }, context);
  assert.deepEqual(label(1, "live", "1st", "awsome"), {
    InvalidLabels: ["1st", "awsome"],
    ParameterVersion: 1,
  });
  assert.equal(value(context, "p:live"), "1");
  assert.equal(label(undefined, "live").ParameterVersion, 2);
  assert.equal(value(context, "p:live"), "2");
  label(1, ...Array.from({ length: 10 }, (_, index) => `l${index}`));
  assert.throws(() => label(1, "eleventh"), { name: "ParameterVersionLabelLimitExceeded" });
  assert.throws(() => label(9, "x"), { name: "ParameterVersionNotFound" });
  const unlabelled = operations.UnlabelParameterVersion(
    { Name: "p", ParameterVersion: 2, Labels: ["live", "none"] },
    context,
  );
  assert.deepEqual(unlabelled, { RemovedLabels: ["live"], InvalidLabels: ["none"] });
  for (let version = 3; version <= 100; version++) put(context, "p", String(version), { Overwrite: true });
  assert.throws(() => put(context, "p", "101", { Overwrite: true }), {
    name: "ParameterMaxVersionLimitExceeded",
    message:
      /^You attempted to create a new version of p by calling the PutParameter API with the overwrite flag\. V/,
  });
  const history = operations.GetParameterHistory({ Name: "p", MaxResults: 3 }, context);
  assert.deepEqual(
    history.Parameters?.map(({ Version, Value }) => [Version, Value]),
    [
      [1, "1"],
      [2, "2"],
      [3, "3"],
    ],
  );
  assert.equal(history.Parameters?.[0]?.Labels?.length, 10);
});

test("an Expiration ends a parameter; policies need the advanced tier and must be known", () => {
  const context = testContext();
  const expiration = (at: number) =>
    JSON.stringify([
      { Type: "Expiration", Version: "1.0", Attributes: { Timestamp: new Date(at).toISOString() } },
    ]);
  const now = context.clock.now();
  assert.throws(() => put(context, "p", "1", { Policies: expiration(now) }), { name: "ValidationException" });
  assert.throws(() => put(context, "p", "1", { Tier: "Advanced", Policies: '[{"Type":"Other"}]' }), {
    name: "InvalidPolicyTypeException",
  });
  put(context, "p", "1", { Tier: "Advanced", Policies: expiration(now + 1000) });
  const [described] = operations.DescribeParameters({}, context).Parameters ?? [];
  assert.equal(described?.Policies?.[0]?.PolicyType, "Expiration");
  const later = { ...context, clock: { ...context.clock, now: () => now + 1000 } };
  assert.throws(() => value(later, "p"), { name: "ParameterNotFound" });
  assert.equal(put(later, "p", "2").Version, 1);
});

test("tags are listed, added, removed; deleting takes the parameter and its versions", () => {
  const context = testContext();
  put(context, "p", "1", { Tags: [{ Key: "a", Value: "1" }] });
  const resource = { ResourceType: "Parameter", ResourceId: "p" } as const;
  operations.AddTagsToResource({ ...resource, Tags: [{ Key: "b", Value: "2" }] }, context);
  operations.RemoveTagsFromResource({ ...resource, TagKeys: ["a"] }, context);
  assert.deepEqual(operations.ListTagsForResource(resource, context), {
    TagList: [{ Key: "b", Value: "2" }],
  });
  assert.throws(() => operations.ListTagsForResource({ ...resource, ResourceId: "q" }, context), {
    name: "InvalidResourceId",
  });
  assert.deepEqual(operations.DeleteParameters({ Names: ["p", "q"] }, context), {
    DeletedParameters: ["p"],
    InvalidParameters: ["q"],
  });
  assert.equal(put(context, "p", "again").Version, 1);
});
