/** The life of an instance with tasks on it: stopped and started, killed from outside, launched across a kill -9. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import {
  DescribeInstancesCommand,
  DescribeNetworkInterfacesCommand,
  type Instance,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import type { Task } from "@aws-sdk/client-ecs";
import {
  bindingsOf,
  describeInstance,
  findContainerInstance,
  type Ground,
  getFromInstance,
  hostPortOf,
  inInstance,
  launch,
  PROFILE,
  register,
  runUntilRunning,
  setIngress,
  startGround,
  stopAll,
  untilJoined,
} from "./ec2-setup.ts";
import { present, run, until } from "./harness.ts";
import { addressOf, CLUSTER, getFromTask, runInTask, untilStatus } from "./tasks.ts";

describe("the life of a container instance", { timeout: 180_000 }, () => {
  let ground: Ground;
  let instance: Instance;
  let bridged: string;
  let owned: string;

  before(async () => {
    ground = await startGround("10.25");
    instance = await launch(ground, { instanceType: "t3.small" });
    await setIngress(ground, true, [1, 65535], "10.25.0.0/16");
    bridged = await register(ground, "bridged", { portMappings: [{ containerPort: 80, hostPort: 0 }] });
    owned = await register(ground, "owned", {}, { networkMode: "awsvpc" });
  });

  after(() => ground?.down());

  const idOf = (one: Instance) => present(one.InstanceId, "InstanceId");
  const arnOf = (task: Task) => present(task.taskArn, "taskArn");
  const networkConfiguration = () => ({
    awsvpcConfiguration: {
      subnets: [ground.network.publicSubnetIds[0]],
      securityGroups: [ground.securityGroup],
    },
  });

  it("tcp and udp of one port are two; tasks of both modes reach each other and their instance", async () => {
    const both = await register(ground, "both", {
      portMappings: [
        { containerPort: 80, hostPort: 9000, protocol: "tcp" },
        { containerPort: 53, hostPort: 9000, protocol: "udp" },
      ],
    });
    const bridge = await runUntilRunning(ground, both);
    assert.deepEqual(
      bindingsOf(bridge)
        .map(({ hostPort, protocol }) => `${hostPort}/${protocol}`)
        .sort(),
      ["9000/tcp", "9000/udp"],
    );
    const own = await runUntilRunning(ground, owned, { networkConfiguration: networkConfiguration() });
    assert.equal((await getFromTask(ground, arnOf(bridge), addressOf(own))).stdout, "ok\n");
    const who = await getFromTask(ground, arnOf(bridge), addressOf(own), "/cgi-bin/who");
    assert.match(
      who.stdout,
      new RegExp(`client=.*${instance.PrivateIpAddress}\\b`),
      "behind the instance's address",
    );
    const words = `printf 'GET /cgi-bin/who HTTP/1.0\\r\\n\\r\\n' | nc -w 2 ${instance.PrivateIpAddress} 9000`;
    const back = await runInTask(ground, arnOf(own), "web", ["sh", "-c", words]);
    assert.match(back.stdout, /name=both/);
    assert.match(back.stdout, new RegExp(`client=.*${addressOf(own)}\\b`));
    assert.equal(
      (await inInstance(ground, idOf(instance), "curl", "-s", `http://${addressOf(own)}/`)).stdout,
      "ok\n",
    );
    // As a process of its own would hold it.
    const sockets = await inInstance(
      ground,
      idOf(instance),
      "curl",
      "-s",
      "-m",
      "2",
      "http://127.0.0.1:9000/",
    );
    assert.equal(sockets.stdout, "ok\n", "by the instance's loopback, as docker-proxy does");
    await stopAll(ground);
  });

  it("stopped and started again it is the same container instance, and its tasks are over", async () => {
    const task = await runUntilRunning(ground, bridged);
    const own = await runUntilRunning(ground, owned, { networkConfiguration: networkConfiguration() });
    const before = await findContainerInstance(ground, idOf(instance));
    await ground.ec2.send(new StopInstancesCommand({ InstanceIds: [idOf(instance)] }));
    const ended = await untilStatus(ground, arnOf(task), "STOPPED");
    assert.equal(ended.stoppedReason, `Host EC2 (instance ${idOf(instance)}) stopped.`);
    await untilStatus(ground, arnOf(own), "STOPPED");
    await until("it is stopped, and its agent is gone", 20, async () => {
      const { State } = await describeInstance(ground, idOf(instance));
      const found = await findContainerInstance(ground, idOf(instance));
      return State?.Name === "stopped" && found?.agentConnected === false;
    });
    await ground.ec2.send(new StartInstancesCommand({ InstanceIds: [idOf(instance)] }));
    const after = await untilJoined(ground, idOf(instance));
    assert.equal(after.containerInstanceArn, before?.containerInstanceArn);
    const now = await describeInstance(ground, idOf(instance));
    assert.equal(now.PrivateIpAddress, instance.PrivateIpAddress);
    const again = await runUntilRunning(ground, bridged);
    const url = `http://${now.PrivateIpAddress}:${hostPortOf(again)}/`;
    assert.equal((await getFromInstance(ground, idOf(instance), url)).stdout, "ok\n");
    await stopAll(ground);
  });

  it("whose machine dies under it comes back by itself", async () => {
    const task = await runUntilRunning(ground, bridged);
    const filter = `label=berth.installation=${ground.installation}`;
    const { stdout } = await run("docker", ["ps", "--filter", filter, "--format", "{{.ID}} {{.Names}}"]);
    const line = stdout.split("\n").find((text) => text.includes(idOf(instance)));
    const [machine = ""] = present(line, `machine in ${stdout}`).split(" ");
    await run("docker", ["kill", machine]);
    await untilStatus(ground, arnOf(task), "STOPPED");
    await untilJoined(ground, idOf(instance));
    const again = await until("a task runs on it", 30, async () => {
      try {
        return await runUntilRunning(ground, bridged);
      } catch {
        return undefined;
      }
    });
    const url = `http://${instance.PrivateIpAddress}:${hostPortOf(again)}/`;
    await until("it answers", 10, async () => {
      return (await getFromInstance(ground, idOf(instance), url)).stdout === "ok\n";
    });
    await stopAll(ground);
  });

  it("launches that a kill -9 interrupts are finished", async () => {
    const script = `#!/bin/sh\necho ECS_CLUSTER=${CLUSTER} >> /etc/ecs/ecs.config\necho once >> /root/user-data\n`;
    const { Instances = [] } = await ground.ec2.send(
      new RunInstancesCommand({
        ImageId: ground.imageId,
        InstanceType: "t3.micro",
        MinCount: 3,
        MaxCount: 3,
        SubnetId: ground.network.publicSubnetIds[1],
        SecurityGroupIds: [ground.securityGroup],
        IamInstanceProfile: { Name: PROFILE },
        UserData: Buffer.from(script).toString("base64"),
      }),
    );
    const processId = ground.processId();
    process.kill(processId, "SIGKILL");
    // The clients are to hear that their connections are gone.
    await pause(500);
    ground.up();
    for (const one of Instances) await untilJoined(ground, idOf(one));
    const ids = Instances.map(idOf);
    const task = await runUntilRunning(ground, owned, {
      networkConfiguration: {
        awsvpcConfiguration: {
          subnets: [ground.network.publicSubnetIds[1]],
          securityGroups: [ground.securityGroup],
        },
      },
    });
    await ground.ec2.send(new TerminateInstancesCommand({ InstanceIds: ids }));
    await untilStatus(ground, arnOf(task), "STOPPED");
    await until("they are terminated, and no interface is left", 30, async () => {
      const { Reservations = [] } = await ground.ec2.send(new DescribeInstancesCommand({ InstanceIds: ids }));
      const states = Reservations.flatMap((one) => one.Instances ?? []).map(({ State }) => State?.Name);
      const { NetworkInterfaces = [] } = await ground.ec2.send(
        new DescribeNetworkInterfacesCommand({
          Filters: [{ Name: "subnet-id", Values: [ground.network.publicSubnetIds[1]] }],
        }),
      );
      return states.every((state) => state === "terminated") && NetworkInterfaces.length === 0;
    });
  });
});
