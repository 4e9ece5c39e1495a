/** What bounds a container, seen from inside it: memory, processors, capabilities, devices, users, architectures. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { ContainerDefinition, RegisterTaskDefinitionCommandInput, Task } from "@aws-sdk/client-ecs";
import { RunTaskCommand } from "@aws-sdk/client-ecs";
import {
  type Definition,
  type Ground,
  launch,
  register,
  runTask,
  runUntilRunning,
  startGround,
  stop,
} from "./ec2-setup.ts";
import { present } from "./harness.ts";
import { makeArchive, pushImage } from "./image.ts";
import { CLUSTER, describeTask, runInTask, untilStatus } from "./tasks.ts";

const ARM_IMAGE = "000000000000.dkr.ecr.ap-northeast-1.amazonaws.com/arm:latest";
const MIB = 1024 * 1024;
const DOCKER_CAPABILITIES = 0xa80425fbn;
const OWN_ARCHITECTURE = process.arch === "arm64" ? "ARM64" : "X86_64";

describe("the bounds of a container", { timeout: 5 * 60_000 }, () => {
  let ground: Ground;
  before(async () => {
    ground = await startGround("10.85");
    await pushImage(ground.ecr, ground.stateDirectory, "arm", (folder) =>
      makeArchive(folder, (root) =>
        writeFileSync(join(root, "bin/serve"), foreignProgram(), { mode: 0o755 }),
      ),
    );
    await launch(ground, { instanceType: "t3.large" });
  });
  after(() => ground?.down());

  async function inside(task: Task, script: string): Promise<string> {
    const finished = await runInTask(ground, present(task.taskArn, "taskArn"), "web", [
      "/bin/busybox",
      "sh",
      "-c",
      script,
    ]);
    return finished.stdout.trim();
  }

  async function start(family: string, container: Partial<ContainerDefinition>, more: Definition = {}) {
    return runUntilRunning(ground, await register(ground, family, container, more));
  }

  /** The task when it has ended, and its container. */
  async function end(family: string, container: Partial<ContainerDefinition>) {
    const { tasks } = await runTask(ground, await register(ground, family, container));
    const task = await untilStatus(ground, present(tasks?.[0]?.taskArn, "taskArn"), "STOPPED");
    return { task, container: present(task.containers?.[0], "container") };
  }

  async function onFargate(family: string, container: Partial<ContainerDefinition>, more: Definition = {}) {
    const definition: Partial<RegisterTaskDefinitionCommandInput> = {
      requiresCompatibilities: ["FARGATE"],
      networkMode: "awsvpc",
      cpu: "256",
      memory: "512",
      ...more,
    };
    const taskDefinition = await register(ground, family, { memory: undefined, ...container }, definition);
    const awsvpcConfiguration = { subnets: [ground.network.publicSubnetIds[0]] };
    const { tasks } = await ground.ecs.send(
      new RunTaskCommand({
        cluster: CLUSTER,
        taskDefinition,
        launchType: "FARGATE",
        networkConfiguration: { awsvpcConfiguration },
      }),
    );
    return untilStatus(ground, present(tasks?.[0]?.taskArn, "taskArn"), "RUNNING");
  }

  it("memory, swap and processors are its control group's", async () => {
    const task = await start("groups", {
      memory: 96,
      memoryReservation: 32,
      cpu: 300,
      linuxParameters: { maxSwap: 32, swappiness: 10 },
    });
    const files = await inside(
      task,
      `cd /sys/fs/cgroup
       if busybox test -e memory/memory.limit_in_bytes
       then cat memory/memory.limit_in_bytes memory/memory.soft_limit_in_bytes cpu/cpu.shares memory/memory.swappiness
       else cat memory.max memory.low; fi`,
    );
    const [limit, reservation, shares, swappiness] = files.split("\n").map(Number);
    assert.deepEqual([limit, reservation], [96 * MIB, 32 * MIB]);
    // Version 2 of control groups knows no shares, and no swappiness of a group.
    if (shares !== undefined) assert.deepEqual([shares, swappiness], [300, 10]);
    const swap = await inside(task, "cat /sys/fs/cgroup/memory/memory.memsw.limit_in_bytes 2>/dev/null");
    if (swap !== "") assert.equal(Number(swap), 128 * MIB);
    await stop(ground, task);
  });

  it("a container that needs more memory than it has is killed, and says so", async () => {
    const { task, container } = await end("greedy", {
      memory: 16,
      command: ["/bin/busybox", "dd", "if=/dev/zero", "of=/dev/shm/file", "bs=1M", "count=60"],
    });
    assert.equal(container.exitCode, 137);
    assert.equal(container.reason, "OutOfMemoryError: Container killed due to memory usage");
    assert.equal(task.stopCode, "EssentialContainerExited");
  });

  it("under Fargate the task's memory bounds its containers, and ephemeral storage is told", async () => {
    const task = await onFargate(
      "sizes",
      { linuxParameters: { capabilities: { add: ["SYS_PTRACE"] } } },
      { ephemeralStorage: { sizeInGiB: 40 } },
    );
    const bound = await inside(
      task,
      "busybox grep hierarchical_memory_limit /sys/fs/cgroup/memory/memory.stat",
    );
    if (bound !== "") assert.equal(bound, `hierarchical_memory_limit ${512 * MIB}`);
    // CAP_SYS_PTRACE is bit 19.
    const effective = /CapEff:\s+(\w+)/.exec(await inside(task, "cat /proc/1/status"))?.[1];
    assert.equal(BigInt(`0x${effective}`), DOCKER_CAPABILITIES | (1n << 19n));
    const described = await describeTask(ground, present(task.taskArn, "taskArn"));
    assert.equal(described.ephemeralStorage?.sizeInGiB, 40);
    await stop(ground, task);
  });

  it("capabilities are taken all away before one is given, or given to Docker's own", async () => {
    const capabilitiesOf = async (family: string, add: string[], drop: string[]) => {
      const task = await start(family, { linuxParameters: { capabilities: { add, drop } } });
      const effective = /CapEff:\s+(\w+)/.exec(await inside(task, "cat /proc/1/status"))?.[1];
      await stop(ground, task);
      return BigInt(`0x${effective}`);
    };
    // CAP_NET_BIND_SERVICE is bit 10, CAP_NET_ADMIN 12, CAP_SYS_ADMIN 21, CAP_MKNOD 27.
    assert.equal(await capabilitiesOf("one", ["NET_BIND_SERVICE"], ["ALL"]), 1n << 10n);
    const more = await capabilitiesOf("more", ["NET_ADMIN", "SYS_ADMIN"], ["MKNOD"]);
    assert.equal(more, (DOCKER_CAPABILITIES & ~(1n << 27n)) | (1n << 12n) | (1n << 21n));
  });

  it("limits of the kernel are those that it names, and hold", async () => {
    const task = await start("limits", {
      ulimits: [
        { name: "nofile", softLimit: 20, hardLimit: 30 },
        { name: "core", softLimit: 0, hardLimit: 0 },
        { name: "stack", softLimit: 4 * MIB, hardLimit: 4 * MIB },
        { name: "cpu", softLimit: 600, hardLimit: 700 },
      ],
    });
    const limits = await inside(task, "cat /proc/1/limits");
    for (const line of [
      /^Max open files\s+20\s+30\s/m,
      /^Max core file size\s+0\s+0\s/m,
      /^Max stack size\s+4194304\s+4194304\s/m,
      /^Max cpu time\s+600\s+700\s/m,
    ]) {
      assert.match(limits, line);
    }
    await stop(ground, task);
  });

  it("it runs as the user it names, by number alone where the image knows no names", async () => {
    const task = await start("user", { user: "1000:2000", workingDirectory: "/www" });
    assert.equal(await inside(task, "busybox id -u; busybox id -g; pwd"), "1000\n2000\n/www");
    assert.match(await inside(task, "echo x 2>&1 > /www/file"), /Permission denied|can't create/);
    assert.equal(BigInt(`0x${/CapEff:\s+(\w+)/.exec(await inside(task, "cat /proc/1/status"))?.[1]}`), 0n);
    await stop(ground, task);
    const { container } = await end("nobody", { user: "nobody" });
    assert.match(
      container.reason ?? "",
      /^CannotStartContainerError: Error response from daemon: .*unable to find user nobody: no matching entries in passwd file/,
    );
  });

  it("a program that is not there, and one of another architecture, end the task in the engine's words", async () => {
    const missing = await end("missing", { entryPoint: ["nope"] });
    assert.match(
      missing.container.reason ?? "",
      /^CannotStartContainerError: Error response from daemon: .*exec: "nope": executable file not found in \$PATH/,
    );
    assert.equal(missing.task.stopCode, "TaskFailedToStart");
    const foreign = await end("foreign", { image: ARM_IMAGE });
    const { reason = "", exitCode } = foreign.container;
    assert.ok(/exec format error/.test(reason) || exitCode === 1, `${exitCode} ${reason}`);
  });

  it("a terminal and an open standard input are there where they are asked for", async () => {
    const task = await start("terminal", { pseudoTerminal: true, interactive: true });
    assert.match(await inside(task, "busybox readlink /proc/1/fd/0"), /^\/dev\/pts\/0$/);
    const plain = await start("plain", {});
    assert.equal(await inside(plain, "busybox readlink /proc/1/fd/0"), "/dev/null");
    await stop(ground, task, plain);
  });

  it("what RunTask overrides goes over what the definition says", async () => {
    const definition = await register(ground, "overridden", {
      cpu: 64,
      memory: 64,
      environment: [
        { name: "KEPT", value: "definition" },
        { name: "NAME", value: "definition" },
      ],
    });
    const command = ["/bin/busybox", "sleep", "777"];
    const environment = [{ name: "NAME", value: "override" }];
    const containerOverrides = [{ name: "web", command, environment, cpu: 128, memory: 80 }];
    const task = await runUntilRunning(ground, definition, { overrides: { containerOverrides } });
    assert.equal(await inside(task, "busybox tr '\\0' ' ' < /proc/1/cmdline"), command.join(" "));
    assert.equal(await inside(task, "echo $KEPT $NAME"), "definition override");
    const memory =
      "cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/memory.max";
    assert.equal(await inside(task, memory), String(80 * MIB));
    const shares = await inside(task, "cat /sys/fs/cgroup/cpu/cpu.shares 2>/dev/null");
    if (shares !== "") assert.equal(shares, "128");
    await stop(ground, task);
  });

  it("an instance has no disks for it, and no GPUs", async () => {
    const { container } = await end("disk", { linuxParameters: { devices: [{ hostPath: "/dev/vda" }] } });
    assert.match(
      container.reason ?? "",
      /^CannotStartContainerError: .*error gathering device information while adding custom device "\/dev\/vda": no such file or directory$/,
    );
    const gpu = await register(ground, "gpu", { resourceRequirements: [{ type: "GPU", value: "1" }] });
    const { tasks, failures } = await runTask(ground, gpu);
    assert.deepEqual(tasks, []);
    assert.deepEqual(
      failures?.map(({ reason }) => reason),
      ["RESOURCE:GPU"],
    );
  });

  it("a definition for another architecture is refused by name", async () => {
    const cpuArchitecture = OWN_ARCHITECTURE === "X86_64" ? "ARM64" : "X86_64";
    const runtimePlatform = { cpuArchitecture, operatingSystemFamily: "LINUX" } as const;
    const definition = await register(ground, "other-architecture", {}, { runtimePlatform });
    await assert.rejects(runTask(ground, definition), (error: Error) => {
      assert.match(error.message, new RegExp(`runtimePlatform.cpuArchitecture ${cpuArchitecture}`));
      return true;
    });
    const own = await start(
      "own-architecture",
      {},
      { runtimePlatform: { cpuArchitecture: OWN_ARCHITECTURE } },
    );
    await stop(ground, own);
  });

  it("a Docker volume in memory has the size that its driver is told", async () => {
    const driverOpts = { type: "tmpfs", device: "tmpfs", o: "size=2m" };
    const task = await start(
      "tmpfs",
      { readonlyRootFilesystem: true, mountPoints: [{ sourceVolume: "fast", containerPath: "/fast" }] },
      {
        volumes: [
          { name: "fast", dockerVolumeConfiguration: { scope: "task", driver: "local", driverOpts } },
        ],
      },
    );
    assert.match(await inside(task, "cat /proc/mounts"), / \/fast tmpfs .*size=2048k/);
    assert.equal(
      await inside(task, "echo x > /fast/file && echo written; echo x 2>/dev/null > /file || echo no"),
      "written\nno",
    );
    await stop(ground, task);
  });
});

/** The head of a program for a processor that this machine has not: ELF, 64 bits. */
function foreignProgram(): Buffer {
  const [X86_64, AARCH64] = [62, 183];
  const head = Buffer.alloc(64);
  head.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1], 0);
  head.writeUInt16LE(2, 16);
  head.writeUInt16LE(process.arch === "arm64" ? X86_64 : AARCH64, 18);
  head.writeUInt32LE(1, 20);
  head.writeUInt16LE(64, 52);
  return head;
}
