/**
 * A container engine in memory, for tests and simulations. Containers do what `behave` says; the test moves them on
 * with `exit`, `setHealth`, `loseSandbox`. It prints itself with `toText`, so that tests compare text.
 */
import type { Clock } from "../../lib/clock.ts";
import { failure, type Result, success } from "../../lib/result.ts";
import type {
  ContainerRuntime,
  ContainerSpec,
  LogLine,
  ObservedContainer,
  RuntimeFailure,
  SandboxSpec,
  TerminalEvents,
  TerminalProgram,
} from "../container-runtime.ts";
import { openEcho, type SimulatedTerminal } from "./echo-terminal.ts";
import { newMachineFiles, runScript } from "./machine-script.ts";

type Writable<T> = { -readonly [Name in keyof T]: T[Name] };

interface SimulatedContainer {
  readonly observed: Writable<ObservedContainer>;
  readonly spec?: ContainerSpec;
  readonly lines: LogLine[];
  readonly followers: Set<{ readonly line: (line: LogLine) => void; readonly end: () => void }>;
}

interface SimulatedSandbox {
  readonly sandboxId: string;
  /** By `holdsFor`, the sandbox's own under the empty name. */
  readonly specs: Map<string, SandboxSpec>;
  readonly containers: Map<string, SimulatedContainer>;
  /** What a machine's file system holds. */
  readonly files: Map<string, string>;
}

/** A call that tests can make fail: `pull nginx`, `create web`, `start web`, `stop web`, `sandbox`, `remove`, `observe`. */
export type SimulatedCall = string;

export interface SimulatedRuntime extends ContainerRuntime {
  /** The container of that name ends; `outOfMemory` as the kernel's doing. */
  exit(sandboxId: string, name: string, exitCode: number, outOfMemory?: boolean): void;
  setHealth(sandboxId: string, name: string, health: ObservedContainer["health"]): void;
  /** The sandbox's own container dies, or the one for that container, as when someone kills it. */
  killSandbox(sandboxId: string, holdsFor?: string): void;
  /** The engine forgets everything of the sandbox. */
  loseSandbox(sandboxId: string): void;
  print(sandboxId: string, name: string, message: string): void;
  /** The next calls of that kind answer so; `times` of them. */
  failNext(call: SimulatedCall, reason: RuntimeFailure, times?: number): void;
  specOf(sandboxId: string, name: string): ContainerSpec | undefined;
  sandboxSpec(sandboxId: string, holdsFor?: string): SandboxSpec | undefined;
  /** Containers in the order in which they were started and stopped: `start web`, `stop web SIGTERM 30 s`. */
  readonly history: readonly string[];
  /** One line a container: `0123 web running`. */
  toText(): string;
}

export interface SimulatedRuntimeOptions {
  readonly clock: Clock;
  /** Whether a container obeys its stop signal; one that does not is killed (137). True by default. */
  readonly obeysStopSignal?: (spec: ContainerSpec) => boolean;
}

export function createSimulatedRuntime(options: SimulatedRuntimeOptions): SimulatedRuntime {
  return new Simulation(options);
}

const SANDBOX = "";

/** Not a container's name: those have no space. */
function pauseKey(holdsFor: string | undefined): string {
  return holdsFor === undefined ? SANDBOX : `pause of ${holdsFor}`;
}

class Simulation implements SimulatedRuntime {
  readonly history: string[] = [];
  readonly #options: SimulatedRuntimeOptions;
  readonly #sandboxes = new Map<string, SimulatedSandbox>();
  /** By container id. */
  readonly #containers = new Map<string, SimulatedContainer>();
  readonly #watchers: ((sandboxId: string) => void)[] = [];
  readonly #failures: { readonly call: string; readonly reason: RuntimeFailure; times: number }[] = [];
  /** By program id. */
  readonly #terminals = new Map<string, SimulatedTerminal>();
  #next = 100;

  constructor(options: SimulatedRuntimeOptions) {
    this.#options = options;
  }

  async ensureSandbox(spec: SandboxSpec) {
    const problem = this.#failureOf("sandbox");
    if (problem) return failure(problem);
    const sandbox = this.#sandboxes.get(spec.sandboxId) ?? this.#addSandbox(spec.sandboxId);
    const key = pauseKey(spec.holdsFor);
    const own = sandbox.containers.get(key) ?? this.#add(sandbox, key, { holdsFor: spec.holdsFor });
    sandbox.specs.set(key, spec);
    if (own.observed.state !== "running") this.#run(own);
    this.#changed(spec.sandboxId);
    const { containerId, processId } = own.observed;
    return success({ sandboxId: spec.sandboxId, containerId, processId });
  }

  async pullImage(reference: string) {
    const problem = this.#failureOf(`pull ${reference}`);
    if (problem) return failure(problem);
    return success({ imageId: `image:${reference}`, digest: `sha256:${"0".repeat(64)}` });
  }

  async createContainer(spec: ContainerSpec): Promise<Result<{ containerId: string }, RuntimeFailure>> {
    const problem = this.#failureOf(`create ${spec.name}`);
    if (problem) return failure(problem);
    if (!this.#hasNamespace(spec)) {
      return failure({ kind: "create-failed", message: `No such sandbox: ${spec.sandboxId}` });
    }
    const sandbox = this.#sandboxes.get(spec.sandboxId) ?? this.#addSandbox(spec.sandboxId);
    const container = sandbox.containers.get(spec.name) ?? this.#add(sandbox, spec.name, { spec });
    this.#changed(spec.sandboxId);
    return success({ containerId: container.observed.containerId });
  }

  async startContainer(containerId: string) {
    const container = this.#byId(containerId);
    const name = container?.observed.name ?? containerId;
    const problem = this.#failureOf(`start ${name}`);
    if (problem) {
      if (container !== undefined) container.observed.error = problem.message;
      return failure(problem);
    }
    if (container === undefined) {
      return failure<RuntimeFailure>({ kind: "start-failed", message: `No such container: ${containerId}` });
    }
    this.history.push(`start ${name}`);
    this.#run(container);
    return success(undefined);
  }

  async stopContainer(containerId: string, timeoutSeconds: number) {
    const container = this.#byId(containerId);
    const problem = this.#failureOf(`stop ${container?.observed.name ?? containerId}`);
    if (problem) return failure(problem);
    if (container === undefined || container.observed.state !== "running") return success(undefined);
    if (container.spec === undefined) {
      this.killSandbox(container.observed.sandboxId, container.observed.holdsFor);
      return success(undefined);
    }
    const signal = container.spec.stopSignal ?? "SIGTERM";
    this.history.push(`stop ${container.spec.name} ${signal} ${timeoutSeconds} s`);
    const obeys = this.#options.obeysStopSignal?.(container.spec) ?? true;
    this.exit(container.observed.sandboxId, container.spec.name, obeys ? 143 : 137);
    return success(undefined);
  }

  async runInSandbox(sandboxId: string, program: Parameters<ContainerRuntime["runInSandbox"]>[1]) {
    const problem = this.#failureOf("run");
    if (problem) return failure(problem);
    const sandbox = this.#sandboxes.get(sandboxId);
    if (sandbox?.containers.get(SANDBOX)?.observed.state !== "running") {
      return failure<RuntimeFailure>({ kind: "start-failed", message: `No such sandbox: ${sandboxId}` });
    }
    return success(runScript(sandbox.files, program));
  }

  async openTerminal(containerId: string, program: TerminalProgram, events: TerminalEvents) {
    const problem = this.#failureOf("terminal");
    if (problem) return failure(problem);
    if (this.#byId(containerId)?.observed.state !== "running") {
      return failure<RuntimeFailure>({ kind: "start-failed", message: `No such container: ${containerId}` });
    }
    const programId = `program-${this.#next++}`;
    const terminal = openEcho(program, {
      ...events,
      ended: (exitCode) => {
        this.#terminals.delete(programId);
        events.ended(exitCode);
      },
    });
    this.#terminals.set(programId, terminal);
    events.created(programId);
    return success(terminal);
  }

  async endProgram(programId: string) {
    const problem = this.#failureOf("end program");
    if (problem) return failure(problem);
    await this.#terminals.get(programId)?.kill();
    return success(undefined);
  }

  async stats(containerId: string) {
    const problem = this.#failureOf("stats");
    if (problem) return failure(problem);
    const observed = this.#containers.get(containerId)?.observed;
    return success(
      observed?.state === "running"
        ? {
            read: new Date(this.#options.clock.now()).toISOString(),
            name: `/${observed.name}`,
            id: containerId,
          }
        : undefined,
    );
  }

  async removeSandbox(sandboxId: string) {
    const problem = this.#failureOf("remove");
    if (problem) return failure(problem);
    this.loseSandbox(sandboxId);
    return success(undefined);
  }

  async observeSandbox(sandboxId: string) {
    const problem = this.#failureOf("observe");
    if (problem) return failure(problem);
    const containers = this.#sandboxes.get(sandboxId)?.containers.values() ?? [];
    return success([...containers].map(({ observed }) => ({ ...observed })));
  }

  async listSandboxes() {
    return success([...this.#sandboxes.keys()]);
  }

  watch(changed: (sandboxId: string) => void): void {
    this.#watchers.push(changed);
  }

  followLogs(containerId: string, since: number, line: (line: LogLine) => void, signal: AbortSignal) {
    const container = this.#byId(containerId);
    if (container === undefined) return Promise.resolve();
    for (const known of container.lines) if (known.timestamp >= since) line(known);
    if (container.observed.state === "exited" || signal.aborted) return Promise.resolve();
    return new Promise<void>((resolve) => {
      const follower = { line, end: resolve };
      container.followers.add(follower);
      signal.addEventListener("abort", () => {
        container.followers.delete(follower);
        resolve();
      });
    });
  }

  async close() {
    this.#watchers.length = 0;
  }

  exit(sandboxId: string, name: string, exitCode: number, outOfMemory = false): void {
    const container = this.#sandboxes.get(sandboxId)?.containers.get(name);
    if (container === undefined) return;
    container.observed.state = "exited";
    container.observed.processId = 0;
    container.observed.exitCode = exitCode;
    container.observed.outOfMemory = outOfMemory;
    container.observed.finishedAt = this.#options.clock.now();
    for (const follower of container.followers) follower.end();
    container.followers.clear();
    this.#changed(sandboxId);
  }

  setHealth(sandboxId: string, name: string, health: ObservedContainer["health"]): void {
    const container = this.#sandboxes.get(sandboxId)?.containers.get(name);
    if (container === undefined) return;
    container.observed.health = health;
    this.#changed(sandboxId);
  }

  killSandbox(sandboxId: string, holdsFor?: string): void {
    this.exit(sandboxId, pauseKey(holdsFor), 137);
  }

  loseSandbox(sandboxId: string): void {
    const sandbox = this.#sandboxes.get(sandboxId);
    for (const container of sandbox?.containers.values() ?? []) {
      for (const follower of container.followers) follower.end();
    }
    for (const { observed } of sandbox?.containers.values() ?? []) {
      this.#containers.delete(observed.containerId);
    }
    if (this.#sandboxes.delete(sandboxId)) this.#changed(sandboxId);
  }

  print(sandboxId: string, name: string, message: string): void {
    const container = this.#sandboxes.get(sandboxId)?.containers.get(name);
    if (container === undefined) return;
    const line = { timestamp: this.#options.clock.now(), message };
    container.lines.push(line);
    for (const follower of container.followers) follower.line(line);
  }

  failNext(call: SimulatedCall, reason: RuntimeFailure, times = 1): void {
    this.#failures.push({ call, reason, times });
  }

  specOf(sandboxId: string, name: string): ContainerSpec | undefined {
    return this.#sandboxes.get(sandboxId)?.containers.get(name)?.spec;
  }

  sandboxSpec(sandboxId: string, holdsFor?: string): SandboxSpec | undefined {
    return this.#sandboxes.get(sandboxId)?.specs.get(pauseKey(holdsFor));
  }

  toText(): string {
    const lines = [...this.#sandboxes].flatMap(([sandboxId, { containers }]) =>
      [...containers].map(([name, { observed }]) => {
        const details = [
          ...(observed.exitCode === undefined ? [] : [`(${observed.exitCode})`]),
          ...(observed.health === "none" ? [] : [observed.health]),
        ];
        return [sandboxId.slice(0, 4), name === SANDBOX ? "sandbox" : name, observed.state, ...details].join(
          " ",
        );
      }),
    );
    return lines.join("\n");
  }

  #failureOf(call: string): RuntimeFailure | undefined {
    const planned = this.#failures.find((entry) => entry.call === call && entry.times > 0);
    if (planned === undefined) return undefined;
    planned.times -= 1;
    return planned.reason;
  }

  #byId(containerId: string): SimulatedContainer | undefined {
    return this.#containers.get(containerId);
  }

  #addSandbox(sandboxId: string): SimulatedSandbox {
    const sandbox = { sandboxId, specs: new Map(), containers: new Map(), files: newMachineFiles() };
    this.#sandboxes.set(sandboxId, sandbox);
    return sandbox;
  }

  #hasNamespace({ sandboxId, name, network }: ContainerSpec): boolean {
    if (network.kind === "none") return true;
    const holder = network.kind === "joined" ? network.sandboxId : sandboxId;
    const key = pauseKey(network.kind === "own" ? name : undefined);
    return this.#sandboxes.get(holder)?.containers.has(key) ?? false;
  }

  #add(
    sandbox: SimulatedSandbox,
    key: string,
    { spec, holdsFor }: { readonly spec?: ContainerSpec; readonly holdsFor?: string | undefined },
  ): SimulatedContainer {
    const container: SimulatedContainer = {
      observed: {
        sandboxId: sandbox.sandboxId,
        ...(spec === undefined ? {} : { name: spec.name }),
        ...(holdsFor === undefined ? {} : { holdsFor }),
        containerId: (this.#next++).toString(16).padStart(64, "c"),
        processId: 0,
        state: "created",
        outOfMemory: false,
        health: spec?.healthCheck === undefined ? "none" : "starting",
      },
      ...(spec === undefined ? {} : { spec }),
      lines: [],
      followers: new Set(),
    };
    sandbox.containers.set(key, container);
    this.#containers.set(container.observed.containerId, container);
    return container;
  }

  #run(container: SimulatedContainer): void {
    const { observed } = container;
    observed.state = "running";
    observed.processId = this.#next++;
    delete observed.exitCode;
    delete observed.error;
    observed.startedAt = this.#options.clock.now();
    if (container.spec?.healthCheck !== undefined) observed.health = "starting";
    this.#changed(observed.sandboxId);
  }

  #changed(sandboxId: string): void {
    for (const watcher of this.#watchers) watcher(sandboxId);
  }
}
