/** HTTP servers at addresses inside network namespaces: those that are wanted are opened, others closed. */
import {
  createServer,
  type Server as HttpServer,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { Server, Socket } from "node:net";
import type { NamespaceSockets } from "../fabric/fabric.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";

export interface WantedServer {
  /** Another key is another namespace or another place in it. */
  readonly key: string;
  readonly where: Parameters<NamespaceSockets["listen"]>[0];
  readonly address: string;
  readonly port: number;
  /** Who reads the request's body does so at once: it is thrown away otherwise. */
  handle(request: IncomingMessage, response: ServerResponse): void;
  /** In place of `handle`. */
  readonly createServer?: (() => HttpServer) | undefined;
}

export interface NamespaceServers {
  /** Namespaces that are not there yet are tried again. */
  apply(wanted: readonly WantedServer[]): void;
  stop(): void;
}

const RETRY_MS = 1000;
/** Each is a process for a moment; after a start there may be one to open for every VPC. */
const MOST_AT_ONCE = 4;
/** Clients of these endpoints ask at once, or are not clients. */
const REQUEST_TIMEOUT_MS = 10_000;

interface Opened {
  readonly http: HttpServer;
  listener?: Server | undefined;
  /** An HTTP server that does not listen itself keeps no account of them. */
  readonly connections: Set<Socket>;
  closed: boolean;
}

export function createNamespaceServers(dependencies: {
  readonly sockets: NamespaceSockets;
  readonly clock: Clock;
  readonly log: Log;
}): NamespaceServers {
  const opened = new Map<string, Opened>();
  const limited = { ...dependencies, sockets: limitBinding(dependencies.sockets) };
  return {
    apply(wanted) {
      const keys = new Set(wanted.map(({ key }) => key));
      for (const [key, server] of opened) {
        if (keys.has(key)) continue;
        opened.delete(key);
        close(server);
      }
      for (const one of wanted) {
        if (opened.has(one.key)) continue;
        const server: Opened = { http: serve(one), connections: new Set(), closed: false };
        opened.set(one.key, server);
        void open(limited, one, server);
      }
    },
    stop() {
      for (const server of opened.values()) close(server);
      opened.clear();
    },
  };
}

function limitBinding(sockets: NamespaceSockets): NamespaceSockets {
  let running = 0;
  const waiting: (() => void)[] = [];
  return {
    async listen(where, address, port) {
      if (running >= MOST_AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve));
      else running++;
      try {
        return await sockets.listen(where, address, port);
      } finally {
        const next = waiting.shift();
        if (next === undefined) running--;
        else next();
      }
    },
  };
}

function serve(wanted: WantedServer): HttpServer {
  if (wanted.createServer !== undefined) return wanted.createServer();
  const http = createServer((request, response) => {
    request.resume();
    wanted.handle(request, response);
  });
  http.timeout = REQUEST_TIMEOUT_MS;
  http.on("clientError", (_error, socket) => socket.destroy());
  return http;
}

async function open(
  dependencies: { readonly sockets: NamespaceSockets; readonly clock: Clock; readonly log: Log },
  wanted: WantedServer,
  server: Opened,
): Promise<void> {
  const { sockets, clock, log } = dependencies;
  try {
    const listener = await sockets.listen(wanted.where, wanted.address, wanted.port);
    if (server.closed) {
      listener.close();
      return;
    }
    server.listener = listener;
    listener.on("connection", (connection) => {
      server.connections.add(connection);
      connection.once("close", () => server.connections.delete(connection));
      server.http.emit("connection", connection);
    });
  } catch (error) {
    if (server.closed) return;
    log.debug("cannot listen in a namespace yet", { address: wanted.address, port: wanted.port, error });
    clock.after(RETRY_MS, () => {
      if (!server.closed) void open(dependencies, wanted, server);
    });
  }
}

function close(server: Opened): void {
  server.closed = true;
  server.listener?.close();
  for (const connection of server.connections) connection.destroy();
}
