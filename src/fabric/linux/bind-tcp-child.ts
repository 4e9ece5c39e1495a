/** Runs for a moment inside a network namespace: binds one TCP address there and hands the socket to its parent. */
import { createServer } from "node:net";
import type { BindReport } from "./namespace-sockets.ts";

const [address = "", port = ""] = process.argv.slice(2);
// Both processes listen until this one ends: who comes here is to try again, not to wait for an answer.
const server = createServer((socket) => socket.resetAndDestroy());
server.once("error", (error) => {
  const report: BindReport = { failure: error.message };
  process.send?.(report, () => process.exit(1));
});
server.listen({ host: address, port: Number(port), exclusive: true }, () => {
  const report: BindReport = {};
  process.send?.(report, server);
});
// The parent ends this process by disconnecting once it has the handle.
process.once("disconnect", () => process.exit(0));
