import type * as wire from "@aws-sdk/client-secrets-manager";
import type { Secret } from "../../model/secretsmanager/records.ts";
import { CURRENT, MOST_STAGES, moveStage, versionAtStage } from "../../model/secretsmanager/versions.ts";
import { secrets } from "../../store/tables/secretsmanager.ts";
import type { HandlerContext } from "../operation.ts";
import { checkLength, readSecretId, requireMember } from "./constraints.ts";
import {
  currentStays,
  invalidParameter,
  noSuchVersion,
  stageNotThere,
  stageTaken,
  tooMany,
} from "./errors.ts";
import { requireUsable } from "./resolve.ts";
import { named } from "./views/secret.ts";

export function updateSecretVersionStage(
  input: wire.UpdateSecretVersionStageRequest,
  context: HandlerContext,
): wire.UpdateSecretVersionStageResponse {
  readSecretId(input.SecretId);
  const stage = requireMember(input.VersionStage, "versionStage");
  checkLength(stage, "versionStage", 1, 256);
  checkLength(input.RemoveFromVersionId, "removeFromVersionId", 32, 64);
  checkLength(input.MoveToVersionId, "moveToVersionId", 32, 64);
  const secret = requireUsable(context, input.SecretId);
  const { RemoveFromVersionId: from, MoveToVersionId: to } = input;
  checkMove(secret, stage, from, to);
  const versions = moveStage(secret.versions, stage, to);
  if (versions.flatMap((version) => version.stages).length > MOST_STAGES) {
    throw tooMany(`at most ${MOST_STAGES} staging labels across all versions of a secret`);
  }
  if (versions !== secret.versions) {
    const lastChangedAt = context.clock.now();
    context.store.transaction((tx) => tx.put(secrets, { ...secret, versions, lastChangedAt }));
  }
  return named(secret);
}

/** Throws InvalidParameterException. */
function checkMove(
  { versions }: Secret,
  stage: string,
  from: string | undefined,
  to: string | undefined,
): void {
  if (from === undefined && to === undefined) {
    throw invalidParameter("You must provide RemoveFromVersionId, MoveToVersionId, or both.");
  }
  for (const versionId of [from, to]) {
    if (versionId !== undefined && !versions.some((version) => version.versionId === versionId)) {
      throw noSuchVersion(versionId);
    }
  }
  const holder = versionAtStage(versions, stage)?.versionId;
  if (from !== undefined && from !== holder) throw stageNotThere(stage, from);
  if (from === undefined && holder !== undefined && holder !== to) throw stageTaken(stage, holder);
  if (to === undefined && stage === CURRENT) throw currentStays();
}
