/** Which addresses of a subnet, and of the public pool, can be given out. */
import type { Random } from "../../lib/random.ts";
import { cidrSize, formatAddress, lastAddress, parseAddress, parseCidr } from "../cidr.ts";

/** First four and last of every subnet are AWS's (VPC user guide, "Subnet sizing"). */
const RESERVED_AT_START = 4;
const RESERVED_AT_END = 1;

/** How many addresses an empty subnet offers: 251 of a /24. */
export function usableAddressCount(subnetCidr: string): number {
  const cidr = parseCidr(subnetCidr);
  return cidr === undefined ? 0 : cidrSize(cidr) - RESERVED_AT_START - RESERVED_AT_END;
}

export function isReservedAddress(subnetCidr: string, address: string): boolean {
  const cidr = parseCidr(subnetCidr);
  const value = parseAddress(address);
  if (cidr === undefined || value === undefined) return false;
  return value - cidr.base < RESERVED_AT_START || value === lastAddress(cidr);
}

/** A free address of the subnet, from a random start on; undefined when the subnet is full. */
export function pickPrivateAddress(
  subnetCidr: string,
  used: ReadonlySet<string>,
  random: Random,
): string | undefined {
  const cidr = parseCidr(subnetCidr);
  const usable = usableAddressCount(subnetCidr);
  if (cidr === undefined || usable <= 0) return undefined;
  const start = random.below(usable);
  for (let i = 0; i < usable; i++) {
    const address = formatAddress(cidr.base + RESERVED_AT_START + ((start + i) % usable));
    if (!used.has(address)) return address;
  }
  return undefined;
}

/** The pool's first addresses are the internet's own: .0 the range, .1 the host, .2 the internet namespace. */
const POOL_RESERVED = 16;

/** A free public address from a random start on; undefined when the pool is used up. */
export function pickPublicAddress(
  pool: string,
  used: ReadonlySet<string>,
  random: Random,
): string | undefined {
  const cidr = parseCidr(pool);
  if (cidr === undefined) return undefined;
  const usable = cidrSize(cidr) - POOL_RESERVED - 1;
  const start = random.below(usable);
  for (let i = 0; i < usable; i++) {
    const address = formatAddress(cidr.base + POOL_RESERVED + ((start + i) % usable));
    if (!used.has(address)) return address;
  }
  return undefined;
}

/** Locally administered, with the `02:`, `06:`, `0a:` or `0e:` start that VPC addresses have. */
export function newMacAddress(random: Random): string {
  const first = ["02", "06", "0a", "0e"][random.below(4)] ?? "02";
  return [first, ...(random.hex(10).match(/../g) ?? [])].join(":");
}

/** `ip-10-0-11-82.ap-northeast-1.compute.internal` (us-east-1: `.ec2.internal`). */
export function privateDnsName(address: string, region: string): string {
  return `ip-${address.replaceAll(".", "-")}.${privateDnsDomain(region)}`;
}

export function privateDnsDomain(region: string): string {
  return region === "us-east-1" ? "ec2.internal" : `${region}.compute.internal`;
}

/** `ec2-203-0-113-25.ap-northeast-1.compute.amazonaws.com` (us-east-1: `.compute-1.`). */
export function publicDnsName(address: string, region: string): string {
  const domain = region === "us-east-1" ? "compute-1" : `${region}.compute`;
  return `ec2-${address.replaceAll(".", "-")}.${domain}.amazonaws.com`;
}
