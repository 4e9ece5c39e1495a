/** Berth is killed without warning: traffic goes on, nothing that it had answered is lost, the next one takes over. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { request } from "node:http";
import { after, before, describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { CreateLogGroupCommand, DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { CreateClusterCommand, UpdateServiceCommand } from "@aws-sdk/client-ecs";
import { present, run, startTestBerth, type TestBerth, until } from "./harness.ts";
import {
  type Balancer,
  createBalancer,
  createDiscoveryService,
  createGroup,
  createNetwork,
  fromAnywhere,
  untilHealthy,
} from "./network.ts";
import {
  addressOf,
  CLUSTER,
  createService,
  describeService,
  lookUp,
  registerTask,
  runtimeIdOf,
  tasksOf,
  untilSteady,
} from "./tasks.ts";

const SERVICE = "web";
const NAME = "web.stories.local";

describe("kill -9 of Berth", { timeout: 240_000 }, () => {
  let berth: TestBerth;
  let balancer: Balancer;
  let publicAddresses: string[];

  before(async () => {
    berth = await startTestBerth();
    await berth.ecs.send(new CreateClusterCommand({ clusterName: CLUSTER }));
    const network = await createNetwork(berth, "10.7");
    const securityGroup = await createGroup(berth, network.vpcId, "web", fromAnywhere);
    balancer = await createBalancer(berth, network, "web", securityGroup);
    const registryArn = await createDiscoveryService(berth, network.vpcId, "stories.local", "web");
    await createService(
      berth,
      SERVICE,
      await registerTask(berth, SERVICE),
      { subnet: network.privateSubnetId, securityGroup },
      { desiredCount: 2, registryArn, targetGroupArn: balancer.targetGroupArn },
    );
    await untilSteady(berth, SERVICE, 2);
    await untilHealthy(berth, balancer.targetGroupArn, 2);
    const { stdout } = await berth.command(["resolve", balancer.dnsName]);
    publicAddresses = stdout.trim().split("\n");
  });

  after(() => berth?.down());

  async function kill(): Promise<void> {
    const processId = berth.processId();
    process.kill(processId, "SIGKILL");
    await until("the process is gone", 5, () => !isAlive(processId));
  }

  /** What runs by itself, and has to go on: containers, proxies, the resolver. */
  async function observe() {
    const { stdout } = await run("docker", [
      "ps",
      "--quiet",
      "--no-trunc",
      "--filter",
      `label=berth.installation=${berth.installation}`,
    ]);
    const tasks = await tasksOf(berth, SERVICE);
    return {
      containers: stdout.trim().split("\n").sort(),
      proxies: processesNaming("haproxy", berth.stateDirectory),
      tasks: tasks.map(({ taskArn }) => taskArn).sort(),
    };
  }

  it("fails no request, keeps every container and proxy, and the next one works on with them", async (t) => {
    const [task] = await tasksOf(berth, SERVICE);
    const taskArn = present(task?.taskArn, "taskArn");
    const before = await observe();
    assert.equal(before.tasks.length, 2);
    assert.ok(before.proxies.length >= 2, "a proxy for each subnet of the load balancer");
    const addresses = await lookUp(berth, taskArn, NAME);
    assert.equal(addresses.length, 2);

    const traffic = startTraffic(publicAddresses);
    await pause(2000);
    const runtimeId = await runtimeIdOf(berth, taskArn, "web");
    await kill();
    const looked = await run("docker", ["exec", runtimeId, "nslookup", "-type=a", NAME]);
    await pause(2500);
    assert.equal((await berth.command(["status"])).exitCode, 3, "nothing answers for the state directory");
    berth.up();
    await pause(3000);
    const outcomes = await traffic.stop();

    for (const address of addresses) assert.ok(looked.stdout.includes(address), looked.stdout);
    assert.deepEqual(
      outcomes.filter((outcome) => outcome !== "200"),
      [],
    );
    assert.ok(outcomes.length >= 100, `only ${outcomes.length} requests`);
    t.diagnostic(`${outcomes.length} requests, none failed`);
    assert.deepEqual(await observe(), before);
    assert.deepEqual(await lookUp(berth, taskArn, NAME), addresses);
    const service = await describeService(berth, SERVICE);
    assert.deepEqual(
      [service.status, service.runningCount, service.pendingCount, service.deployments?.length],
      ["ACTIVE", 2, 0, 1],
    );
    await untilHealthy(berth, balancer.targetGroupArn, 2);
  });

  it("loses nothing that was answered, and what was begun is finished", async (t) => {
    const wanted = new UpdateServiceCommand({ cluster: CLUSTER, service: SERVICE, desiredCount: 3 });
    const acknowledged: string[] = [];
    const writers = [0, 1, 2, 3].map(async (writer) => {
      for (let count = 0; ; count++) {
        const logGroupName = `/kill/${writer}/${count}`;
        try {
          await berth.logs.send(new CreateLogGroupCommand({ logGroupName }));
        } catch {
          return;
        }
        acknowledged.push(logGroupName);
      }
    });
    await until("a hundred writes are answered", 20, () => acknowledged.length >= 100);
    await berth.ecs.send(wanted);
    await kill();
    await Promise.all(writers);
    berth.up();

    const there = new Set<string | undefined>();
    let nextToken: string | undefined;
    do {
      const page = await berth.logs.send(
        new DescribeLogGroupsCommand({ logGroupNamePrefix: "/kill/", nextToken }),
      );
      for (const group of page.logGroups ?? []) there.add(group.logGroupName);
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    assert.deepEqual(
      acknowledged.filter((name) => !there.has(name)),
      [],
    );
    t.diagnostic(`${acknowledged.length} answered writes, all there`);

    const tasks = await untilSteady(berth, SERVICE, 3);
    await untilHealthy(berth, balancer.targetGroupArn, 3);
    const [first] = tasks;
    assert.deepEqual(
      await lookUp(berth, present(first?.taskArn, "taskArn"), NAME),
      tasks.map(addressOf).sort(),
    );
  });

  it("sees what happened while no Berth ran: a container that died is replaced", async () => {
    const [victim, ...others] = await tasksOf(berth, SERVICE);
    const victimArn = present(victim?.taskArn, "taskArn");
    const runtimeId = await runtimeIdOf(berth, victimArn, "web");
    await kill();
    await run("docker", ["kill", runtimeId]);
    berth.up();
    const tasks = await until("another task takes its place", 60, async () => {
      const now = await tasksOf(berth, SERVICE);
      const arns = now.map(({ taskArn }) => taskArn);
      const running = now.every(({ lastStatus }) => lastStatus === "RUNNING");
      return now.length === 3 && running && !arns.includes(victimArn) && arns;
    });
    for (const { taskArn } of others) assert.ok(tasks.includes(taskArn), "the others stay");
    await untilHealthy(berth, balancer.targetGroupArn, 3);
  });
});

function isAlive(processId: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${processId}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** Ids of the processes of a program whose command line has a text. */
function processesNaming(program: string, text: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        const commandLine = readFileSync(`/proc/${name}/cmdline`, "utf8");
        return commandLine.includes(program) && commandLine.includes(text);
      } catch {
        return false;
      }
    })
    .map(Number)
    .sort((a, b) => a - b);
}

/** Twenty requests a second, each on a connection of its own; to all addresses in turn. */
function startTraffic(addresses: readonly string[]): { stop(): Promise<string[]> } {
  const requests: Promise<string>[] = [];
  const timer = setInterval(() => {
    const host = addresses[requests.length % addresses.length] ?? "";
    requests.push(get(host));
  }, 50);
  // Whatever becomes of the test, it ends.
  const limit = setTimeout(() => clearInterval(timer), 15_000);
  return {
    stop() {
      clearInterval(timer);
      clearTimeout(limit);
      return Promise.all(requests);
    },
  };
}

function get(host: string): Promise<string> {
  return new Promise((resolve) => {
    const sent = request({ host, port: 80, path: "/", agent: false, timeout: 5000 }, (response) => {
      response.resume().once("end", () => resolve(String(response.statusCode)));
      response.once("error", (error) => resolve(error.message));
    });
    sent.once("timeout", () => sent.destroy(new Error("no answer in 5 seconds")));
    sent.once("error", (error) => resolve(error.message));
    sent.end();
  });
}
