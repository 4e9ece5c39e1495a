import type { Listener, ListenerRule, LoadBalancer, Target, TargetGroup } from "../../model/elb/records.ts";
import { defineTable } from "../table.ts";

const scope = (record: { account: string; region: string }) => `${record.account}/${record.region}`;

export const loadBalancers = defineTable<LoadBalancer>()({
  name: "elb_load_balancers",
  key: (record) => record.arn,
  indexes: { scope, vpc: (record) => record.vpcId, dnsName: (record) => record.dnsName.toLowerCase() },
});

export const targetGroups = defineTable<TargetGroup>()({
  name: "elb_target_groups",
  key: (record) => record.arn,
  indexes: { scope, vpc: (record) => record.vpcId },
});

export const targets = defineTable<Target>()({
  name: "elb_targets",
  key: (record) => `${record.targetGroupArn}|${record.targetId}|${record.port}`,
  indexes: {
    targetGroup: (record) => record.targetGroupArn,
    /** Targets of type `instance`. */
    instance: (record) => (record.targetId.startsWith("i-") ? record.targetId : undefined),
  },
});

export const listeners = defineTable<Listener>()({
  name: "elb_listeners",
  key: (record) => record.arn,
  indexes: {
    loadBalancer: (record) => record.loadBalancerArn,
    certificate: (record) => record.certificateArns,
    targetGroup: (record) => forwardedGroups(record.defaultActions),
  },
});

export const listenerRules = defineTable<ListenerRule>()({
  name: "elb_listener_rules",
  key: (record) => record.arn,
  indexes: {
    listener: (record) => record.listenerArn,
    targetGroup: (record) => forwardedGroups(record.actions),
  },
});

function forwardedGroups(actions: Listener["defaultActions"]): string[] {
  return actions.flatMap((action) =>
    action.kind === "forward" ? action.targetGroups.map((group) => group.targetGroupArn) : [],
  );
}
