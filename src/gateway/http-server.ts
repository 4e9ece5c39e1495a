/** HTTP on loopback: guards, bodies, and which part of Berth a path belongs to. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type Duplex, Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { gunzipSync } from "node:zlib";
import type { Log } from "../lib/log.ts";
import { refuseByUrl } from "./browsers.ts";
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
/** S3 takes 5 GB in one request, but clients send large objects in parts of 5 to 16 MB: a body is held in memory. */
const LARGEST_OBJECT_BODY_BYTES = 256 * 1024 * 1024;

/** Bodies that are being read or answered, all together; small ones are always taken. */
const MOST_HELD_BYTES = 1024 * 1024 * 1024;
const SMALL_BODY_BYTES = 1024 * 1024;

interface Held {
  bytes: number;
}

export function createHttpServer(options: HttpServerOptions): Server {
  const upgradeOf = (request: IncomingMessage) =>
    options.upgrades.find(({ prefix }) => request.url?.startsWith(prefix));
  const shouldUpgradeCallback = (request: IncomingMessage) => upgradeOf(request) !== undefined;
  const held: Held = { bytes: 0 };
  const server = createServer({ shouldUpgradeCallback }, (request, response) => {
    void serve(request, response, options, held).catch((error: unknown) => {
      // Who goes away in the middle of a request has asked for no answer.
      if (request.readableAborted) return;
      // Without the query, which may hold a signature and a token.
      const path = request.url?.split("?")[0];
      options.log.error("a request failed on a bug of Berth", { path, error });
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
  held: Held,
): Promise<void> {
  const refusal = refuseForeign(request, options.hosts);
  if (refusal !== undefined) {
    options.log.warn("request refused", { reason: refusal.message });
    request.resume();
    await send(response, faultResponse(request, refusal));
    return;
  }
  const special = options.paths.find(
    ({ prefix }) => request.url === prefix.replace(/\/$/, "") || request.url?.startsWith(prefix),
  );
  if (special !== undefined) {
    await special.handle(request, response);
    return;
  }
  const holding: Held = { bytes: 0 };
  const release = () => {
    held.bytes -= holding.bytes;
    holding.bytes = 0;
  };
  response.once("close", release);
  const body = await readBody(request, (size) => {
    if (response.destroyed || (size > SMALL_BODY_BYTES && held.bytes > MOST_HELD_BYTES)) return false;
    held.bytes += size - holding.bytes;
    holding.bytes = size;
    return true;
  });
  if (body instanceof GatewayFault) {
    await send(response, faultResponse(request, body));
    return;
  }
  const wire = wireRequest(request, body, options.issuedKeysOnly);
  const foreign = refuseByUrl(wire);
  if (foreign !== undefined) options.log.warn("request refused", { reason: foreign.message });
  await send(response, foreign === undefined ? await options.aws(wire) : faultResponse(request, foreign));
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

/** Signed for S3, whose bodies are objects: whatever their encoding, they stay as they are. */
function carriesObject({ headers, url }: IncomingMessage): boolean {
  return (
    /\/s3\/aws4_request\b/.test(headers.authorization ?? "") ||
    /[?&](?:X-Amz-Credential=[^&]*(?:%2F|\/)s3(?:%2F|\/)aws4_request|AWSAccessKeyId=)/i.test(url ?? "")
  );
}

/** `hold` is told the size so far; false where there is no room for more. */
async function readBody(
  request: IncomingMessage,
  hold: (size: number) => boolean,
): Promise<Buffer | GatewayFault> {
  const isObject = carriesObject(request);
  const largest = isObject ? LARGEST_OBJECT_BODY_BYTES : LARGEST_BODY_BYTES;
  const chunks: Buffer[] = [];
  let size = 0;
  let hasRoom = true;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    // Read on without keeping, so that the client gets its answer instead of a reset.
    hasRoom = hasRoom && (size > largest || hold(size));
    if (size <= largest && hasRoom) chunks.push(bytes);
    else chunks.length = 0;
    if (size > 4 * largest) break;
  }
  if (!hasRoom) return new GatewayFault("SlowDown", "Please reduce your request rate.", 503);
  if (size > largest) return isObject ? objectTooLarge() : tooLarge();
  const body = Buffer.concat(chunks);
  if (!isObject && request.headers["content-encoding"] === "gzip") return unzipped(body);
  return body;
}

function unzipped(body: Buffer): Buffer | GatewayFault {
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

function objectTooLarge(): GatewayFault {
  return new GatewayFault(
    "EntityTooLarge",
    `Your proposed upload exceeds the maximum allowed size (${LARGEST_OBJECT_BODY_BYTES} bytes in one request to Berth; a multipart upload may be larger)`,
    400,
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

async function send(response: ServerResponse, { status, headers, body }: WireResponse): Promise<void> {
  if (typeof body === "string" || body instanceof Uint8Array) {
    const bytes = Buffer.from(body);
    const length = status === 304 ? {} : { "content-length": String(bytes.length) };
    // A length that the operation gives itself is that of the object that HEAD asks about.
    response.writeHead(status, { ...length, ...headers });
    response.end(bytes);
    return;
  }
  response.writeHead(status, headers);
  // Who goes away before the end has asked for no answer.
  const source = body instanceof Readable ? body : Readable.from(body);
  await pipeline(source, response).catch(() => response.destroy());
}
