/** Engine events of this installation, for as long as the runtime lives; a lost connection is made again. */
import type Docker from "dockerode";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import { INSTALLATION_LABEL, SANDBOX_LABEL } from "./create-options.ts";

const FIRST_BACK_OFF_MS = 250;
const LONGEST_BACK_OFF_MS = 10_000;
/** Not the `exec_…` ones: every health check makes three of them. */
const ACTIONS = ["create", "start", "die", "oom", "health_status", "destroy"];

export interface WatchOptions {
  readonly docker: Docker;
  readonly installation: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Events of the time without a connection are lost, so every sandbox counts as changed. */
  listSandboxes(): Promise<readonly string[]>;
  changed(sandboxId: string): void;
}

export function watchEngine(options: WatchOptions): void {
  const { clock, log, signal } = options;
  let failures = 0;
  const connect = async () => {
    try {
      await followEvents(options, () => {
        failures = 0;
      });
      if (!signal.aborted) log.warn("the container engine closed the event stream");
    } catch (error) {
      if (!signal.aborted) log.warn("cannot watch the container engine", { error });
    }
    if (signal.aborted) return;
    clock.after(Math.min(FIRST_BACK_OFF_MS * 2 ** failures, LONGEST_BACK_OFF_MS), () => void connect());
    failures = Math.min(failures + 1, 16);
  };
  void connect();
}

/** Resolves when the stream ends, rejects when it cannot be had or breaks. */
async function followEvents(options: WatchOptions, connected: () => void): Promise<void> {
  const { docker, installation, signal, changed } = options;
  const stream = await docker.getEvents({
    abortSignal: signal,
    filters: { type: ["container"], event: ACTIONS, label: [`${INSTALLATION_LABEL}=${installation}`] },
  });
  connected();
  // Only now: what changes while the list is made is in the stream.
  for (const sandboxId of await options.listSandboxes()) changed(sandboxId);
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + chunk.toString()).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const sandboxId = sandboxOfEvent(line);
      if (sandboxId !== undefined) changed(sandboxId);
    }
  }
}

export function sandboxOfEvent(line: string): string | undefined {
  if (line.trim() === "") return undefined;
  const event: { readonly Actor?: { readonly Attributes?: Readonly<Record<string, string>> } } =
    JSON.parse(line);
  return event.Actor?.Attributes?.[SANDBOX_LABEL];
}
