/** `berth doctor`: what Berth needs of the machine, and how to mend what is missing. */
import { accessSync, constants, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { print, printJson, table } from "./output.ts";

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

export function doctor(flags: { readonly json?: boolean | undefined }): number {
  const checks = checkMachine();
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
