/** What a secret holds: read from a request, sealed, and opened again. */
import { seal, unseal } from "../../lib/sealing.ts";
import type { Secret, SecretVersion } from "../../model/secretsmanager/records.ts";
import { MOST_STAGES, withVersion } from "../../model/secretsmanager/versions.ts";
import type { HandlerContext } from "../operation.ts";
import { checkSecretLength } from "./constraints.ts";
import { tokenInUse, tooMany, twoValues } from "./errors.ts";

const MOST_BYTES = 65536;

export interface SecretValue {
  readonly kind: "string" | "binary";
  /** What is binary as base64. */
  readonly text: string;
}

interface GivenValue {
  readonly SecretString?: string | undefined;
  readonly SecretBinary?: Uint8Array | undefined;
}

/** Undefined when none is given. Throws ValidationException or InvalidParameterException. */
export function readValue({ SecretString, SecretBinary }: GivenValue): SecretValue | undefined {
  if (SecretString !== undefined && SecretBinary !== undefined) throw twoValues();
  if (SecretString !== undefined) {
    checkSecretLength(Buffer.byteLength(SecretString), "secretString", MOST_BYTES);
    return { kind: "string", text: SecretString };
  }
  if (SecretBinary === undefined) return undefined;
  checkSecretLength(SecretBinary.length, "secretBinary", MOST_BYTES);
  return { kind: "binary", text: Buffer.from(SecretBinary).toString("base64") };
}

/** As a client gets it. */
export function openValue(
  { settings }: Pick<HandlerContext, "settings">,
  arn: string,
  version: SecretVersion,
): { readonly SecretString: string } | { readonly SecretBinary: Uint8Array } {
  const text = openText(settings.sealingKey, arn, version);
  return version.kind === "string"
    ? { SecretString: text }
    : { SecretBinary: new Uint8Array(Buffer.from(text, "base64")) };
}

function openText(sealingKey: string, arn: string, { value }: SecretVersion): string {
  return unseal(value, { secret: sealingKey, owner: arn });
}

export interface Addition {
  readonly token: string;
  readonly value: SecretValue;
  readonly stages: readonly string[];
}

/**
 * The secret with one version more; the same secret when that version is there and holds the same. Throws
 * ResourceExistsException when it holds something else, LimitExceededException.
 */
export function addVersion(
  { settings, clock, random }: HandlerContext,
  secret: Secret,
  { token, value, stages }: Addition,
): Secret {
  const existing = secret.versions.find(({ versionId }) => versionId === token);
  if (existing !== undefined) {
    const isSame =
      existing.kind === value.kind && openText(settings.sealingKey, secret.arn, existing) === value.text;
    if (!isSame) throw tokenInUse(token, secret.arn);
    return secret;
  }
  const now = clock.now();
  const sealing = { secret: settings.sealingKey, owner: secret.arn };
  const versions = withVersion(secret.versions, {
    versionId: token,
    kind: value.kind,
    value: seal(value.text, sealing, random.hex(24)),
    stages,
    createdAt: now,
  });
  if (versions.flatMap((version) => version.stages).length > MOST_STAGES) {
    throw tooMany(`at most ${MOST_STAGES} staging labels across all versions of a secret`);
  }
  return { ...secret, versions, lastChangedAt: now };
}
