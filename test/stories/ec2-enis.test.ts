/** Network interfaces of an instance are counted: tasks, hands and trunks share its slots. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import {
  AttachNetworkInterfaceCommand,
  CreateNetworkInterfaceCommand,
  DescribeNetworkInterfacesCommand,
  DetachNetworkInterfaceCommand,
  type Instance,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { PutAccountSettingCommand } from "@aws-sdk/client-ecs";
import {
  findContainerInstance,
  type Ground,
  launch,
  register,
  runTask,
  runUntilRunning,
  startGround,
  stop,
} from "./ec2-setup.ts";
import { present, until } from "./harness.ts";
import { describeTask } from "./tasks.ts";

describe("network interfaces of container instances", { timeout: 180_000 }, () => {
  let ground: Ground;
  let small: Instance;
  let definition: string;

  before(async () => {
    ground = await startGround("10.21");
    small = await launch(ground, { instanceType: "t3.small" });
    definition = await register(ground, "enis", {}, { networkMode: "awsvpc" });
  });

  after(() => ground?.down());

  const on = (instance: Instance) => ({
    networkConfiguration: {
      awsvpcConfiguration: {
        subnets: [ground.network.publicSubnetIds[0]],
        securityGroups: [ground.securityGroup],
      },
    },
    placementConstraints: [
      { type: "memberOf" as const, expression: `ec2InstanceId == ${instance.InstanceId}` },
    ],
  });

  /** For the role that the instances register with. */
  const setTrunking = (value: string) =>
    ground.ecs.send(
      new PutAccountSettingCommand({
        name: "awsvpcTrunking",
        value,
        principalArn: "arn:aws:iam::000000000000:role/ecsInstanceRole",
      }),
    );

  const interfacesOf = async (instance: Instance) => {
    const { NetworkInterfaces = [] } = await ground.ec2.send(
      new DescribeNetworkInterfacesCommand({
        Filters: [{ Name: "attachment.instance-id", Values: [present(instance.InstanceId, "id")] }],
      }),
    );
    return NetworkInterfaces;
  };

  it("an interface that is attached by hand takes the slot of a task, which then ends as on ECS", async () => {
    const first = await runUntilRunning(ground, definition, on(small));
    const { NetworkInterface } = await ground.ec2.send(
      new CreateNetworkInterfaceCommand({ SubnetId: ground.network.publicSubnetIds[0] }),
    );
    const { AttachmentId } = await ground.ec2.send(
      new AttachNetworkInterfaceCommand({
        NetworkInterfaceId: NetworkInterface?.NetworkInterfaceId,
        InstanceId: small.InstanceId,
        DeviceIndex: 2,
      }),
    );
    // ECS does not count it: the task is placed, and then finds no index that is free.
    const { tasks } = await runTask(ground, definition, on(small));
    const taskArn = present(tasks?.[0]?.taskArn, "taskArn");
    const seen = [tasks?.[0]?.lastStatus];
    const ended = await until("the task stopped", 20, async () => {
      const task = await describeTask(ground, taskArn);
      if (seen.at(-1) !== task.lastStatus) seen.push(task.lastStatus);
      return task.lastStatus === "STOPPED" && task;
    });
    // DEPROVISIONING may be shorter than the time between two looks.
    assert.deepEqual(
      seen.filter((status) => status !== "DEPROVISIONING"),
      ["PROVISIONING", "STOPPED"],
    );
    assert.equal(ended.stopCode, "TaskFailedToStart");
    assert.equal(ended.stoppedReason, "Unable to attach network interface to unused device index.");
    assert.equal(ended.startedAt, undefined);

    await ground.ec2.send(new DetachNetworkInterfaceCommand({ AttachmentId }));
    const second = await runUntilRunning(ground, definition, on(small));
    const { tasks: none, failures } = await runTask(ground, definition, on(small));
    assert.deepEqual(none, []);
    assert.deepEqual(
      failures?.map(({ reason }) => reason),
      ["RESOURCE:ENI"],
    );
    await stop(ground, first, second);
    await until(
      "only the primary interface is left",
      20,
      async () => (await interfacesOf(small)).length === 1,
    );
  });

  it("a t2.micro holds one task, with trunking as without", async () => {
    await setTrunking("enabled");
    const micro = await launch(ground, { instanceType: "t2.micro" });
    const registered = await findContainerInstance(ground, present(micro.InstanceId, "id"));
    const names = registered?.attributes?.map(({ name }) => name) ?? [];
    assert.ok(!names.includes("ecs.awsvpc-trunk-id"), "the type has no trunk");
    const task = await runUntilRunning(ground, definition, on(micro));
    const { failures } = await runTask(ground, definition, on(micro));
    const failure = failures?.find(({ arn }) => arn === registered?.containerInstanceArn);
    assert.equal(failure?.reason, "RESOURCE:ENI");
    await stop(ground, task);
    await ground.ec2.send(new TerminateInstancesCommand({ InstanceIds: [present(micro.InstanceId, "id")] }));
    await until("it is out of the cluster", 20, async () => {
      const found = await findContainerInstance(ground, present(micro.InstanceId, "id"));
      return found === undefined;
    });
  });

  it("with trunking an m5.large carries more tasks than it has interfaces", async () => {
    const large = await launch(ground, { instanceType: "m5.large" });
    const registered = await findContainerInstance(ground, present(large.InstanceId, "id"));
    const trunk = registered?.attributes?.find(({ name }) => name === "ecs.awsvpc-trunk-id")?.value;
    assert.match(present(trunk, "trunk"), /^eni-/);
    const tasks = await Promise.all([1, 2, 3, 4].map(() => runUntilRunning(ground, definition, on(large))));
    const addresses = tasks.map(({ attachments }) =>
      attachments?.[0]?.details?.find(({ name }) => name === "privateIPv4Address"),
    );
    assert.equal(new Set(addresses.map((detail) => detail?.value)).size, 4);
    const { NetworkInterfaces = [] } = await ground.ec2.send(new DescribeNetworkInterfacesCommand({}));
    assert.equal(
      NetworkInterfaces.find(({ NetworkInterfaceId }) => NetworkInterfaceId === trunk)?.InterfaceType,
      "trunk",
    );
    assert.equal(NetworkInterfaces.filter(({ InterfaceType }) => InterfaceType === "branch").length, 4);
    // Who had registered before keeps its own limit.
    const [one, two] = [
      await runUntilRunning(ground, definition, on(small)),
      await runUntilRunning(ground, definition, on(small)),
    ];
    const { failures } = await runTask(ground, definition, on(small));
    assert.deepEqual(
      failures?.map(({ reason }) => reason).sort(),
      ["MemberOf placement constraint unsatisfied", "RESOURCE:ENI"],
      "one entry for each instance",
    );
    await stop(ground, ...tasks, one, two);
    const { lastStatus } = await describeTask(ground, present(tasks[0]?.taskArn, "taskArn"));
    assert.equal(lastStatus, "STOPPED");
  });
});
