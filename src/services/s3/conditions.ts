/** Conditional requests (S3 user guide, "Add preconditions to S3 operations"; RFC 9110, 13). */
import type { StoredObject } from "../../model/s3/records.ts";
import { noSuchKey, notHonoured, notModified, preconditionFailed } from "./errors.ts";

export interface Conditions {
  readonly IfMatch?: string | undefined;
  readonly IfNoneMatch?: string | undefined;
  readonly IfModifiedSince?: Date | undefined;
  readonly IfUnmodifiedSince?: Date | undefined;
}

function matches(list: string, etag: string): boolean {
  const bare = (text: string) => text.trim().replace(/^W\//, "").replaceAll('"', "");
  return list.split(",").some((each) => each.trim() === "*" || bare(each) === bare(etag));
}

/** Seconds: dates of HTTP have no more. */
function seconds(at: number): number {
  return Math.floor(at / 1000);
}

type Verdict = "fine" | "not-modified" | { readonly failed: string };

function judge({ etag, lastModified }: StoredObject, conditions: Conditions): Verdict {
  const { IfMatch, IfNoneMatch, IfModifiedSince, IfUnmodifiedSince } = conditions;
  const modified = seconds(lastModified);
  if (IfMatch !== undefined) {
    if (!matches(IfMatch, etag)) return { failed: "If-Match" };
  } else if (IfUnmodifiedSince !== undefined && modified > seconds(IfUnmodifiedSince.getTime())) {
    return { failed: "If-Unmodified-Since" };
  }
  if (IfNoneMatch !== undefined) {
    if (matches(IfNoneMatch, etag)) return "not-modified";
  } else if (IfModifiedSince !== undefined && modified <= seconds(IfModifiedSince.getTime())) {
    return "not-modified";
  }
  return "fine";
}

/** Throws PreconditionFailed, or answers 304. */
export function checkReadConditions(object: StoredObject, conditions: Conditions): void {
  const verdict = judge(object, conditions);
  if (verdict === "not-modified") throw notModified();
  if (verdict !== "fine") throw preconditionFailed(verdict.failed);
}

/** Of a copy's source: nothing is "not modified" there. */
export function checkCopyConditions(source: StoredObject, conditions: Conditions): void {
  const verdict = judge(source, conditions);
  if (verdict === "fine") return;
  const failed =
    verdict !== "not-modified"
      ? verdict.failed
      : conditions.IfNoneMatch === undefined
        ? "If-Modified-Since"
        : "If-None-Match";
  throw preconditionFailed(`x-amz-copy-source-${failed}`);
}

/** Throws PreconditionFailed, or NoSuchKey where something is to be replaced that is not there. */
export function checkWriteConditions(
  existing: StoredObject | undefined,
  key: string,
  { IfMatch, IfNoneMatch }: Conditions,
): void {
  if (IfNoneMatch !== undefined) {
    if (IfNoneMatch !== "*") throw notHonoured("an If-None-Match other than * for writes");
    if (existing !== undefined) throw preconditionFailed("If-None-Match");
  }
  if (IfMatch === undefined) return;
  if (existing === undefined) throw noSuchKey(key);
  if (!matches(IfMatch, existing.etag)) throw preconditionFailed("If-Match");
}
