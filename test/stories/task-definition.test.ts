/** Settings of task definitions, seen from inside containers and from the instance that they are on. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { CreateLogGroupCommand, GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { type ContainerDefinition, RunTaskCommand, type Task } from "@aws-sdk/client-ecs";
import { IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import {
  type Definition,
  type Ground,
  launch,
  optionsOf,
  register,
  runTask,
  runUntilRunning,
  startGround,
  stop,
} from "./ec2-setup.ts";
import { present, REGION, run, until } from "./harness.ts";
import { CLUSTER, runInTask, untilStatus } from "./tasks.ts";

const RANGE = "10.82";

describe("what a task definition says holds inside", { timeout: 10 * 60_000 }, () => {
  let ground: Ground;
  let instanceId: string;

  before(async () => {
    ground = await startGround(RANGE);
    await ground.logs.send(new CreateLogGroupCommand({ logGroupName: "/ecs/settings" }));
    const userData = ["mkdir -p /srv/data", "echo from-user-data > /srv/data/hello"];
    instanceId = present((await launch(ground, { instanceType: "t3.large", userData })).InstanceId, "id");
  });
  after(() => ground?.down());

  async function inside(task: Task, script: string, container = "web"): Promise<string> {
    const finished = await runInTask(ground, present(task.taskArn, "arn"), container, [
      "/bin/busybox",
      "sh",
      "-c",
      script,
    ]);
    return finished.stdout.trim();
  }

  async function start(
    family: string,
    container: Partial<ContainerDefinition>,
    more: Definition = {},
  ): Promise<Task> {
    return runUntilRunning(ground, await register(ground, family, container, more));
  }

  /** The task when it has stopped. */
  async function untilStopped(definition: string): Promise<Task> {
    const { tasks } = await runTask(ground, definition);
    return untilStatus(ground, present(tasks?.[0]?.taskArn, "arn"), "STOPPED");
  }

  it("processes, memory, devices and files are as asked for", async () => {
    const task = await start("linux", {
      memory: 128,
      memoryReservation: 64,
      cpu: 128,
      user: "0:7",
      workingDirectory: "/www",
      entryPoint: ["/bin/busybox", "sh", "-c"],
      command: ["trap 'exit 0' TERM; while :; do /bin/busybox sleep 1; done"],
      readonlyRootFilesystem: true,
      hostname: "inside",
      extraHosts: [{ hostname: "friend", ipAddress: "10.1.2.3" }],
      dnsServers: ["10.9.9.9"],
      dnsSearchDomains: ["corp.example"],
      dockerLabels: { team: "blue" },
      dockerSecurityOptions: ["no-new-privileges"],
      ulimits: [{ name: "nofile", softLimit: 500, hardLimit: 600 }],
      systemControls: [
        { namespace: "net.core.somaxconn", value: "99" },
        { namespace: "kernel.msgmax", value: "9000" },
      ],
      linuxParameters: {
        initProcessEnabled: true,
        capabilities: { add: ["SYS_TIME"], drop: ["CHOWN"] },
        tmpfs: [{ containerPath: "/scratch", size: 4, mountOptions: ["noexec"] }],
        sharedMemorySize: 16,
        devices: [{ hostPath: "/dev/fuse", containerPath: "/dev/fuse2", permissions: ["read", "write"] }],
        maxSwap: 32,
        swappiness: 10,
      },
    });
    assert.equal(await inside(task, "busybox id -u; busybox id -g"), "0\n7");
    assert.equal(await inside(task, "pwd"), "/www");
    assert.match(await inside(task, "busybox cat /proc/1/comm"), /init/);
    assert.equal(await inside(task, "busybox hostname"), "inside");
    assert.match(await inside(task, "cat /etc/hosts"), /10\.1\.2\.3\s+friend/);
    assert.match(await inside(task, "cat /etc/resolv.conf"), /search corp\.example\nnameserver 10\.9\.9\.9/);
    assert.equal(await inside(task, "ulimit -n; ulimit -Hn"), "500\n600");
    assert.equal(await inside(task, "cat /proc/sys/net/core/somaxconn /proc/sys/kernel/msgmax"), "99\n9000");
    assert.match(await inside(task, "busybox touch /x 2>&1"), /Read-only/);
    assert.match(await inside(task, "cat /proc/mounts"), / \/scratch tmpfs .*noexec.*size=4096k/);
    assert.match(await inside(task, "cat /proc/mounts"), / \/dev\/shm tmpfs .*size=16384k/);
    assert.equal(await inside(task, "busybox test -c /dev/fuse2 && echo device"), "device");
    assert.match(await inside(task, "cat /proc/1/status"), /NoNewPrivs:\s+1/);
    // CAP_CHOWN is bit 0, CAP_SYS_TIME bit 25.
    const bounding = /CapBnd:\s+(\w+)/.exec(await inside(task, "cat /proc/1/status"))?.[1] ?? "";
    assert.equal(BigInt(`0x${bounding}`) & 1n, 0n);
    assert.equal((BigInt(`0x${bounding}`) >> 25n) & 1n, 1n);
    await stop(ground, task);
  });

  it("volumes are the task's, the instance's, or a file system's", async () => {
    const volumes: Definition["volumes"] = [
      { name: "own" },
      { name: "host", host: { sourcePath: "/srv/data" } },
      {
        name: "shared",
        dockerVolumeConfiguration: { scope: "shared", autoprovision: true, driver: "local" },
      },
      {
        name: "efs",
        efsVolumeConfiguration: { fileSystemId: "fs-0123456789abcdef0", rootDirectory: "/app" },
      },
    ];
    const mountPoints = [
      { sourceVolume: "own", containerPath: "/own" },
      { sourceVolume: "host", containerPath: "/host" },
      { sourceVolume: "shared", containerPath: "/shared" },
      { sourceVolume: "efs", containerPath: "/efs" },
    ];
    const definition = await register(
      ground,
      "volumes",
      {},
      {
        volumes,
        containerDefinitions: [
          { name: "web", image: ground.image, memory: 64, stopTimeout: 2, mountPoints },
          {
            name: "reader",
            image: ground.image,
            memory: 64,
            stopTimeout: 2,
            command: ["/bin/busybox", "sleep", "600"],
            volumesFrom: [{ sourceContainer: "web", readOnly: true }],
          },
        ],
      },
    );
    const one = await runUntilRunning(ground, definition);
    assert.equal(await inside(one, "cat /host/hello"), "from-user-data");
    await inside(one, "for v in own host shared efs; do echo $v > /$v/file; done");
    const everything = "for v in own host shared efs; do cat /$v/file 2>/dev/null || echo none; done";
    assert.equal(await inside(one, everything, "reader"), "own\nhost\nshared\nefs");
    assert.equal(await inside(one, "echo x 2>/dev/null > /own/file || echo ro", "reader"), "ro");
    const machine = `berth-${ground.installation}-${instanceId}`;
    assert.equal((await run("docker", ["exec", machine, "cat", "/srv/data/file"])).stdout, "host\n");
    const two = await runUntilRunning(ground, definition);
    assert.equal(await inside(two, everything), "none\nhost\nshared\nefs");
    const directory = `${ground.stateDirectory}/efs/000000000000/${REGION}/fs-0123456789abcdef0/files/app`;
    assert.ok(existsSync(`${directory}/file`));
    await stop(ground, one, two);
  });

  it("processes and shared memory are the task's or the instance's", async () => {
    const loop = (name: string, seconds: number): ContainerDefinition => ({
      name,
      image: ground.image,
      memory: 64,
      stopTimeout: 1,
      command: ["/bin/busybox", "sh", "-c", `/bin/busybox sleep ${seconds}`],
    });
    const task = await start(
      "shared",
      {},
      {
        pidMode: "task",
        ipcMode: "task",
        containerDefinitions: [loop("web", 801), loop("other", 802)],
      },
    );
    assert.match(await inside(task, "busybox ps"), /sleep 802/);
    await inside(task, "echo note > /dev/shm/note");
    assert.equal(await inside(task, "cat /dev/shm/note", "other"), "note");
    const host = await start(
      "host-processes",
      {},
      {
        pidMode: "host",
        ipcMode: "none",
        containerDefinitions: [loop("web", 803)],
      },
    );
    const seen = await inside(host, "busybox ps");
    assert.match(seen, /sleep 803/);
    // The instance's own, and neither another task's nor this machine's.
    assert.match(seen, /sleep 86400/);
    assert.doesNotMatch(seen, /sleep 802|dockerd/);
    await stop(ground, task, host);
  });

  it("a secret is a variable of the container, and nothing else tells it", async () => {
    const ssm = new SSMClient(optionsOf(ground));
    await ssm.send(
      new PutParameterCommand({ Name: "/app/password", Type: "SecureString", Value: "open-sesame-82" }),
    );
    const secrets = [{ name: "PASSWORD", valueFrom: "/app/password" }];
    const definition = await register(ground, "secret", { secrets });
    const denied = await untilStopped(definition);
    assert.match(
      denied.stoppedReason ?? "",
      /^Fetching secret data from SSM Parameter Store in .*: AccessDeniedException: User: .*role\/stories\/.* is not authorized to perform: ssm:GetParameters on resource: .*:parameter\/app\/password because/,
    );
    const iam = new IAMClient(optionsOf(ground));
    const Statement = [{ Effect: "Allow", Action: "ssm:GetParameters", Resource: "*" }];
    await iam.send(
      new PutRolePolicyCommand({
        RoleName: "stories",
        PolicyName: "secrets",
        PolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement }),
      }),
    );
    const task = await runUntilRunning(ground, definition);
    assert.equal(await inside(task, "echo $PASSWORD"), "open-sesame-82");
    assert.ok(!JSON.stringify(task).includes("open-sesame-82"));
    await stop(ground, task);
    const missing = await register(ground, "no-secret", {
      secrets: [{ name: "PASSWORD", valueFrom: "/app/nothing" }],
    });
    assert.match((await untilStopped(missing)).stoppedReason ?? "", /\/app\/nothing/);
  });

  it("several lines are one event where the pattern says so", async () => {
    const options = {
      "awslogs-group": "/ecs/settings",
      "awslogs-region": REGION,
      "awslogs-stream-prefix": "multi",
      "awslogs-multiline-pattern": "^INFO",
      mode: "non-blocking",
      "max-buffer-size": "1m",
    };
    const script = "echo INFO one; echo '  at a'; echo '  at b'; echo INFO two; /bin/busybox sleep 600";
    const task = await start("multi", {
      command: ["/bin/busybox", "sh", "-c", script],
      logConfiguration: { logDriver: "awslogs", options },
    });
    const logStreamName = `multi/web/${task.taskArn?.split("/").at(-1)}`;
    const messages = await until("the log has both events", 20, async () => {
      const { events = [] } = await ground.logs.send(
        new GetLogEventsCommand({ logGroupName: "/ecs/settings", logStreamName, startFromHead: true }),
      );
      return events.length === 2 && events.map(({ message }) => message);
    });
    assert.deepEqual(messages, ["INFO one\n  at a\n  at b\n", "INFO two\n"]);
    await stop(ground, task);
  });

  it("a dependency that does not become healthy in time stops the task", async () => {
    const containers: ContainerDefinition[] = [
      {
        name: "slow",
        image: ground.image,
        memory: 64,
        stopTimeout: 1,
        startTimeout: 3,
        healthCheck: { command: ["CMD", "/bin/busybox", "false"], interval: 5, retries: 10 },
      },
      {
        name: "web",
        image: ground.image,
        memory: 64,
        dependsOn: [{ containerName: "slow", condition: "HEALTHY" }],
      },
    ];
    const task = await untilStopped(
      await register(ground, "timeout", {}, { containerDefinitions: containers }),
    );
    const reason = task.containers?.find(({ name }) => name === "web")?.reason;
    assert.match(reason ?? "", /container ordering dependency .* has timed out/);
  });

  it("under Fargate, net.* is set for the task, and processes can be shared", async () => {
    const definition = await register(
      ground,
      "fargate",
      {
        systemControls: [{ namespace: "net.ipv4.tcp_keepalive_time", value: "77" }],
        linuxParameters: { initProcessEnabled: true },
      },
      {
        requiresCompatibilities: ["FARGATE"],
        networkMode: "awsvpc",
        cpu: "256",
        memory: "512",
        pidMode: "task",
        ephemeralStorage: { sizeInGiB: 30 },
      },
    );
    const { tasks } = await ground.ecs.send(
      new RunTaskCommand({
        cluster: CLUSTER,
        taskDefinition: definition,
        launchType: "FARGATE",
        networkConfiguration: {
          awsvpcConfiguration: { subnets: [present(ground.network.publicSubnetIds[0], "subnet")] },
        },
      }),
    );
    const task = await untilStatus(ground, present(tasks?.[0]?.taskArn, "arn"), "RUNNING");
    assert.equal(await inside(task, "cat /proc/sys/net/ipv4/tcp_keepalive_time"), "77");
    assert.match(await inside(task, "busybox ps"), /sleep 86400/);
    await stop(ground, task);
  });
});
