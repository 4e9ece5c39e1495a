/** Staging labels and how they move (Secrets Manager user guide, "What's in a Secrets Manager secret?"). */
import type { SecretVersion } from "./records.ts";

export const CURRENT = "AWSCURRENT";
const PREVIOUS = "AWSPREVIOUS";
const PENDING = "AWSPENDING";

/** Quota "Versions per secret". */
const MOST_VERSIONS = 100;
const DAY_MS = 24 * 60 * 60 * 1000;

/** Quota "Staging labels attached across all versions of a secret". */
export const MOST_STAGES = 20;

export function versionAtStage(versions: readonly SecretVersion[], stage: string): SecretVersion | undefined {
  return versions.find(({ stages }) => stages.includes(stage));
}

/**
 * The version joins the others, and its labels leave them. The first of all is the current one in any case. A version
 * that was current and pending is neither any longer when the new one is current.
 */
export function withVersion(
  versions: readonly SecretVersion[],
  added: SecretVersion,
): readonly SecretVersion[] {
  const isFirst = versions.length === 0 && !added.stages.includes(CURRENT);
  const stages = isFirst ? [...added.stages, CURRENT] : added.stages;
  const former = stages.includes(CURRENT) ? versionAtStage(versions, CURRENT) : undefined;
  const others =
    former?.stages.includes(PENDING) === true ? moveStage(versions, PENDING, undefined) : versions;
  const moved = stages.reduce<readonly SecretVersion[]>(
    (list, stage) => moveStage(list, stage, added.versionId),
    [...others, { ...added, stages: [] }],
  );
  return withoutForgotten(moved, added.createdAt);
}

/**
 * `to`: the version that gets the label; undefined takes it away from all. Where the current label was, the previous
 * one goes.
 */
export function moveStage(
  versions: readonly SecretVersion[],
  stage: string,
  to: string | undefined,
): readonly SecretVersion[] {
  const from = versionAtStage(versions, stage)?.versionId;
  if (from === to) return versions;
  const moved = versions.map((version) => {
    const rest = version.stages.filter((label) => label !== stage);
    return { ...version, stages: version.versionId === to ? [...rest, stage] : rest };
  });
  if (stage !== CURRENT || from === undefined) return moved;
  return moved.map((version) => {
    const rest = version.stages.filter((label) => label !== PREVIOUS);
    return { ...version, stages: version.versionId === from ? [...rest, PREVIOUS] : rest };
  });
}

/** Of more than a hundred, those without a label that are older than a day go, the oldest first. */
function withoutForgotten(versions: readonly SecretVersion[], now: number): readonly SecretVersion[] {
  let surplus = versions.length - MOST_VERSIONS;
  return versions.filter(({ stages, createdAt }) => {
    const forgotten = surplus > 0 && stages.length === 0 && createdAt < now - DAY_MS;
    if (forgotten) surplus -= 1;
    return !forgotten;
  });
}
