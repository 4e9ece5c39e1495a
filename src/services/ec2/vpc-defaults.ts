/** What comes with a VPC: its default security group, main route table and default network ACL. */

import type { Random } from "../../lib/random.ts";
import type { NetworkAcl, RouteTable, SecurityGroup, Vpc } from "../../model/ec2/records.ts";
import type { Scope } from "../../model/scope.ts";
import { ID_KINDS, newId } from "./resource-ids.ts";
import { newAllowAllEgressRule } from "./security-group-rules.ts";

export function newDefaultSecurityGroup(vpc: Vpc, random: Random): SecurityGroup {
  const groupId = newId(ID_KINDS.securityGroup, random);
  return {
    ...scopeOf(vpc),
    groupId,
    groupName: "default",
    description: "default VPC security group",
    vpcId: vpc.vpcId,
    rules: [
      {
        ruleId: newId(ID_KINDS.securityGroupRule, random),
        direction: "ingress",
        protocol: "-1",
        peer: { kind: "group", groupId },
        tags: [],
      },
      newAllowAllEgressRule(random),
    ],
    tags: [],
  };
}

export function newMainRouteTable(vpc: Vpc, random: Random): RouteTable {
  return {
    ...newRouteTable(vpc, random),
    associations: [{ associationId: newId(ID_KINDS.routeTableAssociation, random), main: true }],
  };
}

/** With the local route, which every table has. */
export function newRouteTable(vpc: Vpc, random: Random): RouteTable {
  return {
    ...scopeOf(vpc),
    routeTableId: newId(ID_KINDS.routeTable, random),
    vpcId: vpc.vpcId,
    routes: [{ destinationCidrBlock: vpc.cidrBlock, target: { kind: "local" }, origin: "CreateRouteTable" }],
    associations: [],
    tags: [],
  };
}

/** Rule 100 lets everything pass; behind it stands `*`, number 32767, which denies. */
export function newDefaultNetworkAcl(vpc: Vpc, random: Random): NetworkAcl {
  const entry = (egress: boolean, ruleNumber: number, ruleAction: "allow" | "deny") =>
    ({ egress, ruleNumber, ruleAction, protocol: "-1", cidrBlock: "0.0.0.0/0" }) as const;
  return {
    ...scopeOf(vpc),
    networkAclId: newId(ID_KINDS.networkAcl, random),
    vpcId: vpc.vpcId,
    isDefault: true,
    entries: [
      entry(true, 100, "allow"),
      entry(true, 32767, "deny"),
      entry(false, 100, "allow"),
      entry(false, 32767, "deny"),
    ],
    associations: [],
    tags: [],
  };
}

function scopeOf(vpc: Vpc): Scope {
  return { account: vpc.account, region: vpc.region };
}
