/** For tests of this service: a VPC, a cluster, a task definition, and a target group behind a load balancer. */
import assert from "node:assert/strict";
import type * as wire from "@aws-sdk/client-ecs";
import { findInstanceType } from "../../model/ec2/instance-types.ts";
import { parseAgentConfiguration } from "../../model/ecs/agent-configuration.ts";
import { newContainerInstance } from "../../model/ecs/container-instance.ts";
import type { ContainerInstance } from "../../model/ecs/records.ts";
import { autoScalingGroups } from "../../store/tables/autoscaling.ts";
import { discoveryServices } from "../../store/tables/cloudmap.ts";
import { securityGroups, subnets } from "../../store/tables/ec2.ts";
import { containerInstances } from "../../store/tables/ecs.ts";
import { listeners, targetGroups } from "../../store/tables/elb.ts";
import type { HandlerContext } from "../operation.ts";
import { type TestClock, testClock, testContext } from "../testing.ts";
import { createCluster } from "./create-cluster.ts";
import { createService } from "./create-service.ts";
import { registerTaskDefinition } from "./register-task-definition.ts";
import { requireCluster } from "./resolve.ts";

export const SUBNET = "subnet-0000000000000000a";
export const GROUP = "sg-0000000000000000a";
/** In another VPC. */
export const FOREIGN_SUBNET = "subnet-0000000000000000f";
export const FOREIGN_GROUP = "sg-0000000000000000f";
export const TARGET_GROUP =
  "arn:aws:elasticloadbalancing:ap-northeast-1:000000000000:targetgroup/web/0123456789abcdef";
export const REGISTRY = "arn:aws:servicediscovery:ap-northeast-1:000000000000:service/srv-web";
export const SRV_REGISTRY = "arn:aws:servicediscovery:ap-northeast-1:000000000000:service/srv-port";

export const NETWORK: wire.NetworkConfiguration = {
  awsvpcConfiguration: { subnets: [SUBNET], securityGroups: [GROUP], assignPublicIp: "DISABLED" },
};

export interface EcsTestContext extends HandlerContext {
  readonly clock: TestClock;
}

/** With the cluster `main` and the task definition `web:1`. */
export function ecsContext(): EcsTestContext {
  const context: EcsTestContext = { ...testContext(), clock: testClock() };
  putNetwork(context);
  createCluster({ clusterName: "main" }, context);
  registerWeb(context);
  return context;
}

function putNetwork({ store, scope }: HandlerContext): void {
  store.transaction((tx) => {
    for (const [subnetId, vpcId] of [
      [SUBNET, "vpc-1"],
      [FOREIGN_SUBNET, "vpc-2"],
    ] as const) {
      tx.put(subnets, {
        ...scope,
        subnetId,
        vpcId,
        cidrBlock: "10.0.0.0/24",
        availabilityZone: `${scope.region}a`,
        availabilityZoneId: "apne1-az4",
        mapPublicIpOnLaunch: false,
        defaultForAz: false,
        tags: [],
      });
    }
    for (const [groupId, vpcId] of [
      [GROUP, "vpc-1"],
      [FOREIGN_GROUP, "vpc-2"],
    ] as const) {
      tx.put(securityGroups, {
        ...scope,
        groupId,
        groupName: groupId,
        description: "",
        vpcId,
        rules: [],
        tags: [],
      });
    }
  });
}

export function registerWeb(
  context: HandlerContext,
  change: Partial<wire.RegisterTaskDefinitionRequest> = {},
): wire.TaskDefinition {
  const { taskDefinition } = registerTaskDefinition(
    {
      family: "web",
      networkMode: "awsvpc",
      requiresCompatibilities: ["FARGATE"],
      cpu: "256",
      memory: "512",
      containerDefinitions: [{ name: "app", image: "nginx", portMappings: [{ containerPort: 80 }] }],
      ...change,
    },
    context,
  );
  return taskDefinition ?? assert.fail("no task definition");
}

/** Creates the service `web` in the cluster `main`. */
export function createWeb(
  context: HandlerContext,
  change: Partial<wire.CreateServiceRequest> = {},
): wire.Service {
  const { service } = createService(
    {
      cluster: "main",
      serviceName: "web",
      taskDefinition: "web",
      desiredCount: 2,
      launchType: "FARGATE",
      networkConfiguration: NETWORK,
      ...change,
    },
    context,
  );
  return service ?? assert.fail("no service");
}

/** An instance of `t3.small` (2048 CPU units, 1960 MiB) in the cluster `main`, with a connected agent. */
export function putInstance(
  context: HandlerContext,
  change: Partial<ContainerInstance> & { readonly type?: string; readonly config?: string } = {},
): ContainerInstance {
  const { type = "t3.small", config = "", ...record } = change;
  const instance: ContainerInstance = {
    ...newContainerInstance(
      {
        scope: context.scope,
        cluster: requireCluster(context, "main"),
        instance: {
          instanceId: `i-${context.random.hex(17)}`,
          imageId: "ami-0123456789abcdef0",
          availabilityZone: `${context.scope.region}a`,
          vpcId: "vpc-1",
          subnetId: SUBNET,
          tags: [],
        },
        instanceType: findInstanceType(type) ?? assert.fail(`no instance type ${type}`),
        agent: parseAgentConfiguration(config),
        trunking: false,
        now: context.clock.now(),
      },
      context.random,
    ),
    ...record,
  };
  context.store.transaction((tx) => tx.put(containerInstances, instance));
  return instance;
}

/** The Auto Scaling group `fleet`; returns its ARN. */
export function putAutoScalingGroup(
  { store, scope }: HandlerContext,
  options: { readonly name?: string; readonly protectedFromScaleIn?: boolean } = {},
): string {
  const { name = "fleet", protectedFromScaleIn = false } = options;
  const arn = `arn:aws:autoscaling:${scope.region}:${scope.account}:autoScalingGroup:00000000-0000-0000-0000-000000000000:autoScalingGroupName/${name}`;
  store.transaction((tx) =>
    tx.put(autoScalingGroups, {
      ...scope,
      arn,
      name,
      minSize: 0,
      maxSize: 1,
      desiredCapacity: 0,
      defaultCooldown: 300,
      subnetIds: [SUBNET],
      availabilityZones: [`${scope.region}a`],
      targetGroupArns: [],
      healthCheckType: "EC2",
      healthCheckGracePeriod: 0,
      terminationPolicies: ["Default"],
      newInstancesProtectedFromScaleIn: protectedFromScaleIn,
      capacityRebalance: false,
      serviceLinkedRoleArn: "arn:aws:iam::000000000000:role/autoscaling",
      suspendedProcesses: [],
      enabledMetrics: [],
      lifecycleHooks: [],
      createdTime: 0,
      tags: [],
      shown: {},
    }),
  );
  return arn;
}

/** The task definition `box`: 512 CPU units, 900 MiB and host port 8080, under network mode `bridge`. */
export function registerBox(
  context: HandlerContext,
  change: Partial<wire.RegisterTaskDefinitionRequest> = {},
): wire.TaskDefinition {
  const { taskDefinition } = registerTaskDefinition(
    {
      family: "box",
      containerDefinitions: [
        {
          name: "app",
          image: "nginx",
          cpu: 512,
          memory: 900,
          portMappings: [{ containerPort: 80, hostPort: 8080 }],
        },
      ],
      ...change,
    },
    context,
  );
  return taskDefinition ?? assert.fail("no task definition");
}

/** A target group of type `ip`, which nothing forwards to unless `inUse`. */
export function putTargetGroup(
  { store, scope }: HandlerContext,
  options: { readonly inUse: boolean; readonly targetType?: "ip" | "instance" },
): void {
  const { inUse, targetType = "ip" } = options;
  store.transaction((tx) => {
    tx.put(targetGroups, {
      ...scope,
      arn: TARGET_GROUP,
      name: "web",
      protocol: "HTTP",
      protocolVersion: "HTTP1",
      port: 3000,
      vpcId: "vpc-1",
      targetType,
      healthCheck: {
        enabled: true,
        protocol: "HTTP",
        port: "traffic-port",
        path: "/",
        intervalSeconds: 30,
        timeoutSeconds: 5,
        healthyThresholdCount: 5,
        unhealthyThresholdCount: 2,
        matcher: "200",
      },
      attributes: {},
      createdTime: 0,
      tags: [],
    });
    if (!inUse) return;
    tx.put(listeners, {
      ...scope,
      arn: "listener",
      loadBalancerArn: "load-balancer",
      port: 80,
      protocol: "HTTP",
      certificateArns: [],
      defaultActions: [{ kind: "forward", targetGroups: [{ targetGroupArn: TARGET_GROUP }] }],
      attributes: {},
      tags: [],
    });
  });
}

/** Cloud Map services: one with A records, one with SRV records. */
export function putRegistries({ store, scope }: HandlerContext): void {
  store.transaction((tx) => {
    for (const [arn, type] of [
      [REGISTRY, "A"],
      [SRV_REGISTRY, "SRV"],
    ] as const) {
      tx.put(discoveryServices, {
        ...scope,
        id: arn.split("/").at(-1) ?? "",
        arn,
        name: "web",
        namespaceId: "ns-1",
        dnsConfig: { routingPolicy: "MULTIVALUE", dnsRecords: [{ type, ttlSeconds: 10 }] },
        type: "DNS_HTTP",
        instancesRevision: 0,
        attributes: {},
        createDate: 0,
        tags: [],
      });
    }
  });
}

/** What `assert.throws` compares errors with. */
export function fault(name: string, message: string | RegExp): { name: string; message: string | RegExp } {
  return { name, message };
}

export const invalid = (message: string | RegExp) => fault("InvalidParameterException", message);
export const client = (message: string | RegExp) => fault("ClientException", message);
export const unsupported = (message: string | RegExp) => fault("UnsupportedFeatureException", message);
