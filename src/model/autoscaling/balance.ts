/** Which subnet the next instance is launched in. */
import type { Random } from "../../lib/random.ts";
import { shuffled } from "../../lib/random.ts";

export interface SubnetUse {
  readonly subnetId: string;
  readonly availabilityZone: string;
  /** Members of the group in it that count as capacity. */
  readonly members: number;
}

/**
 * Subnets in the order in which a launch is tried: the zone with the fewest instances first, in it the subnet with the
 * fewest; chance between equals (Auto Scaling user guide, "Instance distribution": zones are balanced).
 */
export function subnetsByNeed(random: Random, subnets: readonly SubnetUse[]): SubnetUse[] {
  const inZone = new Map<string, number>();
  for (const { availabilityZone, members } of subnets) {
    inZone.set(availabilityZone, (inZone.get(availabilityZone) ?? 0) + members);
  }
  return shuffled(random, subnets).sort(
    (a, b) =>
      (inZone.get(a.availabilityZone) ?? 0) - (inZone.get(b.availabilityZone) ?? 0) || a.members - b.members,
  );
}
