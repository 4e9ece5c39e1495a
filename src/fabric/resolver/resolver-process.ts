/**
 * The resolver: one process for all VPCs of an installation, started detached by resolver-fabric.ts with the path of
 * its control socket. It outlives Berth, so that containers go on resolving while Berth restarts or is down. It
 * imports nothing but Node and this folder's pure parts, which keeps it small.
 */

import { chmodSync, rmSync, statSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { connect, createServer, type Socket } from "node:net";
import { type ControlReply, type ControlRequest, codeVersion, lineReader, type Numbered } from "./control.ts";
import { Views } from "./views.ts";

const CHECK_EVERY_MS = 1000;

const [, , socketPath = ""] = process.argv;
process.title = "berth-resolver";

const log = (message: string) => process.stderr.write(`${new Date().toISOString()} ${message}\n`);
const views = new Views(log);
const version = codeVersion();

async function handle(request: ControlRequest): Promise<ControlReply> {
  switch (request.kind) {
    case "hello":
      return { kind: "hello", codeVersion: version, processId: process.pid };
    case "apply":
      await views.apply(request.view);
      return { kind: "done" };
    case "remove":
      views.remove(request.vpcId);
      return { kind: "done" };
    case "observe":
      return { kind: "views", vpcIds: views.vpcIds };
    case "stop":
      views.removeAll();
      return { kind: "done" };
  }
}

function serve(connection: Socket): void {
  connection.setEncoding("utf8");
  connection.on("error", () => connection.destroy());
  const readLine = lineReader((line) => {
    // Only Berth, as the owner of the socket, writes here.
    const { id, message } = JSON.parse(line) as Numbered<ControlRequest>;
    handle(message)
      .catch((error: Error): ControlReply => ({ kind: "failed", reason: error.message }))
      .then((reply) => {
        const answer: Numbered<ControlReply> = { id, message: reply };
        connection.write(`${JSON.stringify(answer)}\n`, () => {
          if (message.kind === "stop") end(0);
        });
      });
  });
  connection.on("data", readLine);
}

const server = createServer(serve);
let ownInode: number | undefined;

function listen(): void {
  const umask = process.umask(0o177);
  server.listen(socketPath);
  process.umask(umask);
}

server.on("listening", () => {
  chmodSync(socketPath, 0o600);
  ownInode = statSync(socketPath).ino;
});

server.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EADDRINUSE") throw error;
  // Left behind by a process that was killed, or in use by one that lives.
  const probe = connect(socketPath);
  probe.once("connect", () => process.exit(0));
  probe.once("error", () => {
    rmSync(socketPath, { force: true });
    listen();
  });
});

function end(code: number): void {
  views.removeAll();
  if (ownInode !== undefined && statSync(socketPath, { throwIfNoEntry: false })?.ino === ownInode) {
    rmSync(socketPath, { force: true });
  }
  process.exit(code);
}

setInterval(() => {
  // Nobody can reach a process whose socket is gone: the state directory was removed, or another took over.
  if (ownInode !== undefined && statSync(socketPath, { throwIfNoEntry: false })?.ino !== ownInode) end(0);
  views.check(Date.now());
}, CHECK_EVERY_MS);

// Would else be written only when the process ends by itself, which it hardly ever does.
flushCompileCache();

process.on("SIGTERM", () => end(0));
process.on("SIGINT", () => {});
process.on("SIGHUP", () => {});
listen();
