/**
 * Runs `ip`, `nft` and `sh` as children, in a network namespace where one is given. The process itself never enters
 * a namespace. Long argument lists go through standard input: one child makes any number of changes.
 */
import { execFile } from "node:child_process";
import type { IpObject } from "../routing/read-routes.ts";

/** The kernel, or the tool, said no. */
export class CommandError extends Error {
  readonly stderr: string;

  constructor(command: readonly string[], input: string, stderr: string) {
    super(`${command.join(" ")}: ${stderr.trim() || "failed"}${input === "" ? "" : `\n${numbered(input)}`}`);
    this.name = "CommandError";
    this.stderr = stderr;
  }
}

export interface BatchFailure {
  readonly command: string;
  readonly message: string;
}

/** A namespace's path; undefined is the host's own. */
export type NamespacePath = string | undefined;

interface Outcome {
  readonly failed: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** More than any listing of ours: a VPC of 10,000 interfaces prints some 5 MB. */
const LARGEST_OUTPUT_BYTES = 256 * 1024 * 1024;

export async function run(
  namespace: NamespacePath,
  command: readonly string[],
  input = "",
): Promise<{ readonly stdout: string }> {
  const outcome = await attempt(namespace, command, input);
  if (outcome.failed) throw new CommandError(command, input, outcome.stderr);
  return outcome;
}

/** Changes links, addresses, routes, rules; stops at the first that fails. */
export async function ipBatch(namespace: NamespacePath, commands: readonly string[]): Promise<void> {
  if (commands.length > 0) await run(namespace, ["ip", "-batch", "-"], lines(commands));
}

/** Goes on after commands that fail, and returns those. */
export async function ipBatchForced(
  namespace: NamespacePath,
  commands: readonly string[],
): Promise<readonly BatchFailure[]> {
  if (commands.length === 0) return [];
  const command = ["ip", "-force", "-batch", "-"];
  const { failed, stderr } = await attempt(namespace, command, lines(commands));
  const failures = readBatchFailures(commands, stderr);
  if (failed && failures.length === 0) throw new CommandError(command, lines(commands), stderr);
  return failures;
}

/** What the given `show` commands print, in one list. */
export async function ipShow(namespace: NamespacePath, commands: readonly string[]): Promise<IpObject[]> {
  const { stdout } = await run(namespace, ["ip", "-4", "-json", "-batch", "-"], lines(commands));
  return stdout
    .split("\n")
    .filter((line) => line.trim() !== "")
    .flatMap((line) => JSON.parse(line) as IpObject[])
    .filter((object) => Object.keys(object).length > 0);
}

export async function nft(namespace: NamespacePath, script: string): Promise<void> {
  await run(namespace, ["nft", "-f", "-"], script);
}

/** Sets kernel parameters of a namespace. @param parameters below `/proc/sys/net`, as `ipv4/ip_forward` */
export async function setParameters(
  namespace: NamespacePath,
  parameters: Readonly<Record<string, string>>,
): Promise<void> {
  const script = Object.entries(parameters).map(([name, value]) => `echo ${value} > /proc/sys/net/${name}`);
  await run(namespace, ["sh", "-e", "-s"], lines(script));
}

/** `Command failed -:<line>` follows the message of the command on that line. */
export function readBatchFailures(commands: readonly string[], stderr: string): readonly BatchFailure[] {
  const failures: BatchFailure[] = [];
  let message: string[] = [];
  for (const line of stderr.split("\n")) {
    const number = /^Command failed -:(\d+)$/.exec(line)?.[1];
    if (number === undefined) {
      message.push(line);
      continue;
    }
    failures.push({ command: commands[Number(number) - 1] ?? "", message: message.join(" ").trim() });
    message = [];
  }
  return failures;
}

function attempt(namespace: NamespacePath, command: readonly string[], input: string): Promise<Outcome> {
  const entered = namespace === undefined ? command : ["nsenter", `--net=${namespace}`, "--", ...command];
  const [file = "", ...parameters] = entered;
  return new Promise((resolve) => {
    const child = execFile(file, parameters, { maxBuffer: LARGEST_OUTPUT_BYTES }, (error, stdout, stderr) => {
      const reason = stderr !== "" || error === null ? stderr : error.message;
      resolve({ failed: error !== null, stdout, stderr: reason });
    });
    // A child that ends without reading its input says why by its own error.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(input);
  });
}

function lines(commands: readonly string[]): string {
  return `${commands.join("\n")}\n`;
}

/** Messages refer to lines by number; a script of thousands is cut. */
function numbered(input: string): string {
  const all = input.trimEnd().split("\n");
  const shown = all.slice(0, 60).map((line, index) => `${index + 1}: ${line}`);
  return all.length > shown.length ? [...shown, `… ${all.length} lines`].join("\n") : shown.join("\n");
}
