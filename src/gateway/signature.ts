/** AWS Signature Version 4: whether a request was signed with a secret (IAM User Guide, "Create a signed AWS API request"). */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { chunksAreSigned } from "./chunk-signatures.ts";
import type { WireRequest } from "./protocols/protocol.ts";

export interface Signature {
  readonly accessKeyId: string;
  /** `20261121/us-east-1/ecs/aws4_request`. */
  readonly scope: string;
  /** Lower case, in order. */
  readonly signedHeaders: readonly string[];
  /** 64 hexadecimal digits. */
  readonly signature: string;
  /** `20261121T070000Z`. */
  readonly date: string;
  readonly sessionToken?: string | undefined;
  /** In the query string, as of a presigned URL: how long it holds. */
  readonly expiresSeconds?: number | undefined;
}

const ALGORITHM = "AWS4-HMAC-SHA256";

/** From the Authorization header, or a presigned URL; undefined when there is neither. */
export function readSignature({ headers, query }: WireRequest): Signature | undefined {
  const authorization = headers["authorization"] ?? "";
  if (authorization.startsWith(ALGORITHM)) {
    const field = (name: string) => new RegExp(`${name}=([^,\\s]+)`).exec(authorization)?.[1] ?? "";
    const [accessKeyId = "", ...scope] = field("Credential").split("/");
    return {
      accessKeyId,
      scope: scope.join("/"),
      signedHeaders: field("SignedHeaders").split(";"),
      signature: field("Signature"),
      date: headers["x-amz-date"] ?? "",
      sessionToken: headers["x-amz-security-token"],
    };
  }
  if (query.get("X-Amz-Algorithm") !== ALGORITHM) return undefined;
  const [accessKeyId = "", ...scope] = (query.get("X-Amz-Credential") ?? "").split("/");
  return {
    accessKeyId,
    scope: scope.join("/"),
    signedHeaders: (query.get("X-Amz-SignedHeaders") ?? "").split(";"),
    signature: query.get("X-Amz-Signature") ?? "",
    date: query.get("X-Amz-Date") ?? "",
    sessionToken: query.get("X-Amz-Security-Token") ?? undefined,
    expiresSeconds: Number(query.get("X-Amz-Expires") ?? Number.NaN),
  };
}

export type SignatureVerdict = "valid" | "wrong" | "unsigned-headers" | "expired" | "not-yet";

/** As AWS allows for clocks that are wrong. */
const SKEW_MS = 15 * 60_000;
/** A week, of a presigned URL (S3 API reference, "Authenticating Requests: Using Query Parameters"). */
const LONGEST_SECONDS = 604_800;

/** @param now milliseconds since the epoch */
export function verifySignature(
  request: WireRequest,
  given: Signature,
  secretAccessKey: string,
  now: number,
): SignatureVerdict {
  const signedAt = parseDate(given.date);
  const [day = "", region = "", service = ""] = given.scope.split("/");
  if (signedAt === undefined || !given.date.startsWith(day)) return "wrong";
  const { expiresSeconds } = given;
  if (expiresSeconds !== undefined && !(expiresSeconds > 0 && expiresSeconds <= LONGEST_SECONDS))
    return "wrong";
  const key = signingKey(secretAccessKey, [day, region, service, "aws4_request"]);
  if (!equalText(signatureOf(request, given, key, service), given.signature)) return "wrong";
  if (hasSignedChunks(request) && !chunksAreSigned(request.body, key, given)) return "wrong";
  if (leavesHeadersOut(request, given, service)) return "unsigned-headers";
  if (signedAt > now + SKEW_MS) return "not-yet";
  const lifetimeMs = expiresSeconds === undefined ? SKEW_MS : expiresSeconds * 1000;
  return now > signedAt + lifetimeMs ? "expired" : "valid";
}

/**
 * Whether someone else may have added what changes the request's meaning: its host, its operation, S3's
 * `x-amz-copy-source` at a presigned URL. The digest of the body is signed in a place of its own.
 */
function leavesHeadersOut({ headers }: WireRequest, { signedHeaders }: Signature, service: string): boolean {
  const isMeaning = (name: string) =>
    name === "host" ||
    name === "x-amz-target" ||
    (service === "s3" && name.startsWith("x-amz-") && name !== "x-amz-content-sha256");
  return Object.keys(headers).some((name) => isMeaning(name) && !signedHeaders.includes(name));
}

function signatureOf(request: WireRequest, given: Signature, key: Buffer, service: string): string {
  const canonical = canonicalRequest(request, given, service === "s3");
  const toSign = [ALGORITHM, given.date, given.scope, sha256(canonical)].join("\n");
  return createHmac("sha256", key).update(toSign).digest("hex");
}

function signingKey(secretAccessKey: string, scope: readonly string[]): Buffer {
  return scope.reduce<Buffer>(
    (key, part) => createHmac("sha256", key).update(part).digest(),
    Buffer.from(`AWS4${secretAccessKey}`),
  );
}

function canonicalRequest(request: WireRequest, given: Signature, isS3: boolean): string {
  const headers = given.signedHeaders.map(
    (name) => `${name}:${(request.headers[name] ?? "").trim().replace(/ +/g, " ")}\n`,
  );
  const payload = isS3 ? objectDigest(request) : payloadDigest(request);
  return [
    request.method,
    // Encoded once by the client for its way, and once more for the signature (all services but S3).
    request.path
      .split("/")
      .map(isS3 ? encodeOnce : encode)
      .join("/"),
    canonicalQuery(request.query),
    headers.join(""),
    given.signedHeaders.join(";"),
    payload,
  ].join("\n");
}

/** The body's own digest; a declared one is taken only where the body was unpacked on its way here, or is not signed. */
function payloadDigest({ headers, body }: WireRequest): string {
  const declared = headers["x-amz-content-sha256"];
  const unpacked = headers["content-encoding"] === "gzip";
  if (declared !== undefined && (unpacked || declared === "UNSIGNED-PAYLOAD")) return declared;
  return sha256(body);
}

/** S3's: a presigned URL signs no body; pieces have signatures of their own. */
function objectDigest({ headers, query, body }: WireRequest): string {
  const declared = headers["x-amz-content-sha256"] ?? query.get("X-Amz-Content-Sha256");
  const presigned = query.has("X-Amz-Algorithm");
  if (declared === null || declared === undefined) return presigned ? "UNSIGNED-PAYLOAD" : sha256(body);
  return /^(UNSIGNED-PAYLOAD$|STREAMING-)/.test(declared) ? declared : sha256(body);
}

function hasSignedChunks({ headers }: WireRequest): boolean {
  return (headers["x-amz-content-sha256"] ?? "").startsWith("STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
}

/** Whatever of it the client has left as it is. */
function encodeOnce(part: string): string {
  try {
    return encode(decodeURIComponent(part));
  } catch {
    return part;
  }
}

function canonicalQuery(query: URLSearchParams): string {
  return [...query]
    .filter(([name]) => name !== "X-Amz-Signature")
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort(([a, one], [b, other]) => compare(a, b) || compare(one, other))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** RFC 3986: everything but unreserved characters. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

function parseDate(text: string): number | undefined {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (parts === null) return undefined;
  const [, year, month, day, hour, minute, second] = parts.map(Number);
  return Date.UTC(year ?? 0, (month ?? 1) - 1, day, hour, minute, second);
}

function equalText(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)];
  return one.length === other.length && timingSafeEqual(one, other);
}
