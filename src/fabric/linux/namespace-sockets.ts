/** Listening sockets inside namespaces: a short-lived child binds them there and hands them over. */
import { spawn } from "node:child_process";
import { Server, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import type { NamespaceSockets } from "../fabric.ts";
import { vpcNamespaceName } from "../links/names.ts";
import {
  fixedPath,
  namespaceIdentity,
  namespacePath,
  openNamespace,
  processNamespacePath,
} from "./namespaces.ts";

const BIND_CHILD = fileURLToPath(new URL("./bind-tcp-child.ts", import.meta.url));
const BIND_TIMEOUT_MS = 15_000;

export function createNamespaceSockets(installation: string): NamespaceSockets {
  return {
    async listen(where, address, port) {
      if (where.kind === "vpc") {
        return bind(namespacePath(vpcNamespaceName(installation, where.vpcId)), address, port);
      }
      const path = processNamespacePath(where.processId);
      const identity = await namespaceIdentity(path);
      // A process number of a machine that ended may by now be a process of the host.
      const isHost = identity === (await namespaceIdentity(processNamespacePath(process.pid)));
      const handle = identity === undefined || isHost ? undefined : await openNamespace(path, identity);
      if (handle === undefined) throw new Error(`process ${where.processId} has no namespace of its own`);
      try {
        return await bind(fixedPath(handle), address, port);
      } finally {
        // Not awaited: the server accepts already, and its owner is to hear of the first connection.
        void handle.close();
      }
    },
  };
}

/** What the child says beside the handle. */
export interface BindReport {
  readonly failure?: string | undefined;
}

function bind(namespace: string, address: string, port: number): Promise<Server> {
  const child = spawn(
    "nsenter",
    [`--net=${namespace}`, "--", process.execPath, BIND_CHILD, address, String(port)],
    {
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      timeout: BIND_TIMEOUT_MS,
      killSignal: "SIGKILL",
    },
  );
  let errorText = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    errorText = (errorText + text).slice(-500);
  });
  const what = `${address}:${port} in ${namespace}`;
  const refuse = (socket: Socket) => socket.resetAndDestroy();
  return new Promise((resolve, reject) => {
    let server: Server | undefined;
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      // Not earlier: until it has ended, the child would take connections too.
      server?.off("connection", refuse);
      if (server !== undefined) resolve(server);
      else reject(new Error(`binding ${what} ended with ${signal ?? code}: ${errorText.trim()}`));
    });
    child.once("message", (message, handle) => {
      // The other end is this folder's bind-tcp-child.ts.
      const { failure } = message as BindReport;
      if (handle instanceof Server) server = handle.on("connection", refuse);
      else reject(new Error(`cannot bind ${what}: ${failure ?? "no handle came"}`));
      if (child.connected) child.disconnect();
    });
  });
}
