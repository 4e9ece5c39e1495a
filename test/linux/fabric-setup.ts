/** Sandboxes with an agent inside, and VPC declarations, for tests of the network in the kernel. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import type {
  FirewallRule,
  InterfaceConfig,
  SecurityGroupConfig,
  SubnetConfig,
  VpcConfig,
} from "../../src/fabric/config.ts";

const AGENT = fileURLToPath(new URL("./fabric-agent.mjs", import.meta.url));

/** How long silence counts as "dropped": answers inside one machine take a millisecond. */
const SILENCE_MS = 600;

export type Attempt = {
  readonly seenAs?: string;
  readonly answer?: string;
  readonly echoed?: string;
  readonly error?: string;
};

/** A process in a network namespace that opens sockets as told. */
export class Agent {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (result: unknown) => void>();
  #next = 1;

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.on("message", (message: { id: number; result?: unknown }) => {
      this.#waiting.get(message.id)?.(message.result);
      this.#waiting.delete(message.id);
    });
  }

  /** @param namespace a named one to enter; else a new one, which ends with the process */
  static async start(namespace?: string): Promise<Agent> {
    const enter =
      namespace === undefined ? ["unshare", "--net"] : ["nsenter", `--net=/run/netns/${namespace}`];
    const [file = "", ...parameters] = [...enter, process.execPath, AGENT];
    const child = spawn(file, parameters, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    const agent = new Agent(child);
    await new Promise<void>((resolve, reject) => {
      agent.#waiting.set(0, () => resolve());
      child.once("exit", () => reject(new Error("the agent ended")));
    });
    return agent;
  }

  get processId(): number {
    return this.#child.pid ?? 0;
  }

  listen(port: number): Promise<unknown> {
    return this.#ask("listen", { port });
  }

  listenUdp(port: number, address = "0.0.0.0"): Promise<unknown> {
    return this.#ask("listenUdp", { port, address });
  }

  connect(
    host: string,
    port: number,
    options: { readonly localAddress?: string; readonly keep?: string } = {},
  ): Promise<Attempt> {
    return this.#ask("connect", { host, port, timeoutMs: SILENCE_MS, ...options });
  }

  echo(keep: string): Promise<Attempt> {
    return this.#ask("echo", { keep, timeoutMs: SILENCE_MS });
  }

  udp(host: string, port: number, localAddress?: string): Promise<Attempt> {
    return this.#ask("udp", { host, port, localAddress, timeoutMs: SILENCE_MS });
  }

  /** Source addresses of the datagrams that its UDP sockets got since the last call. */
  heard(): Promise<readonly string[]> {
    return this.#ask("heard", {});
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGKILL");
    await ended;
  }

  #ask<T>(action: string, parameters: object): Promise<T> {
    const id = this.#next++;
    return new Promise((resolve) => {
      this.#waiting.set(id, (result) => resolve(result as T));
      this.#child.send({ id, action, parameters });
    });
  }
}

/** From the host's own namespace; only to addresses of the test's pool. */
export function connectFromHost(host: string, port: number): Promise<Attempt> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (result: Attempt) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    const timer = setTimeout(() => end({ error: "timeout" }), SILENCE_MS);
    socket.on("error", (error: NodeJS.ErrnoException) => end({ error: error.code ?? "error" }));
    socket.once("data", (data) => end({ seenAs: String(data).trim() }));
  });
}

/** Runs a command; in a named namespace, or in a process's. */
export function inNamespace(namespace: string | number, ...command: string[]): string {
  const path = typeof namespace === "number" ? `/proc/${namespace}/ns/net` : `/run/netns/${namespace}`;
  return execFileSync("nsenter", [`--net=${path}`, ...command], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
}

export function onHost(...command: [string, ...string[]]): string {
  return execFileSync(command[0], command.slice(1), { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

export const ANYWHERE: FirewallRule["peer"] = { kind: "cidr", cidr: "0.0.0.0/0" };
export const ALL_TRAFFIC: FirewallRule = { protocol: "-1", peer: ANYWHERE };

export function tcp(port: number, peer: FirewallRule["peer"] = ANYWHERE): FirewallRule {
  return { protocol: "tcp", ports: { from: port, to: port }, peer };
}

export function id(kind: "vpc" | "subnet" | "eni" | "sg", number: number): string {
  // Links are named after the first digits.
  return `${kind}-${number.toString(16).padStart(8, "0")}000000000`;
}

export function subnet(number: number, cidr: string, routes: SubnetConfig["routes"] = []): SubnetConfig {
  return { subnetId: id("subnet", number), cidr, routes };
}

export function group(
  number: number,
  ingress: readonly FirewallRule[],
  members: readonly string[] = [],
  egress: readonly FirewallRule[] = [ALL_TRAFFIC],
): SecurityGroupConfig {
  return { groupId: id("sg", number), ingress, egress, members };
}

export function eni(
  number: number,
  address: string,
  where: Agent | "own" | "nat",
  options: Partial<InterfaceConfig> & { readonly subnet?: number; readonly groups?: readonly number[] } = {},
): InterfaceConfig {
  const { subnet: subnetNumber = 1, groups = [1], ...rest } = options;
  return {
    interfaceId: id("eni", number),
    subnetId: id("subnet", subnetNumber),
    address,
    macAddress: `02:00:00:00:00:${number.toString(16).padStart(2, "0")}`,
    securityGroupIds: groups.map((one) => id("sg", one)),
    filtering: where === "nat" ? "none" : "security-groups",
    sourceDestCheck: where !== "nat",
    sandbox:
      where === "own" || where === "nat"
        ? { kind: "own-namespace", natGateway: where === "nat" }
        : { kind: "process", processId: where.processId },
    ...rest,
  };
}

export function vpc(number: number, parts: Partial<VpcConfig>): VpcConfig {
  return {
    vpcId: id("vpc", number),
    cidr: "10.0.0.0/16",
    subnets: [subnet(1, "10.0.1.0/24")],
    interfaces: [],
    securityGroups: [],
    internetGateway: false,
    publicAddresses: [],
    dnsSupport: true,
    ...parts,
  };
}
