/** The body of a request to S3: out of its pieces, and held against the digests that came with it. */
import { createHash } from "node:crypto";
import { CHECKSUM_NAMES, checksumOf } from "../../lib/checksums.ts";
import { GatewayFault } from "../faults.ts";
import { isChunked, readChunks } from "./aws-chunked.ts";
import type { WireRequest } from "./protocol.ts";

/** The request as if it had been sent in one piece, with what followed the pieces among its headers. Throws GatewayFault. */
export function unpackBody(request: WireRequest): WireRequest {
  const unpacked = isChunked(request.headers) ? joinChunks(request) : request;
  checkDigests(unpacked);
  return unpacked;
}

function joinChunks(request: WireRequest): WireRequest {
  const { headers } = request;
  const chunked = readChunks(request.body);
  const declared = headers["x-amz-decoded-content-length"];
  if (chunked === undefined || (declared !== undefined && Number(declared) !== chunked.body.length)) {
    throw new GatewayFault(
      "IncompleteBody",
      "You did not provide the number of bytes specified by the Content-Length HTTP header",
      400,
    );
  }
  const encoding = (headers["content-encoding"] ?? "")
    .split(",")
    .map((each) => each.trim())
    .filter((each) => each !== "aws-chunked" && each !== "");
  const { "content-encoding": _encoding, ...others } = headers;
  return {
    ...request,
    headers: {
      ...others,
      ...(encoding.length === 0 ? {} : { "content-encoding": encoding.join(",") }),
      ...chunked.trailers,
    },
    body: chunked.body,
  };
}

function checkDigests({ headers, body, query, method }: WireRequest): void {
  const declared = headers["x-amz-content-sha256"] ?? "";
  if (/^[0-9a-f]{64}$/.test(declared) && declared !== createHash("sha256").update(body).digest("hex")) {
    throw new GatewayFault(
      "XAmzContentSHA256Mismatch",
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
      400,
    );
  }
  checkMd5(headers["content-md5"], body);
  // CompleteMultipartUpload tells the checksum of the object that it makes.
  if (method === "POST" && query.has("uploadId")) return;
  for (const name of CHECKSUM_NAMES) {
    const given = headers[`x-amz-checksum-${name.toLowerCase()}`];
    if (given === undefined) continue;
    const computed = checksumOf(name, body);
    if (Buffer.from(given, "base64").length !== computed.length) {
      throw new GatewayFault(
        "InvalidRequest",
        `Value for x-amz-checksum-${name.toLowerCase()} header is invalid.`,
        400,
      );
    }
    if (computed.toString("base64") !== given) {
      throw new GatewayFault(
        "BadDigest",
        `The ${name} you specified did not match the calculated checksum.`,
        400,
      );
    }
  }
}

function checkMd5(given: string | undefined, body: Buffer): void {
  if (given === undefined) return;
  if (Buffer.from(given, "base64").length !== 16) {
    throw new GatewayFault("InvalidDigest", "The Content-MD5 you specified was invalid.", 400);
  }
  if (createHash("md5").update(body).digest("base64") !== given) {
    throw new GatewayFault("BadDigest", "The Content-MD5 you specified did not match what we received.", 400);
  }
}
