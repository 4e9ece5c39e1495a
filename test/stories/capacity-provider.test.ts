/** A capacity provider with managed scaling, by unmodified Terraform: instances come because tasks wait for them. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { DescribeInstancesCommand } from "@aws-sdk/client-ec2";
import {
  DescribeClustersCommand,
  DescribeServicesCommand,
  DescribeTasksCommand,
  ListTasksCommand,
} from "@aws-sdk/client-ecs";
import { startTestBerth, type TestBerth, until } from "./harness.ts";
import { startTerraform, type Terraform, terraformMissing } from "./terraform.ts";

const CONFIGURATION = fileURLToPath(new URL("./capacity", import.meta.url));
const CLUSTER = "cap";

describe("capacity provider", { skip: terraformMissing(), timeout: 10 * 60_000 }, () => {
  let berth: TestBerth;
  let terraform: Terraform;
  let image: string;
  const folder = mkdtempSync("/tmp/bs-cap-");

  before(async () => {
    berth = await startTestBerth();
    image = `image=${berth.image}`;
    terraform = await startTerraform(CONFIGURATION, folder, berth.endpoint);
  });

  after(() => {
    berth?.down();
    rmSync(folder, { recursive: true, force: true });
  });

  async function untilRunning(count: number): Promise<void> {
    await until(`${count} tasks run`, 120, async () => {
      const { services } = await berth.ecs.send(
        new DescribeServicesCommand({ cluster: CLUSTER, services: ["cap"] }),
      );
      return services?.[0]?.runningCount === count;
    });
  }

  async function registered(): Promise<number> {
    const { clusters } = await berth.ecs.send(new DescribeClustersCommand({ clusters: [CLUSTER] }));
    return clusters?.[0]?.registeredContainerInstancesCount ?? 0;
  }

  test("from no instance at all: the task waits in PROVISIONING, an instance joins, the task runs", async () => {
    await terraform.apply(image);
    await untilRunning(1);
    assert.ok((await registered()) >= 1);
    const { taskArns } = await berth.ecs.send(new ListTasksCommand({ cluster: CLUSTER }));
    const { tasks } = await berth.ecs.send(
      new DescribeTasksCommand({ cluster: CLUSTER, tasks: taskArns ?? [] }),
    );
    assert.equal(tasks?.[0]?.capacityProviderName, "cap");
    assert.equal(tasks?.[0]?.launchType, "EC2");
  });

  test("more tasks bring more instances, and Terraform sees nothing to change", async () => {
    await terraform.apply(image, "desired_count=7");
    await untilRunning(7);
    assert.equal(await registered(), 4, "two tasks fit on a t3.small");
    await terraform.planNothing(image, "desired_count=7");
  });

  test("destroy ends the instances that tasks still protect", async () => {
    await terraform.destroy(image, "desired_count=7");
    const { Reservations } = await berth.ec2.send(new DescribeInstancesCommand({}));
    const states = (Reservations ?? [])
      .flatMap(({ Instances }) => Instances ?? [])
      .map(({ State }) => State?.Name);
    assert.deepEqual(
      states.filter((state) => state !== "terminated"),
      [],
    );
  });
});
