/** AWS's session-manager-plugin, where this machine has it, and a user who types. */
import { spawn, spawnSync } from "node:child_process";
import { dirname } from "node:path";

export function findPlugin(): { readonly directory: string; readonly skip: string | false } {
  const named = process.env["SESSION_MANAGER_PLUGIN"];
  const found =
    named ?? spawnSync("sh", ["-c", "command -v session-manager-plugin"], { encoding: "utf8" }).stdout.trim();
  if (found === "") {
    return {
      directory: "",
      skip: "session-manager-plugin is neither on the PATH nor named by SESSION_MANAGER_PLUGIN",
    };
  }
  const { error } = spawnSync("aws", ["--version"]);
  return { directory: dirname(found), skip: error === undefined ? false : "the AWS CLI is not installed" };
}

/** Runs the words, with the plugin of that directory, in a pseudo-terminal of 97 × 31. Of each pair, when the first is printed, the second is typed. */
export function inTerminal(
  directory: string,
  words: readonly string[],
  dialogue: readonly (readonly [printed: string, typed: string])[] = [],
): Promise<{ readonly output: string; readonly exitCode: number | null }> {
  return new Promise((resolve, reject) => {
    const child = spawn("script", ["-qec", `stty cols 97 rows 31; ${words.join(" ")}`, "/dev/null"], {
      env: {
        ...process.env,
        PATH: `${directory}:${process.env["PATH"]}`,
        AWS_ACCESS_KEY_ID: "test",
        AWS_SECRET_ACCESS_KEY: "test",
      },
      timeout: 90_000,
      killSignal: "SIGKILL",
    });
    let output = "";
    let seen = 0;
    let turn = 0;
    const look = () => {
      const next = dialogue[turn];
      if (next === undefined) return;
      const at = output.indexOf(next[0], seen);
      if (at < 0) return;
      turn += 1;
      seen = at + next[0].length;
      // The plugin drops what is typed before it has its terminal in raw mode.
      setTimeout(() => child.stdin.write(next[1]), 700);
      look();
    };
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      look();
    });
    child.once("error", reject);
    child.once("close", (exitCode) => resolve({ output, exitCode }));
  });
}
