import assert from "node:assert/strict";
import { test } from "node:test";
import type * as wire from "@aws-sdk/client-ecs";
import { client, createWeb, ecsContext, fault, registerWeb } from "./testing.ts";

const ROUTER: wire.ContainerDefinition = {
  name: "router",
  image: "fluent-bit",
  firelensConfiguration: { type: "fluentbit" },
};
const APP: wire.ContainerDefinition = {
  name: "app",
  image: "nginx",
  logConfiguration: {
    logDriver: "awsfirelens",
    options: { Name: "http", "log-driver-buffer-limit": "1048576" },
  },
};

test("a log router is root's unless told otherwise, and asks for the agent's capabilities", () => {
  const attributesOf = (router: Partial<wire.ContainerDefinition>) => {
    const { containerDefinitions, requiresAttributes } = registerWeb(ecsContext(), {
      containerDefinitions: [APP, { ...ROUTER, ...router }],
    });
    const names = (requiresAttributes ?? []).map(({ name }) => name);
    return [containerDefinitions?.[1]?.user, ...names.filter((name) => name?.includes("firelens"))];
  };
  const driver = [
    "com.amazonaws.ecs.capability.logging-driver.awsfirelens",
    "ecs.capability.logging-driver.awsfirelens.log-driver-buffer-limit",
  ];
  assert.deepEqual(attributesOf({}), ["0", ...driver, "ecs.capability.firelens.fluentbit"]);
  const options = { "config-file-type": "file", "config-file-value": "/a.conf" };
  assert.deepEqual(attributesOf({ user: "1000", firelensConfiguration: { type: "fluentd", options } }), [
    "1000",
    ...driver,
    "ecs.capability.firelens.fluentd",
    "ecs.capability.firelens.options.config.file",
    "ecs.capability.firelens.non-root-user",
  ]);
});

test("a router without containers to route for is refused", () => {
  assert.throws(
    () => registerWeb(ecsContext(), { containerDefinitions: [{ name: "app", image: "nginx" }, ROUTER] }),
    client(
      "When a firelensConfiguration object is specified, at least one container has to be configured with the awsfirelens log driver.",
    ),
  );
});

test("Fargate takes the router's own file from its image alone", () => {
  const context = ecsContext();
  const options = { "config-file-type": "s3", "config-file-value": "arn:aws:s3:::files/extra.conf" };
  registerWeb(context, {
    containerDefinitions: [APP, { ...ROUTER, firelensConfiguration: { type: "fluentbit", options } }],
  });
  assert.throws(
    () => createWeb(context),
    fault(
      "PlatformTaskDefinitionIncompatibilityException",
      "The specified platform does not satisfy the task definition’s required capabilities.",
    ),
  );
});
