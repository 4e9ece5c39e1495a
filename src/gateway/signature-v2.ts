/**
 * Signature Version 2 in a URL (S3 user guide, "Signing and authenticating REST requests"): AWS takes it in its older
 * regions, and clients still make such URLs for endpoints that they do not know (`aws s3 presign`).
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { WireRequest } from "./protocols/protocol.ts";
import { addressOf } from "./protocols/s3-address.ts";
import type { SignatureVerdict } from "./signature.ts";

/** Of the query, those that are signed; the newer ones as botocore signs them. */
const SIGNED_PARAMETERS = new Set(
  (
    "accelerate acl analytics cors defaultObjectAcl delete inventory lifecycle location logging metrics " +
    "notification object-lock partNumber policy replication requestPayment restore select select-type " +
    "storageClass tagging torrent uploadId uploads versionId versioning versions website " +
    "response-cache-control response-content-disposition response-content-encoding response-content-language " +
    "response-content-type response-expires"
  ).split(" "),
);
/** Those that are not, and make no other operation of a request. */
const UNSIGNED_PARAMETERS = new Set(
  (
    "AWSAccessKeyId Signature Expires x-id prefix delimiter marker max-keys list-type continuation-token " +
    "start-after fetch-owner encoding-type key-marker version-id-marker upload-id-marker max-uploads max-parts " +
    "part-number-marker"
  ).split(" "),
);

export function isPresignedV2({ query }: WireRequest): boolean {
  return query.has("AWSAccessKeyId") && query.has("Signature") && query.has("Expires");
}

/** @param secretAccessKey undefined for the operator's keys: only the time counts; `now` in milliseconds since the epoch */
export function verifyV2(
  request: WireRequest,
  secretAccessKey: string | undefined,
  now: number,
): SignatureVerdict {
  if (secretAccessKey !== undefined && !isSigned(request, secretAccessKey)) return "wrong";
  const expires = Number(request.query.get("Expires"));
  return now > expires * 1000 || Number.isNaN(expires) ? "expired" : "valid";
}

function isSigned(request: WireRequest, secretAccessKey: string): boolean {
  const { headers, method, query } = request;
  // Whoever has the URL could add `?encryption` to it.
  const isKnown = (name: string) =>
    SIGNED_PARAMETERS.has(name) || UNSIGNED_PARAMETERS.has(name) || name.startsWith("x-amz-");
  if (![...query.keys()].every(isKnown)) return false;
  const parameters = [...query]
    .filter(([name]) => SIGNED_PARAMETERS.has(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => (value === "" ? name : `${name}=${value}`));
  const given = (name: string) => headers[name] ?? query.get(name) ?? undefined;
  const amazon = Object.keys({ ...headers, ...Object.fromEntries(query) })
    .map((name) => name.toLowerCase())
    .filter((name) => name.startsWith("x-amz-"))
    .sort()
    .map((name) => `${name}:${given(name) ?? ""}\n`);
  const toSign = [
    method,
    headers["content-md5"] ?? "",
    headers["content-type"] ?? "",
    query.get("Expires") ?? "",
    amazon.join("") + resourceOf(request) + (parameters.length === 0 ? "" : `?${parameters.join("&")}`),
  ].join("\n");
  const expected = createHmac("sha1", secretAccessKey).update(toSign).digest();
  const actual = Buffer.from(query.get("Signature") ?? "", "base64");
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

/** The path as sent; a bucket of the host's name goes before it. */
function resourceOf(request: WireRequest): string {
  const inPath = addressOf({ ...request, headers: {} }).bucket;
  const { bucket } = addressOf(request);
  if (bucket !== undefined && bucket !== inPath) return `/${bucket}${request.path}`;
  // Of a bucket itself a slash at the end is signed that clients do not send.
  return /^\/[^/]+$/.test(request.path) ? `${request.path}/` : request.path;
}
