/** Image manifests: Docker's schema 2, OCI's, and the lists of both. */
import { createHash } from "node:crypto";

export interface Descriptor {
  readonly digest: string;
  readonly size: number;
  readonly mediaType: string;
}

export interface Manifest {
  /** `sha256:…` of its bytes. */
  readonly digest: string;
  readonly mediaType: string;
  /** Configuration and layers. */
  readonly blobs: readonly Descriptor[];
  /** Of a list: the manifests that it names. */
  readonly manifests: readonly Descriptor[];
  readonly sizeBytes: number;
}

const IMAGE_TYPES = [
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
];
const LIST_TYPES = [
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.index.v1+json",
];
export const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** Undefined when the text is no manifest. `declared` is the media type that came with it. */
export function readManifest(text: string, declared: string | undefined): Manifest | undefined {
  const root = parse(text);
  if (root === undefined) return undefined;
  const inside = root["mediaType"];
  const mediaType = typeof inside === "string" ? inside : (declared ?? guessMediaType(root));
  if (declared !== undefined && typeof inside === "string" && declared !== inside) return undefined;
  const digest = `sha256:${createHash("sha256").update(text).digest("hex")}`;
  const sum = (descriptors: readonly Descriptor[]) =>
    descriptors.reduce((total, { size }) => total + size, 0);
  if (LIST_TYPES.includes(mediaType)) {
    const manifests = readDescriptors(root["manifests"]);
    return manifests && { digest, mediaType, blobs: [], manifests, sizeBytes: sum(manifests) };
  }
  if (!IMAGE_TYPES.includes(mediaType)) return undefined;
  const layers = readDescriptors(root["layers"]);
  const config = readDescriptors([root["config"]]);
  if (layers === undefined || config === undefined) return undefined;
  return { digest, mediaType, blobs: [...config, ...layers], manifests: [], sizeBytes: sum(layers) };
}

function guessMediaType(root: Readonly<Record<string, unknown>>): string {
  return ("manifests" in root ? LIST_TYPES[1] : IMAGE_TYPES[1]) ?? "";
}

function readDescriptors(value: unknown): Descriptor[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const read: Descriptor[] = [];
  for (const entry of value) {
    if (!isObject(entry)) return undefined;
    const { digest, size, mediaType } = entry;
    if (typeof digest !== "string" || !DIGEST.test(digest) || typeof size !== "number") return undefined;
    read.push({ digest, size, mediaType: typeof mediaType === "string" ? mediaType : "" });
  }
  return read;
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
