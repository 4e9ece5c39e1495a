/** As much arithmetic on IPv4 ranges as planning needs. Ranges are trusted to be well formed, but checked. */
import { assert } from "../../lib/assert.ts";

const ADDRESS = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

/** The address so many after the range's first. */
export function addressInRange(range: string, offset: number): string {
  const value = parseRange(range).base + offset;
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join(".");
}

/** `10.0.11.0/24` of `10.0.11.82/24`. */
export function networkOf(addressWithPrefix: string): string {
  return `${addressInRange(addressWithPrefix, 0)}/${prefixLengthOf(addressWithPrefix)}`;
}

export function prefixLengthOf(range: string): number {
  return parseRange(range).prefixLength;
}

/** Whether `inner` lies in `outer` and is smaller. */
export function isWithin(inner: string, outer: string): boolean {
  const [a, b] = [parseRange(inner), parseRange(outer)];
  return a.prefixLength > b.prefixLength && startOf(a.base, b.prefixLength) === b.base;
}

/** Fails on anything that is not an IPv4 range: what passes is safe in a command. */
export function requireRange(range: string): string {
  parseRange(range);
  return range;
}

/** Fails on anything that is not an IPv4 address. */
export function requireAddress(address: string): string {
  parseRange(`${address}/32`);
  return address;
}

function parseRange(range: string): { readonly base: number; readonly prefixLength: number } {
  const [address = "", prefix = ""] = range.split("/");
  const parts = ADDRESS.exec(address)?.slice(1).map(Number) ?? [];
  const prefixLength = /^\d{1,2}$/.test(prefix) ? Number(prefix) : 33;
  assert(
    parts.length === 4 && parts.every((part) => part <= 255) && prefixLength <= 32,
    `an IPv4 range, not ${range}`,
  );
  const value = parts.reduce((sum, part) => sum * 256 + part, 0);
  return { base: startOf(value, prefixLength), prefixLength };
}

function startOf(address: number, prefixLength: number): number {
  const size = 2 ** (32 - prefixLength);
  return Math.floor(address / size) * size;
}
