/** Randomness as a dependency: ids are drawn here and given to the pure parts. */
import { randomBytes, randomInt, randomUUID } from "node:crypto";

export interface Random {
  /** `length` lower-case hexadecimal digits. */
  hex(length: number): string;
  /** `length` decimal digits, the first not zero. */
  digits(length: number): string;
  /** `length` characters of `alphabet`. */
  text(length: number, alphabet: string): string;
  uuid(): string;
  /** An integer from 0 up to, not including, `bound`. */
  below(bound: number): number;
}

export const LOWER_ALPHANUMERIC = "abcdefghijklmnopqrstuvwxyz0123456789";
export const UPPER_ALPHANUMERIC = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

function text(length: number, alphabet: string): string {
  let result = "";
  for (let i = 0; i < length; i++) result += alphabet.charAt(randomInt(alphabet.length));
  return result;
}

export const systemRandom: Random = {
  hex: (length) =>
    randomBytes(Math.ceil(length / 2))
      .toString("hex")
      .slice(0, length),
  digits: (length) => text(1, "123456789") + text(length - 1, "0123456789"),
  text,
  uuid: () => randomUUID(),
  below: (bound) => randomInt(bound),
};

/** Fisher–Yates; returns a new array. */
export function shuffled<T>(random: Random, items: readonly T[]): T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const a = result[i] as T;
    result[i] = result[j] as T;
    result[j] = a;
  }
  return result;
}
