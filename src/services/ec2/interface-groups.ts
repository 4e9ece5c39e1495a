/** The security groups of a network interface. */
import type { Subnet } from "../../model/ec2/records.ts";
import { securityGroups } from "../../store/tables/ec2.ts";
import { groupAndSubnetDiffer, invalidParameterValue, tooManyGroupsPerInterface } from "./errors.ts";
import { type Lookup, requireSecurityGroup } from "./resolve.ts";

/** As far as the quota can be raised; it starts at 5 (VPC quotas, "Security groups per network interface"). */
const MAX_GROUPS = 16;

/** Group ids without repetition, all of the subnet's VPC; none given means the VPC's default group. */
export function requireInterfaceGroups(
  lookup: Lookup,
  subnet: Pick<Subnet, "vpcId" | "subnetId">,
  groupIds: readonly string[] | undefined,
): string[] {
  if (!groupIds?.length) {
    const fallback = lookup.store
      .where(securityGroups, "vpc", subnet.vpcId)
      .find((group) => group.groupName === "default");
    if (fallback === undefined) throw invalidParameterValue(`Network ${subnet.vpcId} has no default group`);
    return [fallback.groupId];
  }
  const distinct = [...new Set(groupIds)];
  for (const groupId of distinct) {
    const group = requireSecurityGroup(lookup, groupId);
    if (group.vpcId !== subnet.vpcId) throw groupAndSubnetDiffer(groupId, subnet.subnetId);
  }
  if (distinct.length > MAX_GROUPS) throw tooManyGroupsPerInterface();
  return distinct;
}
