/** How tasks with ports of an instance are found: a load balancer with instances as targets, and SRV records. */
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  ModifyTargetGroupAttributesCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Ground } from "./ec2-setup.ts";
import { present } from "./harness.ts";
import { type Balancer, createGroup, fromAnywhere } from "./network.ts";

/** HTTP on port 80 for everybody, to ports of instances. */
export async function createInstanceBalancer(ground: Ground, Name: string): Promise<Balancer> {
  const { elb } = ground;
  const { vpcId, publicSubnetIds } = ground.network;
  const group = await createGroup(ground, vpcId, `${Name}-balancer`, fromAnywhere);
  const { LoadBalancers } = await elb.send(
    new CreateLoadBalancerCommand({ Name, Subnets: [...publicSubnetIds], SecurityGroups: [group] }),
  );
  const arn = present(LoadBalancers?.[0]?.LoadBalancerArn, "LoadBalancerArn");
  const { TargetGroups } = await elb.send(
    new CreateTargetGroupCommand({
      Name,
      VpcId: vpcId,
      Port: 80,
      Protocol: "HTTP",
      TargetType: "instance",
      HealthCheckIntervalSeconds: 5,
      HealthCheckTimeoutSeconds: 2,
      HealthyThresholdCount: 2,
    }),
  );
  const targetGroupArn = present(TargetGroups?.[0]?.TargetGroupArn, "TargetGroupArn");
  await elb.send(
    new ModifyTargetGroupAttributesCommand({
      TargetGroupArn: targetGroupArn,
      Attributes: [{ Key: "deregistration_delay.timeout_seconds", Value: "1" }],
    }),
  );
  await elb.send(
    new CreateListenerCommand({
      LoadBalancerArn: arn,
      Port: 80,
      Protocol: "HTTP",
      DefaultActions: [{ Type: "forward", TargetGroupArn: targetGroupArn }],
    }),
  );
  return { arn, dnsName: present(LoadBalancers?.[0]?.DNSName, "DNSName"), targetGroupArn };
}
