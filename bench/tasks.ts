/** From RunTask to RUNNING of a one-container awsvpc task, beside `docker run -d` of the same image. */
import { StopTaskCommand } from "@aws-sdk/client-ecs";
import { present, run, type TestBerth } from "../test/stories/harness.ts";
import {
  CLUSTER,
  describeTask,
  type Place,
  registerTask,
  runtimeIdOf,
  startTask,
  untilStatus,
} from "../test/stories/tasks.ts";
import type { Effort } from "./api.ts";
import { removeContainer, runContainer } from "./containers.ts";
import { type Comparison, median } from "./report.ts";

const ROUNDS = 10;
const GIVE_UP_MS = 30_000;

export async function measureStart(berth: TestBerth, place: Place, effort: Effort): Promise<Comparison[]> {
  const definition = await registerTask(berth, "bench-start");
  effort.progress("start of a task: the first, with its pull");
  const first = await timeTask(berth, definition, place);
  const image = await imageOf(berth, first.taskArn);
  await stop(berth, first.taskArn);
  await timeContainer(image);
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    effort.progress(`start of a task: ${round} of ${ROUNDS}`);
    const task = await timeTask(berth, definition, place);
    ours.push(task.ms);
    await stop(berth, task.taskArn);
    theirs.push(await timeContainer(image));
  }
  return [
    {
      what: `RunTask → RUNNING, median of ${ROUNDS}`,
      unit: "ms",
      berth: median(ours),
      other: median(theirs),
      otherName: "docker run -d",
      note: "the task has an ENI, security groups and a pause container; Docker's is on docker0",
      details: { berth: ours, other: theirs, firstMs: first.ms },
    },
  ];
}

/** Asks every 10 ms, so that the answer is not that of a waiter's interval. */
async function timeTask(
  berth: TestBerth,
  definition: string,
  place: Place,
): Promise<{ readonly taskArn: string; readonly ms: number }> {
  const from = performance.now();
  const taskArn = await startTask(berth, definition, place);
  for (;;) {
    const { lastStatus, stoppedReason } = await describeTask(berth, taskArn);
    const ms = performance.now() - from;
    if (lastStatus === "RUNNING") return { taskArn, ms };
    if (lastStatus === "STOPPED" || ms > GIVE_UP_MS) throw new Error(`${lastStatus}: ${stoppedReason}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function stop(berth: TestBerth, task: string): Promise<void> {
  await berth.ecs.send(new StopTaskCommand({ cluster: CLUSTER, task }));
  await untilStatus(berth, task, "STOPPED");
}

/** The id of what the task's container is made of: the engine may have no name for it. */
export async function imageOf(berth: TestBerth, taskArn: string): Promise<string> {
  const container = await runtimeIdOf(berth, taskArn, "web");
  const { stdout } = await run("docker", ["inspect", "--format", "{{.Image}}", container]);
  return present(stdout.trim() || undefined, "image id");
}

async function timeContainer(image: string): Promise<number> {
  const from = performance.now();
  const id = await runContainer([image]);
  const ms = performance.now() - from;
  await removeContainer(id);
  return ms;
}
