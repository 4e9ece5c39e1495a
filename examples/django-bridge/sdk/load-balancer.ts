/** An Application Load Balancer with a target group for each kind of target. */
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  type ElasticLoadBalancingV2Client,
  ModifyListenerCommand,
  ModifyTargetGroupAttributesCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { NAME, present } from "./clients.ts";
import type { Network } from "./network.ts";

export interface Balancer {
  readonly dnsName: string;
  readonly listenerArn: string;
  readonly targetGroupArns: { readonly instance: string; readonly ip: string };
}

export async function ensureLoadBalancer(
  elb: ElasticLoadBalancingV2Client,
  network: Network,
  securityGroup: string,
): Promise<Balancer> {
  const targetGroupArns = {
    instance: await ensureTargetGroup(elb, network.vpcId, "instance"),
    ip: await ensureTargetGroup(elb, network.vpcId, "ip"),
  };
  const existing = await orNone("LoadBalancerNotFoundException", () =>
    elb.send(new DescribeLoadBalancersCommand({ Names: [NAME] })),
  );
  const { LoadBalancers } =
    existing ??
    (await elb.send(
      new CreateLoadBalancerCommand({
        Name: NAME,
        Subnets: network.subnetIds,
        SecurityGroups: [securityGroup],
      }),
    ));
  const balancer = present(LoadBalancers?.[0], "load balancer");
  const LoadBalancerArn = present(balancer.LoadBalancerArn, "LoadBalancerArn");
  const listeners = await elb.send(new DescribeListenersCommand({ LoadBalancerArn }));
  const { Listeners } =
    (listeners.Listeners?.length ?? 0) > 0
      ? listeners
      : await elb.send(
          new CreateListenerCommand({
            LoadBalancerArn,
            Protocol: "HTTP",
            Port: 80,
            DefaultActions: [{ Type: "forward", TargetGroupArn: targetGroupArns.instance }],
          }),
        );
  return {
    dnsName: present(balancer.DNSName, "DNSName"),
    listenerArn: present(Listeners?.[0]?.ListenerArn, "ListenerArn"),
    targetGroupArns,
  };
}

export async function forwardTo(
  elb: ElasticLoadBalancingV2Client,
  ListenerArn: string,
  TargetGroupArn: string,
): Promise<void> {
  await elb.send(
    new ModifyListenerCommand({ ListenerArn, DefaultActions: [{ Type: "forward", TargetGroupArn }] }),
  );
}

async function ensureTargetGroup(
  elb: ElasticLoadBalancingV2Client,
  VpcId: string,
  TargetType: "instance" | "ip",
): Promise<string> {
  const Name = `${NAME}-${TargetType}`;
  const existing = await orNone("TargetGroupNotFoundException", () =>
    elb.send(new DescribeTargetGroupsCommand({ Names: [Name] })),
  );
  const found = existing?.TargetGroups?.[0]?.TargetGroupArn;
  if (found !== undefined) return found;
  const { TargetGroups } = await elb.send(
    new CreateTargetGroupCommand({
      Name,
      VpcId,
      TargetType,
      Protocol: "HTTP",
      Port: 80,
      HealthCheckPath: "/",
      HealthCheckIntervalSeconds: 5,
      HealthCheckTimeoutSeconds: 2,
      HealthyThresholdCount: 2,
      UnhealthyThresholdCount: 2,
    }),
  );
  const TargetGroupArn = present(TargetGroups?.[0]?.TargetGroupArn, "TargetGroupArn");
  await elb.send(
    new ModifyTargetGroupAttributesCommand({
      TargetGroupArn,
      Attributes: [{ Key: "deregistration_delay.timeout_seconds", Value: "5" }],
    }),
  );
  return TargetGroupArn;
}

/** What `ask` gives, or undefined where it ends with that error. */
export async function orNone<T>(errorName: string, ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof Error && error.name === errorName) return undefined;
    throw error;
  }
}
