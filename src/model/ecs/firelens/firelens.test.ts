import assert from "node:assert/strict";
import { test } from "node:test";
import type * as wire from "@aws-sdk/client-ecs";
import { parseRouterUser, withRouterFirst } from "./firelens.ts";
import { firelensRule } from "./rules.ts";

const ROUTER: wire.ContainerDefinition = { name: "router", firelensConfiguration: { type: "fluentbit" } };
const APP: wire.ContainerDefinition = { name: "app", logConfiguration: { logDriver: "awsfirelens" } };
const OTHER: wire.ContainerDefinition = { name: "other" };

const dependencies = (...containers: wire.ContainerDefinition[]) =>
  withRouterFirst(containers).map(({ name, dependsOn = [] }) =>
    [name, ...dependsOn.map(({ containerName, condition }) => `${containerName} ${condition}`)].join(": "),
  );

test("those that use the router start after it, unless they say so themselves or it waits for others", () => {
  assert.deepEqual(dependencies(APP, ROUTER, OTHER), ["app: router START", "router", "other"]);
  const healthy = { ...APP, dependsOn: [{ containerName: "router", condition: "HEALTHY" as const }] };
  assert.deepEqual(dependencies(healthy, ROUTER), ["app: router HEALTHY", "router"]);
  const late = { ...ROUTER, dependsOn: [{ containerName: "other", condition: "START" as const }] };
  assert.deepEqual(dependencies(APP, late, OTHER), ["app", "router: other START", "other"]);
  const itself = { ...ROUTER, logConfiguration: { logDriver: "awsfirelens" as const } };
  assert.deepEqual(dependencies(itself, OTHER), ["router", "other"]);
});

test("the router's user is a number, alone or with a group", () => {
  const parse = (user: string) => {
    const parsed = parseRouterUser(user);
    return parsed.ok ? `${parsed.value.userId} ${parsed.value.groupId}` : undefined;
  };
  assert.equal(parse("0"), "0 0");
  assert.equal(parse("1234"), "1234 0");
  assert.equal(parse("1234:56"), "1234 56");
  assert.equal(parse("1234:logs"), "1234 0");
  for (const user of ["fluent", "", "1:2:3", "4294967295", "-1"]) assert.equal(parse(user), undefined, user);
});

test("RegisterTaskDefinition refuses what could not route", () => {
  const fault = (...containerDefinitions: wire.ContainerDefinition[]) =>
    firelensRule({ family: "web", containerDefinitions });
  assert.equal(fault(ROUTER, APP), undefined);
  assert.equal(fault(OTHER), undefined);
  assert.equal(
    fault(APP),
    "When awsfirelens log driver is specified in log configuration, a firelens configuration object must be specified",
  );
  assert.equal(
    fault(ROUTER, OTHER),
    "When a firelensConfiguration object is specified, at least one container has to be configured with the awsfirelens log driver.",
  );
  assert.equal(
    fault(ROUTER, { ...ROUTER, name: "second" }, APP),
    "Only one container can have a firelensConfiguration: router, second",
  );
  const router = (options: Record<string, string>, user?: string) =>
    fault({ name: "router", user, firelensConfiguration: { type: "fluentd", options } }, APP);
  assert.equal(
    router({ "config-file-type": "file", "config-file-value": "/a.conf" }, "1000:1000"),
    undefined,
  );
  assert.equal(
    router({ "config-file-type": "git", "config-file-value": "x" }),
    "invalid value git is specified for option config-file-type",
  );
  assert.equal(
    router({ "config-file-type": "file" }),
    "option config-file-type is specified but config-file-value is not specified",
  );
  assert.equal(
    router({ "config-file-type": "s3", "config-file-value": "s3://bucket/key" }),
    "Invalid arn syntax.",
  );
  assert.equal(
    router({ "config-file-type": "s3", "config-file-value": "arn:aws:s3:::bucket/key" }),
    undefined,
  );
  assert.match(router({}, "fluent") ?? "", /^Invalid 'user' setting for container 'router'/);
  assert.equal(
    fault({ name: "router", firelensConfiguration: { type: undefined } }, APP),
    "firelensConfiguration type should be one of [fluentd,fluentbit]",
  );
});
