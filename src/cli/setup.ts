/** `berth setup`: installs from Debian's packages what doctor finds missing, saying so first. */
import { spawnSync } from "node:child_process";
import { checkMachine, findProgram } from "./doctor.ts";
import { CommandFailure, say } from "./output.ts";

/** Installs missing Debian packages. Throws CommandFailure when apt cannot. */
export function setup(extraPrograms: readonly { program: string; debianPackage: string }[] = []): void {
  const missing = new Set<string>();
  for (const check of checkMachine()) {
    if (!check.ok && check.debianPackage !== undefined) missing.add(check.debianPackage);
  }
  for (const { program, debianPackage } of extraPrograms) {
    if (findProgram(program) === undefined) missing.add(debianPackage);
  }
  if (missing.size === 0) return;
  if (process.getuid?.() !== 0)
    throw new CommandFailure("installing packages needs root: sudo ./berth setup");
  const packages = [...missing].sort();
  if (findProgram("apt-get") === undefined) {
    throw new CommandFailure(
      `missing: ${packages.join(", ")}; install them with this system's package manager`,
    );
  }
  say(`installing by apt: ${packages.join(", ")}`);
  runApt(["update", "-qq"]);
  runApt(["install", "-y", "-qq", "--no-install-recommends", ...packages]);
}

function runApt(parameters: readonly string[]): void {
  const { status, stderr, error } = spawnSync("apt-get", parameters, {
    // Services are Berth's to start, in its own namespaces: a package must not start one on the host.
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" },
    stdio: ["ignore", "ignore", "pipe"],
    encoding: "utf8",
  });
  if (status === 0) return;
  throw new CommandFailure(
    `apt-get ${parameters.join(" ")} failed: ${(error?.message ?? stderr).trim().split("\n").slice(-3).join(" / ")}`,
  );
}
