/** The sockets of one view: bound inside its VPC's namespace, served from here. */
import { spawn } from "node:child_process";
import { Socket as UdpSocket } from "node:dgram";
import { Server, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import type { BindReport } from "./control.ts";

export interface Listeners {
  close(): void;
}

/** Undefined: no answer. */
export type Respond = (packet: Buffer, transport: "udp" | "tcp") => Buffer | undefined;

const BIND_CHILD = fileURLToPath(new URL("./bind-child.ts", import.meta.url));
const BIND_TIMEOUT_MS = 15_000;
const TCP_IDLE_MS = 10_000;
const MOST_TCP_CONNECTIONS = 256;

/** Throws when the namespace or an address in it is not there. */
export async function bindListeners(
  namespace: string,
  addresses: readonly string[],
  respond: Respond,
): Promise<Listeners> {
  const sockets: (UdpSocket | Server)[] = [];
  const close = () => {
    for (const socket of sockets) closeQuietly(socket);
  };
  try {
    await receiveSockets(namespace, addresses, (socket) => sockets.push(socket));
  } catch (error) {
    close();
    throw error;
  }
  for (const socket of sockets) {
    if (socket instanceof Server) serveTcp(socket, respond);
    else serveUdp(socket, respond);
  }
  return { close };
}

function receiveSockets(
  namespace: string,
  addresses: readonly string[],
  onSocket: (socket: UdpSocket | Server) => void,
): Promise<void> {
  const child = spawn("ip", ["netns", "exec", namespace, process.execPath, BIND_CHILD, ...addresses], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    timeout: BIND_TIMEOUT_MS,
    killSignal: "SIGKILL",
  });
  let errorText = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    errorText = (errorText + text).slice(-500);
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      reject(new Error(`binding in ${namespace} ended with ${signal ?? code}: ${errorText.trim()}`));
    });
    child.on("message", (message, handle) => {
      // The other end is this folder's bind-child.ts.
      const report = message as BindReport;
      if (handle instanceof UdpSocket || handle instanceof Server) onSocket(handle);
      if (report.kind === "failed") reject(new Error(`cannot bind in ${namespace}: ${report.message}`));
      if (report.kind !== "done") return;
      resolve();
      child.disconnect();
    });
  });
}

function serveUdp(socket: UdpSocket, respond: Respond): void {
  socket.on("error", () => closeQuietly(socket));
  socket.on("message", (packet, client) => {
    const response = respond(packet, "udp");
    // A client that has gone by now is no concern of ours.
    if (response !== undefined) socket.send(response, client.port, client.address, () => {});
  });
}

function serveTcp(server: Server, respond: Respond): void {
  server.maxConnections = MOST_TCP_CONNECTIONS;
  server.on("error", () => closeQuietly(server));
  server.on("connection", (connection) => serveConnection(connection, respond));
}

/** Each message is preceded by its length in two bytes; a connection may carry several. */
function serveConnection(connection: Socket, respond: Respond): void {
  let waiting = Buffer.alloc(0);
  connection.setTimeout(TCP_IDLE_MS, () => connection.destroy());
  connection.on("error", () => connection.destroy());
  connection.on("data", (chunk: Buffer) => {
    waiting = Buffer.concat([waiting, chunk]);
    while (waiting.length >= 2 && waiting.length >= 2 + waiting.readUInt16BE(0)) {
      const end = 2 + waiting.readUInt16BE(0);
      const response = respond(waiting.subarray(2, end), "tcp");
      waiting = waiting.subarray(end);
      if (response === undefined) {
        connection.destroy();
        return;
      }
      const length = Buffer.alloc(2);
      length.writeUInt16BE(response.length, 0);
      connection.write(Buffer.concat([length, response]));
    }
  });
}

function closeQuietly(socket: UdpSocket | Server): void {
  try {
    socket.close();
  } catch {
    // Closed already.
  }
}
