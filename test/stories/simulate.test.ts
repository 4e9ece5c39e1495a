/** `berth up --simulate`: the API and the scheduler for real, containers and kernel left out. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { CreateSubnetCommand, CreateVpcCommand, EC2Client } from "@aws-sdk/client-ec2";
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DescribeServicesCommand,
  ECSClient,
  RegisterContainerInstanceCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
} from "@aws-sdk/client-ecs";
import { findFreePort, present, REGION, run, until } from "./harness.ts";

const program = new URL("../../berth", import.meta.url).pathname;

describe("berth up --simulate", { timeout: 120_000 }, () => {
  const state = mkdtempSync("/tmp/bs-sim-");
  let port: string;
  let ecs: ECSClient;
  let ec2: EC2Client;
  const berth = (...parameters: string[]) =>
    run(program, [...parameters, "--state-dir", state, "--port", port]);

  before(async () => {
    port = String(await findFreePort());
    const started = await berth("up", "--simulate", "--detach");
    assert.equal(started.exitCode, 0, started.stderr);
    const options = {
      endpoint: `http://127.0.0.1:${port}`,
      region: REGION,
      credentials: { accessKeyId: "000000000000", secretAccessKey: "test" },
      maxAttempts: 1,
    };
    ecs = new ECSClient(options);
    ec2 = new EC2Client(options);
    await ecs.send(new CreateClusterCommand({ clusterName: "simulated" }));
  });

  after(async () => {
    await berth("down");
    rmSync(state, { recursive: true, force: true });
  });

  const untilSteady = (count: number) =>
    until("the service is steady", 30, async () => {
      const { services } = await ecs.send(
        new DescribeServicesCommand({ cluster: "simulated", services: ["web"] }),
      );
      const [service] = services ?? [];
      return service?.runningCount === count && service.deployments?.[0]?.rolloutState === "COMPLETED";
    });

  it("a service runs at once: ten minutes of pulls, checks and waits take a moment", async () => {
    const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" }));
    const { Subnet } = await ec2.send(
      new CreateSubnetCommand({ VpcId: Vpc?.VpcId, CidrBlock: "10.0.0.0/24" }),
    );
    await ecs.send(
      new RegisterTaskDefinitionCommand({
        family: "web",
        networkMode: "awsvpc",
        requiresCompatibilities: ["FARGATE"],
        cpu: "256",
        memory: "512",
        containerDefinitions: [{ name: "web", image: "anything" }],
      }),
    );
    const began = performance.now();
    await ecs.send(
      new CreateServiceCommand({
        cluster: "simulated",
        serviceName: "web",
        taskDefinition: "web",
        desiredCount: 20,
        launchType: "FARGATE",
        deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } },
        networkConfiguration: {
          awsvpcConfiguration: { subnets: [present(Subnet?.SubnetId, "subnet")] },
        },
      }),
    );
    await untilSteady(20);
    // With the circuit breaker each task has to last for 40 seconds before it counts.
    assert.ok(performance.now() - began < 20_000, "simulated time runs ahead");
  });

  it("refuses as the real one does", async () => {
    await ecs.send(
      new RegisterTaskDefinitionCommand({
        family: "ec2",
        containerDefinitions: [{ name: "web", image: "anything", memory: 64 }],
      }),
    );
    await assert.rejects(
      ecs.send(new RunTaskCommand({ cluster: "simulated", taskDefinition: "ec2", launchType: "EC2" })),
      { name: "InvalidParameterException", message: "No Container Instances were found in your cluster." },
    );
    await assert.rejects(ecs.send(new RegisterContainerInstanceCommand({ cluster: "simulated" })));
  });

  it("is no other Berth's state, and goes without a trace", async () => {
    assert.equal((await berth("down", "--keep")).exitCode, 0);
    const real = await berth("up", "--detach");
    assert.notEqual(real.exitCode, 0);
    assert.match(real.stderr, /is a simulation's; add --simulate/);
    assert.equal((await berth("up", "--simulate", "--detach")).exitCode, 0);
    await untilSteady(20);
    assert.equal((await berth("down")).exitCode, 0);
    assert.equal(existsSync(join(state, "berth.db")), false);
  });
});
