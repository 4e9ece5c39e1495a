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

test("whatever the engine can do is honoured", () => {
  const container = {
    linuxParameters: {
      initProcessEnabled: true,
      capabilities: { add: ["NET_ADMIN"] },
      tmpfs: [{ containerPath: "/x", size: 1 }],
      sharedMemorySize: 64,
      devices: [{ hostPath: "/dev/fuse" }],
      maxSwap: 64,
      swappiness: 10,
    },
    secrets: [{ name: "A", valueFrom: "a" }],
    repositoryCredentials: { credentialsParameter: "a" },
    systemControls: [{ namespace: "net.core.somaxconn", value: "99" }],
    volumesFrom: [{ sourceContainer: "app" }],
    startTimeout: 30,
    privileged: true,
    dockerSecurityOptions: ["no-new-privileges"],
    logConfiguration: {
      logDriver: "awslogs",
      options: { "awslogs-datetime-format": "%Y", mode: "non-blocking", "max-buffer-size": "1m" },
    },
  };
  const volumes = [
    { name: "machine", host: { sourcePath: "/v" } },
    { name: "shared", dockerVolumeConfiguration: { scope: "shared", autoprovision: true, driver: "local" } },
    {
      name: "memory",
      dockerVolumeConfiguration: { driverOpts: { type: "tmpfs", device: "tmpfs", o: "size=1m" } },
    },
    { name: "efs", efsVolumeConfiguration: { fileSystemId: "fs-1", transitEncryption: "ENABLED" } },
  ];
  const task = { pidMode: "task", ipcMode: "none", ephemeralStorage: { sizeInGiB: 30 }, volumes };
  assert.deepEqual(find(container, task), []);
});

test("everything else is named, with its container or volume", () => {
  assert.deepEqual(find({ environmentFiles: [{ type: "s3", value: "arn:aws:s3:::b/k" }] }), []);
  assert.deepEqual(find({ resourceRequirements: [{ type: "GPU", value: "1" }] }), []);
  assert.deepEqual(find({ resourceRequirements: [{ type: "InferenceAccelerator", value: "a" }] }), [
    "resourceRequirements InferenceAccelerator (container app)",
  ]);
  const secretOptions = [{ name: "Http_Passwd", valueFrom: "password" }];
  assert.deepEqual(find({ logConfiguration: { logDriver: "awsfirelens", secretOptions } }), []);
  assert.deepEqual(find({ logConfiguration: { logDriver: "splunk" } }), [
    "logConfiguration.logDriver splunk (container app)",
  ]);
  const refused = (volume: object) => find({}, { volumes: [{ name: "v", ...volume }] });
  assert.deepEqual(refused({ configuredAtLaunch: true }), ["configuredAtLaunch (volume v)"]);
  assert.deepEqual(refused({ fsxWindowsFileServerVolumeConfiguration: { fileSystemId: "fs-1" } }), [
    "fsxWindowsFileServerVolumeConfiguration (volume v)",
  ]);
  assert.deepEqual(refused({ dockerVolumeConfiguration: { driver: "rexray/ebs" } }), [
    "dockerVolumeConfiguration.driver rexray/ebs (volume v)",
  ]);
  assert.deepEqual(
    refused({ dockerVolumeConfiguration: { driverOpts: { type: "none", o: "bind", device: "/" } } }),
    ["dockerVolumeConfiguration.driverOpts (volume v)"],
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
