/** AuthorizeSecurityGroupIngress and AuthorizeSecurityGroupEgress. */
import type * as wire from "@aws-sdk/client-ec2";
import type { SecurityGroup, SecurityGroupRule } from "../../model/ec2/records.ts";
import { securityGroups } from "../../store/tables/ec2.ts";
import type { HandlerContext } from "../operation.ts";
import { missingParameter } from "./errors.ts";
import { requireSecurityGroup, requireSecurityGroupByIdOrName } from "./resolve.ts";
import { ID_KINDS, newId } from "./resource-ids.ts";
import { ruleDuplicate, rulesLimitExceeded } from "./security-group-errors.ts";
import { describeForMessage, parsePermissions, permissionsOf, ruleKey } from "./security-group-rules.ts";
import { tagsOfSpecifications } from "./tagging.ts";
import { describeSecurityGroupRule } from "./views/security-group.ts";

/** However far the quota is raised, rules times groups of an interface stay within this (VPC quotas). */
const MAX_RULES = 1000;

export function authorizeSecurityGroupIngress(
  input: wire.AuthorizeSecurityGroupIngressRequest,
  context: HandlerContext,
): wire.AuthorizeSecurityGroupIngressResult {
  return authorize(input, context, requireSecurityGroupByIdOrName(context, input), "ingress");
}

export function authorizeSecurityGroupEgress(
  input: wire.AuthorizeSecurityGroupEgressRequest,
  context: HandlerContext,
): wire.AuthorizeSecurityGroupEgressResult {
  return authorize(input, context, requireSecurityGroup(context, input.GroupId), "egress");
}

/** All of the rules or none: one that exists already fails the request. */
function authorize(
  input: wire.AuthorizeSecurityGroupIngressRequest | wire.AuthorizeSecurityGroupEgressRequest,
  context: HandlerContext,
  group: SecurityGroup,
  direction: SecurityGroupRule["direction"],
): wire.AuthorizeSecurityGroupIngressResult {
  const permissions = permissionsOf(input);
  if (permissions.length === 0) throw missingParameter("ipPermissions");
  const specs = parsePermissions(context, group, permissions);
  const existing = group.rules.filter((rule) => rule.direction === direction);
  const existingKeys = new Set(existing.map(ruleKey));
  const duplicate = specs.find((spec) => existingKeys.has(ruleKey(spec)));
  if (duplicate !== undefined) throw ruleDuplicate(describeForMessage(duplicate));
  if (existing.length + specs.length > MAX_RULES) throw rulesLimitExceeded();
  const tags = tagsOfSpecifications(input.TagSpecifications, "security-group-rule");
  const added = specs.map(
    (spec): SecurityGroupRule => ({
      ruleId: newId(ID_KINDS.securityGroupRule, context.random),
      direction,
      ...spec,
      tags,
    }),
  );
  context.store.transaction((tx) => tx.put(securityGroups, { ...group, rules: [...group.rules, ...added] }));
  return { Return: true, SecurityGroupRules: added.map((rule) => describeSecurityGroupRule(group, rule)) };
}
