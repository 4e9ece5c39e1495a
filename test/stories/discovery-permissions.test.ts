/**
 * Which role needs permissions for Cloud Map. Names are registered by ECS itself and resolved by DNS, so that no role of
 * the task is asked; only a program that calls DiscoverInstances needs them, in the task role.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { CreateClusterCommand, RegisterTaskDefinitionCommand } from "@aws-sdk/client-ecs";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { optionsOf } from "./ec2-setup.ts";
import { present, startTestBerth, type TestBerth, until } from "./harness.ts";
import { createDiscoveryService, createGroup, createNetwork } from "./network.ts";
import { pushSdkImage, SDK_IMAGE } from "./sdk-image.ts";
import { addressOf, CLUSTER, createService, lookUp, runInTask, untilSteady } from "./tasks.ts";

const NAME = "backend.roles.local";

describe("roles and service discovery", { timeout: 5 * 60_000 }, () => {
  let berth: TestBerth;
  let task: string;
  let addresses: readonly string[];

  before(async () => {
    berth = await startTestBerth();
    await berth.ecs.send(new CreateClusterCommand({ clusterName: CLUSTER }));
    const network = await createNetwork(berth, "10.84");
    await pushSdkImage(berth);
    await createRole("without-discovery");
    const { taskDefinition } = await berth.ecs.send(
      new RegisterTaskDefinitionCommand({
        family: "backend",
        requiresCompatibilities: ["FARGATE"],
        networkMode: "awsvpc",
        cpu: "256",
        memory: "512",
        taskRoleArn: "arn:aws:iam::000000000000:role/without-discovery",
        executionRoleArn: "arn:aws:iam::000000000000:role/stories",
        containerDefinitions: [{ name: "web", image: SDK_IMAGE, stopTimeout: 2 }],
      }),
    );
    const registryArn = await createDiscoveryService(berth, network.vpcId, "roles.local", "backend");
    await createService(
      berth,
      "backend",
      present(taskDefinition?.taskDefinitionArn, "task definition"),
      {
        subnet: network.publicSubnetIds[0],
        securityGroup: await createGroup(berth, network.vpcId, "backend"),
      },
      { desiredCount: 2, registryArn },
    );
    const tasks = await untilSteady(berth, "backend", 2);
    task = present(tasks[0]?.taskArn, "task");
    addresses = tasks.map(addressOf).sort();
  });
  after(() => berth?.down());

  async function createRole(RoleName: string): Promise<void> {
    const Statement = [
      { Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "ecs-tasks.amazonaws.com" } },
    ];
    const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
    await new IAMClient(optionsOf(berth)).send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
  }

  /** By AWS's SDK for JavaScript, in the task. */
  async function discover(): Promise<string> {
    const program = ["node", "/app/discover.mjs", "roles.local", "backend"];
    return (await runInTask(berth, task, "web", program)).stdout.trim();
  }

  it("tasks are registered and their names resolve though no role of theirs may do anything in Cloud Map", async () => {
    await until("both are in DNS", 30, async () => (await lookUp(berth, task, NAME)).length === 2);
    assert.deepEqual(await lookUp(berth, task, NAME), addresses);
  });

  it("DiscoverInstances, called by a program, is the task role's to be allowed", async () => {
    assert.match(
      await discover(),
      /^AccessDeniedException: User: arn:aws:sts::000000000000:assumed-role\/without-discovery\/.* is not authorized to perform: servicediscovery:DiscoverInstances/,
    );
    const Statement = [{ Effect: "Allow", Action: "servicediscovery:DiscoverInstances", Resource: "*" }];
    await new IAMClient(optionsOf(berth)).send(
      new PutRolePolicyCommand({
        RoleName: "without-discovery",
        PolicyName: "discovery",
        PolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement }),
      }),
    );
    assert.equal(await discover(), addresses.join());
  });
});
