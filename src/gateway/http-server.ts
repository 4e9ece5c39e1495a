/** HTTP on loopback: guards, bodies, and which part of Berth a path belongs to. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { gunzipSync } from "node:zlib";
import type { Log } from "../lib/log.ts";
import { GatewayFault } from "./faults.ts";
import { jsonFault, type RequestHandler, xmlFault } from "./handle-request.ts";
import type { WireRequest, WireResponse } from "./protocols/protocol.ts";

/** Other things on the same port, by path: they read the request themselves. */
export interface PathHandler {
  readonly prefix: string;
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
}

/** Web sockets on the same port. Other requests to be upgraded (to HTTP/2) are served as they are. */
export interface UpgradeHandler {
  readonly prefix: string;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

export interface HttpServerOptions {
  readonly aws: RequestHandler;
  readonly paths: readonly PathHandler[];
  readonly upgrades: readonly UpgradeHandler[];
  readonly log: Log;
  /** What `Host` may be; loopback names unless told. */
  readonly hosts?: RegExp | undefined;
  /** As the source of every request says. */
  readonly issuedKeysOnly?: boolean | undefined;
}

/** More than any operation of ours takes (UploadLayerPart's 20 MB included); AWS answers 413 likewise. */
const LARGEST_BODY_BYTES = 32 * 1024 * 1024;

export function createHttpServer(options: HttpServerOptions): Server {
  const upgradeOf = (request: IncomingMessage) =>
    options.upgrades.find(({ prefix }) => request.url?.startsWith(prefix));
  const shouldUpgradeCallback = (request: IncomingMessage) => upgradeOf(request) !== undefined;
  const server = createServer({ shouldUpgradeCallback }, (request, response) => {
    void serve(request, response, options).catch((error: unknown) => {
      options.log.error("a request failed on a bug of Berth", { path: request.url, error });
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const refusal = refuseForeign(request, options.hosts);
    if (refusal === undefined) {
      upgradeOf(request)?.upgrade(request, socket, head);
      return;
    }
    options.log.warn("request refused", { reason: refusal.message });
    socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  });
  // Idle connections of SDKs are kept; they come back after minutes.
  server.keepAliveTimeout = 75_000;
  server.requestTimeout = 300_000;
  return server;
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  options: HttpServerOptions,
): Promise<void> {
  const refusal = refuseForeign(request, options.hosts);
  if (refusal !== undefined) {
    options.log.warn("request refused", { reason: refusal.message });
    request.resume();
    send(response, faultResponse(request, refusal));
    return;
  }
  const special = options.paths.find(
    ({ prefix }) => request.url === prefix.replace(/\/$/, "") || request.url?.startsWith(prefix),
  );
  if (special !== undefined) {
    await special.handle(request, response);
    return;
  }
  const body = await readBody(request);
  if (body instanceof GatewayFault) {
    send(response, faultResponse(request, body));
    return;
  }
  send(response, await options.aws(wireRequest(request, body, options.issuedKeysOnly)));
}

const LOCAL_HOST =
  /^(?:(?:data-|stream-|streaming-)?(?:127(?:\.\d{1,3}){3}|localhost)|\[::1\]|(?:[a-z0-9.-]+\.)?localhost(?:\.localstack\.cloud)?)(?::\d+)?$/i;

/** A web page must not be able to use Berth through its visitor's browser, nor by a name it points here. */
function refuseForeign(request: IncomingMessage, hosts: RegExp = LOCAL_HOST): GatewayFault | undefined {
  const host = request.headers.host ?? "";
  if (!hosts.test(host)) {
    const names = hosts === LOCAL_HOST ? "loopback names" : "the name of this endpoint";
    return new GatewayFault(
      "AccessDenied",
      `Berth answers only under ${names}, not under the host ${JSON.stringify(host.slice(0, 100))}`,
      403,
    );
  }
  if (request.headers.origin !== undefined) {
    return new GatewayFault("AccessDenied", "Berth answers no request of a web page (Origin is set)", 403);
  }
  const site = request.headers["sec-fetch-site"];
  if (site !== undefined && site !== "none") {
    return new GatewayFault(
      "AccessDenied",
      "Berth answers no request of a web page (Sec-Fetch-Site is set)",
      403,
    );
  }
  return undefined;
}

async function readBody(request: IncomingMessage): Promise<Buffer | GatewayFault> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    // Read on without keeping, so that the client gets its answer instead of a reset.
    if (size <= LARGEST_BODY_BYTES) chunks.push(bytes);
    else if (size > 4 * LARGEST_BODY_BYTES) break;
  }
  if (size > LARGEST_BODY_BYTES) return tooLarge();
  const body = Buffer.concat(chunks);
  if (request.headers["content-encoding"] !== "gzip") return body;
  try {
    return gunzipSync(body, { maxOutputLength: LARGEST_BODY_BYTES });
  } catch {
    return new GatewayFault("SerializationException", "Unable to decompress the request body", 400);
  }
}

function tooLarge(): GatewayFault {
  return new GatewayFault(
    "RequestEntityTooLargeException",
    `The request body is larger than ${LARGEST_BODY_BYTES} bytes`,
    413,
  );
}

function wireRequest(
  request: IncomingMessage,
  body: Buffer,
  issuedKeysOnly: boolean | undefined,
): WireRequest {
  const [path = "/", ...query] = (request.url ?? "/").split("?");
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return {
    method: request.method ?? "GET",
    path,
    query: new URLSearchParams(query.join("?")),
    headers,
    body,
    source: { address: request.socket.remoteAddress?.replace(/^::ffff:/, ""), issuedKeysOnly },
  };
}

function faultResponse(request: IncomingMessage, fault: GatewayFault): WireResponse {
  const json = String(request.headers["content-type"] ?? "").includes("json");
  return json ? jsonFault(fault, "") : xmlFault(fault, "");
}

function send(response: ServerResponse, answer: WireResponse): void {
  const body = typeof answer.body === "string" ? Buffer.from(answer.body) : answer.body;
  response.writeHead(answer.status, { ...answer.headers, "content-length": String(body.length) });
  response.end(body);
}
