/** `berth exec`: a command in a task's container, with its output and exit code. */
import { spawn } from "node:child_process";
import type { TaskReport } from "../admin/admin-endpoint.ts";
import { stateDirectoryOf } from "../config.ts";
import { askServer, requireServer } from "./admin-client.ts";
import { CommandFailure, EXIT } from "./output.ts";

/** `task` is an id, the beginning of one, or an ARN. Throws CommandFailure (4) when there is no such container. */
export async function exec(
  task: string,
  container: string | undefined,
  command: readonly string[],
  flags: { readonly stateDir?: string | undefined },
): Promise<number> {
  const server = requireServer(stateDirectoryOf(flags.stateDir, process.env));
  const { body } = await askServer(server, "tasks");
  const { tasks } = body as { tasks: readonly TaskReport[] };
  const runtimeId = findContainer(tasks, task, container);
  const terminal = process.stdin.isTTY && process.stdout.isTTY;
  const child = spawn(
    "docker",
    ["exec", terminal ? "-it" : "-i", runtimeId, ...(command.length > 0 ? command : ["sh"])],
    { stdio: "inherit" },
  );
  return new Promise((resolve, reject) => {
    child.once("error", () => reject(new CommandFailure("docker is not installed; run ./berth setup")));
    child.once("exit", (code) => resolve(code ?? 1));
  });
}

export function findContainer(
  tasks: readonly TaskReport[],
  task: string,
  container: string | undefined,
): string {
  const id = task.split("/").at(-1) ?? task;
  const found = tasks.filter((candidate) => candidate.id.startsWith(id));
  const [only, second] = found;
  if (only === undefined) {
    throw new CommandFailure(`no task ${task} runs; ./berth status lists those that do`, EXIT.notFound);
  }
  if (second !== undefined)
    throw new CommandFailure(`${task} is the beginning of several task ids`, EXIT.usage);
  const names = only.containers.map((candidate) => candidate.name);
  const chosen =
    container === undefined
      ? (only.containers.find((candidate) => candidate.essential) ?? only.containers[0])
      : only.containers.find((candidate) => candidate.name === container);
  if (chosen === undefined) {
    throw new CommandFailure(
      `task ${only.id} has no container ${container}; it has ${names.join(", ")}`,
      EXIT.notFound,
    );
  }
  if (chosen.runtimeId === undefined || chosen.lastStatus !== "RUNNING") {
    throw new CommandFailure(
      `container ${chosen.name} of task ${only.id} does not run (${chosen.lastStatus})`,
    );
  }
  return chosen.runtimeId;
}
