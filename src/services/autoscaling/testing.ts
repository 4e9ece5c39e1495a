/** A VPC with two subnets and a launch template, for tests of this service. */
import type * as wire from "@aws-sdk/client-auto-scaling";
import { groupKey } from "../../model/autoscaling/names.ts";
import type { AutoScalingGroup, AutoScalingInstance } from "../../model/autoscaling/records.ts";
import { machineImages } from "../../model/ec2/images.ts";
import { autoScalingGroups, autoScalingInstances } from "../../store/tables/autoscaling.ts";
import { launchTemplates, launchTemplateVersions, securityGroups, subnets } from "../../store/tables/ec2.ts";
import { targetGroups } from "../../store/tables/elb.ts";
import type { HandlerContext } from "../operation.ts";
import { testContext } from "../testing.ts";
import { createAutoScalingGroup } from "./create-group.ts";

export const SUBNET_A = "subnet-0000000000000000a";
export const SUBNET_C = "subnet-0000000000000000c";
export const TEMPLATE = "lt-0123456789abcdef0";

export function contextWithTemplate(): HandlerContext {
  const context = testContext();
  const { store, scope } = context;
  const [image] = machineImages(scope.region).filter(({ architecture }) => architecture === "x86_64");
  store.transaction((tx) => {
    for (const [subnetId, letter, block] of [
      [SUBNET_A, "a", 1],
      [SUBNET_C, "c", 2],
    ] as const) {
      tx.put(subnets, {
        ...scope,
        subnetId,
        vpcId: "vpc-1",
        cidrBlock: `10.0.${block}.0/24`,
        availabilityZone: scope.region + letter,
        availabilityZoneId: `apne1-az-${letter}`,
        mapPublicIpOnLaunch: false,
        defaultForAz: false,
        tags: [],
      });
    }
    tx.put(securityGroups, {
      ...scope,
      groupId: "sg-1",
      groupName: "default",
      description: "default VPC security group",
      vpcId: "vpc-1",
      rules: [],
      tags: [],
    });
    tx.put(launchTemplates, {
      ...scope,
      launchTemplateId: TEMPLATE,
      launchTemplateName: "web",
      createTime: 0,
      createdBy: "me",
      defaultVersion: 1,
      latestVersion: 2,
      tags: [],
    });
    for (const version of [1, 2]) {
      tx.put(launchTemplateVersions, {
        ...scope,
        launchTemplateId: TEMPLATE,
        version,
        createTime: 0,
        createdBy: "me",
        data: {
          ImageId: version === 1 ? (image?.imageId ?? "") : "ami-0123456789abcdef0",
          InstanceType: "t3.micro",
        },
      });
    }
  });
  return context;
}

export const GROUP_INPUT: wire.CreateAutoScalingGroupType = {
  AutoScalingGroupName: "asg",
  MinSize: 0,
  MaxSize: 4,
  DesiredCapacity: 1,
  LaunchTemplate: { LaunchTemplateName: "web", Version: "$Default" },
  VPCZoneIdentifier: `${SUBNET_A},${SUBNET_C}`,
};

export function newGroup(
  context: HandlerContext,
  overrides: Partial<wire.CreateAutoScalingGroupType> = {},
): void {
  createAutoScalingGroup({ ...GROUP_INPUT, ...overrides }, context);
}

export function groupOf(context: HandlerContext, name = "asg"): AutoScalingGroup | undefined {
  return context.store.get(autoScalingGroups, groupKey(context.scope, name));
}

export function putMember(
  context: HandlerContext,
  instanceId: string,
  overrides: Partial<AutoScalingInstance> = {},
): void {
  context.store.transaction((tx) =>
    tx.put(autoScalingInstances, {
      ...context.scope,
      instanceId,
      groupName: "asg",
      availabilityZone: `${context.scope.region}a`,
      instanceType: "t3.micro",
      lifecycleState: "InService",
      healthStatus: "Healthy",
      protectedFromScaleIn: false,
      launchTemplate: { LaunchTemplateId: TEMPLATE, LaunchTemplateName: "web", Version: "1" },
      since: context.clock.now(),
      ...overrides,
    }),
  );
}

export function memberOf(context: HandlerContext, instanceId: string): AutoScalingInstance | undefined {
  return context.store.get(autoScalingInstances, instanceId);
}

export function putTargetGroup(context: HandlerContext, targetType: "instance" | "ip"): string {
  const arn = `arn:aws:elasticloadbalancing:${context.scope.region}:${context.scope.account}:targetgroup/${targetType}/1`;
  context.store.transaction((tx) =>
    tx.put(targetGroups, {
      ...context.scope,
      arn,
      name: targetType,
      protocol: "HTTP",
      port: 80,
      vpcId: "vpc-1",
      targetType,
      healthCheck: {
        enabled: true,
        protocol: "HTTP",
        port: "traffic-port",
        intervalSeconds: 30,
        timeoutSeconds: 5,
        healthyThresholdCount: 5,
        unhealthyThresholdCount: 2,
      },
      attributes: {},
      createdTime: 0,
      tags: [],
    }),
  );
  return arn;
}

/** What `assert.throws` compares errors with: the wire code (its name here) and the text. */
export function fault(name: string, message: string | RegExp): { name: string; message: string | RegExp } {
  return { name, message };
}
