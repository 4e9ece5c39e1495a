import assert from "node:assert/strict";
import { createServer } from "node:net";
import { describe, it } from "node:test";
import { silentLog } from "../lib/log.ts";
import {
  createInstanceWorld,
  INSTANCE_ID,
  type InstanceWorld,
  SCOPE,
} from "../reconcile/instance/testing.ts";
import { exampleDefinition, exampleTask, WEB } from "../reconcile/task/testing.ts";
import { bridgeEndpoints, taskDefinitions, tasks } from "../store/tables/ecs.ts";
import { createAgentIntrospection, handleIntrospection } from "./agent-introspection.ts";
import { type Ask, serving } from "./testing.ts";

const DOCKER_ID = "ab".repeat(32);

async function registered(): Promise<InstanceWorld> {
  const world = createInstanceWorld();
  world.start();
  await world.settle();
  const arn = world.containerInstance()?.arn;
  const definition = exampleDefinition([WEB], { networkMode: "bridge" });
  const task = exampleTask(definition, { containerInstanceArn: arn, lastStatus: "RUNNING" });
  const [container] = task.containers;
  assert.ok(container);
  world.store.transaction((tx) => {
    tx.put(taskDefinitions, definition);
    tx.put(tasks, { ...task, containers: [{ ...container, runtimeId: DOCKER_ID, lastStatus: "RUNNING" }] });
    tx.put(bridgeEndpoints, {
      ...SCOPE,
      endpointId: "e".repeat(64),
      instanceId: INSTANCE_ID,
      taskArn: task.arn,
      containerName: "web",
      engineName: "ecs-web-7-web-0123456789abcdef0123",
      address: "172.17.0.2",
      macAddress: "02:42:ac:11:00:02",
      ports: [],
      linkState: "ready",
    });
  });
  return world;
}

async function asking(world: InstanceWorld, work: (ask: Ask) => Promise<void>): Promise<void> {
  const arn = world.containerInstance()?.arn ?? "";
  await serving((request, response) => handleIntrospection(world.store, arn, request, response), work);
}

async function json(ask: Ask, path: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await ask("GET", path);
  assert.ok(answer !== "closed");
  return { status: answer.status, body: JSON.parse(answer.body) };
}

describe("the agent's introspection", () => {
  it("tells cluster, container instance and version", async () => {
    const world = await registered();
    await asking(world, async (ask) => {
      assert.deepEqual((await json(ask, "/v1/metadata")).body, {
        Cluster: "main",
        ContainerInstanceArn: world.containerInstance()?.arn,
        Version: "Amazon ECS Agent - v1.105.1 (a8b3e7d3)",
      });
      assert.deepEqual((await json(ask, "/")).body, {
        AvailableCommands: ["/v1/metadata", "/v1/tasks", "/license"],
      });
      const license = await ask("GET", "/license");
      assert.match(license === "closed" ? "" : license.body, /Apache License/);
    });
  });

  it("finds a task by its ARN, or by the Docker id of a container, whole or its beginning", async () => {
    const world = await registered();
    const task = world.store.list(tasks)[0];
    assert.ok(task);
    await asking(world, async (ask) => {
      for (const query of [
        `taskarn=${task.arn}`,
        `dockerid=${DOCKER_ID}`,
        `dockerid=${DOCKER_ID.slice(0, 12)}`,
      ]) {
        const { status, body } = await json(ask, `/v1/tasks?${query}`);
        assert.equal(status, 200, query);
        assert.equal(body["Arn"], task.arn);
      }
      const { body } = await json(ask, "/v1/tasks");
      assert.deepEqual(body, {
        Tasks: [
          {
            Arn: task.arn,
            DesiredStatus: "RUNNING",
            KnownStatus: "RUNNING",
            Family: "web",
            Version: "7",
            Containers: [
              {
                DockerId: DOCKER_ID,
                DockerName: "ecs-web-7-web-0123456789abcdef0123",
                Name: "web",
                Image: "nginx",
                ImageID: "",
                Networks: [{ NetworkMode: "bridge", IPv4Addresses: ["172.17.0.2"] }],
              },
            ],
          },
        ],
      });
    });
  });

  it("answers for no task with 404, for two questions with 400", async () => {
    const world = await registered();
    const nothing = { Arn: "", KnownStatus: "", Family: "", Version: "", Containers: null };
    await asking(world, async (ask) => {
      for (const query of ["taskarn=x", "dockerid=", "dockerid=abab"]) {
        const { status, body } = await json(ask, `/v1/tasks?${query}`);
        if (query !== "dockerid=abab")
          assert.deepEqual({ status, body }, { status: 404, body: nothing }, query);
      }
      assert.deepEqual(await json(ask, "/v1/tasks?taskarn=x&dockerid=y"), { status: 400, body: nothing });
    });
  });

  it("listens in the instance's namespace while the agent is connected, and in the new one after a reboot", async () => {
    const world = await registered();
    const listening = new Set<number>();
    const introspection = createAgentIntrospection({
      ...world,
      log: silentLog,
      sockets: {
        async listen(where, address, port) {
          assert.deepEqual([address, port], ["0.0.0.0", 51678]);
          assert.ok(where.kind === "process");
          const { processId } = where;
          listening.add(processId);
          const server = createServer().listen(0, "127.0.0.1");
          server.on("close", () => listening.delete(processId));
          return server;
        },
      },
    });
    introspection.start();
    await world.settle();
    assert.deepEqual([...listening], [world.instance().sandbox?.processId]);
    world.put({ rebootsAsked: 1 });
    await world.settle();
    assert.deepEqual([...listening], [world.instance().sandbox?.processId]);
    world.put({ desiredState: "stopped" });
    await world.settle();
    assert.deepEqual([...listening], []);
    await introspection.stop();
  });
});
