import type * as wire from "@aws-sdk/client-secrets-manager";
import { shuffled } from "../../lib/random.ts";
import type { HandlerContext } from "../operation.ts";
import { checkLength, checkRange } from "./constraints.ts";
import { invalidParameter } from "./errors.ts";

const DEFAULT_LENGTH = 32;
const UPPERCASE = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

export function getRandomPassword(
  input: wire.GetRandomPasswordRequest,
  { random }: HandlerContext,
): wire.GetRandomPasswordResponse {
  checkRange(input.PasswordLength, "passwordLength", 1, 4096);
  checkLength(input.ExcludeCharacters, "excludeCharacters", 0, 4096);
  const length = input.PasswordLength ?? DEFAULT_LENGTH;
  const types = typesOf(input);
  const all = types.join("") + (input.IncludeSpace === true ? withoutExcluded(" ", input) : "");
  const required = input.RequireEachIncludedType === false ? [] : types;
  if (required.includes("")) throw invalidParameter("All characters of the desired type have been excluded.");
  if (all === "") throw invalidParameter("All characters have been excluded from selection.");
  if (length < required.length) {
    throw invalidParameter("Password length is too short based on the required types.");
  }
  const characters = [
    ...required.map((type) => random.text(1, type)),
    ...random.text(length - required.length, all),
  ];
  return { RandomPassword: shuffled(random, characters).join("") };
}

/** Their characters; a type of which all are excluded is empty. */
function typesOf(input: wire.GetRandomPasswordRequest): string[] {
  return [
    ...(input.ExcludeUppercase === true ? [] : [UPPERCASE]),
    ...(input.ExcludeLowercase === true ? [] : [UPPERCASE.toLowerCase()]),
    ...(input.ExcludeNumbers === true ? [] : ["0123456789"]),
    ...(input.ExcludePunctuation === true ? [] : [PUNCTUATION]),
  ].map((characters) => withoutExcluded(characters, input));
}

function withoutExcluded(characters: string, { ExcludeCharacters }: wire.GetRandomPasswordRequest): string {
  const excluded = new Set(ExcludeCharacters);
  return [...characters].filter((character) => !excluded.has(character)).join("");
}
