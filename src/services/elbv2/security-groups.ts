import { inScope } from "../../model/scope.ts";
import { securityGroups } from "../../store/tables/ec2.ts";
import type { HandlerContext } from "../operation.ts";
import { invalidConfiguration } from "./errors.ts";

/** Each once, in the order given. Throws InvalidConfigurationRequest for one that is not of the VPC. */
export function readSecurityGroups(
  context: HandlerContext,
  groupIds: readonly string[],
  vpcId: string,
): readonly string[] {
  const ids = [...new Set(groupIds)];
  for (const id of ids) {
    const group = context.store.get(securityGroups, id);
    if (group === undefined || !inScope(group, context.scope) || group.vpcId !== vpcId) {
      throw invalidConfiguration("One or more security groups are invalid");
    }
  }
  return ids;
}

/** The group that AWS takes when the caller names none. */
export function defaultSecurityGroup(context: HandlerContext, vpcId: string): readonly string[] {
  return context.store
    .where(securityGroups, "vpc", vpcId)
    .filter((group) => group.groupName === "default")
    .map((group) => group.groupId);
}
