import assert from "node:assert/strict";
import { test } from "node:test";
import { instances, networkInterfaces } from "../../store/tables/ec2.ts";
import { bridgeEndpoints, containerInstances, tasks } from "../../store/tables/ecs.ts";
import {
  CONTAINER_INSTANCE_ARN,
  createInstanceTaskWorld,
  exampleContainerInstance,
  exampleInstance,
  examplePrimaryInterface,
  INSTANCE_ID,
} from "./instance-testing.ts";
import { type TaskWorld, WEB } from "./testing.ts";

const APP = { name: "app", image: "app", essential: true };

async function running(...given: Parameters<typeof createInstanceTaskWorld>): Promise<TaskWorld> {
  const world = await createInstanceTaskWorld(...given);
  world.start();
  await world.settle();
  return world;
}

/** `web 172.17.0.2 02:42:ac:11:00:02 80->32768/tcp ready`. */
function endpointsOf({ store }: TaskWorld): string[] {
  return store
    .list(bridgeEndpoints)
    .map(({ containerName, address, macAddress, ports, linkState }) =>
      [
        containerName,
        address,
        macAddress,
        ...ports.map((port) => `${port.containerPort}->${port.hostPort}/${port.protocol}`),
        linkState,
      ].join(" "),
    )
    .sort();
}

test("killed after any step, a task comes up all the same and leaves nothing behind", async () => {
  const containers = [{ ...WEB, links: ["app"], portMappings: [{ containerPort: 80 }] }, APP];
  for (let step = 1; step < 14; step++) {
    const world = await createInstanceTaskWorld(containers);
    let left = step;
    const dying = new Proxy(world.runtime, {
      get(target, name, receiver) {
        const value: unknown = Reflect.get(target, name, receiver);
        if (typeof value !== "function") return value;
        return (...given: unknown[]) => {
          if (name !== "watch" && name !== "observeSandbox" && left-- <= 0) return new Promise(() => {});
          return Reflect.apply(value, target, given);
        };
      },
    });
    world.start(dying);
    for (let turn = 0; turn < 60; turn++) await new Promise((resolve) => setImmediate(resolve));
    world.start();
    await world.settle();
    await world.pass(2);
    assert.equal(world.toText(), "RUNNING/RUNNING web=RUNNING app=RUNNING", `killed after ${step}`);
    assert.equal(endpointsOf(world).length, 2);
    world.put({ desiredStatus: "STOPPED" });
    await world.settle();
    assert.equal(world.runtime.toText(), "i-01 sandbox running", `killed after ${step}`);
    assert.deepEqual(endpointsOf(world), []);
  }
});

test("under host containers join their instance; under none, and without networking, they have loopback alone", async () => {
  const host = await running([{ ...WEB, portMappings: [{ containerPort: 80 }] }], { networkMode: "host" });
  assert.equal(host.toText(), "RUNNING/RUNNING web=RUNNING");
  const spec = host.runtime.specOf(host.task().taskId, "web");
  assert.deepEqual(spec?.network, { kind: "joined", sandboxId: INSTANCE_ID });
  assert.equal(host.task().containers[0]?.networkBindings, undefined);
  const none = await running([{ ...WEB, hostname: "alone" }], { networkMode: "none", memory: "64" });
  const isolated = none.runtime.specOf(none.task().taskId, "web");
  assert.deepEqual(isolated?.network, {
    kind: "none",
    hostname: "alone",
    hosts: [],
    nameServers: ["10.0.0.2"],
    searchDomains: ["ap-northeast-1.compute.internal"],
  });
  assert.equal(isolated.sandboxLimits?.memoryBytes, 64 * 1024 * 1024);
  const disabled = await running([{ ...WEB, disableNetworking: true }]);
  assert.equal(disabled.runtime.specOf(disabled.task().taskId, "web")?.network.kind, "none");
  assert.deepEqual([...endpointsOf(host), ...endpointsOf(none), ...endpointsOf(disabled)], []);
  host.put({ desiredStatus: "STOPPED" });
  await host.settle();
  assert.equal(host.runtime.toText(), "i-01 sandbox running");
});

test("an awsvpc task's interface takes the lowest free slot, in a subnet of the instance's zone", async () => {
  const world = await createInstanceTaskWorld([WEB], { networkMode: "awsvpc" });
  const { attachment } = world.task();
  assert.ok(attachment);
  world.put({ attachment: { ...attachment, subnetId: "subnet-1" } });
  world.start();
  await world.settle();
  assert.equal(world.toText(), "RUNNING/RUNNING web=RUNNING");
  const [eni] = world.store.where(networkInterfaces, "owner", world.task().arn);
  assert.deepEqual(
    [eni?.subnetId, eni?.instanceAttachment?.instanceId, eni?.instanceAttachment?.deviceIndex],
    ["subnet-0", INSTANCE_ID, 1],
  );
  assert.equal(world.task().attachment?.subnetId, "subnet-0");
  assert.equal(eni?.amazonPublicIp, undefined);
  assert.deepEqual(world.runtime.specOf(world.task().taskId, "web")?.network, { kind: "sandbox" });
});

test("where interfaces attached by hand took all slots the task fails without ever being PENDING", async () => {
  const world = await createInstanceTaskWorld([WEB], { networkMode: "awsvpc" });
  world.store.transaction((tx) => {
    for (const deviceIndex of [1, 2]) {
      const attached = { instanceId: INSTANCE_ID, deviceIndex, deleteOnTermination: false, attachTime: 0 };
      tx.put(
        networkInterfaces,
        examplePrimaryInterface({ networkInterfaceId: `eni-${deviceIndex}`, instanceAttachment: attached }),
      );
    }
  });
  const seen = new Set<string>();
  world.store.onChange(tasks, ({ after }) => void seen.add(after?.lastStatus ?? ""));
  world.start();
  await world.settle();
  const { stopCode, stoppedReason, attachment } = world.task();
  assert.deepEqual([...seen], ["PROVISIONING", "DEPROVISIONING", "STOPPED"]);
  assert.deepEqual(
    [stopCode, stoppedReason, attachment?.status],
    ["TaskFailedToStart", "Unable to attach network interface to unused device index.", "DELETED"],
  );
});

test("on a trunk an interface is a branch and takes no slot", async () => {
  const world = await createInstanceTaskWorld([WEB], { networkMode: "awsvpc" });
  world.store.transaction((tx) => {
    tx.put(containerInstances, exampleContainerInstance({ trunkInterfaceId: "eni-trunk" }));
    tx.put(instances, exampleInstance({ instanceType: "t3.nano" }));
  });
  world.start();
  await world.settle();
  const [eni] = world.store.where(networkInterfaces, "owner", world.task().arn);
  assert.equal(eni?.instanceAttachment?.instanceId, INSTANCE_ID);
  assert.equal(eni.instanceAttachment.deviceIndex, undefined);
});

test("a task that has no instance yet, or whose instance is still booting, waits", async () => {
  const world = await createInstanceTaskWorld(
    [WEB],
    {},
    {
      lastStatus: "PROVISIONING",
      containerInstanceArn: undefined,
    },
  );
  world.store.transaction((tx) => tx.put(instances, exampleInstance({ state: "pending" })));
  world.start();
  await world.settle();
  assert.equal(world.toText(), "RUNNING/PROVISIONING web=PENDING");
  world.put({ containerInstanceArn: CONTAINER_INSTANCE_ARN });
  await world.settle();
  assert.equal(world.toText(), "RUNNING/PROVISIONING web=PENDING");
  world.store.transaction((tx) => tx.put(instances, exampleInstance()));
  await world.settle();
  assert.equal(world.toText(), "RUNNING/RUNNING web=RUNNING");
});

test("when the instance goes its tasks stop with a notice, whatever they were doing", async () => {
  for (const [changes, how] of [
    [{ desiredState: "terminated" }, "terminated"],
    [{ state: "shutting-down" }, "terminated"],
    [{ desiredState: "stopped" }, "stopped"],
    [{ state: "stopping" }, "stopped"],
  ] as const) {
    const world = await running([{ ...WEB, stopTimeout: 60 }]);
    world.store.transaction((tx) => tx.put(instances, exampleInstance(changes)));
    await world.settle();
    const { lastStatus, stopCode, stoppedReason } = world.task();
    assert.deepEqual(
      [lastStatus, stopCode, stoppedReason],
      ["STOPPED", "TerminationNotice", `Host EC2 (instance ${INSTANCE_ID}) ${how}.`],
    );
    assert.ok(world.runtime.history.includes("stop web SIGTERM 10 s"));
  }
});

test("a machine that was started anew has none of the containers that it ran before", async () => {
  const world = await running([WEB], { networkMode: "host" });
  world.clock.advance(1000);
  world.runtime.killSandbox(INSTANCE_ID);
  await world.settle();
  assert.equal(world.toText(), "RUNNING/RUNNING web=RUNNING", "nothing is lost before it boots");
  const machine = world.runtime.sandboxSpec(INSTANCE_ID);
  assert.ok(machine);
  await world.runtime.ensureSandbox(machine);
  await world.settle();
  assert.deepEqual([world.task().lastStatus, world.task().stopCode], ["STOPPED", "EssentialContainerExited"]);
});

test("machines are not taken for the sandboxes of tasks that are gone", async () => {
  const world = await createInstanceTaskWorld();
  world.start();
  await world.settle();
  assert.match(world.runtime.toText(), /^i-01 sandbox running$/m);
});

test("an image that cannot be pulled is told in Docker's words, by the container alone", async () => {
  const world = await createInstanceTaskWorld();
  world.runtime.failNext("pull nginx", { kind: "image-not-found", message: "manifest unknown" }, 2);
  world.start();
  await world.settle();
  const { stoppedReason, containers } = world.task();
  assert.equal(stoppedReason, "Task failed to start");
  assert.equal(
    containers[0]?.reason,
    "CannotPullContainerError: Error response from daemon: manifest for nginx not found: manifest unknown: Requested image not found",
  );
});

test("a container that is not essential may fail to start without the others", async () => {
  const logConfiguration = { logDriver: "awslogs" as const, options: { "awslogs-group": "/none" } };
  const world = await createInstanceTaskWorld([
    WEB,
    { ...APP, essential: false },
    { name: "mute", image: "nginx", essential: false, logConfiguration },
  ]);
  world.runtime.failNext("pull app", { kind: "image-pull-failed", message: "no route to host" }, 2);
  world.start();
  await world.settle();
  await world.pass(2);
  assert.equal(world.toText(), "RUNNING/RUNNING web=RUNNING app=STOPPED mute=STOPPED");
  assert.deepEqual(
    world.task().containers.map(({ reason }) => reason),
    [
      undefined,
      "CannotPullContainerError: Error response from daemon: no route to host",
      "CannotStartContainerError: Error response from daemon: failed to initialize logging driver: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist.",
    ],
  );
});

test("a task that waits for an instance can be stopped", async () => {
  const world = await createInstanceTaskWorld(
    [WEB],
    {},
    {
      lastStatus: "PROVISIONING",
      containerInstanceArn: undefined,
    },
  );
  world.start();
  world.put({ desiredStatus: "STOPPED", stopCode: "UserInitiated" });
  await world.settle();
  assert.equal(world.toText(), "STOPPED/STOPPED web=STOPPED");
});
