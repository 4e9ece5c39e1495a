/** Services on container instances in two zones: where tasks go, how they are found, and what moves them. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Instance, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import {
  CreateServiceCommand,
  type CreateServiceCommandInput,
  DeleteServiceCommand,
  DescribeTasksCommand,
  ListTasksCommand,
  type Task,
  UpdateContainerInstancesStateCommand,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs";
import { DescribeTargetHealthCommand } from "@aws-sdk/client-elastic-load-balancing-v2";
import { createInstanceBalancer } from "./ec2-balancer.ts";
import {
  type Ground,
  hostPortOf,
  inInstance,
  launch,
  register,
  runTask,
  setIngress,
  startGround,
  stop,
  untilJoined,
} from "./ec2-setup.ts";
import { present, until } from "./harness.ts";
import { createDiscoveryService } from "./network.ts";
import { CLUSTER, describeService, runInTask, tasksOf, untilSteady } from "./tasks.ts";

const idOf = (instance: Instance) => present(instance.InstanceId, "InstanceId");
const byPlace = (a: string, b: string) => a.localeCompare(b);

describe("services on container instances", { timeout: 240_000 }, () => {
  let ground: Ground;
  let instances: Instance[];
  /** EC2's id → ECS's ARN. */
  const arns = new Map<string, string>();
  let definition: string;
  let targetGroupArn: string;
  let balancerName: string;

  before(async () => {
    ground = await startGround("10.22");
    definition = await register(ground, "web", { portMappings: [{ containerPort: 80, hostPort: 0 }] });
  });

  after(() => ground?.down());

  async function add(zone: 0 | 1): Promise<Instance> {
    const instance = await launch(ground, {
      instanceType: "t3.small",
      subnet: ground.network.publicSubnetIds[zone],
    });
    const { containerInstanceArn } = await untilJoined(ground, idOf(instance));
    arns.set(idOf(instance), present(containerInstanceArn, "containerInstanceArn"));
    return instance;
  }

  async function create(serviceName: string, more: Partial<CreateServiceCommandInput> = {}): Promise<void> {
    await ground.ecs.send(
      new CreateServiceCommand({
        cluster: CLUSTER,
        serviceName,
        taskDefinition: definition,
        launchType: "EC2",
        ...more,
      }),
    );
  }

  const remove = (service: string) =>
    ground.ecs.send(new DeleteServiceCommand({ cluster: CLUSTER, service, force: true }));

  const countOn = (tasks: readonly Task[], instance: Instance) =>
    tasks.filter(({ containerInstanceArn }) => containerInstanceArn === arns.get(idOf(instance))).length;

  const untilEvent = (service: string, text: string) =>
    until(`${service}: ${text}`, 20, async () => {
      const { events = [] } = await describeService(ground, service);
      return events.some(({ message }) => message === text);
    });

  async function untilHealthy(expected: readonly string[]): Promise<void> {
    await until(`healthy: ${expected.join()}`, 40, async () => {
      const { TargetHealthDescriptions = [] } = await ground.elb.send(
        new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn }),
      );
      const found = TargetHealthDescriptions.filter(({ TargetHealth }) => TargetHealth?.State === "healthy")
        .map(({ Target }) => `${Target?.Id}:${Target?.Port}`)
        .sort(byPlace);
      return found.join() === [...expected].sort(byPlace).join();
    });
  }

  /** `i-…:port` of each task. */
  function placesOf(tasks: readonly Task[]): string[] {
    return tasks.map((task) => {
      const [id] = [...arns].find(([, arn]) => arn === task.containerInstanceArn) ?? [];
      return `${id}:${hostPortOf(task)}`;
    });
  }

  it("says that the cluster has no instances, and goes on when there are some", async () => {
    await create("early", { desiredCount: 1 });
    await untilEvent(
      "early",
      "(service early) was unable to place a task because no container instance met all of its requirements. " +
        "Reason: No Container Instances were found in your cluster.",
    );
    instances = await Promise.all([add(0), add(1)]);
    await untilSteady(ground, "early", 1);
    await remove("early");
  });

  it("refuses placement that makes no sense, and names what kept a task away", async () => {
    const refused = (expression: string) =>
      assert.rejects(
        runTask(ground, definition, { placementConstraints: [{ type: "memberOf", expression }] }),
        { name: "InvalidParameterException", message: `memberOf expression '${expression}' is invalid.` },
      );
    await refused("attribute:ecs.instance-type =");
    await refused("runningTasksCount >< 1");

    const big = await register(ground, "big", { memory: 100_000 });
    const { failures } = await runTask(ground, big);
    assert.deepEqual(
      failures?.map(({ arn, reason }) => [arn, reason]).sort(),
      [...arns.values()].map((arn) => [arn, "RESOURCE:MEMORY"]).sort(),
    );
    await create("big", { taskDefinition: big, desiredCount: 1 });
    await until("the service says so", 20, async () => {
      const { events = [] } = await describeService(ground, "big");
      return events.some(({ message }) =>
        /^\(service big\) was unable to place a task because no container instance met all of its requirements\. The closest matching \(container-instance [0-9a-f]{32}\) has insufficient memory available\. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide\.$/.test(
          message ?? "",
        ),
      );
    });
    await remove("big");
  });

  it("distinctInstance and memberOf", async () => {
    const distinct = {
      count: 3,
      group: "apart",
      placementConstraints: [{ type: "distinctInstance" as const }],
    };
    const { tasks = [], failures = [] } = await runTask(ground, definition, distinct);
    assert.deepEqual(
      instances.map((instance) => countOn(tasks, instance)),
      [1, 1],
    );
    assert.deepEqual(
      new Set(failures.map(({ reason }) => reason)),
      new Set(["DistinctInstance placement constraint unsatisfied"]),
    );
    const expression =
      "attribute:ecs.availability-zone == ap-northeast-1c and attribute:ecs.instance-type =~ t3.*";
    const there = await runTask(ground, definition, {
      count: 2,
      placementConstraints: [{ type: "memberOf", expression }],
    });
    assert.deepEqual(
      instances.map((instance) => countOn(there.tasks ?? [], instance)),
      [0, 2],
    );
  });

  it("spreads over zones; each task is a target by the instance's id and its dynamic port", async () => {
    ({ targetGroupArn, dnsName: balancerName } = await createInstanceBalancer(ground, "web"));
    await setIngress(ground, true, [32768, 65535], "10.22.0.0/16");
    await create("web", {
      desiredCount: 4,
      placementStrategy: [{ type: "spread", field: "attribute:ecs.availability-zone" }],
      loadBalancers: [{ targetGroupArn, containerName: "web", containerPort: 80 }],
      serviceRegistries: [
        {
          registryArn: await createDiscoveryService(ground, ground.network.vpcId, "ec2.local", "web", {
            Type: "SRV",
            TTL: 5,
          }),
          containerName: "web",
          containerPort: 80,
        },
      ],
    });
    const tasks = await untilSteady(ground, "web", 4);
    assert.deepEqual(
      instances.map((instance) => countOn(tasks, instance)),
      [2, 2],
    );
    await untilHealthy(placesOf(tasks));
    for (let asked = 0; asked < 8; asked++) {
      const { stdout } = await ground.command(["curl", "-s", "-m", "2", `http://${balancerName}/`]);
      assert.equal(stdout, "ok\n");
    }
  });

  it("an SRV record tells each task's instance and port, from a task and from an instance", async () => {
    const tasks = await tasksOf(ground, "web");
    const [first] = instances;
    assert(first);
    const ports = tasks.map((task) => hostPortOf(task)).sort();
    const records = await until("the records tell the ports", 15, async () => {
      const { stdout } = await inInstance(ground, idOf(first), "dig", "+short", "SRV", "web.ec2.local");
      const found = stdout
        .trim()
        .split("\n")
        .map((line) => line.split(" "));
      const told = found.map(([, , port]) => Number(port)).sort();
      return told.join() === ports.join() && found;
    });
    for (const [priority, weight, port, target = ""] of records) {
      assert.deepEqual([priority, weight], ["1", "1"]);
      const { stdout: address } = await inInstance(ground, idOf(first), "dig", "+short", target);
      const url = `http://${address.trim()}:${port}/`;
      await setIngress(ground, true, [Number(port), Number(port)], `${address.trim()}/32`);
      assert.equal((await inInstance(ground, idOf(first), "curl", "-s", "-m", "2", url)).stdout, "ok\n", url);
    }
    const [task] = tasks;
    const fromTask = await runInTask(ground, present(task?.taskArn, "taskArn"), "web", [
      "nslookup",
      "-type=srv",
      "web.ec2.local",
    ]);
    for (const [, , port] of records) assert.ok(fromTask.stdout.includes(` ${port} `), fromTask.stdout);
  });

  it("a daemon runs once on each instance, also on one that joins", async () => {
    await create("daemon", { schedulingStrategy: "DAEMON" });
    await untilSteady(ground, "daemon", 2);
    instances.push(await add(0));
    const tasks = await untilSteady(ground, "daemon", 3);
    assert.deepEqual(
      instances.map((instance) => countOn(tasks, instance)),
      [1, 1, 1],
    );
  });

  async function standalone(): Promise<Task[]> {
    const { taskArns = [] } = await ground.ecs.send(
      new ListTasksCommand({ cluster: CLUSTER, family: "web" }),
    );
    const { tasks = [] } = await ground.ecs.send(
      new DescribeTasksCommand({ cluster: CLUSTER, tasks: taskArns }),
    );
    return tasks.filter(({ group }) => !group?.startsWith("service:"));
  }

  it("draining moves a service's tasks elsewhere, and ends the daemon last", async () => {
    const [first] = instances;
    assert(first);
    const containerInstances = [present(arns.get(idOf(first)), "container instance")];
    await ground.ecs.send(
      new UpdateContainerInstancesStateCommand({ cluster: CLUSTER, containerInstances, status: "DRAINING" }),
    );
    await until("nothing of the service runs on it", 40, async () => {
      return countOn(await tasksOf(ground, "web"), first) === 0;
    });
    // Tasks of no service stay, and as long as there are any the daemon does.
    assert.equal(countOn(await tasksOf(ground, "daemon"), first), 1);
    await stop(ground, ...(await standalone()).filter((task) => countOn([task], first) === 1));
    const tasks = await untilSteady(ground, "web", 4);
    await untilHealthy(placesOf(tasks));
    await untilSteady(ground, "daemon", 2);
    const more = await runTask(ground, definition, { count: 3 });
    assert.equal(countOn(more.tasks ?? [], first), 0);
  });

  it("an instance that is terminated takes its tasks along, and they are replaced", async () => {
    const [, second] = instances;
    assert(second);
    const lost = (await tasksOf(ground, "web")).filter(
      ({ containerInstanceArn }) => containerInstanceArn === arns.get(idOf(second)),
    );
    assert.ok(lost.length > 0);
    await ground.ec2.send(new TerminateInstancesCommand({ InstanceIds: [idOf(second)] }));
    const tasks = await until("four others", 40, async () => {
      const now = await untilSteady(ground, "web", 4);
      return countOn(now, second) === 0 && now;
    });
    await untilHealthy(placesOf(tasks));
    const ended = await ground.ecs.send(
      new DescribeTasksCommand({
        cluster: CLUSTER,
        tasks: lost.map(({ taskArn }) => present(taskArn, "taskArn")),
      }),
    );
    for (const task of ended.tasks ?? []) {
      assert.equal(task.lastStatus, "STOPPED");
      assert.equal(task.stoppedReason, `Host EC2 (instance ${idOf(second)}) terminated.`);
      assert.equal(task.stopCode, "TerminationNotice");
    }
    await ground.ecs.send(new UpdateServiceCommand({ cluster: CLUSTER, service: "web", desiredCount: 0 }));
  });
});
