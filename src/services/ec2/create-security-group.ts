/** CreateSecurityGroup and DeleteSecurityGroup. */
import type * as wire from "@aws-sdk/client-ec2";
import type { SecurityGroup, Vpc } from "../../model/ec2/records.ts";
import { networkInterfaces, securityGroups } from "../../store/tables/ec2.ts";
import type { HandlerContext } from "../operation.ts";
import { missingParameter } from "./errors.ts";
import { findDefaultVpc, requireSecurityGroupByIdOrName, requireVpc } from "./resolve.ts";
import { ID_KINDS, newId } from "./resource-ids.ts";
import * as errors from "./security-group-errors.ts";
import { isGroupText, isReferencedByOthers, newAllowAllEgressRule } from "./security-group-rules.ts";
import { describeTagList, tagsOfSpecifications } from "./tagging.ts";
import { securityGroupArn } from "./views/security-group.ts";

export function createSecurityGroup(
  input: wire.CreateSecurityGroupRequest,
  context: HandlerContext,
): wire.CreateSecurityGroupResult {
  const { store, random } = context;
  // EC2 strips blanks at the end of a name, and counts the name without them.
  const name = (input.GroupName ?? "").trimEnd();
  checkName(name);
  checkDescription(input.Description);
  const vpc = requireTargetVpc(input, context);
  const taken = store.where(securityGroups, "vpc", vpc.vpcId).some((group) => group.groupName === name);
  if (taken) throw errors.groupDuplicate(name, vpc.vpcId);
  const group: SecurityGroup = {
    ...context.scope,
    groupId: newId(ID_KINDS.securityGroup, random),
    groupName: name,
    description: input.Description ?? "",
    vpcId: vpc.vpcId,
    rules: [newAllowAllEgressRule(random)],
    tags: tagsOfSpecifications(input.TagSpecifications, "security-group"),
  };
  store.transaction((tx) => tx.put(securityGroups, group));
  return {
    GroupId: group.groupId,
    SecurityGroupArn: securityGroupArn(group),
    Tags: describeTagList(group.tags),
  };
}

function requireTargetVpc(input: wire.CreateSecurityGroupRequest, context: HandlerContext): Vpc {
  if (input.VpcId) return requireVpc(context, input.VpcId);
  const vpc = findDefaultVpc(context);
  if (vpc === undefined) throw errors.noDefaultVpc();
  return vpc;
}

function checkName(name: string): void {
  if (name === "") throw missingParameter("groupName");
  if (!isAscii(name)) throw errors.notAscii(name, "GroupName");
  if (name.startsWith("sg-")) throw errors.groupNameLikeId(name);
  if (name === "default") throw errors.groupNameReserved(name);
  if (!isGroupText(name)) throw errors.invalidGroupText("security group name", "names");
}

function checkDescription(description: string | undefined): void {
  if (!description) throw missingParameter("groupDescription");
  if (!isAscii(description)) throw errors.notAscii(description, "GroupDescription");
  if (!isGroupText(description)) throw errors.invalidGroupText("security group description", "descriptions");
}

function isAscii(text: string): boolean {
  return [...text].every((character) => character <= "\u007f");
}

/** Not while a network interface carries the group or a rule of another group is about it. */
export function deleteSecurityGroup(
  input: wire.DeleteSecurityGroupRequest,
  context: HandlerContext,
): wire.DeleteSecurityGroupResult {
  const group = requireSecurityGroupByIdOrName(context, input);
  if (group.groupName === "default") throw errors.cannotDeleteDefaultGroup(group.groupId);
  const inUse = context.store.count(networkInterfaces, "group", group.groupId) > 0;
  if (inUse || isReferencedByOthers(context, group)) throw errors.groupHasDependents(group.groupId);
  context.store.transaction((tx) => tx.delete(securityGroups, group.groupId));
  return { Return: true, GroupId: group.groupId };
}
