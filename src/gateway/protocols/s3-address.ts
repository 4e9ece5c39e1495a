/** What a request to S3 speaks of: bucket and key, from the host's name or the path (S3 user guide, "Virtual hosting"). */
import { GatewayFault } from "../faults.ts";
import type { WireRequest } from "./protocol.ts";

export interface Address {
  readonly bucket?: string | undefined;
  readonly key?: string | undefined;
}

/** `bucket.localhost:4566`, `bucket.s3.localhost`, `bucket.s3.eu-west-1.localhost`; `s3.localhost` names no bucket. */
const VIRTUAL_HOST = /^(.+?)\.(?:s3(?:[.-][a-z0-9-]+)?\.)?localhost(?:\.localstack\.cloud)?(?::\d+)?$/;
const PATH_STYLE_HOST = /^s3(?:[.-][a-z0-9-]+)?\.localhost/;

/** Throws GatewayFault for a path that is not percent-encoded text. */
export function addressOf({ headers, path }: WireRequest): Address {
  const host = (headers["host"] ?? "").toLowerCase();
  const named = PATH_STYLE_HOST.test(host) ? undefined : VIRTUAL_HOST.exec(host)?.[1];
  if (named !== undefined) return withKey(named, path.slice(1));
  const [, bucket = "", rest = ""] = /^\/([^/]*)\/?(.*)$/s.exec(path) ?? [];
  return bucket === "" ? {} : withKey(decode(bucket), rest);
}

function withKey(bucket: string, rest: string): Address {
  return rest === "" ? { bucket } : { bucket, key: decode(rest) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new GatewayFault("InvalidURI", "Couldn't parse the specified URI.", 400);
  }
}
