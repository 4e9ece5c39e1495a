import type * as sdk from "@aws-sdk/client-elastic-load-balancing-v2";
import { type ActionRules, ANY, type Asking, type CallFacts, regional, tagList } from "./action.ts";

const SERVICE = "elasticloadbalancing";

const onLoadBalancer = {
  on: (input: { readonly LoadBalancerArn: string | undefined }) => [input.LoadBalancerArn ?? "*"],
};
const onListener = {
  on: (input: { readonly ListenerArn: string | undefined }) => [input.ListenerArn ?? "*"],
};
const onRule = { on: (input: { readonly RuleArn: string | undefined }) => [input.RuleArn ?? "*"] };
const onTargetGroup = {
  on: (input: { readonly TargetGroupArn: string | undefined }) => [input.TargetGroupArn ?? "*"],
};

function loadBalancerArn(input: sdk.CreateLoadBalancerInput, call: CallFacts): string {
  const kind = input.Type === "network" ? "net" : input.Type === "gateway" ? "gwy" : "app";
  return regional(SERVICE, call, `loadbalancer/${kind}/${input.Name ?? ""}/*`);
}

/** What will be made below it: `listener/app/<name>/<id>/*`. */
function below(arn: string | undefined, from: string, to: string): string {
  return `${(arn ?? "").replace(`:${from}/`, `:${to}/`)}/*`;
}

function tagging(operation: string, resource: string, tags: readonly sdk.Tag[] | undefined): Asking[] {
  if (tags === undefined || tags.length === 0) return [];
  return [
    { action: `${SERVICE}:AddTags`, resource, keys: { "elasticloadbalancing:CreateAction": operation } },
  ];
}

export const elbv2Actions = {
  CreateLoadBalancer: {
    on: (input, call) => [loadBalancerArn(input, call)],
    tags: (input) => tagList(input.Tags),
    keys: (input, call) => ({
      "elasticloadbalancing:Scheme": input.Scheme,
      "elasticloadbalancing:Subnet": input.Subnets?.map((id) => regional("ec2", call, `subnet/${id}`)),
      "elasticloadbalancing:SecurityGroup": input.SecurityGroups?.map((id) =>
        regional("ec2", call, `security-group/${id}`),
      ),
    }),
    also: (input, call) => tagging("CreateLoadBalancer", loadBalancerArn(input, call), input.Tags),
  },
  CreateTargetGroup: {
    on: (input, call) => [regional(SERVICE, call, `targetgroup/${input.Name ?? ""}/*`)],
    tags: (input) => tagList(input.Tags),
    also: (input, call) =>
      tagging("CreateTargetGroup", regional(SERVICE, call, `targetgroup/${input.Name ?? ""}/*`), input.Tags),
  },
  CreateListener: {
    ...onLoadBalancer,
    tags: (input) => tagList(input.Tags),
    keys: (input) => ({ "elasticloadbalancing:ListenerProtocol": input.Protocol }),
    also: (input) =>
      tagging("CreateListener", below(input.LoadBalancerArn, "loadbalancer", "listener"), input.Tags),
  },
  CreateRule: {
    ...onListener,
    tags: (input) => tagList(input.Tags),
    also: (input) => tagging("CreateRule", below(input.ListenerArn, "listener", "listener-rule"), input.Tags),
  },
  AddTags: { on: (input) => input.ResourceArns ?? [], tags: (input) => tagList(input.Tags) },
  RemoveTags: { on: (input) => input.ResourceArns ?? [], tagKeys: (input) => input.TagKeys ?? [] },
  AddListenerCertificates: onListener,
  RemoveListenerCertificates: onListener,
  DeleteListener: onListener,
  ModifyListener: onListener,
  ModifyListenerAttributes: onListener,
  DeleteRule: onRule,
  ModifyRule: onRule,
  SetRulePriorities: { on: (input) => (input.RulePriorities ?? []).flatMap(({ RuleArn }) => RuleArn ?? []) },
  DeleteLoadBalancer: onLoadBalancer,
  ModifyLoadBalancerAttributes: onLoadBalancer,
  SetIpAddressType: onLoadBalancer,
  SetSecurityGroups: onLoadBalancer,
  SetSubnets: onLoadBalancer,
  DeleteTargetGroup: onTargetGroup,
  DeregisterTargets: onTargetGroup,
  ModifyTargetGroup: onTargetGroup,
  ModifyTargetGroupAttributes: onTargetGroup,
  RegisterTargets: onTargetGroup,
  DescribeAccountLimits: ANY,
  DescribeCapacityReservation: ANY,
  DescribeListenerAttributes: ANY,
  DescribeListenerCertificates: ANY,
  DescribeListeners: ANY,
  DescribeLoadBalancerAttributes: ANY,
  DescribeLoadBalancers: ANY,
  DescribeRules: ANY,
  DescribeSSLPolicies: ANY,
  DescribeTags: ANY,
  DescribeTargetGroupAttributes: ANY,
  DescribeTargetGroups: ANY,
  DescribeTargetHealth: ANY,
} satisfies ActionRules<typeof sdk>;
