/**
 * The sessions of execute-command: programs in tasks' containers, joined to their clients. They end with this process;
 * which programs there are is recorded, so that those that a killed process left are ended at the next start.
 */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type Clock, sleep } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { LOWER_ALPHANUMERIC, type Random } from "../lib/random.ts";
import { failure, type Result, success } from "../lib/result.ts";
import type { Scope } from "../model/scope.ts";
import type { ContainerRuntime } from "../runtime/container-runtime.ts";
import type { LogStore } from "../store/log-store.ts";
import type { Store } from "../store/store.ts";
import { sessionPrograms } from "../store/tables/ecs.ts";
import { splitCommand } from "./command-line.ts";
import type { ContainerProcess, ProcessEvents } from "./session.ts";
import { createSessionServer, DATA_CHANNEL_PATH, type NewSession } from "./session-server.ts";
import { startFailure } from "./start-failure.ts";
import { createTranscript, type Transcript } from "./transcript.ts";

export interface TaskSessionDeps {
  readonly store: Store;
  readonly logs: Pick<LogStore, "ensureStream" | "append">;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly runtime: Pick<ContainerRuntime, "openTerminal" | "endProgram">;
  /** `host:port` that clients reach this server at. */
  readonly endpoint: string;
}

export interface TaskSessionRequest {
  readonly scope: Scope;
  readonly containerArn: string;
  /** The engine's id of the container. */
  readonly runtimeId: string;
  readonly command: string;
  /** Where what the terminal prints goes, in a stream named as the session; absent: nowhere. */
  readonly transcript?: { readonly scope: Scope; readonly groupName: string } | undefined;
}

export interface StartedSession extends NewSession {
  readonly streamUrl: string;
}

export interface TaskSessions {
  /** Ends the programs of an earlier run. */
  start(): void;
  countOf(containerArn: string): number;
  /** The program starts when the client has connected. */
  open(request: TaskSessionRequest): StartedSession;
  /** Undefined when that account has no such session. */
  resume(scope: Scope, sessionId: string): StartedSession | undefined;
  terminate(scope: Scope, sessionId: string): void;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Ends all of them. */
  stop(): Promise<void>;
}

/** What the agent's terminals have (amazon-ssm-agent, session shell). */
const ENVIRONMENT = { TERM: "xterm-256color", LANG: "C.UTF-8" };
const ID_LENGTH = 17;
const RETRY_MS = 1000;
/** Longer than it takes to kill a program. */
const STOP_MS = 5000;

interface Open {
  readonly scope: Scope;
  readonly transcript: Transcript | undefined;
}

export function createTaskSessions(deps: TaskSessionDeps): TaskSessions {
  const { store, clock, random, log, runtime, endpoint } = deps;
  const open = new Map<string, Open>();
  const ending = new Set<Promise<void>>();
  let stopped = false;

  const forget = (sessionId: string) => store.transaction((tx) => tx.delete(sessionPrograms, sessionId));
  const end = (sessionId: string, programId: string): Promise<void> => {
    const work = async () => {
      for (;;) {
        const ended = await runtime.endProgram(programId);
        if (ended.ok) return forget(sessionId);
        log.warn("a session's program could not be ended for now", { sessionId, ...ended.failure });
        if (stopped) return;
        await sleep(clock, RETRY_MS);
      }
    };
    const done = work().finally(() => ending.delete(done));
    ending.add(done);
    return done;
  };
  const server = createSessionServer({
    clock,
    random,
    log,
    closed: (sessionId) => {
      open.get(sessionId)?.transcript?.end();
      open.delete(sessionId);
    },
  });
  const started = (session: NewSession): StartedSession => ({
    ...session,
    streamUrl: `ws://${endpoint}${DATA_CHANNEL_PATH}${session.sessionId}?role=publish_subscribe`,
  });

  return {
    start() {
      for (const { sessionId, programId } of store.list(sessionPrograms)) void end(sessionId, programId);
    },
    countOf: (containerArn) => server.openSessions(containerArn),
    open(request) {
      const sessionId = `ecs-execute-command-${random.text(ID_LENGTH, LOWER_ALPHANUMERIC)}`;
      const transcript = transcriptOf(deps, sessionId, request);
      open.set(sessionId, { scope: request.scope, transcript });
      const session = server.open({
        sessionId,
        owner: request.containerArn,
        transcript: (data) => transcript?.add(data),
        start: (events) => startProgram(deps, sessionId, request, events, end),
      });
      return started(session);
    },
    resume(scope, sessionId) {
      if (!isOf(open.get(sessionId), scope)) return undefined;
      const session = server.resume(sessionId);
      return session === undefined ? undefined : started(session);
    },
    terminate(scope, sessionId) {
      if (isOf(open.get(sessionId), scope)) server.terminate(sessionId);
    },
    upgrade: (request, socket, head) => server.upgrade(request, socket, head),
    async stop() {
      stopped = true;
      server.close();
      await Promise.race([Promise.all(ending), sleep(clock, STOP_MS)]);
    },
  };
}

function isOf(session: Open | undefined, scope: Scope): boolean {
  return session?.scope.account === scope.account && session.scope.region === scope.region;
}

async function startProgram(
  { store, runtime, log }: TaskSessionDeps,
  sessionId: string,
  { scope, runtimeId, containerArn, command }: TaskSessionRequest,
  events: ProcessEvents,
  end: (sessionId: string, programId: string) => Promise<void>,
): Promise<Result<ContainerProcess, string>> {
  const words = splitCommand(command);
  if (words === undefined) return failure(startFailure({ kind: "open-quote" }));
  let programId = "";
  const opened = await runtime.openTerminal(
    runtimeId,
    { arguments: words, environment: ENVIRONMENT },
    {
      created(id) {
        programId = id;
        store.transaction((tx) =>
          tx.put(sessionPrograms, { ...scope, sessionId, programId, containerArn, runtimeId }),
        );
      },
      output: events.output,
      ended(exitCode) {
        // Also when the connection to the engine was lost: then the program is still there.
        void end(sessionId, programId);
        events.ended(exitCode);
      },
    },
  );
  if (!opened.ok) {
    log.info("a session's program did not start", { sessionId, ...opened.failure });
    if (programId !== "") void end(sessionId, programId);
    return failure(startFailure({ kind: "refused", word: words[0] ?? "", message: opened.failure.message }));
  }
  const terminal = opened.value;
  return success({
    write: terminal.write,
    resize: terminal.resize,
    pause: terminal.pause,
    resume: terminal.resume,
    kill: () => void end(sessionId, programId),
  });
}

/** The stream is made when the session ends or prints much; a group that is not there is not made. */
function transcriptOf(
  { logs, clock, log }: TaskSessionDeps,
  sessionId: string,
  { transcript }: TaskSessionRequest,
): Transcript | undefined {
  if (transcript === undefined) return undefined;
  const { scope, groupName } = transcript;
  return createTranscript((message) => {
    if (logs.ensureStream(scope, groupName, sessionId, { createGroup: false }) === "ready") {
      logs.append(scope, groupName, sessionId, [{ timestamp: clock.now(), message }]);
    } else log.warn("a session cannot be logged: there is no such log group", { sessionId, groupName });
  });
}
