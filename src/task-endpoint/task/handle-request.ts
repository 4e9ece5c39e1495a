/**
 * One request to 169.254.170.2: the rate, the path, who asks for whom, and the answer (amazon-ecs-agent,
 * `agent/handlers/task_server_setup.go`, `ecs-agent/tmds/server.go`).
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { Random } from "../../lib/random.ts";
import type { Store } from "../../store/store.ts";
import { type Reply, send } from "../reply.ts";
import type { SessionCredentialsSource } from "../session-credentials.ts";
import { type Caller, type CallingContainer, callerAt, containerOfEndpoint, isCallerOf } from "./caller.ts";
import { credentialsReply } from "./credentials.ts";
import { addressReply, endpointReply, type MetadataPath } from "./metadata-replies.ts";
import { protectionReply, readProtectionRequest } from "./protection.ts";
import type { RateLimit } from "./rate-limit.ts";
import type { StatsSource } from "./stats.ts";

export interface TaskEndpointSource {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly stats: StatsSource;
  readonly credentials: SessionCredentialsSource;
  readonly limit: RateLimit;
}

/** A request to change the protection has two members. */
const LARGEST_BODY_BYTES = 64 * 1024;

/** Never throws. */
export async function handleTaskRequest(
  source: TaskEndpointSource,
  vpcId: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const body = await readBody(request);
    const caller = callerAt(source.store, vpcId, request.socket.remoteAddress ?? "");
    send(response, await replyTo(source, caller, request, body), request.method === "HEAD");
  } catch (error) {
    if (request.destroyed && !response.writable) return;
    source.log.error("a request to the task endpoint failed", { path: request.url, error });
    if (!response.headersSent) response.writeHead(500);
    response.end();
  }
}

async function replyTo(
  source: TaskEndpointSource,
  caller: Caller,
  request: IncomingMessage,
  body: string,
): Promise<Reply> {
  if (!source.limit.admits(`${caller.vpcId} ${caller.address}`)) {
    return plainReply(429, "You have reached maximum request limit.");
  }
  const url = readUrl(request.url ?? "/");
  if (url === undefined) return plainReply(400, "400 Bad Request");
  const clean = cleanPath(url.pathname);
  if (clean !== url.pathname) {
    const location = `${clean}${url.search}`;
    return { status: 301, headers: { Location: location }, body: Buffer.alloc(0) };
  }
  const [, version, ...rest] = clean.split("/");
  switch (version) {
    case "v1":
      if (rest.join("/") !== "credentials") return notFound();
      return credentialsReply(source, caller, url.searchParams.get("id") ?? "", 1);
    case "v2":
      return secondVersion(source, caller, rest);
    case "v3":
    case "v4":
      return withEndpoint(source, caller, version, rest);
    case "api":
      return agentApi(source, caller, request.method ?? "GET", rest, body);
    default:
      return notFound();
  }
}

function secondVersion(
  source: TaskEndpointSource,
  caller: Caller,
  [what = "", ...rest]: readonly string[],
): Reply | Promise<Reply> {
  const name = rest.join("/");
  switch (what) {
    case "credentials":
      return rest.length === 0 ? notFound() : credentialsReply(source, caller, decode(name), 2);
    case "metadata":
      return name === ""
        ? addressReply(source, caller, { kind: "task", withTags: false })
        : addressReply(source, caller, { kind: "container" }, decode(name));
    case "metadataWithTags":
      return name === "" ? addressReply(source, caller, { kind: "task", withTags: true }) : notFound();
    case "stats":
      return name === ""
        ? addressReply(source, caller, { kind: "task-stats" })
        : addressReply(source, caller, { kind: "container-stats" }, decode(name));
    default:
      return notFound();
  }
}

function withEndpoint(
  source: TaskEndpointSource,
  caller: Caller,
  version: "v3" | "v4",
  [id, ...rest]: readonly string[],
): Reply | Promise<Reply> {
  const path = metadataPath(rest);
  if (id === undefined || path === undefined) return notFound();
  const endpointId = decode(id);
  return endpointReply(source, version, findOwn(source, caller, endpointId), endpointId, path);
}

function metadataPath(path: readonly string[]): MetadataPath | undefined {
  const [first, type, ...name] = path;
  if (first === "associations" && type !== undefined) {
    return { kind: "associations", type, name: name.length === 0 ? undefined : name.join("/") };
  }
  switch (path.join("/")) {
    case "":
      return path.length === 0 ? { kind: "container" } : undefined;
    case "task":
      return { kind: "task", withTags: false };
    case "taskWithTags":
      return { kind: "task", withTags: true };
    case "stats":
      return { kind: "container-stats" };
    case "task/stats":
      return { kind: "task-stats" };
    default:
      return undefined;
  }
}

function agentApi(
  source: TaskEndpointSource,
  caller: Caller,
  method: string,
  [id = "", ...rest]: readonly string[],
  body: string,
): Reply {
  if (rest.join("/") !== "task-protection/v1/state") return notFound();
  if (method !== "GET" && method !== "PUT") return { status: 405, headers: {}, body: Buffer.alloc(0) };
  const { store, clock, random } = source;
  const asked = method === "GET" ? { kind: "get" as const } : readProtectionRequest(body);
  const found = findOwn(source, caller, decode(id));
  return protectionReply(store, found?.task, asked, {
    now: clock.now(),
    newRequestId: () => random.uuid(),
  });
}

/** Another task's container is as unknown as one that is not there. */
function findOwn(
  { store, log }: TaskEndpointSource,
  caller: Caller,
  endpointId: string,
): CallingContainer | undefined {
  const found = containerOfEndpoint(store, endpointId);
  if (found === undefined || isCallerOf(store, caller, found.task)) return found;
  const { vpcId, address } = caller;
  log.warn("metadata refused: it is another task's", { vpcId, address, owner: found.task.arn });
  return undefined;
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size <= LARGEST_BODY_BYTES) chunks.push(bytes);
  }
  // What is longer is no request that there is: it is then one that cannot be read.
  return size > LARGEST_BODY_BYTES ? "" : Buffer.concat(chunks).toString("utf8");
}

function readUrl(text: string): URL | undefined {
  const url = text.startsWith("/") ? `http://task${text}` : text;
  return URL.canParse(url) ? new URL(url) : undefined;
}

/** The path without empty names; a slash at the end stays. */
function cleanPath(path: string): string {
  const clean = path.replace(/\/{2,}/g, "/");
  return clean === "" ? "/" : clean;
}

function decode(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function plainReply(status: number, text: string): Reply {
  return { status, headers: { "Content-Type": "text/plain; charset=utf-8" }, body: Buffer.from(text) };
}

function notFound(): Reply {
  return plainReply(404, "404 page not found\n");
}
