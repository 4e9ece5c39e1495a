/** kill -9 of Berth with tasks on a container instance, and a reboot of the instance. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { type Instance, RebootInstancesCommand } from "@aws-sdk/client-ec2";
import { CreateServiceCommand, UpdateServiceCommand } from "@aws-sdk/client-ecs";
import { createInstanceBalancer } from "./ec2-balancer.ts";
import {
  findContainerInstance,
  type Ground,
  hostPortOf,
  launch,
  register,
  setIngress,
  startGround,
} from "./ec2-setup.ts";
import { present, run, until } from "./harness.ts";
import { untilHealthy } from "./network.ts";
import { CLUSTER, tasksOf, untilSteady } from "./tasks.ts";

const SERVICE = "web";
const DYNAMIC = [32768, 65535] as const;

describe("kill -9 with container instances", { timeout: 240_000 }, () => {
  let ground: Ground;
  let instance: Instance;
  let url: string;
  let targetGroup: string;

  before(async () => {
    ground = await startGround("10.22");
    instance = await launch(ground, { instanceType: "t3.medium" });
    await setIngress(ground, true, DYNAMIC, "10.22.0.0/16");
    const balancer = await createInstanceBalancer(ground, "ec2");
    targetGroup = balancer.targetGroupArn;
    await ground.ecs.send(
      new CreateServiceCommand({
        cluster: CLUSTER,
        serviceName: SERVICE,
        taskDefinition: await register(ground, SERVICE, {
          portMappings: [{ containerPort: 80, hostPort: 0 }],
        }),
        desiredCount: 2,
        launchType: "EC2",
        loadBalancers: [{ targetGroupArn: targetGroup, containerName: "web", containerPort: 80 }],
      }),
    );
    await untilSteady(ground, SERVICE, 2);
    await untilHealthy(ground, targetGroup, 2);
    const { stdout } = await ground.command(["resolve", balancer.dnsName]);
    url = `http://${stdout.trim().split("\n")[0]}/cgi-bin/who`;
  });

  after(() => ground?.down());

  /** What has to go on by itself. */
  async function observe() {
    const { stdout } = await run("docker", [
      "ps",
      "--quiet",
      "--no-trunc",
      "--filter",
      `label=berth.installation=${ground.installation}`,
    ]);
    const tasks = await tasksOf(ground, SERVICE);
    return {
      containers: stdout.trim().split("\n").sort(),
      ports: tasks.map((task) => hostPortOf(task)).sort(),
      instance: (await findContainerInstance(ground, present(instance.InstanceId, "id")))
        ?.containerInstanceArn,
    };
  }

  it("fails no request, and machines, containers and published ports stay", async () => {
    const before = await observe();
    // Two containers and two pauses, and the machine.
    assert.equal(before.containers.length, 5);
    assert.equal(new Set(before.ports).size, 2);
    let going = true;
    const outcomes: string[] = [];
    const traffic = (async () => {
      while (going) {
        const { stdout } = await run("curl", ["-s", "-o", "/dev/null", "-m", "5", "-w", "%{http_code}", url]);
        outcomes.push(stdout);
        await pause(20);
      }
    })();
    await pause(1000);
    const processId = ground.processId();
    process.kill(processId, "SIGKILL");
    await pause(2000);
    ground.up();
    await pause(3000);
    going = false;
    await traffic;
    assert.deepEqual(
      outcomes.filter((outcome) => outcome !== "200"),
      [],
    );
    assert.ok(outcomes.length > 50, `${outcomes.length} requests`);
    assert.deepEqual(await observe(), before);
  });

  it("works on: more tasks on the same instance, with ports of their own", async () => {
    await ground.ecs.send(new UpdateServiceCommand({ cluster: CLUSTER, service: SERVICE, desiredCount: 3 }));
    const tasks = await untilSteady(ground, SERVICE, 3);
    assert.equal(new Set(tasks.map((task) => hostPortOf(task))).size, 3);
    await untilHealthy(ground, targetGroup, 3);
  });

  it("a reboot ends the tasks of the instance; the service starts others on it", async () => {
    const before = new Set((await tasksOf(ground, SERVICE)).map(({ taskArn }) => taskArn));
    const arn = (await observe()).instance;
    await ground.ec2.send(new RebootInstancesCommand({ InstanceIds: [present(instance.InstanceId, "id")] }));
    await until("all tasks are new", 60, async () => {
      const now = await tasksOf(ground, SERVICE);
      return (
        now.length === 3 && now.every((task) => task.lastStatus === "RUNNING" && !before.has(task.taskArn))
      );
    });
    await untilHealthy(ground, targetGroup, 3);
    assert.equal((await observe()).instance, arn, "the same container instance");
  });

  it("down leaves nothing", async () => {
    ground.down();
    const { stdout } = await run("docker", [
      "ps",
      "--all",
      "--quiet",
      "--filter",
      `label=berth.installation=${ground.installation}`,
    ]);
    assert.equal(stdout.trim(), "");
    for (const command of [
      ["ip", "netns"],
      ["ip", "link"],
      ["ip", "route", "show", "table", "all"],
      ["nft", "list", "tables"],
      ["ps", "-eo", "args"],
    ]) {
      const { stdout: text } = await run(command[0] ?? "", command.slice(1));
      assert.ok(
        !text.includes(ground.installation) && !text.includes(ground.stateDirectory),
        command.join(" "),
      );
    }
  });
});
