/** Bucket names (S3 user guide, "General purpose bucket naming rules"), keys and their order. Pure. */

const FORBIDDEN_PREFIXES = ["xn--", "sthree-", "amzn-s3-demo-"];
const FORBIDDEN_SUFFIXES = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];

export function isBucketName(name: string): boolean {
  return (
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) &&
    !name.includes("..") &&
    !/^\d+\.\d+\.\d+\.\d+$/.test(name) &&
    !FORBIDDEN_PREFIXES.some((prefix) => name.startsWith(prefix)) &&
    !FORBIDDEN_SUFFIXES.some((suffix) => name.endsWith(suffix))
  );
}

/** Bytes of UTF-8. */
export const LONGEST_KEY = 1024;

export function bucketArn(name: string): string {
  return `arn:aws:s3:::${name}`;
}

export function objectArn(bucket: string, key: string): string {
  return `arn:aws:s3:::${bucket}/${key}`;
}

/** Undefined when it names no object: `arn:aws:s3:::bucket/key`. */
export function parseObjectArn(text: string): { readonly bucket: string; readonly key: string } | undefined {
  const [, bucket = "", key = ""] = /^arn:[^:]+:s3:::([^/]+)\/(.+)$/s.exec(text) ?? [];
  return bucket === "" ? undefined : { bucket, key };
}

/** `/bucket/key?versionId=…`, percent-encoded. */
export function parseCopySource(
  text: string,
): { readonly bucket: string; readonly key: string; readonly versionId?: string | undefined } | undefined {
  const [, bucket = "", key = "", versionId] =
    /^\/?([^/]+)\/(.+?)(?:\?versionId=([^&]*))?$/s.exec(text) ?? [];
  try {
    return bucket === ""
      ? undefined
      : {
          bucket: decodeURIComponent(bucket),
          key: decodeURIComponent(key.replaceAll("+", "%20")),
          versionId,
        };
  } catch {
    return undefined;
  }
}

/** The order of listings: that of UTF-8 bytes, which JavaScript's own order leaves for characters beyond U+FFFF. */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const [one, other] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (one !== other) return rank(one) - rank(other);
  }
  return a.length - b.length;
}

/** Surrogates stand for characters that come after all others. */
function rank(unit: number): number {
  if (unit >= 0xe000) return unit - 0x800;
  return unit >= 0xd800 ? unit + 0x2000 : unit;
}
