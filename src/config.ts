/** Flags and environment, read once, checked, frozen. */
import { createHash } from "node:crypto";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { LogLevel } from "./lib/log.ts";
import { parseCidr } from "./model/cidr.ts";

export interface Config {
  /** Absolute. Everything that Berth remembers is in it. */
  readonly stateDirectory: string;
  /** Six hexadecimal digits from the state directory: marks what this installation makes in kernel and engine. */
  readonly installation: string;
  readonly host: "127.0.0.1";
  readonly port: number;
  /** Where public addresses come from, for example `198.18.0.0/16`. */
  readonly publicPool: string;
  readonly logLevel: LogLevel;
  readonly dockerHost?: string | undefined;
  /** `--iam=enforce`: the operator's keys too may do only what policies allow. */
  readonly enforceOperator: boolean;
  /** Containers are told by `AWS_ENDPOINT_URL` where Berth is. */
  readonly endpointInjection: boolean;
  /** No containers and no kernel; time runs so many times as fast as the machine's, or as fast as it can. */
  readonly simulate?: { readonly speed: number | "fast" } | undefined;
}

export interface ConfigFlags {
  readonly stateDir?: string | undefined;
  readonly port?: string | undefined;
  readonly publicPool?: string | undefined;
  readonly logLevel?: string | undefined;
  readonly endpointInjection?: boolean | undefined;
  readonly simulate?: boolean | undefined;
  readonly iam?: string | undefined;
  readonly speed?: string | undefined;
}

export type Environment = Readonly<Record<string, string | undefined>>;

export const DEFAULT_PORT = 4566;
export const DEFAULT_PUBLIC_POOL = "198.18.0.0/16";

/** What a user got wrong; the text says what and what to do instead. */
export class UsageError extends Error {}

export function stateDirectoryOf(flag: string | undefined, environment: Environment): string {
  if (flag !== undefined && flag !== "") return resolve(flag);
  if (environment["BERTH_STATE_DIR"]) return resolve(environment["BERTH_STATE_DIR"]);
  const base = environment["XDG_STATE_HOME"] || join(homedir(), ".local", "state");
  return join(base, "berth");
}

export function installationOf(stateDirectory: string): string {
  return createHash("sha256").update(stateDirectory).digest("hex").slice(0, 6);
}

/** Throws UsageError. */
export function readConfig(flags: ConfigFlags, environment: Environment): Config {
  const stateDirectory = stateDirectoryOf(flags.stateDir, environment);
  return Object.freeze({
    stateDirectory,
    installation: installationOf(stateDirectory),
    host: "127.0.0.1",
    port: readPort(flags.port ?? environment["BERTH_PORT"]),
    publicPool: readPool(flags.publicPool ?? environment["BERTH_PUBLIC_POOL"]),
    logLevel: readLogLevel(flags.logLevel ?? environment["BERTH_LOG_LEVEL"]),
    dockerHost: environment["DOCKER_HOST"],
    endpointInjection: flags.endpointInjection ?? true,
    enforceOperator: readIam(flags.iam ?? environment["BERTH_IAM"]),
    ...(flags.simulate ? { simulate: { speed: readSpeed(flags.speed) } } : {}),
  });
}

function readIam(text: string | undefined): boolean {
  if (text !== undefined && text !== "enforce") {
    throw new UsageError(`--iam must be "enforce", not ${JSON.stringify(text)}`);
  }
  return text === "enforce";
}

const FASTEST = 100_000;

function readSpeed(text: string | undefined): number | "fast" {
  if (text === undefined || text === "fast") return "fast";
  const speed = Number(text);
  if (!(speed > 0 && speed <= FASTEST)) {
    throw new UsageError(`--speed must be "fast" or a number up to ${FASTEST}, not ${text}`);
  }
  return speed;
}

function readPort(text: string | undefined): number {
  const port = text === undefined ? DEFAULT_PORT : Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new UsageError(`--port must be a number from 1 to 65535, not ${text}`);
  }
  return port;
}

function readPool(text: string | undefined): string {
  const pool = text ?? DEFAULT_PUBLIC_POOL;
  const cidr = parseCidr(pool);
  if (cidr === undefined || cidr.prefixLength > 24) {
    throw new UsageError(`--public-pool must be an IPv4 range of /24 or larger, not ${pool}`);
  }
  return pool;
}

const LOG_LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

function readLogLevel(text: string | undefined): LogLevel {
  const level = LOG_LEVELS.find((candidate) => candidate === (text ?? "info"));
  if (level === undefined)
    throw new UsageError(`--log-level must be one of ${LOG_LEVELS.join(", ")}, not ${text}`);
  return level;
}
