/** moto's server on a loopback port, where Python has it. */
import { spawn, spawnSync } from "node:child_process";
import { findFreePort } from "../test/stories/harness.ts";

export interface Moto {
  readonly version: string;
  readonly port: number;
  readonly endpoint: string;
  stop(): void;
}

/** Nothing where it is not installed. It ends with this process at the latest. */
export async function startMoto(): Promise<Moto | undefined> {
  const asked = spawnSync("python3", ["-c", "import moto.server, moto; print(moto.__version__)"], {
    encoding: "utf8",
  });
  if (asked.status !== 0) return undefined;
  const port = await findFreePort();
  // It logs each request on standard error; where that goes must not slow it down.
  const child = spawn("python3", ["-m", "moto.server", "-H", "127.0.0.1", "-p", String(port)], {
    stdio: "ignore",
  });
  const stop = () => {
    child.kill("SIGKILL");
  };
  process.once("exit", stop);
  const endpoint = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + 30_000;
  while (!(await answers(endpoint))) {
    if (Date.now() > deadline || child.exitCode !== null) {
      stop();
      throw new Error("moto's server does not answer");
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { version: asked.stdout.trim(), port, endpoint, stop };
}

async function answers(endpoint: string): Promise<boolean> {
  try {
    return (await fetch(`${endpoint}/moto-api/`)).ok;
  } catch {
    return false;
  }
}
