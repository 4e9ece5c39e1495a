/** The load balancer with an HTTPS listener, two target groups and a rule for each host name. */
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  DescribeLoadBalancersCommand,
  type ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Network } from "./network.ts";
import { until } from "./until.ts";

export interface Balancer {
  readonly dnsName: string;
  readonly hostedZoneId: string;
  readonly listenerArn: string;
  readonly backendTargetGroupArn: string;
  readonly proxyTargetGroupArn: string;
}

export async function createLoadBalancer(
  elb: ElasticLoadBalancingV2Client,
  network: Network,
  securityGroup: string,
  certificateArn: string,
): Promise<Balancer> {
  const { LoadBalancers } = await elb.send(
    new CreateLoadBalancerCommand({
      Name: "ecs-navi-lb",
      Subnets: network.publicSubnetIds,
      SecurityGroups: [securityGroup],
    }),
  );
  const [balancer] = LoadBalancers ?? [];
  const LoadBalancerArn = balancer?.LoadBalancerArn ?? "";
  const backendTargetGroupArn = await createTargetGroup(elb, network.vpcId, "ecs-navi-backend-tg");
  const proxyTargetGroupArn = await createTargetGroup(elb, network.vpcId, "ecs-navi-nginx-proxy-tg");
  const { Listeners } = await elb.send(
    new CreateListenerCommand({
      LoadBalancerArn,
      Port: 443,
      Protocol: "HTTPS",
      Certificates: [{ CertificateArn: certificateArn }],
      DefaultActions: [
        {
          Type: "fixed-response",
          FixedResponseConfig: {
            ContentType: "text/plain",
            MessageBody: "404 Not Found",
            StatusCode: "404",
          },
        },
      ],
    }),
  );
  await until("the load balancer is active", 240, async () => {
    const answer = await elb.send(new DescribeLoadBalancersCommand({ LoadBalancerArns: [LoadBalancerArn] }));
    return answer.LoadBalancers?.[0]?.State?.Code === "active";
  });
  return {
    dnsName: balancer?.DNSName ?? "",
    hostedZoneId: balancer?.CanonicalHostedZoneId ?? "",
    listenerArn: Listeners?.[0]?.ListenerArn ?? "",
    backendTargetGroupArn,
    proxyTargetGroupArn,
  };
}

async function createTargetGroup(
  elb: ElasticLoadBalancingV2Client,
  VpcId: string,
  Name: string,
): Promise<string> {
  const { TargetGroups } = await elb.send(
    new CreateTargetGroupCommand({
      Name,
      VpcId,
      Port: 80,
      Protocol: "HTTP",
      TargetType: "ip",
      HealthCheckPath: "/",
      HealthCheckIntervalSeconds: 300,
      HealthCheckTimeoutSeconds: 120,
      HealthyThresholdCount: 5,
      UnhealthyThresholdCount: 10,
      Matcher: { HttpCode: "200" },
    }),
  );
  return TargetGroups?.[0]?.TargetGroupArn ?? "";
}

/** The domain goes to the proxy, its subdomain `api` straight to the backend. */
export async function createRules(
  elb: ElasticLoadBalancingV2Client,
  balancer: Balancer,
  domain: string,
): Promise<void> {
  const rules = [
    { Priority: 100, host: domain, TargetGroupArn: balancer.proxyTargetGroupArn },
    { Priority: 200, host: `api.${domain}`, TargetGroupArn: balancer.backendTargetGroupArn },
  ];
  for (const { Priority, host, TargetGroupArn } of rules) {
    await elb.send(
      new CreateRuleCommand({
        ListenerArn: balancer.listenerArn,
        Priority,
        Conditions: [{ Field: "host-header", HostHeaderConfig: { Values: [host] } }],
        Actions: [{ Type: "forward", TargetGroupArn }],
      }),
    );
  }
}
