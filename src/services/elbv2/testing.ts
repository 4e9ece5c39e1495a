/** A VPC for tests of this service: two subnets in two zones, a default group, an internet gateway. */
import assert from "node:assert/strict";
import type { Subnet } from "../../model/ec2/records.ts";
import { certificates } from "../../store/tables/acm.ts";
import { internetGateways, securityGroups, subnets, vpcs } from "../../store/tables/ec2.ts";
import type { HandlerContext } from "../operation.ts";
import { testContext } from "../testing.ts";
import { createListener } from "./create-listener.ts";
import { createLoadBalancer } from "./create-load-balancer.ts";
import { createTargetGroup } from "./create-target-group.ts";

export const VPC = "vpc-0123456789abcdef0";
export const SUBNET_A = "subnet-0000000000000000a";
export const SUBNET_C = "subnet-0000000000000000c";
export const DEFAULT_GROUP = "sg-0000000000000000d";

export function contextWithVpc(): HandlerContext {
  const context = testContext();
  const { store, scope } = context;
  store.transaction((tx) => {
    tx.put(vpcs, {
      ...scope,
      vpcId: VPC,
      cidrBlock: "10.0.0.0/16",
      cidrAssociationId: "vpc-cidr-assoc-1",
      instanceTenancy: "default",
      enableDnsSupport: true,
      enableDnsHostnames: true,
      enableNetworkAddressUsageMetrics: false,
      dhcpOptionsId: "dopt-1",
      isDefault: false,
      tags: [],
    });
    tx.put(securityGroups, {
      ...scope,
      groupId: DEFAULT_GROUP,
      groupName: "default",
      description: "default VPC security group",
      vpcId: VPC,
      rules: [],
      tags: [],
    });
    tx.put(internetGateways, { ...scope, internetGatewayId: "igw-1", vpcId: VPC, tags: [] });
  });
  putSubnet(context, SUBNET_A, "a", "10.0.1.0/24");
  putSubnet(context, SUBNET_C, "c", "10.0.2.0/24");
  return context;
}

export function putSubnet(context: HandlerContext, subnetId: string, zone: string, cidrBlock: string): void {
  const subnet: Subnet = {
    ...context.scope,
    subnetId,
    vpcId: VPC,
    cidrBlock,
    availabilityZone: `${context.scope.region}${zone}`,
    availabilityZoneId: `apne1-az-${zone}`,
    mapPublicIpOnLaunch: false,
    defaultForAz: false,
    tags: [],
  };
  context.store.transaction((tx) => tx.put(subnets, subnet));
}

export function newLoadBalancerArn(context: HandlerContext, name = "web"): string {
  const { LoadBalancers } = createLoadBalancer({ Name: name, Subnets: [SUBNET_A, SUBNET_C] }, context);
  return LoadBalancers?.[0]?.LoadBalancerArn ?? assert.fail("no load balancer");
}

export function newTargetGroupArn(context: HandlerContext, name = "app"): string {
  const { TargetGroups } = createTargetGroup(
    { Name: name, Protocol: "HTTP", Port: 80, VpcId: VPC, TargetType: "ip" },
    context,
  );
  return TargetGroups?.[0]?.TargetGroupArn ?? assert.fail("no target group");
}

/** An HTTP listener that answers 404, or forwards to a group. */
export function newListenerArn(
  context: HandlerContext,
  loadBalancerArn: string,
  options: { readonly port?: number; readonly targetGroupArn?: string } = {},
): string {
  const { Listeners } = createListener(
    {
      LoadBalancerArn: loadBalancerArn,
      Port: options.port ?? 80,
      Protocol: "HTTP",
      DefaultActions: [
        options.targetGroupArn === undefined
          ? { Type: "fixed-response", FixedResponseConfig: { StatusCode: "404" } }
          : { Type: "forward", TargetGroupArn: options.targetGroupArn },
      ],
    },
    context,
  );
  return Listeners?.[0]?.ListenerArn ?? assert.fail("no listener");
}

export function putCertificate(context: HandlerContext, id: string, status: "ISSUED" | "PENDING_VALIDATION") {
  const arn = `arn:aws:acm:${context.scope.region}:${context.scope.account}:certificate/${id}`;
  context.store.transaction((tx) =>
    tx.put(certificates, {
      ...context.scope,
      arn,
      domainName: "example.com",
      subjectAlternativeNames: ["example.com"],
      type: "AMAZON_ISSUED",
      validationMethod: "DNS",
      keyAlgorithm: "RSA_2048",
      status,
      validationRecords: [],
      createdAt: 0,
      certificateTransparencyLogging: "ENABLED",
      tags: [],
    }),
  );
  return arn;
}

/** What `assert.throws` compares errors with: the wire code (its name here) and the text. */
export function fault(name: string, message: string | RegExp): { name: string; message: string | RegExp } {
  return { name, message };
}
