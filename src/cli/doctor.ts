/** `berth doctor`: what Berth needs of the machine, and how to mend what is missing. */
import { accessSync, constants, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { delimiter, join } from "node:path";
import { type Config, type ConfigFlags, readConfig } from "../config.ts";
import { findEngine } from "../runtime/docker/stop-engine.ts";
import { print, printJson, table } from "./output.ts";
import { findRunningServer } from "./process-file.ts";

export interface MachineCheck {
  readonly name: string;
  readonly ok: boolean;
  /** Without it `berth up` does not start. */
  readonly required: boolean;
  readonly found: string;
  readonly problem: string;
  readonly remedy: string;
  /** The Debian package that mends it. */
  readonly debianPackage?: string | undefined;
}

interface ProgramNeed {
  readonly program: string;
  readonly debianPackage: string;
  readonly what: string;
  readonly required: boolean;
}

const PROGRAMS: readonly ProgramNeed[] = [
  { program: "ip", debianPackage: "iproute2", what: "network interfaces and routes", required: true },
  { program: "nft", debianPackage: "nftables", what: "security groups", required: true },
  { program: "haproxy", debianPackage: "haproxy", what: "load balancers", required: true },
  { program: "dockerd", debianPackage: "docker.io", what: "the container engine", required: false },
  { program: "docker", debianPackage: "docker.io", what: "berth exec, docker push", required: false },
  { program: "busybox", debianPackage: "busybox-static", what: "the sandbox image", required: true },
  { program: "curl", debianPackage: "curl", what: "berth curl", required: false },
];

const SYSTEM_FOLDERS = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

export function findProgram(name: string): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), ...SYSTEM_FOLDERS];
  for (const folder of folders) {
    if (folder === "") continue;
    const path = join(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not there: the next folder.
    }
  }
  return undefined;
}

export function checkMachine(): MachineCheck[] {
  const linux = process.platform === "linux";
  const root = process.getuid?.() === 0;
  const programs = PROGRAMS.map((need): MachineCheck => {
    const path = findProgram(need.program);
    return {
      name: need.program,
      ok: path !== undefined,
      required: need.required,
      found: path ?? "missing",
      problem: `${need.program} (${need.what}) is not installed`,
      remedy: `run ./berth setup, or apt-get install ${need.debianPackage}`,
      debianPackage: need.debianPackage,
    };
  });
  return [
    {
      name: "system",
      ok: linux,
      required: true,
      found: `${process.platform} ${linux ? readFileSync("/proc/sys/kernel/osrelease", "utf8").trim() : ""}`,
      problem: "Berth needs Linux: its networks are made of the kernel's own parts",
      remedy: "run it on a Linux machine or virtual machine",
    },
    {
      name: "root",
      ok: root,
      required: true,
      found: root ? "yes" : `user ${process.getuid?.() ?? "?"}`,
      problem: "Berth needs root to make network namespaces",
      remedy: "run it as root: sudo ./berth …",
    },
    {
      name: "node",
      ok: Number(process.versions.node.split(".")[0]) >= 24,
      required: true,
      found: process.versions.node,
      problem: "Berth needs Node 24 or newer at run time",
      remedy: "start it with ./berth, which brings its own",
    },
    ...programs,
  ];
}

/** What is so at this moment: the engine, the port, the route of the public pool. */
async function checkSituation(config: Config): Promise<MachineCheck[]> {
  const engine = await findEngine(config.dockerHost);
  const canStart = findProgram("dockerd") !== undefined && !config.dockerHost;
  const server = findRunningServer(config.stateDirectory);
  const portFree = server?.port === config.port || (await isPortFree(config));
  return [
    {
      name: "engine",
      ok: engine !== undefined || canStart,
      required: true,
      found: engine ?? "none answers; ./berth up starts one",
      problem: config.dockerHost
        ? `no container engine answers at DOCKER_HOST=${config.dockerHost}`
        : "no container engine answers, and dockerd is not installed",
      remedy: config.dockerHost ? "start it, or unset DOCKER_HOST" : "run ./berth setup",
    },
    {
      name: "port",
      ok: portFree,
      required: true,
      found:
        server === undefined
          ? `${config.port} is free`
          : `${server.port}, served by process ${server.processId}`,
      problem: `port ${config.port} on ${config.host} is taken by another program`,
      remedy: "stop it, or use --port",
    },
  ];
}

function isPortFree({ host, port }: Config): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, host, () => probe.close(() => resolve(true)));
  });
}

export async function doctor(flags: ConfigFlags & { readonly json?: boolean | undefined }): Promise<number> {
  const checks = [...checkMachine(), ...(await checkSituation(readConfig(flags, process.env)))];
  if (flags.json) printJson(checks);
  else {
    print(
      table(
        checks.map((check) => [
          check.ok ? "ok" : check.required ? "MISSING" : "missing",
          check.name,
          check.ok ? check.found : `${check.problem}; ${check.remedy}`,
        ]),
      ),
    );
  }
  return checks.every((check) => check.ok || !check.required) ? 0 : 1;
}
