/**
 * Brings the output of containers with the awslogs driver into the log sink. It resumes where the stream in the sink
 * ends, so that it may be killed at any time: lines not later than that, as many as are stored, are skipped.
 */
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { Task } from "../../model/ecs/records.ts";
import type { ContainerRuntime } from "../../runtime/container-runtime.ts";
import type { Store } from "../../store/store.ts";
import { taskDefinitions, tasks } from "../../store/tables/ecs.ts";
import { type LogDestination, logDestination } from "./log-configuration.ts";
import type { LogPosition, LogSink, LogSinkLine } from "./log-sink.ts";
import { createLineJoiner, LONGEST_WAIT_MS } from "./multiline.ts";

export interface LogFollowerDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly runtime: ContainerRuntime;
  readonly logs: LogSink;
}

export interface LogFollower {
  start(): void;
  /** Resolves when all output of the task's containers that have ended is in the sink. */
  drain(taskArn: string): Promise<void>;
  stop(): Promise<void>;
}

/** Lines are put away together: at most this long after they came. */
const FLUSH_MS = 200;
const FLUSH_LINES = 1000;
const RETRY_MS = 1000;

interface Following {
  readonly done: Promise<void>;
  /** The run of the container that is followed: a restarted one is followed anew. */
  readonly startedAt: number | undefined;
}

interface LogSource {
  readonly runtimeId: string;
  readonly startedAt: number | undefined;
  readonly destination: LogDestination;
}

export function createLogFollower(deps: LogFollowerDeps): LogFollower {
  const { store, clock, log } = deps;
  const following = new Map<string, Following>();
  const stopping = new AbortController();

  const follow = (taskArn: string, source: LogSource): Promise<void> => {
    const { runtimeId, startedAt } = source;
    const known = following.get(runtimeId);
    if (known !== undefined && known.startedAt === startedAt) return known.done;
    const run = async () => {
      await known?.done;
      if (!stopping.signal.aborted) await followContainer(deps, source, stopping.signal);
    };
    const done = run().catch((error: unknown) => {
      log.warn("lost a container's output for now", { runtimeId, error });
      following.delete(runtimeId);
      clock.after(RETRY_MS, () => followAgain(taskArn));
    });
    following.set(runtimeId, { done, startedAt });
    return done;
  };
  const followTask = (task: Task) => logSources(store, task).map((source) => follow(task.arn, source));
  const followAgain = (taskArn: string) => {
    const task = store.get(tasks, taskArn);
    if (task !== undefined && task.lastStatus !== "STOPPED" && !stopping.signal.aborted) followTask(task);
  };
  return {
    start() {
      store.onChange(tasks, ({ before, after }) => {
        if (after === undefined || after.lastStatus === "STOPPED") {
          for (const { runtimeId } of (after ?? before)?.containers ?? []) {
            if (runtimeId !== undefined) following.delete(runtimeId);
          }
        } else if (!stopping.signal.aborted) followTask(after);
      });
      for (const { arn } of store.list(tasks)) followAgain(arn);
    },
    async drain(taskArn) {
      const task = store.get(tasks, taskArn);
      if (task !== undefined) await Promise.all(followTask(task));
    },
    async stop() {
      stopping.abort();
      await Promise.all([...following.values()].map(({ done }) => done));
    },
  };
}

/** The containers that have run, with where their output goes. */
function logSources(store: Store, task: Task): LogSource[] {
  const definitions =
    store.get(taskDefinitions, task.taskDefinitionArn)?.definition.containerDefinitions ?? [];
  return task.containers.flatMap((container) => {
    const { runtimeId, startedAt } = container;
    const definition = definitions.find(({ name }) => name === container.name);
    if (definition === undefined || runtimeId === undefined || startedAt === undefined) return [];
    const destination = logDestination(task, definition, container);
    return destination === undefined ? [] : [{ runtimeId, startedAt, destination }];
  });
}

async function followContainer(deps: LogFollowerDeps, source: LogSource, signal: AbortSignal): Promise<void> {
  const { runtime, logs, clock } = deps;
  const { scope, groupName, streamName, createGroup } = source.destination;
  if (logs.ensureStream(scope, groupName, streamName, { createGroup }) === "no-such-group") return;
  const position = logs.lastTimestamp(scope, groupName, streamName);
  const isNew = newLinesAfter(position);
  const joiner = createLineJoiner(source.destination.firstLine);
  let lines: LogSinkLine[] = [];
  let cancelFlush: (() => void) | undefined;
  let cancelWait: (() => void) | undefined;
  const flush = () => {
    cancelFlush?.();
    cancelFlush = undefined;
    if (lines.length > 0) logs.append(scope, groupName, streamName, lines);
    lines = [];
  };
  const take = (event: LogSinkLine | undefined) => {
    if (event === undefined || !isNew(event)) return;
    lines.push(event);
    if (lines.length >= FLUSH_LINES) flush();
    else cancelFlush ??= clock.after(FLUSH_MS, flush);
  };
  const endEvent = () => {
    cancelWait?.();
    cancelWait = undefined;
    take(joiner.flush());
  };
  try {
    await runtime.followLogs(
      source.runtimeId,
      position?.timestamp ?? 0,
      (line) => {
        take(joiner.push(line));
        if (source.destination.firstLine === undefined) return;
        cancelWait?.();
        cancelWait = clock.after(LONGEST_WAIT_MS, endEvent);
      },
      signal,
    );
    if (!signal.aborted) endEvent();
  } finally {
    cancelWait?.();
    flush();
  }
}

/** Skips as many lines of the last millisecond as are stored already; the engine tells lines in one order always. */
export function newLinesAfter(position: LogPosition | undefined): (line: LogSinkLine) => boolean {
  let toSkip = position?.lineCount ?? 0;
  return ({ timestamp }) => {
    if (position === undefined || timestamp > position.timestamp) return true;
    if (timestamp < position.timestamp) return false;
    toSkip -= 1;
    return toSkip < 0;
  };
}
