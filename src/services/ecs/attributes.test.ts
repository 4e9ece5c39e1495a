import assert from "node:assert/strict";
import { test } from "node:test";
import type * as wire from "@aws-sdk/client-ecs";
import { deleteAttributes, listAttributes, putAttributes } from "./attributes.ts";
import { type EcsTestContext, ecsContext, fault, invalid, putInstance } from "./testing.ts";

function put(context: EcsTestContext, ...attributes: wire.Attribute[]) {
  return putAttributes({ cluster: "main", attributes }, context);
}

function values(context: EcsTestContext, attributeName: string, attributeValue?: string) {
  const { attributes } = listAttributes(
    {
      cluster: "main",
      targetType: "container-instance",
      attributeName,
      ...(attributeValue === undefined ? {} : { attributeValue }),
    },
    context,
  );
  return attributes?.map(({ value, targetId }) => [value, targetId]);
}

test("attributes are put, listed and deleted", () => {
  const context = ecsContext();
  const { arn, containerInstanceId } = putInstance(context);
  put(context, { name: "stack", value: "prod", targetId: arn });
  put(context, { name: "rack", targetId: containerInstanceId, targetType: "container-instance" });
  assert.deepEqual(values(context, "stack"), [["prod", arn]]);
  assert.deepEqual(values(context, "stack", "test"), []);
  assert.deepEqual(values(context, "rack"), [[undefined, arn]]);
  assert.deepEqual(values(context, "ecs.instance-type"), [["t3.small", arn]], "the service's own too");
  const drop = (attribute: wire.Attribute) =>
    deleteAttributes({ cluster: "main", attributes: [{ targetId: arn, ...attribute }] }, context);
  drop({ name: "stack", value: "test" });
  assert.deepEqual(values(context, "stack"), [["prod", arn]], "its value is another");
  drop({ name: "stack", value: "prod" });
  drop({ name: "rack" });
  assert.deepEqual([values(context, "stack"), values(context, "rack")], [[], []]);
});

test("what is no attribute of an instance is refused", () => {
  const context = ecsContext();
  const { arn, containerInstanceId } = putInstance(context);
  assert.throws(() => put(context), invalid("attributes can not be empty"));
  assert.throws(
    () => put(context, { name: "stack", targetId: "abc", targetType: "container-instance" }),
    fault("TargetNotFoundException", "Could not find abc"),
  );
  assert.throws(() => put(context, { name: "stack", targetId: containerInstanceId }), invalid(/targetType/));
  assert.throws(() => put(context, { name: "a b", targetId: arn }), invalid(/name/));
  assert.throws(() => put(context, { name: "a", value: " b", targetId: arn }), invalid(/value/));
  assert.throws(() => put(context, { name: "ecs.os-type", value: "b", targetId: arn }), invalid(/reserved/));
  const many = (count: number, from = 0): wire.Attribute[] =>
    Array.from({ length: count }, (_, i) => ({ name: `a${from + i}`, value: "b", targetId: arn }));
  assert.throws(() => put(context, ...many(11)), invalid("attributes can have at most 10 items."));
  put(context, ...many(10));
  put(context, ...many(10));
  assert.throws(() => put(context, ...many(1, 10)), { name: "AttributeLimitExceededException" });
  assert.deepEqual(values(context, "a10"), []);
  assert.throws(
    () => listAttributes({ cluster: "main", targetType: "moon" as "container-instance" }, context),
    invalid("targetType must be container-instance"),
  );
});
