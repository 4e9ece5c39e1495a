/**
 * When containers of a task start, count as healthy, are started again and end (API reference, ContainerDefinition;
 * developer guide, "Container dependency"), as they see it themselves.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Container, ContainerDefinition, Task } from "@aws-sdk/client-ecs";
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
import { present, run, until } from "./harness.ts";
import { makeArchive, pushImage } from "./image.ts";
import { describeTask, runInTask, untilStatus } from "./tasks.ts";

const SIGNALS = "000000000000.dkr.ecr.ap-northeast-1.amazonaws.com/signals:latest";
/** The least that ECS takes. */
const RESTART_PERIOD_SECONDS = 60;
/** Ends on SIGTERM. */
const STAY = "trap 'exit 0' TERM; while :; do busybox sleep 0.1; done";

describe("the order of containers", { timeout: 5 * 60_000 }, () => {
  let ground: Ground;
  let instanceId: string;
  /** It takes its period's minute; the other tests run meanwhile. */
  let restarting: Task;

  before(async () => {
    ground = await startGround("10.84");
    const instructions = ["STOPSIGNAL SIGUSR1", "HEALTHCHECK --interval=1s --retries=1 CMD /bin/false"];
    await pushImage(
      ground.ecr,
      ground.stateDirectory,
      "signals",
      (folder) => makeArchive(folder),
      instructions,
    );
    instanceId = present((await launch(ground, { instanceType: "t3.large" })).InstanceId, "InstanceId");
    restarting = await startRestarting();
  });
  after(() => ground?.down());

  /** Runs the script, and writes what happens in /log on the instance. */
  function container(
    name: string,
    script: string,
    more: Partial<ContainerDefinition> = {},
  ): ContainerDefinition {
    return {
      name,
      image: ground.image,
      memory: 32,
      essential: false,
      stopTimeout: 5,
      entryPoint: ["/bin/busybox", "sh", "-c"],
      command: [`say() { echo "${name} $1" >> /log/events; }; ${script}`],
      mountPoints: [{ sourceVolume: "log", containerPath: "/log" }],
      ...more,
    };
  }

  function task(family: string, containerDefinitions: ContainerDefinition[]): Promise<string> {
    const volumes: Definition["volumes"] = [{ name: "log", host: { sourcePath: `/srv/${family}` } }];
    return register(ground, family, {}, { volumes, containerDefinitions });
  }

  async function eventsOf(family: string): Promise<string[]> {
    const machine = `berth-${ground.installation}-${instanceId}`;
    const { stdout } = await run("docker", ["exec", machine, "cat", `/srv/${family}/events`]);
    return stdout.trim().split("\n");
  }

  const arnOf = ({ taskArn }: Task) => present(taskArn, "taskArn");
  const find = ({ containers }: Task, name: string): Container =>
    present(
      containers?.find((one) => one.name === name),
      `container ${name}`,
    );

  async function inside(of: Task, name: string, script: string): Promise<string> {
    const { stdout } = await runInTask(ground, arnOf(of), name, ["/bin/busybox", "sh", "-c", script]);
    return stdout.trim();
  }

  async function startRestarting(): Promise<Task> {
    const definition = await task("restarts", [
      container("again", `echo run >> /runs; busybox sleep ${RESTART_PERIOD_SECONDS + 1}; exit 5`, {
        restartPolicy: { enabled: true, restartAttemptPeriod: RESTART_PERIOD_SECONDS },
        essential: true,
      }),
      container("early", "echo run >> /runs; exit 6", {
        restartPolicy: { enabled: true, restartAttemptPeriod: RESTART_PERIOD_SECONDS },
      }),
      container("ignored", `busybox sleep ${RESTART_PERIOD_SECONDS + 1}; exit 7`, {
        restartPolicy: {
          enabled: true,
          restartAttemptPeriod: RESTART_PERIOD_SECONDS,
          ignoredExitCodes: [7],
        },
      }),
    ]);
    return runUntilRunning(ground, definition);
  }

  it("a container starts when what it depends on has started, ended, succeeded and is healthy", async () => {
    const definition = await task("starts", [
      container("web", `say start; ${STAY}`, {
        essential: true,
        dependsOn: [
          { containerName: "started", condition: "START" },
          { containerName: "ended", condition: "COMPLETE" },
          { containerName: "succeeded", condition: "SUCCESS" },
          { containerName: "healthy", condition: "HEALTHY" },
        ],
      }),
      container("started", `say start; ${STAY}`),
      container("ended", "busybox sleep 1; say end; exit 3"),
      container("succeeded", "busybox sleep 2; say end"),
      container("healthy", `busybox sleep 1; echo > /ready; say ready; ${STAY}`, {
        healthCheck: { command: ["CMD-SHELL", "busybox test -e /ready"], interval: 5, retries: 10 },
      }),
    ]);
    const running = await runUntilRunning(ground, definition);
    const events = await until("web has started", 10, async () => {
      const seen = await eventsOf("starts");
      return seen.includes("web start") && seen;
    });
    assert.equal(events.at(-1), "web start");
    assert.deepEqual([...events].sort(), [
      "ended end",
      "healthy ready",
      "started start",
      "succeeded end",
      "web start",
    ]);
    assert.deepEqual(
      ["ended", "succeeded", "web"].map((name) => find(running, name).exitCode),
      [3, 0, undefined],
    );
    assert.equal(find(running, "healthy").healthStatus, "HEALTHY");
    await stop(ground, running);
  });

  it("where what it depends on fails, a container never starts, and its task ends", async () => {
    const definition = await task("fails", [
      container("web", "say start", {
        essential: true,
        dependsOn: [{ containerName: "migrate", condition: "SUCCESS" }],
      }),
      container("migrate", "say end; exit 2"),
    ]);
    const { tasks } = await runTask(ground, definition);
    const ended = await untilStatus(ground, present(tasks?.[0]?.taskArn, "taskArn"), "STOPPED");
    assert.equal(ended.stopCode, "TaskFailedToStart");
    assert.equal(find(ended, "migrate").exitCode, 2);
    assert.match(find(ended, "web").reason ?? "", /ordering dependency .* did not exit successfully/);
    assert.deepEqual(await eventsOf("fails"), ["migrate end"]);
  });

  it("containers stop in the reverse order", async () => {
    const onTerm = "trap 'busybox sleep 1; say end; exit 0' TERM; while :; do busybox sleep 0.1; done";
    const definition = await task("stops", [
      container("last", onTerm),
      container("middle", onTerm, { dependsOn: [{ containerName: "last", condition: "START" }] }),
      container("web", onTerm, {
        essential: true,
        dependsOn: [{ containerName: "middle", condition: "START" }],
      }),
    ]);
    const running = await runUntilRunning(ground, definition);
    await stop(ground, running);
    assert.deepEqual(await eventsOf("stops"), ["web end", "middle end", "last end"]);
  });

  it("a container that does not end on SIGTERM is killed after its stop timeout", async () => {
    const deaf = "trap 'say TERM' TERM; say start; while :; do busybox sleep 0.1; done";
    const definition = await task("deaf", [
      container("web", deaf, { essential: true, stopTimeout: 3 }),
      container("obeys", "trap 'say TERM; exit 9' TERM; while :; do busybox sleep 0.1; done"),
    ]);
    const running = await runUntilRunning(ground, definition);
    await until("it waits for signals", 10, async () => (await eventsOf("deaf")).includes("web start"));
    await stop(ground, running);
    const ended = await describeTask(ground, arnOf(running));
    assert.equal(find(ended, "web").exitCode, 137);
    assert.equal(find(ended, "obeys").exitCode, 9);
    assert.deepEqual((await eventsOf("deaf")).sort(), ["obeys TERM", "web TERM", "web start"]);
    const { stoppingAt, executionStoppedAt } = ended;
    const took = Number(executionStoppedAt) - Number(stoppingAt);
    assert.ok(took >= 2900 && took < 8000, `${took} ms`);
  });

  it("the signal is the one that the image names", async () => {
    const script =
      "trap 'say USR1; exit 42' USR1; trap 'say TERM; exit 1' TERM; say start; while :; do busybox sleep 0.1; done";
    const definition = await task("signal", [container("web", script, { essential: true, image: SIGNALS })]);
    const running = await runUntilRunning(ground, definition);
    await until("it waits for signals", 10, async () => (await eventsOf("signal")).includes("web start"));
    await stop(ground, running);
    assert.equal(find(await describeTask(ground, arnOf(running)), "web").exitCode, 42);
    assert.deepEqual(await eventsOf("signal"), ["web start", "web USR1"]);
  });

  it("health is told by the definition's check, not by the image's, and stops no task of its own", async () => {
    const check = (command: string[]) => ({ command, interval: 5, timeout: 2, retries: 1 });
    const definition = await task("health", [
      container("web", `echo > /well; ${STAY}`, {
        essential: true,
        healthCheck: check(["CMD", "/bin/busybox", "test", "-e", "/well"]),
      }),
      container("unchecked", STAY, { image: SIGNALS }),
    ]);
    const running = await runUntilRunning(ground, definition);
    const untilHealth = (wanted: string) =>
      until(`web is ${wanted}`, 30, async () => {
        const now = await describeTask(ground, arnOf(running));
        return find(now, "web").healthStatus === wanted && now;
      });
    const healthy = await untilHealth("HEALTHY");
    assert.equal(healthy.healthStatus, "HEALTHY");
    assert.equal(find(healthy, "unchecked").healthStatus, "UNKNOWN");
    await inside(running, "web", "busybox rm /well");
    const unhealthy = await untilHealth("UNHEALTHY");
    assert.deepEqual([unhealthy.healthStatus, unhealthy.lastStatus], ["UNHEALTHY", "RUNNING"]);
    await inside(running, "web", "echo > /well");
    assert.equal((await untilHealth("HEALTHY")).healthStatus, "HEALTHY");
    await stop(ground, running);
  });

  it("a container that ran for its period is started again in place, one that did not or ended as expected is not", async () => {
    const { runtimeId } = find(restarting, "again");
    const runs = await until("the container has been started again", 90, async () => {
      const told = await inside(restarting, "again", "busybox cat /runs");
      return told.split("\n").length === 2 && told;
    });
    assert.equal(runs, "run\nrun");
    const ended = await until("the others have ended", 20, async () => {
      const now = await describeTask(ground, arnOf(restarting));
      return ["early", "ignored"].every((name) => find(now, name).lastStatus === "STOPPED") && now;
    });
    assert.equal(ended.lastStatus, "RUNNING");
    assert.equal(find(ended, "again").runtimeId, runtimeId);
    assert.equal(find(ended, "again").lastStatus, "RUNNING");
    assert.deepEqual([find(ended, "early").exitCode, find(ended, "ignored").exitCode], [6, 7]);
    await stop(ground, restarting);
  });
});
