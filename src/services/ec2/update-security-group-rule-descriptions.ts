/** UpdateSecurityGroupRuleDescriptionsIngress and …Egress. */
import type * as wire from "@aws-sdk/client-ec2";
import type { SecurityGroup, SecurityGroupRule } from "../../model/ec2/records.ts";
import { securityGroups } from "../../store/tables/ec2.ts";
import type { HandlerContext } from "../operation.ts";
import { missingParameter, missingParameterText } from "./errors.ts";
import { requireSecurityGroupByIdOrName } from "./resolve.ts";
import { requireRules } from "./revoke-security-group.ts";
import { ruleNotFound } from "./security-group-errors.ts";
import { checkedDescription, parsePermissions, ruleKey } from "./security-group-rules.ts";

type Request =
  | wire.UpdateSecurityGroupRuleDescriptionsIngressRequest
  | wire.UpdateSecurityGroupRuleDescriptionsEgressRequest;

export function updateSecurityGroupRuleDescriptionsIngress(
  input: wire.UpdateSecurityGroupRuleDescriptionsIngressRequest,
  context: HandlerContext,
): wire.UpdateSecurityGroupRuleDescriptionsIngressResult {
  return update(input, context, "ingress");
}

export function updateSecurityGroupRuleDescriptionsEgress(
  input: wire.UpdateSecurityGroupRuleDescriptionsEgressRequest,
  context: HandlerContext,
): wire.UpdateSecurityGroupRuleDescriptionsEgressResult {
  return update(input, context, "egress");
}

function update(
  input: Request,
  context: HandlerContext,
  direction: SecurityGroupRule["direction"],
): { Return: boolean } {
  const group = requireSecurityGroupByIdOrName(context, input);
  const descriptions = requireDescriptions(input, context, group, direction);
  const rules = group.rules.map((rule): SecurityGroupRule => {
    if (!descriptions.has(rule.ruleId)) return rule;
    return { ...rule, description: descriptions.get(rule.ruleId) };
  });
  context.store.transaction((tx) => tx.put(securityGroups, { ...group, rules }));
  return { Return: true };
}

/** By rule id; undefined removes a description. */
function requireDescriptions(
  input: Request,
  context: HandlerContext,
  group: SecurityGroup,
  direction: SecurityGroupRule["direction"],
): ReadonlyMap<string, string | undefined> {
  if (input.SecurityGroupRuleDescriptions?.length) {
    return new Map(
      input.SecurityGroupRuleDescriptions.map(({ SecurityGroupRuleId, Description }) => {
        if (!SecurityGroupRuleId) throw missingParameter("SecurityGroupRuleId");
        requireRules(group, direction, [SecurityGroupRuleId]);
        return [SecurityGroupRuleId, checkedDescription(Description).description];
      }),
    );
  }
  if (!input.IpPermissions?.length) {
    throw missingParameterText(
      "Either 'ipPermissions' or 'securityGroupRuleDescriptions' should be provided.",
    );
  }
  return new Map(
    parsePermissions(context, group, input.IpPermissions).map((spec) => {
      const rule = group.rules.find(
        (candidate) => candidate.direction === direction && ruleKey(candidate) === ruleKey(spec),
      );
      if (rule === undefined) throw ruleNotFound();
      return [rule.ruleId, spec.description];
    }),
  );
}
