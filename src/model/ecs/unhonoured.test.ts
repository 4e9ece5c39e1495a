import assert from "node:assert/strict";
import { test } from "node:test";
import { withDefaults } from "./task-definition-defaults.ts";
import { unhonouredSettings } from "./unhonoured.ts";

const find = (container: object, definition: object = {}) =>
  unhonouredSettings(
    withDefaults({
      family: "web",
      networkMode: "awsvpc",
      containerDefinitions: [{ name: "app", image: "nginx", ...container }],
      ...definition,
    }),
  );

test("what a task really gets is honoured", () => {
  const honoured = find(
    {
      cpu: 10,
      memory: 128,
      memoryReservation: 64,
      command: ["a"],
      entryPoint: ["b"],
      environment: [{ name: "A", value: "1" }],
      workingDirectory: "/",
      user: "1000",
      essential: true,
      portMappings: [{ containerPort: 80 }],
      logConfiguration: { logDriver: "awslogs", options: { "awslogs-group": "g" } },
      healthCheck: { command: ["CMD", "true"] },
      ulimits: [{ name: "nofile", softLimit: 1, hardLimit: 1 }],
      stopTimeout: 10,
      readonlyRootFilesystem: true,
      linuxParameters: { initProcessEnabled: true, capabilities: { drop: ["ALL"] } },
      dockerLabels: { a: "b" },
      dependsOn: [],
      interactive: true,
      pseudoTerminal: true,
    },
    { cpu: "256", memory: "512", taskRoleArn: "r", executionRoleArn: "r" },
  );
  assert.deepEqual(honoured, []);
});

test("everything else is named, with its container", () => {
  assert.deepEqual(find({ secrets: [{ name: "A", valueFrom: "a" }] }), ["secrets (container app)"]);
  assert.deepEqual(find({ linuxParameters: { tmpfs: [{ containerPath: "/x", size: 1 }] } }), [
    "linuxParameters.tmpfs (container app)",
  ]);
  assert.deepEqual(find({ logConfiguration: { logDriver: "splunk" } }), [
    "logConfiguration.logDriver splunk (container app)",
  ]);
  assert.deepEqual(
    find({}, { volumes: [{ name: "v", host: { sourcePath: "/v" } }], ephemeralStorage: { sizeInGiB: 30 } }),
    ["volumes (volume v)", "ephemeralStorage"],
  );
  assert.deepEqual(find({}, { runtimePlatform: { operatingSystemFamily: "WINDOWS_SERVER_2022_CORE" } }), [
    "runtimePlatform.operatingSystemFamily WINDOWS_SERVER_2022_CORE",
  ]);
});

test("empty lists ask for nothing", () => {
  assert.deepEqual(
    find({ secrets: [], mountPoints: [], linuxParameters: { devices: [] } }, { volumes: [] }),
    [],
  );
});

test("volumes of the task and restarts are honoured", () => {
  const container = {
    mountPoints: [{ sourceVolume: "v", containerPath: "/v" }],
    restartPolicy: { enabled: true },
  };
  assert.deepEqual(find(container, { volumes: [{ name: "v" }] }), []);
  assert.deepEqual(find(container, { volumes: [{ name: "v", configuredAtLaunch: false, host: {} }] }), []);
  assert.deepEqual(find({}, { volumes: [{ name: "v", dockerVolumeConfiguration: { scope: "task" } }] }), [
    "volumes (volume v)",
  ]);
});

test("names and resolvers are a matter of network mode bridge", () => {
  const container = {
    links: ["db"],
    hostname: "app",
    extraHosts: [{ hostname: "a", ipAddress: "10.0.0.1" }],
    dnsServers: ["10.0.0.2"],
    dnsSearchDomains: ["example.com"],
  };
  assert.deepEqual(find(container, { networkMode: undefined }), []);
  assert.deepEqual(find(container, { networkMode: "bridge" }), []);
  assert.deepEqual(find({ hostname: "app" }, { networkMode: "host" }), ["hostname (container app)"]);
  assert.deepEqual(find({ dnsSearchDomains: ["a"] }), ["dnsSearchDomains (container app)"]);
});

test("constraints of the definition are honoured", () => {
  const placementConstraints = [{ type: "memberOf", expression: "attribute:a exists" }];
  assert.deepEqual(find({}, { placementConstraints }), []);
});
