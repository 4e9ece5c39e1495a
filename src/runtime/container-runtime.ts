/**
 * The port to a container engine. It knows containers, images and sandboxes; no ECS, no store, no network beyond
 * the namespace that a sandbox holds. Everything it makes carries the installation's label and is found by it.
 */
import type { Result } from "../lib/result.ts";

/** A task's pause container: it holds the network namespace that the task's containers join. */
export interface SandboxSpec {
  /** Names the sandbox and its containers; unique over all installations on the engine. */
  readonly sandboxId: string;
  readonly hostname: string;
  /** Written to `/etc/resolv.conf`, which all containers of the sandbox share. */
  readonly nameServers: readonly string[];
  readonly searchDomains: readonly string[];
  /** Lines of `/etc/hosts` besides localhost. */
  readonly hosts: readonly { readonly name: string; readonly address: string }[];
  /** Total limits over all containers of the sandbox, where the engine can enforce them. */
  readonly limits: { readonly nanoCpus?: number | undefined; readonly memoryBytes?: number | undefined };
}

export interface Sandbox {
  readonly sandboxId: string;
  readonly containerId: string;
  /** The process whose `/proc/<pid>/ns/net` is the namespace; 0 when it does not run. */
  readonly processId: number;
}

export interface ContainerSpec {
  readonly sandboxId: string;
  /** The container's name in its task definition. */
  readonly name: string;
  /** The engine's name for it, `ecs-<family>-<revision>-<container>-<hex>`. */
  readonly engineName: string;
  /** What the pull returned. */
  readonly imageId: string;
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
  readonly capabilities?: { readonly add: readonly string[]; readonly drop: readonly string[] } | undefined;
  /** Volumes of the sandbox, made when first mounted and removed with it. */
  readonly mounts: readonly {
    readonly volume: string;
    readonly containerPath: string;
    readonly readOnly: boolean;
  }[];
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
  readonly containerId: string;
  readonly processId: number;
  readonly state: ContainerState;
  readonly exitCode?: number | undefined;
  readonly outOfMemory: boolean;
  /** The engine's own words when it could not start the container. */
  readonly error?: string | undefined;
  readonly health: "none" | "starting" | "healthy" | "unhealthy";
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
