/** IPv6 ranges as security group rules name them, in the canonical text of RFC 5952. */
import { isIPv6 } from "node:net";

/** `2001:DB8::1/32` is `2001:db8::/32`; undefined when the text is no IPv6 range. */
export function canonicalIpv6Cidr(text: string): string | undefined {
  const match = /^([^/%]+)\/(\d{1,3})$/.exec(text);
  const address = match?.[1];
  const prefixLength = Number(match?.[2]);
  if (address === undefined || !isIPv6(address) || !(prefixLength <= 128)) return undefined;
  const groups = parseGroups(canonicalText(address)).map((group, index) => {
    const bits = Math.min(16, Math.max(0, prefixLength - index * 16));
    return group & ((0xffff << (16 - bits)) & 0xffff);
  });
  return `${canonicalText(groups.map((group) => group.toString(16)).join(":"))}/${prefixLength}`;
}

/** URLs write IPv6 hosts canonically, embedded IPv4 included. */
function canonicalText(address: string): string {
  return new URL(`http://[${address}]/`).hostname.slice(1, -1);
}

function parseGroups(address: string): number[] {
  const [head = "", tail] = address.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
  return [...before, ...Array<string>(zeros).fill("0"), ...after].map((group) => Number.parseInt(group, 16));
}
