/**
 * Pulls the images of tasks beside the steps, so that a task can be stopped while a large image comes in. Results go
 * to the store; a pull that a crash cut off is started again, because nothing was written.
 */
import { type Clock, sleep } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { Result } from "../../lib/result.ts";
import type { Task, TaskContainer } from "../../model/ecs/records.ts";
import type { Scope } from "../../model/scope.ts";
import type { ContainerRuntime, PulledImage, RuntimeFailure } from "../../runtime/container-runtime.ts";
import type { Store } from "../../store/store.ts";
import { tasks } from "../../store/tables/ecs.ts";
import { cannotPull } from "./reasons.ts";

export interface ImageSource {
  /** What the engine is asked for. */
  readonly reference: string;
  readonly credentials?: { readonly username: string; readonly password: string } | undefined;
}

export interface ImagePullerDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly runtime: ContainerRuntime;
  /** From the user's word for an image to what the engine can pull, such as ECR's names to Berth's own registry. */
  imageReference(image: string, scope: Scope): ImageSource;
}

const RETRY_MS = 1000;

type PullOutcome = Result<PulledImage, RuntimeFailure>;

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
  const images = [...new Set(containers.map(({ image }) => image))];
  const outcomes = new Map(
    await Promise.all(images.map(async (image) => [image, await pullOne(deps, image, task)] as const)),
  );
  for (const outcome of outcomes.values()) {
    if (!outcome.ok && outcome.failure.kind === "engine-unreachable") {
      log.warn("cannot pull: the container engine does not answer", { message: outcome.failure.message });
      await sleep(clock, RETRY_MS);
      return;
    }
  }
  changeTask(store, task.arn, (current) => withOutcomes(current, outcomes, clock.now()));
}

/** Once more after a second where the registry could not be reached; "there is no such image" is final. */
async function pullOne(deps: ImagePullerDeps, image: string, scope: Scope): Promise<PullOutcome> {
  const { reference, credentials } = deps.imageReference(image, scope);
  const first = await deps.runtime.pullImage(reference, credentials);
  if (first.ok || first.failure.kind !== "image-pull-failed") return first;
  await sleep(deps.clock, RETRY_MS);
  return deps.runtime.pullImage(reference, credentials);
}

function changeTask(store: Store, taskArn: string, change: (task: Task) => Task): void {
  const task = store.get(tasks, taskArn);
  if (task === undefined || task.desiredStatus === "STOPPED") return;
  const changed = change(task);
  if (changed !== task) store.transaction((tx) => tx.put(tasks, { ...changed, version: task.version + 1 }));
}

/**
 * One image that cannot be had ends the task on Fargate, where all are pulled before any container starts; on EC2 it
 * ends its container, and the task when that one is essential.
 */
function withOutcomes(task: Task, outcomes: ReadonlyMap<string, PullOutcome>, now: number): Task {
  let reason: string | undefined;
  const containers = task.containers.map((container): TaskContainer => {
    const outcome = outcomes.get(container.image);
    if (outcome === undefined) return container;
    if (outcome.ok) {
      return { ...container, imageId: outcome.value.imageId, imageDigest: outcome.value.digest };
    }
    const failed = cannotPull(container.image, outcome.failure, task.launchType);
    reason ??= failed;
    return { ...container, lastStatus: "STOPPED", reason: failed };
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
