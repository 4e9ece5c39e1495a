/** Pages of listings: keys with a prefix, those that share more up to a delimiter told as one. */
import { compareKeys } from "../../model/s3/names.ts";
import type { StoredObject } from "../../model/s3/records.ts";
import { invalidArgument } from "./errors.ts";

/** As the API reference has it for every listing. */
const MOST_KEYS = 1000;

export interface PageRequest {
  readonly prefix: string;
  readonly delimiter: string | undefined;
  /** The listing begins behind it; with a delimiter, behind all that it stands for. */
  readonly after: string;
  readonly most: number;
}

export interface Page<R> {
  readonly contents: readonly R[];
  readonly prefixes: readonly string[];
  /** What the next page comes after; undefined at the end. */
  readonly last?: string | undefined;
}

/** @param items in the order of their keys */
export function pageOf<R extends Pick<StoredObject, "key">>(
  items: readonly R[],
  { prefix, delimiter, after, most }: PageRequest,
): Page<R> {
  const contents: R[] = [];
  const prefixes: string[] = [];
  let last: string | undefined;
  const from = prefix > after ? prefix : after;
  for (let at = firstFrom(items, from); at < items.length; at++) {
    const item = items[at];
    if (item === undefined || !item.key.startsWith(prefix)) break;
    const group = groupOf(item.key, prefix, delimiter);
    const shown = group ?? item.key;
    if (compareKeys(shown, after) <= 0 || shown === prefixes.at(-1)) continue;
    if (contents.length + prefixes.length >= most) return { contents, prefixes, last: last ?? after };
    if (group === undefined) contents.push(item);
    else prefixes.push(group);
    last = shown;
  }
  return { contents, prefixes };
}

function groupOf(key: string, prefix: string, delimiter: string | undefined): string | undefined {
  if (delimiter === undefined) return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
}

function firstFrom(items: readonly Pick<StoredObject, "key">[], key: string): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareKeys(items[middle]?.key ?? "", key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Throws InvalidArgument; more than a thousand is a thousand. */
export function readMaxKeys(given: number | undefined, name = "max-keys"): number {
  const most = given ?? MOST_KEYS;
  if (!Number.isInteger(most) || most < 0 || most > 2_147_483_647) {
    throw invalidArgument(
      `Argument ${name === "max-keys" ? "maxKeys" : name} must be an integer between 0 and 2147483647`,
      name === "max-keys" ? "maxKeys" : name,
      String(most),
    );
  }
  return Math.min(most, MOST_KEYS);
}

/** How keys are written in the answer: as they are, or percent-encoded. Throws InvalidArgument. */
export function keyWriter(encodingType: string | undefined): (text: string) => string {
  if (encodingType === undefined) return (text) => text;
  if (encodingType !== "url") {
    throw invalidArgument("Invalid Encoding Method specified in Request", "encoding-type", encodingType);
  }
  return (text) =>
    encodeURIComponent(text.toWellFormed())
      .replaceAll("%2F", "/")
      .replaceAll("%20", "+")
      .replace(/[!'()]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
