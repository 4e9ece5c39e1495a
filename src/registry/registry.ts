/** The Docker Registry HTTP API v2 (OCI Distribution Specification) over ECR's repositories. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { parseRegistryName } from "../model/ecr/image-names.ts";
import { isRegistryPassword } from "../model/ecr/passwords.ts";
import type { Repository } from "../model/ecr/records.ts";
import { blobsOf, findRepository } from "../store/images.ts";
import type { Store } from "../store/store.ts";
import { images } from "../store/tables/ecr.ts";
import { BlobStore } from "./blob-store.ts";
import { serveBlob, serveUpload, startUpload } from "./blobs.ts";
import { nameInvalid, RegistryError, repositoryUnknown, unauthorized, unsupported } from "./errors.ts";
import { listTags, serveManifest } from "./manifests.ts";

export interface RegistryDependencies {
  readonly store: Store;
  readonly clock: Clock;
  readonly blobDirectory: string;
  readonly secret: string;
  readonly log: Log;
}

/** One request on one repository. */
export interface RegistryCall {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly repository: Repository;
  /** As it stands in the path: account and region, then the repository. */
  readonly name: string;
  readonly blobs: BlobStore;
  readonly store: Store;
  readonly now: number;
}

const COLLECT_AFTER_MS = 60 * 60 * 1000;
const ROUTES: readonly {
  readonly pattern: RegExp;
  serve(call: RegistryCall, reference: string): Promise<void>;
}[] = [
  { pattern: /^\/v2\/(.+)\/blobs\/uploads\/?()$/, serve: startUpload },
  { pattern: /^\/v2\/(.+)\/blobs\/uploads\/([^/]+)$/, serve: serveUpload },
  { pattern: /^\/v2\/(.+)\/blobs\/([^/]+)$/, serve: serveBlob },
  { pattern: /^\/v2\/(.+)\/manifests\/([^/]+)$/, serve: serveManifest },
  { pattern: /^\/v2\/(.+)\/tags\/list()$/, serve: listTags },
];

/** Serves paths below `/v2/`. Blobs that no image needs any more are deleted an hour after they were last used. */
export function createRegistry(dependencies: RegistryDependencies): {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
} {
  const { store, clock, log, blobDirectory } = dependencies;
  const blobs = new BlobStore(blobDirectory);
  let waiting = false;
  const collectLater = () => {
    if (waiting) return;
    waiting = true;
    clock.after(COLLECT_AFTER_MS + 1000, () => {
      waiting = false;
      collect(store, blobs, clock.now() - COLLECT_AFTER_MS).catch((error: unknown) => {
        log.warn("cannot delete blobs that no image needs", { error });
      });
    });
  };
  store.onChange(images, ({ after }) => {
    if (after === undefined) collectLater();
  });
  // An earlier run may have ended before its collection.
  collectLater();
  return {
    async handle(request, response) {
      response.setHeader("Docker-Distribution-Api-Version", "registry/2.0");
      try {
        await serve(dependencies, blobs, request, response);
      } catch (error) {
        if (response.headersSent || !(error instanceof RegistryError)) {
          log.error("a registry request failed", { path: request.url, error });
          response.destroy();
          return;
        }
        sendError(request, response, error);
      }
    },
  };
}

async function serve(
  { store, clock, secret }: RegistryDependencies,
  blobs: BlobStore,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = readUrl(request);
  const now = clock.now();
  if (!isAuthorized(request.headers.authorization, secret, now)) throw unauthorized();
  if (url.pathname === "/v2/" || url.pathname === "/v2") {
    response.writeHead(200, { "Content-Type": "application/json" }).end("{}");
    return;
  }
  for (const { pattern, serve } of ROUTES) {
    const match = pattern.exec(url.pathname);
    if (match === null) continue;
    const [, name = "", reference = ""] = match;
    const parsed = parseRegistryName(name);
    if (parsed === undefined) throw nameInvalid();
    const repository = findRepository(store, parsed.scope, parsed.repositoryName);
    if (repository === undefined) throw repositoryUnknown(parsed.repositoryName, parsed.scope.account);
    await serve({ request, response, url, repository, name, blobs, store, now }, decode(reference));
    return;
  }
  throw unsupported();
}

function readUrl(request: IncomingMessage): URL {
  try {
    return new URL(request.url ?? "/", "http://registry.invalid");
  } catch {
    throw nameInvalid();
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw nameInvalid();
  }
}

function isAuthorized(header: string | undefined, secret: string, now: number): boolean {
  const match = /^Basic\s+(\S+)$/i.exec(header ?? "");
  const text = Buffer.from(match?.[1] ?? "", "base64").toString();
  return text.startsWith("AWS:") && isRegistryPassword(secret, text.slice("AWS:".length), now);
}

function sendError(request: IncomingMessage, response: ServerResponse, error: RegistryError): void {
  const body = JSON.stringify({ errors: [{ code: error.code, message: error.message }] });
  // What is left of a body would be taken for the next request.
  if (!request.complete) response.setHeader("Connection", "close");
  request.resume();
  response.writeHead(error.status, {
    ...error.headers,
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(body),
  });
  response.end(request.method === "HEAD" ? undefined : body);
}

async function collect(store: Store, blobs: BlobStore, before: number): Promise<void> {
  const isReferenced = (digest: string) =>
    store.list(images).some((image) => blobsOf(image).some((blob) => blob.digest === digest));
  await blobs.collect(isReferenced, before);
}
