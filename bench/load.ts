/** What load-generator.ts is told and what it answers, and how it is started. */
import { spawn } from "node:child_process";

export interface Load {
  readonly host: string;
  readonly port: number;
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** `NUMBER` in it becomes another eight digits in each request. */
  readonly body: string;
  readonly connections: number;
  readonly seconds: number;
}

export interface LoadResult {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly requests: number;
  /** Of the last answer's body. */
  readonly bytes: number;
  /** Beside the first ones: of servers that close after an answer. */
  readonly reconnects: number;
}

export const NUMBER = "@NUMBER@";

/**
 * In a process of its own, so that it is the same for both sides. `networkOf` is a process in whose network namespace
 * the load is made. Throws when a request fails.
 */
export function makeLoad(load: Load, networkOf?: number): Promise<LoadResult> {
  const program = [
    process.execPath,
    "--disable-warning=ExperimentalWarning",
    new URL("./load-generator.ts", import.meta.url).pathname,
    JSON.stringify(load),
  ];
  const [file = "", ...parameters] =
    networkOf === undefined ? program : ["nsenter", `--net=/proc/${networkOf}/ns/net`, ...program];
  return new Promise((resolve, reject) => {
    const child = spawn(file, parameters, {
      stdio: ["ignore", "pipe", "inherit"],
      timeout: (load.seconds + 20) * 1000,
      killSignal: "SIGKILL",
    });
    // Ctrl-C takes the network from under it, and it would wait for an answer for ever.
    const kill = () => child.kill("SIGKILL");
    process.once("exit", kill);
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (part: string) => {
      text += part;
    });
    child.once("error", reject);
    child.once("close", (code) => {
      process.removeListener("exit", kill);
      if (code === 0) resolve(JSON.parse(text) as LoadResult);
      else reject(new Error(`the load on ${load.host}:${load.port}${load.path} failed`));
    });
  });
}
