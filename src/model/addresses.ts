/** Conditions on addresses: IPv4 and IPv6, with or without a prefix length. */
import { BlockList, isIP } from "node:net";

export function addressInCidr(address: string, cidr: string): boolean {
  const [base = "", prefix] = cidr.split("/");
  const family = isIP(base);
  if (family === 0 || isIP(address) !== family) return false;
  const length = prefix === undefined ? (family === 4 ? 32 : 128) : Number(prefix);
  if (!Number.isInteger(length) || length < 0 || length > (family === 4 ? 32 : 128)) return false;
  const list = new BlockList();
  const type = family === 4 ? "ipv4" : "ipv6";
  list.addSubnet(base, length, type);
  return list.check(address, type);
}
