import type * as wire from "@aws-sdk/client-elastic-load-balancing-v2";
import { networkInterfaces } from "../../store/tables/ec2.ts";
import { loadBalancers } from "../../store/tables/elb.ts";
import type { HandlerContext } from "../operation.ts";
import { requireList } from "./constraints.ts";
import { invalidConfiguration } from "./errors.ts";
import { requireLoadBalancer } from "./resolve.ts";
import { readSecurityGroups } from "./security-groups.ts";

export function setSecurityGroups(
  input: wire.SetSecurityGroupsInput,
  context: HandlerContext,
): wire.SetSecurityGroupsOutput {
  const { store } = context;
  const loadBalancer = requireLoadBalancer(context, input.LoadBalancerArn);
  const named = requireList(input.SecurityGroups, "securityGroups");
  if (loadBalancer.type === "network" && loadBalancer.securityGroupIds.length === 0) {
    throw invalidConfiguration(
      "You cannot add security groups to a network load balancer that was created without any",
    );
  }
  const securityGroupIds = readSecurityGroups(context, named, loadBalancer.vpcId);
  store.transaction((tx) => {
    tx.put(loadBalancers, { ...loadBalancer, securityGroupIds });
    for (const node of store.where(networkInterfaces, "owner", loadBalancer.arn)) {
      tx.put(networkInterfaces, { ...node, groupIds: securityGroupIds });
    }
  });
  return { SecurityGroupIds: [...securityGroupIds] };
}
