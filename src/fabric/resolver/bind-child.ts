/**
 * Runs for a moment inside a VPC's network namespace (under `ip netns exec`): binds the resolver's addresses there
 * and hands the sockets to its parent, which serves in that namespace without ever entering it.
 */
import type { SendHandle } from "node:child_process";
import { createSocket } from "node:dgram";
import { createServer } from "node:net";
import { type BindReport, DNS_PORT } from "./control.ts";

async function bindAll(addresses: readonly string[]): Promise<void> {
  for (const address of addresses) {
    const udp = createSocket("udp4");
    await new Promise<void>((resolve, reject) => {
      udp.once("error", reject);
      udp.bind({ address, port: DNS_PORT, exclusive: true }, resolve);
    });
    await report({ kind: "udp", address }, udp);
    const tcp = createServer();
    await new Promise<void>((resolve, reject) => {
      tcp.once("error", reject);
      tcp.listen({ host: address, port: DNS_PORT, exclusive: true }, resolve);
    });
    await report({ kind: "tcp", address }, tcp);
  }
  await report({ kind: "done" });
}

function report(message: BindReport, handle?: SendHandle): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send?.(message, handle, {}, (error) => (error === null ? resolve() : reject(error)));
  });
}

// The parent ends this process by disconnecting once it has every handle.
process.once("disconnect", () => process.exit(0));
bindAll(process.argv.slice(2)).catch((error: Error) => {
  void report({ kind: "failed", message: error.message }).finally(() => process.exit(1));
});
