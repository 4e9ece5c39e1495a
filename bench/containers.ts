/** Containers beside Berth's, by plain `docker run`. Those still there when this process ends go then. */
import { spawnSync } from "node:child_process";
import { run } from "../test/stories/harness.ts";

const LABEL = `berth.bench=${process.pid}`;

process.once("exit", () => {
  const { stdout } = spawnSync("docker", ["ps", "--all", "--quiet", "--filter", `label=${LABEL}`], {
    encoding: "utf8",
  });
  const left = (stdout ?? "").split("\n").filter((id) => id !== "");
  if (left.length > 0) spawnSync("docker", ["rm", "--force", ...left]);
});

/** Returns the container's id. Throws with Docker's words. */
export async function runContainer(parameters: readonly string[]): Promise<string> {
  const { stdout, stderr, exitCode } = await run("docker", [
    "run",
    "--detach",
    "--label",
    LABEL,
    ...parameters,
  ]);
  if (exitCode !== 0) throw new Error(`docker run failed: ${stderr}`);
  return stdout.trim();
}

export async function removeContainer(id: string): Promise<void> {
  await run("docker", ["rm", "--force", id]);
}
