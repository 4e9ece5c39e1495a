import type * as wire from "@aws-sdk/client-ec2";
import type { SecurityGroup, SecurityGroupRule } from "../../model/ec2/records.ts";
import { securityGroups } from "../../store/tables/ec2.ts";
import type { HandlerContext } from "../operation.ts";
import type { FilterTable } from "./filters.ts";
import { listed } from "./listing.ts";
import { listInScope } from "./resolve.ts";
import { ID_KINDS } from "./resource-ids.ts";
import { describeSecurityGroupRule } from "./views/security-group.ts";

type RuleOfGroup = SecurityGroupRule & { readonly group: SecurityGroup };

const FILTERS: FilterTable<RuleOfGroup> = {
  "group-id": (rule) => rule.group.groupId,
  "security-group-rule-id": (rule) => rule.ruleId,
};

export function describeSecurityGroupRules(
  input: wire.DescribeSecurityGroupRulesRequest,
  context: HandlerContext,
): wire.DescribeSecurityGroupRulesResult {
  const rules = listInScope(context, securityGroups).flatMap((group) =>
    group.rules.map((rule): RuleOfGroup => ({ ...rule, group })),
  );
  const { items, nextToken } = listed(rules, {
    ids: input.SecurityGroupRuleIds,
    idKind: ID_KINDS.securityGroupRule,
    key: (rule) => rule.ruleId,
    filters: input.Filters,
    filterTable: FILTERS,
    maxResults: input.MaxResults,
    nextToken: input.NextToken,
  });
  return {
    SecurityGroupRules: items.map((rule) => describeSecurityGroupRule(rule.group, rule)),
    NextToken: nextToken,
  };
}
