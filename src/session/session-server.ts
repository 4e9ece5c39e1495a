/** The web socket that session clients open, and the sessions that wait for them. */
import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import type { Log } from "../lib/log.ts";
import type { Random } from "../lib/random.ts";
import { type Connection, Session, type SessionOptions } from "./session.ts";

export interface NewSession {
  readonly sessionId: string;
  readonly tokenValue: string;
}

export type SessionRequest = Pick<SessionOptions, "start" | "transcript"> & {
  readonly sessionId: string;
  /** Whose sessions are counted together: a container. */
  readonly owner: string;
};

export interface SessionServer {
  open(request: SessionRequest): NewSession;
  openSessions(owner: string): number;
  /** A new token for a session that is still open: its client comes back with it. */
  resume(sessionId: string): NewSession | undefined;
  /** False: there is no such session. */
  terminate(sessionId: string): boolean;
  /** An HTTP request for `/v1/data-channel/<session id>` that asks to be a web socket. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): void;
}

export const DATA_CHANNEL_PATH = "/v1/data-channel/";

/** A client shows its token in its first message; one that does not is let go. */
const TOKEN_TIMEOUT_MS = 10_000;
const LARGEST_MESSAGE_BYTES = 1024 * 1024;
const TOKEN_LENGTH = 64;

interface Entry {
  readonly session: Session;
  readonly owner: string;
  token: string;
}

export function createSessionServer(
  deps: Pick<SessionOptions, "clock" | "log"> & {
    readonly random: Random;
    /** The session is over, whoever ended it. */
    closed?(sessionId: string): void;
  },
): SessionServer {
  const { clock, random, log } = deps;
  const entries = new Map<string, Entry>();
  const sockets = new WebSocketServer({ noServer: true, maxPayload: LARGEST_MESSAGE_BYTES });
  return {
    open({ sessionId, owner, start, transcript }) {
      const session = new Session({
        sessionId,
        clock,
        random,
        log,
        start,
        transcript,
        closed() {
          entries.delete(sessionId);
          deps.closed?.(sessionId);
        },
      });
      const token = random.hex(TOKEN_LENGTH);
      entries.set(sessionId, { session, owner, token });
      return { sessionId, tokenValue: token };
    },
    openSessions: (owner) => [...entries.values()].filter((entry) => entry.owner === owner).length,
    resume(sessionId) {
      const entry = entries.get(sessionId);
      if (entry === undefined) return undefined;
      entry.token = random.hex(TOKEN_LENGTH);
      return { sessionId, tokenValue: entry.token };
    },
    terminate(sessionId) {
      const entry = entries.get(sessionId);
      entry?.session.terminate("");
      return entry !== undefined;
    },
    upgrade(request, socket, head) {
      const path = (request.url ?? "").split("?")[0] ?? "";
      const entry = entries.get(path.slice(DATA_CHANNEL_PATH.length));
      if (entry === undefined) {
        socket.end("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        return;
      }
      sockets.handleUpgrade(request, socket, head, (webSocket) => serve(webSocket, entry, log, clock));
    },
    close() {
      for (const { session } of [...entries.values()]) session.terminate("");
      sockets.close();
    },
  };
}

function serve(webSocket: WebSocket, entry: Entry, log: Log, clock: SessionOptions["clock"]): void {
  const connection: Connection = {
    send: (frame) => webSocket.send(frame),
    close: () => webSocket.close(1000),
  };
  const cancel = clock.after(TOKEN_TIMEOUT_MS, () => webSocket.terminate());
  let admitted = false;
  webSocket.on("error", (error) =>
    log.warn("a session's connection failed", { sessionId: entry.session.sessionId, error }),
  );
  webSocket.on("close", () => {
    cancel();
    entry.session.disconnected(connection);
  });
  webSocket.on("message", (data: RawData, isBinary: boolean) => {
    const bytes = bytesOf(data);
    if (admitted) {
      if (isBinary) entry.session.accept(bytes);
      return;
    }
    cancel();
    if (isBinary || !showsToken(bytes, entry.token)) {
      log.warn("a session's client has no valid token", { sessionId: entry.session.sessionId });
      webSocket.close(1008);
      return;
    }
    admitted = true;
    entry.session.connect(connection);
  });
}

function bytesOf(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}

function showsToken(message: Buffer, token: string): boolean {
  try {
    const body: unknown = JSON.parse(message.toString("utf8"));
    if (typeof body !== "object" || body === null) return false;
    const shown: unknown = Reflect.get(body, "TokenValue");
    if (typeof shown !== "string" || shown.length !== token.length) return false;
    return timingSafeEqual(Buffer.from(shown), Buffer.from(token));
  } catch {
    return false;
  }
}
