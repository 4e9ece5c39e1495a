/** Checks of single values against the model of Secrets Manager. All throw ValidationException unless they say otherwise. */
import { mergeTags, type Tag } from "../../model/tags.ts";
import { constraintChecks } from "../constraint-checks.ts";
import { lengthRequirement } from "../constraint-messages.ts";
import { invalidName, invalidParameter, tokenLength, tokenMissing, validation } from "./errors.ts";

const MOST_TAGS = 50;

export const { requireMember, oneOf, checkRange, checkCount, checkLength, checkPattern } =
  constraintChecks(validation);

/** The value is not told. */
export function checkSecretLength(length: number, path: string, maximum: number): void {
  const broken = lengthRequirement(length, 1, maximum);
  if (broken !== undefined) {
    throw validation(
      `1 validation error detected: Value at '${path}' failed to satisfy constraint: ${broken}`,
    );
  }
}

/** A name that a secret may be made with. */
export function readName(value: string | undefined): string {
  const name = requireMember(value, "name");
  checkLength(name, "name", 1, 512);
  checkNameText(name);
  return name;
}

/** A name or an ARN. */
export function readSecretId(value: string | undefined): string {
  const secretId = requireMember(value, "secretId");
  checkLength(secretId, "secretId", 1, 2048);
  if (!secretId.startsWith("arn:")) checkNameText(secretId);
  return secretId;
}

function checkNameText(name: string): void {
  if (!/^[A-Za-z0-9/_+=.@!-]+$/.test(name)) throw invalidName();
}

/** Throws InvalidRequestException or InvalidParameterException. */
export function readToken(value: string | undefined): string {
  if (value === undefined || value === "") throw tokenMissing();
  if (value.length < 32 || value.length > 64) throw tokenLength();
  return value;
}

/** Without doubles. */
export function readStages(stages: readonly string[] | undefined): readonly string[] | undefined {
  if (stages === undefined) return undefined;
  checkCount(stages, "versionStages", 1, 20);
  for (const [index, stage] of stages.entries()) {
    checkLength(stage, `versionStages.${index + 1}.member`, 1, 256);
  }
  return [...new Set(stages)];
}

/** Throws ValidationException or InvalidParameterException. */
export function readTags(
  tags: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] | undefined,
): readonly Tag[] {
  return (tags ?? []).reduce<readonly Tag[]>((list, { Key, Value }, index) => {
    const path = `tags.${index + 1}.member`;
    const tag = { key: requireMember(Key, `${path}.key`), value: Value ?? "" };
    checkLength(tag.key, `${path}.key`, 1, 128);
    checkLength(tag.value, `${path}.value`, 0, 256);
    if (/^aws:/i.test(tag.key)) {
      throw invalidParameter("Tag keys that begin with aws: are reserved; use another key.");
    }
    return mergeTags(list, [tag]);
  }, []);
}

/** Quota "Tags per resource". Throws InvalidParameterException. */
export function limitTags(tags: readonly Tag[]): readonly Tag[] {
  if (tags.length > MOST_TAGS) throw invalidParameter(`A secret can have at most ${MOST_TAGS} tags.`);
  return tags;
}
