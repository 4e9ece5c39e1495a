/**
 * A subnet's number: the firewall marks each packet with the number of the subnet that it was sent from, and policy
 * rules send each number to its route table. As on AWS, the sender's interface decides, not the packet's source.
 */
import type { SubnetConfig } from "../config.ts";

/** Numbers that fit twice into 32 bits and stay clear of the tables that the kernel names. */
const FIRST = 1 << 12;
const COUNT = 2 ** 28 - FIRST;

/** Taken from the subnet's id, so that a number stays when other subnets come and go. */
export function subnetMarks(subnets: readonly SubnetConfig[]): ReadonlyMap<string, number> {
  const used = new Set<number>();
  const marks = new Map<string, number>();
  for (const subnetId of subnets.map((subnet) => subnet.subnetId).sort()) {
    let mark = FIRST + (Number.parseInt(subnetId.replace(/^subnet-/, "").slice(-12), 16) % COUNT);
    while (used.has(mark)) mark = mark + 1 < FIRST + COUNT ? mark + 1 : FIRST;
    used.add(mark);
    marks.set(subnetId, mark);
  }
  return marks;
}
