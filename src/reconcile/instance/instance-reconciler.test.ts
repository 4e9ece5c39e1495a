import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { machineImages } from "../../model/ec2/images.ts";
import { findInstanceType } from "../../model/ec2/instance-types.ts";
import { autoScalingGroups, autoScalingInstances } from "../../store/tables/autoscaling.ts";
import { addresses, instances, networkInterfaces, subnets } from "../../store/tables/ec2.ts";
import { accountSettings, capacityProviders, clusters, containerInstances } from "../../store/tables/ecs.ts";
import { instanceProfiles, roles } from "../../store/tables/iam.ts";
import { exampleGroup } from "../auto-scaling/testing.ts";
import {
  createInstanceWorld,
  exampleCluster,
  exampleInterface,
  INSTANCE_ID,
  type InstanceWorld,
  SCOPE,
  userDataOf,
} from "./testing.ts";

async function booted(changes: Parameters<typeof createInstanceWorld>[0] = {}): Promise<InstanceWorld> {
  const world = createInstanceWorld(changes);
  world.start();
  await world.settle();
  return world;
}

describe("an instance that starts", () => {
  it("goes from pending to running, with its namespace, its names and its interfaces in it", async () => {
    const world = await booted();
    const { state, sandbox, userDataDone } = world.instance();
    assert.deepEqual({ state, userDataDone }, { state: "running", userDataDone: true });
    const spec = world.runtime.sandboxSpec(INSTANCE_ID);
    assert.equal(spec?.machine, true);
    assert.equal(spec?.hostname, "ip-10-0-1-23.ap-northeast-1.compute.internal");
    assert.deepEqual(spec?.nameServers, ["10.0.0.2"]);
    assert.deepEqual(spec?.searchDomains, ["ap-northeast-1.compute.internal"]);
    const [primary] = world.interfaces();
    assert.deepEqual(primary?.sandbox, { kind: "container", ...sandbox });
  });

  it("stays pending, unregistered, until its primary interface is linked", async () => {
    const world = createInstanceWorld();
    world.fabricWorks = false;
    world.start();
    await world.settle();
    assert.equal(world.instance().state, "pending");
    assert.equal(world.containerInstance(), undefined);
    world.fabricWorks = true;
    await world.settle();
    assert.equal(world.containerInstance()?.status, "ACTIVE");
  });

  it("links an interface that is attached later", async () => {
    const world = await booted();
    world.store.transaction((tx) => tx.put(networkInterfaces, exampleInterface({}, 1)));
    await world.settle();
    assert.equal(world.store.get(networkInterfaces, "eni-1")?.linkState, "ready");
  });

  it("runs its user data once, and goes on booting when that fails", async () => {
    const world = await booted();
    world.put({ rebootsAsked: 1 });
    await world.settle();
    assert.equal(world.instance().consoleOutput.split("running 'modules:final'").length, 2);
    const broken = createInstanceWorld();
    broken.runtime.failNext("run", { kind: "start-failed", message: "exec: no such file or directory" });
    broken.start();
    await broken.settle();
    assert.equal(broken.instance().userDataDone, true);
    assert.match(broken.instance().consoleOutput, /\/bin\/sh: not found/);
  });
});

describe("the agent of an instance", () => {
  it("registers with the cluster that the user data names", async () => {
    const world = await booted();
    const registered = world.containerInstance();
    assert.equal(registered?.clusterArn, exampleCluster("main").arn);
    assert.equal(registered?.status, "ACTIVE");
    assert.equal(registered?.agentConnected, true);
    assert.match(world.instance().consoleOutput, /Registered container instance with cluster!/);
  });

  it("does not start on an image that brings none", async () => {
    const plain = machineImages(SCOPE.region).find(({ ecs }) => ecs === undefined);
    const world = await booted({ imageId: plain?.imageId ?? "" });
    assert.equal(world.instance().state, "running");
    assert.equal(world.containerInstance(), undefined);
  });

  it("without a role logs that it has no credentials, once, and tries again", async () => {
    const world = createInstanceWorld();
    const profile = world.store.list(instanceProfiles)[0];
    assert.ok(profile);
    world.store.transaction((tx) => tx.put(instanceProfiles, { ...profile, roleNames: [] }));
    world.start();
    await world.settle();
    world.clock.advance(10_000);
    await world.settle();
    assert.equal(world.instance().consoleOutput.split("Error registering container instance").length, 2);
    assert.match(world.instance().consoleOutput, /no EC2 IMDS role found/);
    world.store.transaction((tx) => tx.put(instanceProfiles, profile));
    world.clock.advance(10_000);
    await world.settle();
    assert.equal(world.containerInstance()?.status, "ACTIVE");
  });

  it("is refused when its role may not register", async () => {
    const world = createInstanceWorld();
    const role = world.store.list(roles)[0];
    assert.ok(role);
    world.store.transaction((tx) => tx.put(roles, { ...role, attachedPolicyArns: [] }));
    world.start();
    await world.settle();
    assert.match(
      world.instance().consoleOutput,
      /AccessDeniedException: User: arn:aws:sts::000000000000:assumed-role\/ecsInstanceRole\/i-0123456789abcdef0 is not authorized to perform: ecs:RegisterContainerInstance/,
    );
  });

  it("finds no cluster of that name until there is one", async () => {
    const world = await booted({
      userData: userDataOf("#!/bin/sh\necho ECS_CLUSTER=other > /etc/ecs/ecs.config"),
    });
    assert.match(world.instance().consoleOutput, /ClientException: Cluster not found\./);
    world.store.transaction((tx) => tx.put(clusters, exampleCluster("other")));
    await world.settle();
    assert.equal(world.containerInstance()?.clusterArn, exampleCluster("other").arn);
  });

  it("that is told no cluster creates default; one that is told default does not", async () => {
    const told = await booted({
      userData: userDataOf("#!/bin/sh\necho ECS_CLUSTER=default > /etc/ecs/ecs.config"),
    });
    assert.equal(told.containerInstance(), undefined);
    const world = await booted({ userData: undefined });
    assert.equal(world.containerInstance()?.clusterArn, exampleCluster("default").arn);
    assert.equal(world.store.get(clusters, exampleCluster("default").arn)?.status, "ACTIVE");
  });

  it("tells the cluster's capacity provider whose Auto Scaling group launched the instance", async () => {
    const world = createInstanceWorld();
    const group = exampleGroup({ name: "fleet" });
    world.store.transaction((tx) => {
      tx.put(autoScalingGroups, group);
      tx.put(autoScalingInstances, {
        ...SCOPE,
        instanceId: INSTANCE_ID,
        groupName: "fleet",
        availabilityZone: "ap-northeast-1a",
        instanceType: "t3.small",
        lifecycleState: "InService",
        healthStatus: "Healthy",
        protectedFromScaleIn: false,
        since: 0,
      });
      tx.put(clusters, { ...exampleCluster("main"), capacityProviders: ["mine"] });
      for (const name of ["other", "mine"]) {
        tx.put(capacityProviders, {
          ...SCOPE,
          arn: `arn:aws:ecs:${SCOPE.region}:${SCOPE.account}:capacity-provider/${name}`,
          name,
          status: "ACTIVE",
          autoScalingGroupProvider: { autoScalingGroupArn: group.arn },
          createdAt: 0,
          tags: [],
        });
      }
    });
    world.start();
    await world.settle();
    assert.equal(world.containerInstance()?.capacityProviderName, "mine");
  });

  it("does nothing more once its container instance is deregistered", async () => {
    const world = await booted();
    const registered = world.containerInstance();
    assert.ok(registered);
    world.store.transaction((tx) => tx.put(containerInstances, { ...registered, status: "INACTIVE" }));
    await world.settle();
    assert.equal(world.store.list(containerInstances).length, 1);
  });
});

describe("trunking", () => {
  const setting = {
    ...SCOPE,
    principalArn: `arn:aws:iam::${SCOPE.account}:root`,
    name: "awsvpcTrunking" as const,
    value: "enabled",
  };

  it("gives an instance of a type that supports it a trunk before it is ACTIVE", async () => {
    const world = createInstanceWorld({ instanceType: "m5.large" });
    world.store.transaction((tx) => tx.put(accountSettings, setting));
    world.start();
    await world.settle();
    const registered = world.containerInstance();
    const trunk = world.interfaces().find(({ owner }) => owner.kind === "ecs-trunk");
    assert.equal(registered?.status, "ACTIVE");
    assert.equal(registered?.trunkInterfaceId, trunk?.networkInterfaceId);
    assert.equal(trunk?.instanceAttachment?.deviceIndex, 1);
    assert.deepEqual(
      registered?.attributes.filter(({ name }) => name === "ecs.awsvpc-trunk-id"),
      [{ name: "ecs.awsvpc-trunk-id", value: trunk?.networkInterfaceId }],
    );
    world.put({ desiredState: "terminated" });
    await world.settle();
    assert.equal(world.store.list(networkInterfaces).length, 0);
    assert.equal(world.containerInstance()?.status, "INACTIVE");
  });

  it("fails the registration when there is no slot or no address", async () => {
    const full = createInstanceWorld({ instanceType: "m5.large" });
    const slots = findInstanceType("m5.large")?.maximumInterfaces ?? 0;
    full.store.transaction((tx) => {
      tx.put(accountSettings, setting);
      for (let index = 1; index < slots; index++) tx.put(networkInterfaces, exampleInterface({}, index));
    });
    full.start();
    await full.settle();
    assert.equal(full.containerInstance()?.status, "REGISTRATION_FAILED");
    assert.match(full.containerInstance()?.statusReason ?? "", /AttachmentLimitExceeded$/);
    const world = createInstanceWorld({ instanceType: "m5.large" });
    const subnet = world.store.list(subnets)[0];
    assert.ok(subnet);
    world.store.transaction((tx) => {
      tx.put(accountSettings, setting);
      tx.put(subnets, { ...subnet, cidrBlock: "10.0.1.19/32" });
    });
    world.start();
    await world.settle();
    assert.equal(
      world.containerInstance()?.statusReason,
      "Unexpected EC2 error while attempting to Create Network Interface in subnet 'subnet-1': InsufficientFreeAddressesInSubnet",
    );
  });
});

describe("an instance that goes and comes", () => {
  it("keeps file system, interfaces and container instance over a stop", async () => {
    const world = await booted();
    const before = world.containerInstance();
    world.put({ desiredState: "stopped" });
    await world.settle();
    assert.equal(world.instance().state, "stopped");
    assert.equal(world.instance().sandbox, undefined);
    assert.equal(world.containerInstance()?.agentConnected, false);
    assert.equal(world.containerInstance()?.status, "ACTIVE");
    assert.equal(world.interfaces()[0]?.sandbox, undefined);
    world.put({ desiredState: "running" });
    await world.settle();
    assert.equal(world.instance().state, "running");
    assert.equal(world.containerInstance()?.arn, before?.arn);
    assert.equal(world.containerInstance()?.agentConnected, true);
    const read = await world.runtime.runInSandbox(INSTANCE_ID, {
      arguments: ["cat", "/etc/ecs/ecs.config"],
      timeoutSeconds: 1,
    });
    assert.deepEqual(read, { ok: true, value: { exitCode: 0, output: "ECS_CLUSTER=main\n" } });
  });

  it("boots once for each reboot, into a new namespace, as the same container instance", async () => {
    const world = await booted();
    const before = world.instance().sandbox?.processId;
    world.put({ rebootsAsked: 1 });
    await world.settle();
    assert.equal(world.instance().state, "running");
    assert.equal(world.instance().rebootsDone, 1);
    assert.notEqual(world.instance().sandbox?.processId, before);
    assert.equal(world.interfaces()[0]?.linkState, "ready");
    assert.equal(world.store.list(containerInstances).length, 1);
    assert.equal(world.containerInstance()?.agentConnected, true);
  });

  it("boots again when its machine was killed, or is gone", async () => {
    const world = await booted();
    for (const harm of [
      () => world.runtime.killSandbox(INSTANCE_ID),
      () => world.runtime.loseSandbox(INSTANCE_ID),
    ]) {
      const before = world.instance().sandbox?.processId;
      harm();
      await world.settle();
      assert.notEqual(world.instance().sandbox?.processId, before);
      assert.equal(world.interfaces()[0]?.linkState, "ready");
      assert.equal(world.containerInstance()?.agentConnected, true);
    }
  });

  it("gives back what it had when it is terminated, and is forgotten an hour later", async () => {
    const world = await booted();
    world.store.transaction((tx) => {
      tx.put(networkInterfaces, exampleInterface({}, 1));
      tx.put(addresses, {
        ...SCOPE,
        allocationId: "eipalloc-1",
        publicIp: "198.18.0.20",
        domain: "vpc",
        association: {
          associationId: "eipassoc-1",
          networkInterfaceId: "eni-0",
          privateIpAddress: "10.0.1.23",
        },
        tags: [],
      });
    });
    await world.settle();
    world.put({ desiredState: "terminated" });
    await world.settle();
    assert.equal(world.instance().state, "terminated");
    assert.equal(world.runtime.toText(), "");
    assert.equal(world.store.get(networkInterfaces, "eni-0"), undefined);
    const kept = world.store.get(networkInterfaces, "eni-1");
    assert.equal(kept?.instanceAttachment, undefined);
    assert.equal(kept?.sandbox, undefined);
    assert.equal(world.store.get(addresses, "eipalloc-1")?.association, undefined);
    assert.equal(world.containerInstance()?.status, "INACTIVE");
    assert.equal(world.containerInstance()?.agentConnected, false);
    world.clock.advance(3_599_000);
    await world.settle();
    assert.ok(world.store.get(instances, INSTANCE_ID));
    world.clock.advance(1000);
    await world.settle();
    assert.equal(world.store.get(instances, INSTANCE_ID), undefined);
  });

  it("comes to the same end wherever Berth was killed", async () => {
    for (let rounds = 1; rounds < 12; rounds++) {
      const world = createInstanceWorld();
      world.start();
      for (let round = 0; round < rounds; round++) await new Promise((resolve) => setImmediate(resolve));
      await world.kill();
      world.start();
      await world.settle();
      assert.equal(world.instance().state, "running");
      assert.equal(world.store.list(containerInstances).length, 1);
      assert.equal(world.containerInstance()?.agentConnected, true);
      await world.kill();
    }
  });

  it("machines of instances that nobody knows are removed at the start, sandboxes of tasks are not", async () => {
    const world = createInstanceWorld();
    const spec = { hostname: "x", nameServers: [], searchDomains: [], hosts: [], limits: {} };
    await world.runtime.ensureSandbox({ ...spec, sandboxId: "i-0aaaaaaaaaaaaaaaa", machine: true });
    await world.runtime.ensureSandbox({ ...spec, sandboxId: "0".repeat(32) });
    world.start();
    await world.settle();
    const listed = await world.runtime.listSandboxes();
    assert.deepEqual(listed.ok ? [...listed.value].sort() : [], ["0".repeat(32), INSTANCE_ID]);
  });
});
