/** Manifests and tags. */
import type { IncomingMessage } from "node:http";
import { readManifest } from "../model/ecr/manifest.ts";
import type { Image } from "../model/ecr/records.ts";
import { findImage, putImage } from "../store/images.ts";
import { images } from "../store/tables/ecr.ts";
import {
  digestInvalid,
  manifestBlobUnknown,
  manifestInvalid,
  manifestUnknown,
  tagImmutable,
  tooLarge,
  unsupported,
} from "./errors.ts";
import type { RegistryCall } from "./registry.ts";

/** Of PutImage's imageManifest. */
const LARGEST_MANIFEST = 4 * 1024 * 1024;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

export async function serveManifest(call: RegistryCall, reference: string): Promise<void> {
  switch (call.request.method) {
    case "GET":
    case "HEAD":
      sendManifest(call, requireImage(call, reference));
      return;
    case "PUT":
      await storeManifest(call, reference);
      return;
    case "DELETE":
      deleteManifest(call, reference);
      return;
    default:
      throw unsupported();
  }
}

export async function listTags(call: RegistryCall): Promise<void> {
  const { request, response, repository, store, name, url } = call;
  if (request.method !== "GET") throw unsupported();
  const last = url.searchParams.get("last") ?? "";
  const limit = Number(url.searchParams.get("n") ?? Number.NaN);
  const all = store
    .where(images, "repository", repository.arn)
    .flatMap((image) => image.imageTags)
    .filter((tag) => tag > last)
    .sort();
  const tags = Number.isInteger(limit) && limit > 0 ? all.slice(0, limit) : all;
  const next = tags.length < all.length ? tags.at(-1) : undefined;
  if (next !== undefined) {
    response.setHeader(
      "Link",
      `</v2/${name}/tags/list?n=${limit}&last=${encodeURIComponent(next)}>; rel="next"`,
    );
  }
  response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify({ name, tags }));
}

function requireImage({ store, repository }: RegistryCall, reference: string): Image {
  const image = findImage(store, repository, reference);
  if (image === undefined) throw manifestUnknown();
  return image;
}

function sendManifest({ request, response, store, now }: RegistryCall, image: Image): void {
  response.writeHead(200, {
    "Content-Type": image.mediaType,
    "Content-Length": Buffer.byteLength(image.manifest),
    "Docker-Content-Digest": image.digest,
  });
  response.end(request.method === "HEAD" ? undefined : image.manifest);
  if (request.method === "GET") store.transaction((tx) => tx.put(images, { ...image, lastPulledAt: now }));
}

async function storeManifest(call: RegistryCall, reference: string): Promise<void> {
  const { request, response, store, repository, blobs, name, now } = call;
  const byDigest = reference.includes(":");
  if (!byDigest && !TAG.test(reference)) throw manifestInvalid();
  const text = await readText(request);
  const manifest = readManifest(text, request.headers["content-type"]);
  if (manifest === undefined) throw manifestInvalid();
  if (byDigest && reference !== manifest.digest) throw digestInvalid();
  for (const { digest } of manifest.blobs) {
    if ((await blobs.size(digest)) === undefined) throw manifestBlobUnknown(digest);
  }
  for (const { digest } of manifest.manifests) {
    if (findImage(store, repository, digest) === undefined) throw manifestBlobUnknown(digest);
  }
  const result = putImage(store, repository, manifest, text, byDigest ? undefined : reference, now);
  if (result.kind === "tag-immutable") throw tagImmutable(reference, repository.repositoryName);
  response.writeHead(201, {
    Location: `/v2/${name}/manifests/${manifest.digest}`,
    "Docker-Content-Digest": manifest.digest,
    "Content-Length": 0,
  });
  response.end();
}

/** By tag only the tag goes. */
function deleteManifest({ response, store, repository }: RegistryCall, reference: string): void {
  const image = findImage(store, repository, reference);
  if (image === undefined) throw manifestUnknown();
  store.transaction((tx) => {
    const imageTags = image.imageTags.filter((tag) => tag !== reference);
    if (reference === image.digest || imageTags.length === 0) {
      tx.delete(images, `${image.repositoryArn}|${image.digest}`);
    } else {
      tx.put(images, { ...image, imageTags });
    }
  });
  response.writeHead(202, { "Content-Length": 0 }).end();
}

/** Kept as text: bytes that are no UTF-8 would come back changed, with another digest. */
async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > LARGEST_MANIFEST) throw tooLarge();
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks);
  const text = bytes.toString("utf8");
  if (!Buffer.from(text).equals(bytes)) throw manifestInvalid();
  return text;
}
