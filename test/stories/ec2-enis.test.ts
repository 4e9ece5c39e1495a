/** Network interfaces of an instance are counted: tasks, hands and trunks share its slots. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import {
  AttachNetworkInterfaceCommand,
  CreateNetworkInterfaceCommand,
  DescribeNetworkInterfacesCommand,
  DetachNetworkInterfaceCommand,
  type Instance,
} from "@aws-sdk/client-ec2";
import { PutAccountSettingDefaultCommand } from "@aws-sdk/client-ecs";
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
import { describeTask, untilStatus } from "./tasks.ts";

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
    assert.equal(tasks?.[0]?.lastStatus, "PROVISIONING");
    const ended = await untilStatus(ground, present(tasks?.[0]?.taskArn, "taskArn"), "STOPPED");
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

  it("with trunking an m5.large carries more tasks than it has interfaces", async () => {
    await ground.ecs.send(new PutAccountSettingDefaultCommand({ name: "awsvpcTrunking", value: "enabled" }));
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
      failures?.map(({ reason }) => reason),
      ["RESOURCE:ENI", "MemberOf placement constraint unsatisfied"],
      "one entry for each instance, the closest first",
    );
    await stop(ground, ...tasks, one, two);
    const { lastStatus } = await describeTask(ground, present(tasks[0]?.taskArn, "taskArn"));
    assert.equal(lastStatus, "STOPPED");
  });
});
