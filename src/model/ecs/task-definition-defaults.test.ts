import assert from "node:assert/strict";
import { test } from "node:test";
import { requiredAttributesOf, withDefaults } from "./task-definition-defaults.ts";

test("exactly ECS's own defaults are added, nothing else", () => {
  const { containerDefinitions, ...rest } = withDefaults({
    family: "web",
    containerDefinitions: [{ name: "app", image: "nginx", portMappings: [{ containerPort: 80 }] }],
  });
  assert.deepEqual(rest, { volumes: [], placementConstraints: [] });
  assert.deepEqual(containerDefinitions, [
    {
      name: "app",
      image: "nginx",
      cpu: 0,
      essential: true,
      environment: [],
      mountPoints: [],
      volumesFrom: [],
      systemControls: [],
      portMappings: [{ containerPort: 80, hostPort: 0, protocol: "tcp" }],
    },
  ]);
});

test("with awsvpc and host the host port is the container's, also when 0 was sent for nothing", () => {
  for (const networkMode of ["awsvpc", "host"] as const) {
    const { containerDefinitions } = withDefaults({
      family: "web",
      networkMode,
      containerDefinitions: [
        { name: "app", portMappings: [{ containerPort: 80 }, { containerPort: 81, hostPort: 0 }] },
      ],
    });
    assert.deepEqual(
      containerDefinitions?.[0]?.portMappings?.map(({ hostPort }) => hostPort),
      [80, 81],
    );
  }
});

test("sizes in vCPU and GB become units and MiB", () => {
  const { cpu, memory } = withDefaults({
    family: "web",
    cpu: ".5 vCPU",
    memory: "1 GB",
    containerDefinitions: [],
  });
  assert.deepEqual([cpu, memory], ["512", "1024"]);
});

test("attributes name what a container instance must be able to do", () => {
  const names = requiredAttributesOf({
    networkMode: "awsvpc",
    taskRoleArn: "arn:aws:iam::000000000000:role/tasks",
    executionRoleArn: "arn:aws:iam::000000000000:role/tasks",
    containerDefinitions: [
      {
        name: "app",
        image: "000000000000.dkr.ecr.ap-northeast-1.amazonaws.com/web:1",
        logConfiguration: { logDriver: "awslogs" },
        healthCheck: { command: ["CMD", "true"] },
      },
    ],
  }).map(({ name }) => name);
  assert.deepEqual([...names].sort(), [
    "com.amazonaws.ecs.capability.docker-remote-api.1.18",
    "com.amazonaws.ecs.capability.docker-remote-api.1.19",
    "com.amazonaws.ecs.capability.ecr-auth",
    "com.amazonaws.ecs.capability.logging-driver.awslogs",
    "com.amazonaws.ecs.capability.task-iam-role",
    "ecs.capability.container-health-check",
    "ecs.capability.execution-role-awslogs",
    "ecs.capability.execution-role-ecr-pull",
    "ecs.capability.task-eni",
  ]);
});

test("what a definition needs of its instance follows from its settings", () => {
  const names = (change: object, container: object = {}) =>
    requiredAttributesOf(
      withDefaults({
        family: "web",
        containerDefinitions: [{ name: "app", image: "nginx", ...container }],
        ...change,
      }),
    ).map(({ name }) => name);
  assert.deepEqual(names({}), []);
  assert.deepEqual(names({ networkMode: "host", taskRoleArn: "role" }), [
    "com.amazonaws.ecs.capability.task-iam-role-network-host",
  ]);
  assert.deepEqual(names({ pidMode: "task" }), ["ecs.capability.pid-ipc-namespace-sharing"]);
  assert.deepEqual(
    names({}, { restartPolicy: { enabled: true }, portMappings: [{ containerPortRange: "80-90" }] }),
    ["ecs.capability.container-restart-policy", "ecs.capability.network.container-port-range"],
  );
});

test("a host port is the container's under host, and none under bridge", () => {
  const mapped = (networkMode: "bridge" | "host" | undefined) =>
    withDefaults({
      family: "web",
      networkMode,
      containerDefinitions: [{ name: "app", image: "nginx", portMappings: [{ containerPort: 80 }] }],
    }).containerDefinitions?.[0]?.portMappings;
  assert.deepEqual(mapped("host"), [{ containerPort: 80, hostPort: 80, protocol: "tcp" }]);
  assert.deepEqual(mapped("bridge"), [{ containerPort: 80, hostPort: 0, protocol: "tcp" }]);
  assert.deepEqual(mapped(undefined), [{ containerPort: 80, hostPort: 0, protocol: "tcp" }]);
});
