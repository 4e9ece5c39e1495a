import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { tasks } from "../../store/tables/ecs.ts";
import { createTaskWorld, DOCKER_ID, got, json } from "./testing.ts";

describe("metadata of a task", () => {
  it("shows container and task at versions 3 and 4, and at version 2 by the caller's address", async () => {
    const world = createTaskWorld();
    const { endpointId, task } = world;
    await world.serving(async (ask) => {
      const container = await json(ask, `/v4/${endpointId}`);
      assert.equal(container["DockerId"], DOCKER_ID);
      assert.equal(container["DockerName"], "web");
      assert.equal(container["ContainerARN"], task.containers[0]?.arn);
      assert.equal(container["KnownStatus"], "RUNNING");
      assert.deepEqual(container["Limits"], { CPU: 2, Memory: 0 });
      assert.deepEqual(container["Networks"], [
        {
          NetworkMode: "awsvpc",
          IPv4Addresses: ["127.0.0.1"],
          AttachmentIndex: 0,
          MACAddress: "0a:00:00:00:00:01",
          IPv4SubnetCIDRBlock: "10.0.11.0/24",
          DomainNameServers: ["10.0.0.2"],
          DomainNameSearchList: ["ap-northeast-1.compute.internal"],
          PrivateDNSName: "ip-127-0-0-1.ap-northeast-1.compute.internal",
          SubnetGatewayIpv4Address: "10.0.11.1/24",
        },
      ]);
      const third = await json(ask, `/v3/${endpointId}`);
      assert.deepEqual(third["Networks"], [{ NetworkMode: "awsvpc", IPv4Addresses: ["127.0.0.1"] }]);
      assert.equal(third["ContainerARN"], undefined);
      assert.deepEqual(await json(ask, `/v2/metadata/${DOCKER_ID}`), third);
      const whole = await json(ask, `/v4/${endpointId}/task`);
      assert.equal(whole["Cluster"], task.clusterArn);
      assert.deepEqual(whole["Limits"], { CPU: 0.25, Memory: 512 });
      assert.equal(whole["Revision"], "7");
      assert.equal(whole["LaunchType"], "FARGATE");
      assert.equal(whole["FaultInjectionEnabled"], false);
      assert.deepEqual(whole["Containers"], [container]);
      assert.deepEqual((await json(ask, "/v2/metadata"))["Containers"], [third]);
      assert.deepEqual(await json(ask, `/v3/${endpointId}/task`), await json(ask, "/v2/metadata/"));
    });
  });

  it("shows health with its last change, restarts at version 4, and on instances volumes", async () => {
    const health = { since: 3000, exitCode: 1, output: "no" };
    const volumes = [{ name: "own" }, { name: "data", host: { sourcePath: "/srv" } }];
    const world = createTaskWorld(
      {},
      {
        volumes,
        containerDefinitions: [
          {
            name: "web",
            image: "nginx",
            healthCheck: { command: ["CMD", "false"] },
            restartPolicy: { enabled: true },
            mountPoints: [
              { sourceVolume: "own", containerPath: "/own" },
              { sourceVolume: "data", containerPath: "/data" },
            ],
          },
        ],
      },
    );
    const { store, task, endpointId } = world;
    const containers = task.containers.map((container) => ({
      ...container,
      healthStatus: "UNHEALTHY" as const,
      healthCheck: health,
      restartCount: 2,
    }));
    store.transaction((tx) => tx.put(tasks, { ...task, launchType: "EC2", containers }));
    await world.serving(async (ask) => {
      const container = await json(ask, `/v4/${endpointId}`);
      assert.deepEqual(container["Health"], {
        status: "UNHEALTHY",
        statusSince: "1970-01-01T00:00:03.000Z",
        exitCode: 1,
        output: "no",
      });
      assert.equal(container["RestartCount"], 2);
      assert.equal((await json(ask, `/v3/${endpointId}`))["RestartCount"], undefined);
      const name = `ecs-web-7-own-${task.taskId.slice(0, 20)}`;
      assert.deepEqual(container["Volumes"], [
        { DockerName: name, Source: `/var/lib/docker/volumes/${name}/_data`, Destination: "/own" },
        { Source: "/srv", Destination: "/data" },
      ]);
      store.transaction((tx) => tx.put(tasks, { ...task, containers }));
      assert.equal((await json(ask, `/v4/${endpointId}`))["Volumes"], undefined);
    });
  });

  it("shows tags at taskWithTags alone", async () => {
    const world = createTaskWorld({ tags: [{ key: "team", value: "blue" }] });
    await world.serving(async (ask) => {
      assert.equal((await json(ask, `/v4/${world.endpointId}/task`))["TaskTags"], undefined);
      for (const path of [`/v4/${world.endpointId}/taskWithTags`, "/v2/metadataWithTags"]) {
        assert.deepEqual((await json(ask, path))["TaskTags"], { team: "blue" }, path);
      }
    });
  });

  it("passes on the engine's stats, with rates at version 4 from the second time on", async () => {
    const world = createTaskWorld();
    await world.serving(async (ask) => {
      assert.equal((await json(ask, `/v4/${world.endpointId}/stats`))["network_rate_stats"], undefined);
      world.clock.advance(2000);
      assert.deepEqual((await json(ask, `/v4/${world.endpointId}/stats`))["network_rate_stats"], {
        rx_bytes_per_sec: 250,
        tx_bytes_per_sec: 500,
      });
      const all = await json(ask, `/v3/${world.endpointId}/task/stats`);
      assert.deepEqual(Object.keys(all), [DOCKER_ID]);
    });
  });

  it("refuses in the agent's words", async () => {
    const world = createTaskWorld();
    await world.serving(async (ask) => {
      const noTask = "unable to get task arn from request: unable to get task Arn from v3 endpoint ID: x";
      const noContainer =
        "unable to get container ID from request: unable to get docker ID from v3 endpoint ID: x";
      for (const [path, status, text] of [
        ["/v4/x", 404, `V4 container metadata handler: ${noContainer}`],
        ["/v4/x/task", 404, `V4 task metadata handler: ${noTask}`],
        ["/v4/x/stats", 404, `V4 container stats handler: ${noTask}`],
        ["/v3/x", 500, `V3 container metadata handler: ${noContainer}`],
        ["/v3/x/task/stats", 400, `V3 task stats handler: ${noTask}`],
        ["/v2/metadata/beef", 400, "Unable to generate metadata for container 'beef'"],
      ] as const) {
        const answer = await got(ask, path);
        assert.equal(answer.status, status, path);
        assert.equal(JSON.parse(answer.body), text);
      }
      assert.equal((await got(ask, "/nothing")).body, "404 page not found\n");
      assert.equal((await got(ask, `//v4//${world.endpointId}`)).headers.location, `/v4/${world.endpointId}`);
    });
    await world.serving(async (ask) => {
      const answer = await got(ask, "/v2/metadata");
      assert.equal(answer.status, 400);
      assert.match(answer.body, /unable to associate '127\.0\.0\.9' with task/);
    }, "127.0.0.9");
  });

  it("lets a caller ask 60 times at once, and 40 times a second", async () => {
    const world = createTaskWorld();
    await world.serving(async (ask) => {
      for (let i = 0; i < 60; i++) assert.equal((await got(ask, "/v2/metadata")).status, 200);
      const refused = await got(ask, "/v2/metadata");
      assert.equal(refused.status, 429);
      assert.equal(refused.body, "You have reached maximum request limit.");
      world.clock.advance(25);
      assert.equal((await got(ask, "/v2/metadata")).status, 200);
    });
  });
});
