/** `berth curl`: curl as a client on the internet that trusts Berth's certificate authority and asks its DNS. */
import { spawn } from "node:child_process";
import { stateDirectoryOf } from "../config.ts";
import { certificateAuthorityPath } from "../reconcile/certificates/authority.ts";
import { lookUpPublicName } from "./status.ts";

/** Returns curl's exit code. Throws CommandFailure for a host that Berth does not know. */
export async function curl(
  parameters: readonly string[],
  flags: { readonly stateDir?: string | undefined },
): Promise<number> {
  const stateDirectory = stateDirectoryOf(flags.stateDir, process.env);
  const resolved: string[] = [];
  for (const host of new Set(parameters.flatMap(hostsOf))) {
    const addresses = await lookUpPublicName(stateDirectory, host.name);
    resolved.push("--resolve", `${host.name}:${host.port}:${addresses.join(",")}`);
  }
  const child = spawn(
    "curl",
    ["--noproxy", "*", "--cacert", certificateAuthorityPath(stateDirectory), ...resolved, ...parameters],
    { stdio: "inherit" },
  );
  return new Promise((resolve, reject) => {
    child.once("error", () => reject(new Error("curl is not installed; run ./berth setup")));
    child.once("exit", (code) => resolve(code ?? 1));
  });
}

interface UrlHost {
  readonly name: string;
  readonly port: number;
}

function hostsOf(parameter: string): UrlHost[] {
  if (!/^https?:\/\//i.test(parameter)) return [];
  let url: URL;
  try {
    url = new URL(parameter);
  } catch {
    return [];
  }
  // Addresses need no look-up.
  if (/^[\d.]+$/.test(url.hostname) || url.hostname.startsWith("[") || url.hostname === "localhost")
    return [];
  const fallback = url.protocol === "https:" ? 443 : 80;
  return [{ name: url.hostname, port: url.port === "" ? fallback : Number(url.port) }];
}
