/** Blobs and their uploads. */
import { pipeline } from "node:stream/promises";
import { DIGEST } from "../model/ecr/manifest.ts";
import { blobUnknown, digestInvalid, RegistryError, unsupported, uploadInvalid } from "./errors.ts";
import type { RegistryCall } from "./registry.ts";

/** HEAD, or GET with an optional range. */
export async function serveBlob(call: RegistryCall, digest: string): Promise<void> {
  const { request, response, blobs } = call;
  if (request.method !== "GET" && request.method !== "HEAD") throw unsupported();
  if (!DIGEST.test(digest)) throw digestInvalid();
  const size = await blobs.size(digest);
  if (size === undefined) throw blobUnknown();
  await blobs.touch(digest);
  const range = readRange(request.headers.range, size);
  response.writeHead(range.partial ? 206 : 200, {
    "Content-Type": "application/octet-stream",
    "Content-Length": range.end - range.start + 1,
    "Docker-Content-Digest": digest,
    "Accept-Ranges": "bytes",
    ETag: `"${digest}"`,
    ...(range.partial ? { "Content-Range": `bytes ${range.start}-${range.end}/${size}` } : {}),
  });
  if (request.method === "HEAD" || size === 0) {
    response.end();
    return;
  }
  await pipeline(blobs.stream(digest, range.start, range.end), response);
}

/** POST: begins an upload, takes a whole blob (`digest`), or finds it there already (`mount`). */
export async function startUpload(call: RegistryCall): Promise<void> {
  const { request, url, blobs } = call;
  if (request.method !== "POST") throw unsupported();
  const mount = url.searchParams.get("mount");
  if (mount !== null && DIGEST.test(mount) && (await blobs.size(mount)) !== undefined) {
    await blobs.touch(mount);
    sendCreated(call, mount);
    return;
  }
  const id = await blobs.startUpload();
  const digest = url.searchParams.get("digest");
  if (digest === null) {
    request.resume();
    sendProgress(call, id, 0, 202);
    return;
  }
  await blobs.append(id, request, undefined);
  await blobs.finish(id, digest);
  sendCreated(call, digest);
}

/** PATCH appends, PUT finishes, GET tells how far it is, DELETE gives up. */
export async function serveUpload(call: RegistryCall, id: string): Promise<void> {
  const { request, response, url, blobs } = call;
  switch (request.method) {
    case "PATCH": {
      const size = await blobs.append(id, request, readOffset(request.headers["content-range"]));
      sendProgress(call, id, size, 202);
      return;
    }
    case "PUT": {
      const digest = url.searchParams.get("digest");
      if (digest === null) throw digestInvalid();
      await blobs.append(id, request, readOffset(request.headers["content-range"]));
      await blobs.finish(id, digest);
      sendCreated(call, digest);
      return;
    }
    case "GET":
      sendProgress(call, id, await blobs.uploadSize(id), 204);
      return;
    case "DELETE":
      await blobs.cancel(id);
      response.writeHead(204).end();
      return;
    default:
      throw unsupported();
  }
}

function sendCreated({ response, name }: RegistryCall, digest: string): void {
  response.writeHead(201, {
    Location: `/v2/${name}/blobs/${digest}`,
    "Docker-Content-Digest": digest,
    "Content-Length": 0,
  });
  response.end();
}

function sendProgress({ response, name }: RegistryCall, id: string, size: number, status: number): void {
  response.writeHead(status, {
    Location: `/v2/${name}/blobs/uploads/${id}`,
    "Docker-Upload-UUID": id,
    Range: `0-${Math.max(size - 1, 0)}`,
    ...(status === 204 ? {} : { "Content-Length": 0 }),
  });
  response.end();
}

function readOffset(contentRange: string | undefined): number | undefined {
  if (contentRange === undefined) return undefined;
  const match = /^(?:bytes[ =])?(\d{1,15})-\d{1,15}/.exec(contentRange);
  if (match === null) throw uploadInvalid("the Content-Range is not <start>-<end>");
  return Number(match[1]);
}

interface Range {
  readonly start: number;
  readonly end: number;
  readonly partial: boolean;
}

/** Several ranges at once are answered whole, as HTTP allows. */
function readRange(header: string | undefined, size: number): Range {
  const whole = { start: 0, end: size - 1, partial: false };
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? "");
  if (match === null || (match[1] === "" && match[2] === "")) return whole;
  const suffix = match[1] === "";
  const start = suffix ? Math.max(size - Number(match[2]), 0) : Number(match[1]);
  const end = suffix || match[2] === "" ? size - 1 : Math.min(Number(match[2]), size - 1);
  if (start > end) {
    throw new RegistryError(416, "SIZE_INVALID", "the range is outside of the blob", {
      "Content-Range": `bytes */${size}`,
    });
  }
  return { start, end, partial: true };
}
