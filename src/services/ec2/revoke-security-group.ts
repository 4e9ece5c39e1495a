/** RevokeSecurityGroupIngress and RevokeSecurityGroupEgress. */
import type * as wire from "@aws-sdk/client-ec2";
import type { SecurityGroup, SecurityGroupRule } from "../../model/ec2/records.ts";
import { securityGroups } from "../../store/tables/ec2.ts";
import type { HandlerContext } from "../operation.ts";
import { invalidParameterCombination } from "./errors.ts";
import { requireSecurityGroup, requireSecurityGroupByIdOrName, requireVpc } from "./resolve.ts";
import { checkIdForm, ID_KINDS, notFound } from "./resource-ids.ts";
import { ruleNotFound, ruleParametersMissing } from "./security-group-errors.ts";
import { parsePermissions, permissionsOf, type RuleSpec, ruleKey } from "./security-group-rules.ts";
import { describePermission, describeRevokedRule } from "./views/security-group.ts";

type Direction = SecurityGroupRule["direction"];

interface Revocation {
  readonly rules: readonly SecurityGroupRule[];
  readonly unknown: readonly RuleSpec[];
}

export function revokeSecurityGroupIngress(
  input: wire.RevokeSecurityGroupIngressRequest,
  context: HandlerContext,
): wire.RevokeSecurityGroupIngressResult {
  return revoke(input, context, requireSecurityGroupByIdOrName(context, input), "ingress");
}

export function revokeSecurityGroupEgress(
  input: wire.RevokeSecurityGroupEgressRequest,
  context: HandlerContext,
): wire.RevokeSecurityGroupEgressResult {
  return revoke(input, context, requireSecurityGroup(context, input.GroupId), "egress");
}

function revoke(
  input: wire.RevokeSecurityGroupIngressRequest | wire.RevokeSecurityGroupEgressRequest,
  context: HandlerContext,
  group: SecurityGroup,
  direction: Direction,
): wire.RevokeSecurityGroupIngressResult {
  const { rules, unknown } = planRevocation(input, context, group, direction);
  const remaining = group.rules.filter((rule) => !rules.includes(rule));
  context.store.transaction((tx) => tx.put(securityGroups, { ...group, rules: remaining }));
  return {
    Return: true,
    UnknownIpPermissions: unknown.map((spec) => describePermission(group, [spec])),
    RevokedSecurityGroupRules: rules.map((rule) => describeRevokedRule(group, rule)),
  };
}

function planRevocation(
  input: wire.RevokeSecurityGroupIngressRequest | wire.RevokeSecurityGroupEgressRequest,
  context: HandlerContext,
  group: SecurityGroup,
  direction: Direction,
): Revocation {
  const permissions = permissionsOf(input);
  const ruleIds = input.SecurityGroupRuleIds ?? [];
  if (permissions.length > 0 && ruleIds.length > 0) {
    throw invalidParameterCombination(
      "The parameters ipPermissions and securityGroupRuleIds cannot be used together.",
    );
  }
  if (ruleIds.length > 0) return { rules: requireRules(group, direction, ruleIds), unknown: [] };
  if (permissions.length === 0) throw ruleParametersMissing();
  const specs = parsePermissions(context, group, permissions);
  const existing = new Map(
    group.rules.filter((rule) => rule.direction === direction).map((rule) => [ruleKey(rule), rule]),
  );
  const rules = specs.flatMap((spec) => existing.get(ruleKey(spec)) ?? []);
  const unknown = specs.filter((spec) => !existing.has(ruleKey(spec)));
  // API reference: an unknown rule is an error, except in the default VPC, where the answer lists it.
  if (unknown.length > 0 && !requireVpc(context, group.vpcId).isDefault) throw ruleNotFound();
  return { rules, unknown };
}

/** The group's rules of these ids. Throws InvalidSecurityGroupRuleId.NotFound. */
export function requireRules(
  group: SecurityGroup,
  direction: Direction | undefined,
  ruleIds: readonly string[],
): SecurityGroupRule[] {
  return [...new Set(ruleIds)].map((ruleId) => {
    checkIdForm(ID_KINDS.securityGroupRule, ruleId);
    const rule = group.rules.find((candidate) => candidate.ruleId === ruleId);
    if (rule === undefined || (direction !== undefined && rule.direction !== direction)) {
      throw notFound(ID_KINDS.securityGroupRule, [ruleId]);
    }
    return rule;
  });
}
