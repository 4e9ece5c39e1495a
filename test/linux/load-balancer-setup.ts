/** A load balancer's namespace and a targets' namespace, joined by a veth; all named after this process. */
import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import type { LoadBalancerNodeConfig, ProxyBackend, ProxyListener } from "../../src/fabric/config.ts";

export const NODE_ADDRESS = "10.77.0.2";
export const TARGET_ADDRESS = "10.77.0.10";
/** The targets' namespace drops packets to this port without a word. */
export const DROPPED_PORT = 9999;

const run = promisify(execFile);

export interface Answer {
  readonly status: number;
  readonly reason: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  readonly seconds: number;
}

export class LoadBalancerWorld {
  readonly stateDirectory = mkdtempSync(join(tmpdir(), "berth-lb-"));
  readonly #targets: ChildProcess[] = [];
  readonly #mark: string;

  constructor(mark: string) {
    this.#mark = `${mark}${process.pid}`;
    const node = this.nodeNamespace;
    const targets = this.targetNamespace;
    for (const namespace of [node, targets]) ip("netns", "add", namespace);
    ip("link", "add", "lb0", "netns", node, "type", "veth", "peer", "name", "lb0", "netns", targets);
    for (const [namespace, address] of [
      [node, NODE_ADDRESS],
      [targets, TARGET_ADDRESS],
    ] as const) {
      ip("-n", namespace, "link", "set", "lo", "up");
      ip("-n", namespace, "address", "add", `${address}/24`, "dev", "lb0");
      ip("-n", namespace, "link", "set", "lb0", "up");
    }
    this.exec(targets, "nft", "add table ip t; add chain ip t i { type filter hook input priority 0; }");
    this.exec(targets, "nft", `add rule ip t i tcp dport ${DROPPED_PORT} drop`);
  }

  get nodeNamespace(): string {
    return `berth-${this.#mark}-lb`;
  }

  get targetNamespace(): string {
    return `berth-${this.#mark}-tg`;
  }

  exec(namespace: string, ...command: string[]): string {
    return execFileSync("ip", ["netns", "exec", namespace, ...command], { encoding: "utf8" });
  }

  /** Starts a target and returns the requests that it gets, a list that grows. */
  async target(
    port: number,
    health = 200,
  ): Promise<{ path: string; at: number; headers: Record<string, string> }[]> {
    const script = new URL("./load-balancer-target.mjs", import.meta.url).pathname;
    const child = spawn(
      "ip",
      [
        "netns",
        "exec",
        this.targetNamespace,
        process.execPath,
        script,
        TARGET_ADDRESS,
        String(port),
        String(health),
      ],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    this.#targets.push(child);
    const requests: { path: string; at: number; headers: Record<string, string> }[] = [];
    const lines = createInterface({ input: child.stdout });
    await new Promise<void>((resolve, reject) => {
      child.on("exit", (code) => reject(new Error(`the target ended: ${code}`)));
      lines.on("line", (line) => (line === "listening" ? resolve() : requests.push(JSON.parse(line))));
    });
    return requests;
  }

  /** A request from the targets' namespace, as a client in the VPC would send it. */
  async request(url: string, ...options: string[]): Promise<Answer> {
    const started = Date.now();
    const { stdout } = await run(
      "ip",
      ["netns", "exec", this.targetNamespace, "curl", "-sik", "-m", "30", ...options, url],
      { encoding: "utf8" },
    );
    const end = stdout.indexOf("\r\n\r\n");
    const [first = "", ...fields] = stdout.slice(0, end).split("\r\n");
    const [, status, reason] = /^HTTP\/\S+ (\d+) ?(.*)$/.exec(first) ?? [];
    return {
      status: Number(status),
      reason: reason ?? "",
      headers: new Map(
        fields.map((field) => [field.split(": ")[0] ?? "", field.split(": ").slice(1).join(": ")]),
      ),
      body: stdout.slice(end + 4),
      seconds: (Date.now() - started) / 1000,
    };
  }

  /** A client process in the targets' namespace; the caller waits for it. */
  client(...command: string[]): ChildProcess {
    return spawn("ip", ["netns", "exec", this.targetNamespace, ...command], {
      stdio: ["pipe", "pipe", "ignore"],
    });
  }

  close(): void {
    for (const child of this.#targets) child.kill("SIGKILL");
    for (const namespace of [this.nodeNamespace, this.targetNamespace]) ip("netns", "delete", namespace);
    rmSync(this.stateDirectory, { recursive: true, force: true });
  }
}

function ip(...args: string[]): void {
  execFileSync("ip", args, { stdio: ["ignore", "ignore", "inherit"] });
}

export function backendOf(
  backendId: string,
  ports: readonly number[],
  check: Partial<ProxyBackend["healthCheck"]> = {},
): ProxyBackend {
  return {
    backendId,
    protocol: "HTTP",
    algorithm: "round_robin",
    targets: ports.map((port) => ({ address: TARGET_ADDRESS, port, draining: false })),
    healthCheck: {
      enabled: true,
      protocol: "HTTP",
      port: "traffic-port",
      path: "/health",
      intervalSeconds: 300,
      timeoutSeconds: 120,
      healthyThresholdCount: 5,
      unhealthyThresholdCount: 10,
      matcher: "200",
      ...check,
    },
  };
}

export function forwardTo(backendId: string, hosts?: readonly string[]): ProxyListener["rules"][number] {
  return {
    conditions: hosts === undefined ? [] : [{ kind: "host-header", values: hosts }],
    action: { kind: "forward", backends: [{ backendId, weight: 1 }] },
  };
}

export function nodeOf(
  rules: ProxyListener["rules"],
  backends: readonly ProxyBackend[],
  more: Partial<LoadBalancerNodeConfig> = {},
): LoadBalancerNodeConfig {
  return {
    nodeId: "eni-0123456789abcdef0",
    address: NODE_ADDRESS,
    listeners: [{ port: 80, protocol: "HTTP", certificates: [], rules }],
    backends,
    idleTimeoutSeconds: 60,
    http2: true,
    ...more,
  };
}
