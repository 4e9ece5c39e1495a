/**
 * A Berth of the test's own, as a user starts one: `./berth up --detach` with a state directory, a port and a pool of
 * public addresses that nobody else has, and with a small image in its ECR. `down` removes everything, also when the
 * test's process ends early.
 */
import { type SpawnSyncReturns, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { EC2Client } from "@aws-sdk/client-ec2";
import { ECRClient } from "@aws-sdk/client-ecr";
import { ECSClient } from "@aws-sdk/client-ecs";
import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { AttachRolePolicyCommand, CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { Route53Client } from "@aws-sdk/client-route-53";
import { ServiceDiscoveryClient } from "@aws-sdk/client-servicediscovery";
import { installationOf } from "../../src/config.ts";
import { silentLog } from "../../src/lib/log.ts";
import { ensureEngine } from "../../src/runtime/docker/engine.ts";
import { pushTestImage, removeImagesOf } from "./image.ts";

export const REGION = "ap-northeast-1";

const program = new URL("../../berth", import.meta.url).pathname;

export interface Clients {
  readonly ec2: EC2Client;
  readonly ecs: ECSClient;
  readonly elb: ElasticLoadBalancingV2Client;
  readonly cloudMap: ServiceDiscoveryClient;
  readonly logs: CloudWatchLogsClient;
  readonly ecr: ECRClient;
  readonly route53: Route53Client;
}

export interface TestBerth extends Clients {
  readonly stateDirectory: string;
  readonly installation: string;
  readonly port: number;
  readonly endpoint: string;
  readonly publicPool: string;
  /** Serves HTTP on port 80 unless told otherwise; see image.ts. */
  readonly image: string;
  /** `./berth up --detach`, the first time and after a kill. Throws when it fails. */
  up(): void;
  /** Of the server, by its own process file. */
  processId(): number;
  /** `./berth …` with this Berth's state directory. */
  command(parameters: readonly string[], input?: string): Promise<Finished>;
  /** Removes all of it. Safe to call twice. */
  down(): void;
}

export interface Finished {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The suite has to call `down` in its own `after`; a process that ends without it does so on its way out. */
export async function startTestBerth(): Promise<TestBerth> {
  // An engine that Berth started ends with that Berth; stories share one.
  await ensureEngine({
    log: silentLog,
    stateDirectory: "/var/lib/berth-test-engine",
    dockerHost: process.env["DOCKER_HOST"],
    path: process.env["PATH"],
  });
  // Paths of unix sockets have at most 107 characters.
  const stateDirectory = mkdtempSync("/tmp/bs-");
  const port = await findFreePort();
  const publicPool = findFreePool();
  const endpoint = `http://127.0.0.1:${port}`;
  const server = ["--state-dir", stateDirectory, "--port", String(port), "--public-pool", publicPool];
  let gone = false;
  const down = () => {
    if (gone) return;
    gone = true;
    const finished = berthSync(["down", ...server]);
    removeImagesOf(`127.0.0.1:${port}`);
    rmSync(stateDirectory, { recursive: true, force: true });
    if (finished.status !== 0) throw new Error(`berth down failed: ${finished.stderr}`);
  };
  process.once("exit", down);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));

  const up = () => {
    const finished = berthSync(["up", "--detach", ...server]);
    if (finished.status !== 0) {
      throw new Error(`berth up failed: ${finished.stderr}\n${logOf(stateDirectory)}`);
    }
  };
  up();
  const clients = clientsFor(endpoint);
  await createExecutionRole(endpoint);
  return {
    ...clients,
    stateDirectory,
    installation: installationOf(stateDirectory),
    port,
    endpoint,
    publicPool,
    image: await pushTestImage(clients.ecr, stateDirectory),
    up,
    processId: () => Number(JSON.parse(readFileSync(join(stateDirectory, "berth.pid"), "utf8")).processId),
    command: (parameters, input) =>
      run(program, parameters, { input, env: { ...process.env, BERTH_STATE_DIR: stateDirectory } }),
    down,
  };
}

/** `stories`, which the task definitions of stories name. */
async function createExecutionRole(endpoint: string): Promise<void> {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const iam = new IAMClient({ endpoint, region: REGION, credentials, maxAttempts: 1 });
  const RoleName = "stories";
  const Principal = { Service: "ecs-tasks.amazonaws.com" };
  const AssumeRolePolicyDocument = JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal }],
  });
  await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
  const PolicyArn = "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy";
  await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
}

function berthSync(parameters: readonly string[]): SpawnSyncReturns<string> {
  return spawnSync(program, parameters, { encoding: "utf8", timeout: 85_000 });
}

function logOf(stateDirectory: string): string {
  try {
    return readFileSync(join(stateDirectory, "berth.log"), "utf8").slice(-3000);
  } catch {
    return "";
  }
}

function clientsFor(endpoint: string): Clients {
  const options = {
    endpoint,
    region: REGION,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
  };
  return {
    ec2: new EC2Client(options),
    ecs: new ECSClient(options),
    elb: new ElasticLoadBalancingV2Client(options),
    // DiscoverInstances goes to `data-<endpoint>`, a name that 127.0.0.1 does not have.
    cloudMap: new ServiceDiscoveryClient({ ...options, disableHostPrefix: true }),
    logs: new CloudWatchLogsClient(options),
    ecr: new ECRClient(options),
    route53: new Route53Client(options),
  };
}

export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

/** Of 198.18.0.0/15 (RFC 2544), which is nobody's: a /24 that this host does not route. */
function findFreePool(): string {
  const { stdout } = spawnSync("ip", ["-4", "route", "show"], { encoding: "utf8" });
  const first = Math.floor(Math.random() * 200);
  for (let at = 0; at < 200; at++) {
    const pool = `198.19.${50 + ((first + at) % 200)}.0/24`;
    if (!stdout.includes(pool)) return pool;
  }
  throw new Error("every /24 of 198.19.50.0 to 198.19.249.0 is routed on this host");
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly input?: string | undefined;
  readonly timeoutMs?: number;
}

/** Runs a program to its end, whatever that is, without holding up the test's other work. */
export function run(
  file: string,
  parameters: readonly string[],
  options: RunOptions = {},
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, parameters, {
      env: { ...process.env, ...options.env },
      timeout: options.timeoutMs ?? 60_000,
      killSignal: "SIGKILL",
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.stdin.on("error", () => {});
    child.stdin.end(options.input ?? "");
    child.once("error", reject);
    child.once("close", (code) => resolve({ exitCode: code ?? -1, stdout, stderr }));
  });
}

/** Polls until `check` gives something. Throws when that takes longer than `seconds`. */
export async function until<T>(
  what: string,
  seconds: number,
  check: () => Promise<T | undefined | false> | T | undefined | false,
): Promise<T> {
  const deadline = performance.now() + seconds * 1000;
  let last: unknown;
  while (performance.now() < deadline) {
    const value = await check();
    if (value !== undefined && value !== false) return value;
    last = value;
    await pause(100);
  }
  throw new Error(`waited ${seconds} s in vain until ${what} (last seen: ${String(last)})`);
}

/** What an answer must have. Throws when it has not. */
export function present<T>(value: T | undefined | null, what: string): T {
  if (value === undefined || value === null) throw new Error(`the answer has no ${what}`);
  return value;
}
