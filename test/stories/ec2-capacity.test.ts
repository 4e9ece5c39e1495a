/** A capacity provider with managed scaling: tasks wait for instances, and instances go when no task needs them. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  DeleteAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
} from "@aws-sdk/client-auto-scaling";
import { CreateLaunchTemplateCommand } from "@aws-sdk/client-ec2";
import {
  CreateCapacityProviderCommand,
  CreateServiceCommand,
  DeleteCapacityProviderCommand,
  DeleteServiceCommand,
  DescribeCapacityProvidersCommand,
  ListContainerInstancesCommand,
  PutClusterCapacityProvidersCommand,
  ResourceInUseException,
  type Task,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs";
import { type Ground, optionsOf, PROFILE, register, runTask, startGround, stopAll } from "./ec2-setup.ts";
import { present, until } from "./harness.ts";
import { CLUSTER, describeTask, tasksOf, untilSteady } from "./tasks.ts";

const NAME = "managed";

describe("managed scaling", { timeout: 300_000 }, () => {
  let ground: Ground;
  let autoScaling: AutoScalingClient;
  let definition: string;

  before(async () => {
    ground = await startGround("10.24");
    autoScaling = new AutoScalingClient(optionsOf(ground));
    definition = await register(ground, "fat", { memory: 600 });
    const userData = `#!/bin/bash\necho ECS_CLUSTER=${CLUSTER} >> /etc/ecs/ecs.config\n`;
    await ground.ec2.send(
      new CreateLaunchTemplateCommand({
        LaunchTemplateName: NAME,
        LaunchTemplateData: {
          ImageId: ground.imageId,
          InstanceType: "t3.micro",
          SecurityGroupIds: [ground.securityGroup],
          IamInstanceProfile: { Name: PROFILE },
          UserData: Buffer.from(userData).toString("base64"),
        },
      }),
    );
    await autoScaling.send(
      new CreateAutoScalingGroupCommand({
        AutoScalingGroupName: NAME,
        LaunchTemplate: { LaunchTemplateName: NAME, Version: "$Latest" },
        MinSize: 0,
        MaxSize: 4,
        VPCZoneIdentifier: ground.network.publicSubnetIds.join(","),
        NewInstancesProtectedFromScaleIn: true,
      }),
    );
    await ground.ecs.send(
      new CreateCapacityProviderCommand({
        name: NAME,
        autoScalingGroupProvider: {
          autoScalingGroupArn: present((await describeGroup())?.AutoScalingGroupARN, "group ARN"),
          managedScaling: { status: "ENABLED", targetCapacity: 100, instanceWarmupPeriod: 1 },
          managedTerminationProtection: "ENABLED",
        },
      }),
    );
    await ground.ecs.send(
      new PutClusterCapacityProvidersCommand({
        cluster: CLUSTER,
        capacityProviders: [NAME],
        defaultCapacityProviderStrategy: [{ capacityProvider: NAME, weight: 1 }],
      }),
    );
  });

  after(() => ground?.down());

  async function describeGroup() {
    const { AutoScalingGroups } = await autoScaling.send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [NAME] }),
    );
    return AutoScalingGroups?.[0];
  }

  const scaleTo = (desiredCount: number) =>
    ground.ecs.send(new UpdateServiceCommand({ cluster: CLUSTER, service: NAME, desiredCount }));

  const countJoined = async () =>
    (await ground.ecs.send(new ListContainerInstancesCommand({ cluster: CLUSTER }))).containerInstanceArns
      ?.length ?? 0;

  it("a task waits in PROVISIONING for the first instance, and then runs on it", async () => {
    await ground.ecs.send(
      new CreateServiceCommand({
        cluster: CLUSTER,
        serviceName: NAME,
        taskDefinition: definition,
        desiredCount: 1,
        capacityProviderStrategy: [{ capacityProvider: NAME, weight: 1 }],
      }),
    );
    const waiting = await until("a task waits", 20, async () => {
      const [task]: Task[] = await tasksOf(ground, NAME);
      return task?.lastStatus === "PROVISIONING" && task;
    });
    assert.equal(waiting.containerInstanceArn, undefined);
    assert.equal(waiting.capacityProviderName, NAME);
    const [task] = await untilSteady(ground, NAME, 1);
    assert.equal(task?.taskArn, waiting.taskArn);
    assert.ok(task?.containerInstanceArn);
  });

  it("one instance for each task, as the group's zones take turns", async () => {
    await scaleTo(3);
    await untilSteady(ground, NAME, 3);
    const group = await describeGroup();
    assert.equal(group?.DesiredCapacity, 3);
    assert.equal(group?.Instances?.length, 3);
    assert.equal(await countJoined(), 3);
    assert.equal(new Set(group?.Instances?.map(({ AvailabilityZone }) => AvailabilityZone)).size, 2);
    for (const { ProtectedFromScaleIn } of group?.Instances ?? []) assert.equal(ProtectedFromScaleIn, true);
  });

  it("beyond the group's maximum a task goes on waiting", async () => {
    const { tasks, failures } = await runTask(ground, definition, {
      launchType: undefined,
      count: 2,
    });
    assert.deepEqual(failures, []);
    assert.equal(tasks?.length, 2);
    const statuses = await until("one runs and one waits", 40, async () => {
      const now = await Promise.all(
        (tasks ?? []).map(({ taskArn }) => describeTask(ground, present(taskArn, "taskArn"))),
      );
      const found = now.map(({ lastStatus }) => lastStatus).sort();
      return found.includes("RUNNING") && found;
    });
    assert.deepEqual(statuses, ["PROVISIONING", "RUNNING"]);
    assert.equal((await describeGroup())?.DesiredCapacity, 4);
  });

  it("instances without tasks lose their protection from scale-in; those with tasks keep it", async () => {
    await scaleTo(1);
    const [kept] = await untilSteady(ground, NAME, 1);
    // The task that waited takes a place that is free now: two of its kind and the service's one remain.
    const group = await until("one instance has lost it", 30, async () => {
      const now = await describeGroup();
      const bare = now?.Instances?.filter(({ ProtectedFromScaleIn }) => ProtectedFromScaleIn === false);
      return bare?.length === 1 && now;
    });
    // The group shrinks when it was calm for a minute; the rule's own tests show that.
    assert.equal(group.DesiredCapacity, 4);
    const arns = (await tasksOf(ground, NAME)).map(({ taskArn }) => taskArn);
    assert.deepEqual(arns, [kept?.taskArn]);
  });

  it("goes away with everything that it made", async () => {
    await ground.ecs.send(new DeleteServiceCommand({ cluster: CLUSTER, service: NAME, force: true }));
    await autoScaling.send(
      new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: NAME, ForceDelete: true }),
    );
    await until("the group is gone", 30, async () => (await describeGroup()) === undefined);
    await until("no instance is left", 10, async () => (await countJoined()) === 0);
    await stopAll(ground);
    await until("no task uses the provider", 30, async () => {
      try {
        return await ground.ecs.send(
          new PutClusterCapacityProvidersCommand({
            cluster: CLUSTER,
            capacityProviders: [],
            defaultCapacityProviderStrategy: [],
          }),
        );
      } catch (error) {
        assert.ok(error instanceof ResourceInUseException, String(error));
        return undefined;
      }
    });
    await ground.ecs.send(new DeleteCapacityProviderCommand({ capacityProvider: NAME }));
    await until("the provider is inactive", 20, async () => {
      const { capacityProviders } = await ground.ecs.send(
        new DescribeCapacityProvidersCommand({ capacityProviders: [NAME] }),
      );
      return capacityProviders?.[0]?.status !== "ACTIVE";
    });
  });
});
