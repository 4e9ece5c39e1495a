/**
 * The port to a container engine. It knows containers, images and sandboxes; no ECS, no store, no network beyond
 * the namespace that a sandbox holds. Everything it makes carries the installation's label and is found by it.
 */
import type { Result } from "../lib/result.ts";

/** A pause container: it holds a network namespace that other containers join. */
export interface SandboxSpec {
  /** Names the sandbox and its containers; unique over all installations on the engine. */
  readonly sandboxId: string;
  /** The namespace is for that one container of the sandbox alone (`network: own`); absent: for all that join it. */
  readonly holdsFor?: string | undefined;
  /**
   * A machine rather than a pause: busybox's commands in their places (`/bin/sh`, also as `/bin/bash`), a file system
   * that can be written, and an empty `/etc/ecs/`.
   */
  readonly machine?: boolean | undefined;
  readonly hostname: string;
  /** Written to `/etc/resolv.conf`, which all containers of the sandbox share. */
  readonly nameServers: readonly string[];
  readonly searchDomains: readonly string[];
  /** Lines of `/etc/hosts` besides localhost. */
  readonly hosts: readonly { readonly name: string; readonly address: string }[];
  /** Of the namespaces that it holds: `net.*`, and those of IPC where containers share it. */
  readonly sysctls?: Readonly<Record<string, string>> | undefined;
  /** Of the IPC namespace that it holds; the engine's own size where none is given. */
  readonly sharedMemoryBytes?: number | undefined;
  /** Total limits over all containers of the sandbox, where the engine can enforce them. */
  readonly limits: { readonly nanoCpus?: number | undefined; readonly memoryBytes?: number | undefined };
}

export interface Sandbox {
  readonly sandboxId: string;
  readonly containerId: string;
  /** The process whose `/proc/<pid>/ns/net` is the namespace; 0 when it does not run. */
  readonly processId: number;
}

export type ContainerNetwork =
  /** The namespace of its sandbox. */
  | { readonly kind: "sandbox" }
  /** The one that the sandbox of the same id with `holdsFor` this container holds. */
  | { readonly kind: "own" }
  /** That of another sandbox: a machine. */
  | { readonly kind: "joined"; readonly sandboxId: string }
  /** A new one with the loopback device alone. The engine chooses a host name where none is given. */
  | {
      readonly kind: "none";
      readonly hostname?: string | undefined;
      readonly hosts?: SandboxSpec["hosts"] | undefined;
      readonly nameServers?: readonly string[] | undefined;
      readonly searchDomains?: readonly string[] | undefined;
    };

/** Where the namespace is the sandbox's, or that of another sandbox: a machine. */
export type SharedNamespace =
  | { readonly kind: "sandbox" }
  | { readonly kind: "joined"; readonly sandboxId: string };

/** Where a volume's files are. Directories are made when they are not there. */
export type MountSource =
  /** A volume of the engine, made when first mounted and removed with the sandbox of that id: the task, or a machine. */
  | {
      readonly kind: "volume";
      readonly sandboxId: string;
      readonly volume: string;
      readonly labels?: Readonly<Record<string, string>> | undefined;
      /** Of the engine's own driver, `local`. */
      readonly driverOptions?: Readonly<Record<string, string>> | undefined;
      /** Not made here: creating the container fails where it is not there. */
      readonly mustExist?: boolean | undefined;
    }
  /** A path in the file system of a machine. Links do not lead out of it. */
  | { readonly kind: "machine"; readonly sandboxId: string; readonly path: string }
  /** A path below a directory of this machine. Links do not lead out of `root`. */
  | { readonly kind: "directory"; readonly root: string; readonly path: string }
  /** A file of the sandbox's own that the port writes, for its owner alone to read. Removed with the sandbox. */
  | {
      readonly kind: "own-file";
      readonly sandboxId: string;
      /** Such as `config/a.conf`: below a directory of the sandbox. */
      readonly path: string;
      readonly text: string;
      readonly owner: FileOwner;
    }
  /** A directory of the sandbox's own, for its owner alone to write to. Removed with the sandbox. */
  | {
      readonly kind: "own-directory";
      readonly sandboxId: string;
      readonly path: string;
      readonly owner: FileOwner;
    };

export interface FileOwner {
  readonly userId: number;
  readonly groupId: number;
}

export interface Mount {
  readonly source: MountSource;
  readonly containerPath: string;
  readonly readOnly: boolean;
}

export interface ContainerSpec {
  readonly sandboxId: string;
  /** The container's name in its task definition. */
  readonly name: string;
  /** The engine's name for it, `ecs-<family>-<revision>-<container>-<hex>`. */
  readonly engineName: string;
  /** What the pull returned. */
  readonly imageId: string;
  readonly network: ContainerNetwork;
  /** The sandbox's total limits; needed where no pause container of the sandbox carries them (`joined`, `none`). */
  readonly sandboxLimits?: SandboxSpec["limits"] | undefined;
  readonly entryPoint?: readonly string[] | undefined;
  readonly command?: readonly string[] | undefined;
  readonly environment: Readonly<Record<string, string>>;
  readonly user?: string | undefined;
  readonly workingDirectory?: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly cpuShares?: number | undefined;
  readonly memoryBytes?: number | undefined;
  readonly memoryReservationBytes?: number | undefined;
  readonly readonlyRootFilesystem?: boolean | undefined;
  readonly privileged?: boolean | undefined;
  readonly interactive?: boolean | undefined;
  readonly pseudoTerminal?: boolean | undefined;
  readonly initProcessEnabled?: boolean | undefined;
  readonly stopSignal?: string | undefined;
  readonly ulimits: readonly { readonly name: string; readonly soft: number; readonly hard: number }[];
  /** Where `ulimits` has no `nofile`; less where the machine does not allow as many. Absent: as the engine does. */
  readonly openFiles?: { readonly soft: number; readonly hard: number } | undefined;
  readonly capabilities?: { readonly add: readonly string[]; readonly drop: readonly string[] } | undefined;
  readonly mounts: readonly Mount[];
  /** Everything that is mounted in those containers of the sandbox, which must have been created. */
  readonly mountsFrom?: readonly { readonly name: string; readonly readOnly: boolean }[] | undefined;
  readonly temporaryFileSystems?:
    | readonly {
        readonly containerPath: string;
        readonly sizeBytes: number;
        /** Mount options such as `noexec`. */
        readonly options: readonly string[];
      }[]
    | undefined;
  readonly sharedMemoryBytes?: number | undefined;
  readonly devices?:
    | readonly {
        readonly hostPath: string;
        readonly containerPath: string;
        /** Of `r`, `w` and `m`. */
        readonly permissions: string;
      }[]
    | undefined;
  /** Beside the container's own memory; 0: none. Absent: as the engine does. */
  readonly swapBytes?: number | undefined;
  /** 0 to 100. */
  readonly swappiness?: number | undefined;
  readonly sysctls?: Readonly<Record<string, string>> | undefined;
  /** Such as `no-new-privileges` or `label:type:t`. */
  readonly securityOptions?: readonly string[] | undefined;
  /** Absent: its own. */
  readonly processNamespace?: SharedNamespace | undefined;
  /** Absent: its own; `none`: its own, without shared memory. */
  readonly ipcNamespace?: SharedNamespace | { readonly kind: "none" } | undefined;
  /** Absent: output is kept as the engine keeps it, to be followed. */
  readonly output?:
    | { readonly kind: "discard" }
    /** Of the engine's `json-file`; those not given are the port's own. */
    | { readonly kind: "keep"; readonly options: Readonly<Record<string, string>> }
    /** By Fluentd's forward protocol to a socket below a directory of the sandbox's own; buffered until one listens. */
    | {
        readonly kind: "forward";
        readonly socket: { readonly sandboxId: string; readonly path: string };
        readonly tag: string;
        /** The engine's `fluentd-buffer-limit`. */
        readonly bufferLimit?: string | undefined;
      }
    | undefined;
  readonly healthCheck?:
    | {
        /** Docker's form: `["CMD", …]` or `["CMD-SHELL", "…"]`. */
        readonly test: readonly string[];
        readonly intervalMs: number;
        readonly timeoutMs: number;
        readonly retries: number;
        readonly startPeriodMs: number;
      }
    | undefined;
}

export interface PulledImage {
  readonly imageId: string;
  /** `sha256:…` of the manifest, where the registry told. */
  readonly digest?: string | undefined;
}

export type ContainerState = "created" | "running" | "exited";

export interface ObservedContainer {
  readonly sandboxId: string;
  /** The container's name in its task definition; absent for the sandbox itself. */
  readonly name?: string | undefined;
  /** A pause container for that one container; it has no `name` then. */
  readonly holdsFor?: string | undefined;
  readonly containerId: string;
  readonly processId: number;
  readonly state: ContainerState;
  readonly exitCode?: number | undefined;
  readonly outOfMemory: boolean;
  /** The engine's own words when it could not start the container. */
  readonly error?: string | undefined;
  readonly health: "none" | "starting" | "healthy" | "unhealthy";
  /** The last check of its health. `endedAt` in milliseconds since the epoch. */
  readonly lastCheck?:
    | { readonly endedAt: number; readonly exitCode: number; readonly output: string }
    | undefined;
  readonly startedAt?: number | undefined;
  readonly finishedAt?: number | undefined;
}

export type RuntimeFailure =
  | { readonly kind: "engine-unreachable"; readonly message: string }
  | { readonly kind: "image-pull-failed"; readonly message: string }
  | { readonly kind: "image-not-found"; readonly message: string }
  | { readonly kind: "create-failed"; readonly message: string }
  | { readonly kind: "start-failed"; readonly message: string }
  | { readonly kind: "stop-failed"; readonly message: string };

/** What is run with a terminal, as root, in the container's working directory. */
export interface TerminalProgram {
  readonly arguments: readonly string[];
  /** Beside the container's own. */
  readonly environment: Readonly<Record<string, string>>;
}

export interface TerminalEvents {
  /** Before it starts: with this name `endProgram` ends it, also after this process has died. */
  created(programId: string): void;
  output(data: Buffer): void;
  /** Once, after its last output. The exit code is unknown when the engine went away. */
  ended(exitCode: number | undefined): void;
}

export interface TerminalProcess {
  write(data: Buffer): void;
  resize(columns: number, rows: number): void;
  /** Holds its output back, and the program with it. */
  pause(): void;
  resume(): void;
  /** As `endProgram`. */
  kill(): Promise<void>;
}

/** Docker Engine API, ContainerStats, with `networks` of the namespace that the container is in. */
export type ContainerStats = Readonly<Record<string, unknown>>;

export interface LogLine {
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  readonly message: string;
}

export interface ContainerRuntime {
  /** Makes the sandbox if it is not there, starts it if it does not run. */
  ensureSandbox(spec: SandboxSpec): Promise<Result<Sandbox, RuntimeFailure>>;
  /** `reference` as the engine names it; credentials go to the registry and are kept nowhere. */
  pullImage(
    reference: string,
    credentials?: { readonly username: string; readonly password: string },
  ): Promise<Result<PulledImage, RuntimeFailure>>;
  /** Idempotent: a container of that sandbox and name is returned as it is. */
  createContainer(spec: ContainerSpec): Promise<Result<{ readonly containerId: string }, RuntimeFailure>>;
  startContainer(containerId: string): Promise<Result<undefined, RuntimeFailure>>;
  /** SIGTERM (or the stop signal), after `timeoutSeconds` SIGKILL. Already gone is success. */
  stopContainer(containerId: string, timeoutSeconds: number): Promise<Result<undefined, RuntimeFailure>>;
  /**
   * Runs a program in the sandbox's own container to its end (exit code 124 after `timeoutSeconds`, killed), with
   * `input` as its standard input. `output` is both streams in order, the last 64 KiB.
   */
  runInSandbox(
    sandboxId: string,
    program: {
      readonly arguments: readonly string[];
      readonly input?: string | undefined;
      readonly timeoutSeconds: number;
    },
  ): Promise<Result<{ readonly exitCode: number; readonly output: string }, RuntimeFailure>>;
  /** Starts a program with a terminal in a container. The failure's message is the engine's, where it has one. */
  openTerminal(
    containerId: string,
    program: TerminalProgram,
    events: TerminalEvents,
  ): Promise<Result<TerminalProcess, RuntimeFailure>>;
  /** SIGHUP, as when a terminal goes; then SIGKILL. Resolves when it is over; already gone is success. */
  endProgram(programId: string): Promise<Result<undefined, RuntimeFailure>>;
  /** What it uses now, in the engine's own form (ContainerStats); undefined when it does not run. */
  stats(containerId: string): Promise<Result<ContainerStats | undefined, RuntimeFailure>>;
  /** Removes the sandbox and all containers of it. Already gone is success. */
  removeSandbox(sandboxId: string): Promise<Result<undefined, RuntimeFailure>>;
  /** All containers of a sandbox, itself included. */
  observeSandbox(sandboxId: string): Promise<Result<readonly ObservedContainer[], RuntimeFailure>>;
  /** Ids of all sandboxes of this installation, running or not. */
  listSandboxes(): Promise<Result<readonly string[], RuntimeFailure>>;
  /** Calls back with a sandbox id whenever something in it changed; reconnects by itself when the engine restarts. */
  watch(changed: (sandboxId: string) => void): void;
  /**
   * Output lines not earlier than `since` (milliseconds), then as they come, in the order in which they were written.
   * Resolves when the container has ended and all was told, when it is gone, or when `signal` aborts; throws when the
   * engine cannot be reached.
   */
  followLogs(
    containerId: string,
    since: number,
    line: (line: LogLine) => void,
    signal: AbortSignal,
  ): Promise<void>;
  close(): Promise<void>;
}
