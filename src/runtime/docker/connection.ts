/** Where the engine listens, and what its errors mean. The only file that looks inside dockerode's errors. */
import Docker from "dockerode";
import type { RuntimeFailure } from "../container-runtime.ts";

export const DEFAULT_SOCKET = "/var/run/docker.sock";

/** As the Docker command line names it: `unix:///var/run/docker.sock`, `tcp://127.0.0.1:2375`. */
export type DockerHost = string;

export function connect(host: DockerHost): Docker {
  return new Docker(connectionOptions(host));
}

/** Throws for a form that is none of Docker's; `ssh://` and TLS are not spoken. */
export function connectionOptions(host: DockerHost): { socketPath: string } | { host: string; port: number } {
  const [, scheme, rest] = /^(\w+):\/\/(.+)$/.exec(host) ?? [];
  if (scheme === "unix" && rest !== undefined) return { socketPath: rest };
  const [, address, port] = /^([^/:]+|\[[^\]]+\])(?::(\d+))?\/?$/.exec(rest ?? "") ?? [];
  if ((scheme === "tcp" || scheme === "http") && address !== undefined) {
    return { host: address, port: Number(port ?? 2375) };
  }
  throw new Error(
    `DOCKER_HOST is ${JSON.stringify(host)}; Berth understands unix:///<path> and tcp://<host>:<port>`,
  );
}

/** Whether the engine is on this machine, so that its namespaces, processes and control groups are ours to see. */
export function isLocal(host: DockerHost): boolean {
  return host.startsWith("unix://");
}

interface EngineError {
  readonly statusCode?: number | undefined;
  readonly code?: string | undefined;
  readonly message: string;
}

/** dockerode wraps the engine's words in its own; what the engine said is in `json` or after the ` - `. */
export function readEngineError(error: unknown): EngineError {
  if (!(error instanceof Error)) return { message: String(error) };
  const { statusCode, code, json } = error as Error & {
    readonly statusCode?: number;
    readonly code?: string;
    readonly json?: { readonly message?: string };
  };
  const said = typeof json?.message === "string" ? json.message : undefined;
  return {
    statusCode,
    code,
    message: (said ?? error.message.replace(/^\(HTTP code \d+\) [^-]* - /, "")).trim(),
  };
}

export function isGone(error: unknown): boolean {
  return readEngineError(error).statusCode === 404;
}

/** An answer with a status is the engine's refusal; without one, there was no engine to answer. */
export function toFailure(
  kind: Exclude<RuntimeFailure["kind"], "engine-unreachable">,
  error: unknown,
): RuntimeFailure {
  const { statusCode, message } = readEngineError(error);
  return statusCode === undefined && isSystemError(error)
    ? { kind: "engine-unreachable", message }
    : { kind, message };
}

/** Node's network errors carry `code`: ECONNREFUSED, ENOENT, ECONNRESET, EPIPE and so on. */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && "code" in error && typeof error.code === "string";
}

/** Waits for the end of a pull or an import; a problem comes as a line of the answer, not as its status. */
export function finishProgress(docker: Docker, stream: NodeJS.ReadableStream): Promise<void> {
  return new Promise((resolve, reject) => {
    docker.modem.followProgress(stream, (error, lines) => {
      const problem = lines.find((line: { readonly error?: unknown }) => typeof line.error === "string");
      if (error !== null) reject(error);
      else if (problem !== undefined) reject(new Error(problem.error));
      else resolve();
    });
  });
}
