/**
 * Pulls the images of tasks beside the steps, so that a task can be stopped while a large image comes in. Results go
 * to the store; a pull that a crash cut off is started again, because nothing was written.
 */
import { type Clock, sleep } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import { failure, type Result, success } from "../../lib/result.ts";
import type { Task, TaskContainer } from "../../model/ecs/records.ts";
import { changedTask } from "../../model/ecs/task-change.ts";
import type { ContainerRuntime, PulledImage, RuntimeFailure } from "../../runtime/container-runtime.ts";
import type { Store } from "../../store/store.ts";
import { tasks } from "../../store/tables/ecs.ts";
import { keepDigests } from "./image-digests.ts";
import { cannotPull } from "./reasons.ts";

export interface ImageSource {
  /** As reasons name it: the user's word, by digest where the deployment has one. */
  readonly image: string;
  /** What the engine is asked for. */
  readonly reference: string;
  readonly credentials?: { readonly username: string; readonly password: string } | undefined;
}

export interface ImagePullerDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly runtime: ContainerRuntime;
  /**
   * From the user's word for an image to what the engine can pull, such as ECR's names to Berth's own registry. The
   * failure is the reason why it may not be pulled.
   */
  imageSource(task: Task, container: TaskContainer): Result<ImageSource, string>;
}

const RETRY_MS = 1000;

/** The failure is the container's reason. */
type PullOutcome = Result<PulledImage, string>;

/** Returns at once; `done` is called when the outcome is in the store, or when it must be tried again. */
export function createImagePuller(
  deps: ImagePullerDeps,
  done: (taskArn: string) => void,
): { pull(task: Task, containers: readonly TaskContainer[]): void; settled(): Promise<void> } {
  const running = new Map<string, Promise<void>>();
  return {
    pull(task, containers) {
      if (running.has(task.arn)) return;
      const work = pullAll(deps, task, containers)
        .catch((error: unknown) => deps.log.error("pulling images failed", { task: task.arn, error }))
        .then(() => {
          running.delete(task.arn);
          done(task.arn);
        });
      running.set(task.arn, work);
    },
    async settled() {
      await Promise.all(running.values());
    },
  };
}

async function pullAll(
  deps: ImagePullerDeps,
  task: Task,
  containers: readonly TaskContainer[],
): Promise<void> {
  const { store, clock, log } = deps;
  changeTask(store, task.arn, (current) =>
    current.pullStartedAt === undefined ? { ...current, pullStartedAt: clock.now() } : current,
  );
  const pulls = new Map<string, Promise<Result<PulledImage, RuntimeFailure>>>();
  const outcomes = new Map<string, PullOutcome>();
  await Promise.all(
    containers.map(async (container) => {
      const source = deps.imageSource(task, container);
      if (!source.ok) {
        outcomes.set(container.name, source);
        return;
      }
      const key = JSON.stringify(source.value);
      const pull = pulls.get(key) ?? pullOne(deps, source.value);
      pulls.set(key, pull);
      const pulled = await pull;
      outcomes.set(
        container.name,
        pulled.ok
          ? success(pulled.value)
          : failure(cannotPull(source.value.image, pulled.failure, task.launchType)),
      );
    }),
  );
  for (const pull of pulls.values()) {
    const pulled = await pull;
    if (pulled.ok || pulled.failure.kind !== "engine-unreachable") continue;
    log.warn("cannot pull: the container engine does not answer", { message: pulled.failure.message });
    await sleep(clock, RETRY_MS);
    return;
  }
  changeTask(store, task.arn, (current) => withOutcomes(current, outcomes, clock.now()));
}

/** Once more after a second where the registry could not be reached; "there is no such image" is final. */
async function pullOne(
  deps: ImagePullerDeps,
  { reference, credentials }: ImageSource,
): Promise<Result<PulledImage, RuntimeFailure>> {
  const first = await deps.runtime.pullImage(reference, credentials);
  if (first.ok || first.failure.kind !== "image-pull-failed") return first;
  await sleep(deps.clock, RETRY_MS);
  return deps.runtime.pullImage(reference, credentials);
}

function changeTask(store: Store, taskArn: string, change: (task: Task) => Task): void {
  const task = store.get(tasks, taskArn);
  if (task === undefined || task.desiredStatus === "STOPPED") return;
  const changed = change(task);
  if (changed === task) return;
  store.transaction((tx) => {
    tx.put(tasks, changedTask(task, changed));
    keepDigests(store, tx, changed);
  });
}

/**
 * One image that cannot be had ends the task on Fargate, where all are pulled before any container starts; on EC2 it
 * ends its container, and the task when that one is essential.
 */
function withOutcomes(task: Task, outcomes: ReadonlyMap<string, PullOutcome>, now: number): Task {
  let reason: string | undefined;
  const containers = task.containers.map((container): TaskContainer => {
    const outcome = outcomes.get(container.name);
    if (outcome === undefined) return container;
    if (outcome.ok) {
      return { ...container, imageId: outcome.value.imageId, imageDigest: outcome.value.digest };
    }
    reason ??= outcome.failure;
    return { ...container, lastStatus: "STOPPED", reason: outcome.failure };
  });
  const pulled = { ...task, containers, pullStoppedAt: now };
  if (reason === undefined || task.launchType === "EC2") return pulled;
  return {
    ...pulled,
    desiredStatus: "STOPPED",
    stopCode: "TaskFailedToStart",
    stoppedReason: reason,
    stoppingAt: now,
  };
}
