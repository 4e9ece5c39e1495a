/** VPCs as users make them: public subnets in two zones, a private one, gateways, security groups, names. */
import {
  AllocateAddressCommand,
  AssociateRouteTableCommand,
  AttachInternetGatewayCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateInternetGatewayCommand,
  CreateNatGatewayCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeNatGatewaysCommand,
  type IpPermission,
  ModifyVpcAttributeCommand,
} from "@aws-sdk/client-ec2";
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetHealthCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import {
  CreatePrivateDnsNamespaceCommand,
  CreateServiceCommand,
  type DnsRecord,
  GetOperationCommand,
} from "@aws-sdk/client-servicediscovery";
import { present, REGION, type TestBerth, until } from "./harness.ts";

export interface Network {
  readonly vpcId: string;
  readonly publicSubnetIds: readonly [string, string];
  readonly privateSubnetId: string;
}

/** `range` is the first two numbers: `10.7` makes 10.7.0.0/16. */
export async function createNetwork({ ec2 }: TestBerth, range: string): Promise<Network> {
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: `${range}.0.0/16` }));
  const VpcId = present(Vpc?.VpcId, "VpcId");
  // Private zones, and so Cloud Map's names, resolve with both attributes only.
  await ec2.send(new ModifyVpcAttributeCommand({ VpcId, EnableDnsHostnames: { Value: true } }));
  const subnet = async (CidrBlock: string, zone: string) => {
    const { Subnet } = await ec2.send(
      new CreateSubnetCommand({ VpcId, CidrBlock, AvailabilityZone: `${REGION}${zone}` }),
    );
    return present(Subnet?.SubnetId, "SubnetId");
  };
  const publicSubnetIds = [
    await subnet(`${range}.1.0/24`, "a"),
    await subnet(`${range}.2.0/24`, "c"),
  ] as const;
  const privateSubnetId = await subnet(`${range}.10.0/24`, "a");
  const { InternetGateway } = await ec2.send(new CreateInternetGatewayCommand({}));
  const GatewayId = present(InternetGateway?.InternetGatewayId, "InternetGatewayId");
  await ec2.send(new AttachInternetGatewayCommand({ VpcId, InternetGatewayId: GatewayId }));
  const network = { vpcId: VpcId, publicSubnetIds, privateSubnetId };
  await routeDefault(ec2, VpcId, publicSubnetIds, { GatewayId });
  return network;
}

/** Gives the private subnet a way out. Returns the public address that it has outside. */
export async function createNatGateway({ ec2 }: TestBerth, network: Network): Promise<string> {
  const address = await ec2.send(new AllocateAddressCommand({ Domain: "vpc" }));
  const { NatGateway } = await ec2.send(
    new CreateNatGatewayCommand({
      SubnetId: network.publicSubnetIds[0],
      AllocationId: address.AllocationId,
    }),
  );
  const NatGatewayId = present(NatGateway?.NatGatewayId, "NatGatewayId");
  await until("the NAT gateway is available", 30, async () => {
    const answer = await ec2.send(new DescribeNatGatewaysCommand({ NatGatewayIds: [NatGatewayId] }));
    return answer.NatGateways?.[0]?.State === "available";
  });
  await routeDefault(ec2, network.vpcId, [network.privateSubnetId], { NatGatewayId });
  return present(address.PublicIp, "PublicIp");
}

async function routeDefault(
  ec2: TestBerth["ec2"],
  VpcId: string,
  subnetIds: readonly string[],
  target: { readonly GatewayId?: string; readonly NatGatewayId?: string },
): Promise<void> {
  const { RouteTable } = await ec2.send(new CreateRouteTableCommand({ VpcId }));
  const RouteTableId = RouteTable?.RouteTableId;
  await ec2.send(new CreateRouteCommand({ RouteTableId, DestinationCidrBlock: "0.0.0.0/0", ...target }));
  for (const SubnetId of subnetIds) {
    await ec2.send(new AssociateRouteTableCommand({ RouteTableId, SubnetId }));
  }
}

export const fromAnywhere: IpPermission = {
  IpProtocol: "tcp",
  FromPort: 80,
  ToPort: 80,
  IpRanges: [{ CidrIp: "0.0.0.0/0" }],
};

export function fromGroup(GroupId: string): IpPermission {
  return { IpProtocol: "tcp", FromPort: 80, ToPort: 80, UserIdGroupPairs: [{ GroupId }] };
}

export async function createGroup(
  { ec2 }: TestBerth,
  VpcId: string,
  GroupName: string,
  ingress?: IpPermission,
): Promise<string> {
  const { GroupId } = await ec2.send(
    new CreateSecurityGroupCommand({ VpcId, GroupName, Description: GroupName }),
  );
  if (ingress !== undefined) {
    await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [ingress] }));
  }
  return present(GroupId, "GroupId");
}

/** A private namespace with a service in it. Returns the service's ARN, for an ECS service to register in. */
export async function createDiscoveryService(
  { cloudMap }: TestBerth,
  Vpc: string,
  namespace: string,
  Name: string,
  record: DnsRecord = { Type: "A", TTL: 10 },
): Promise<string> {
  const { OperationId } = await cloudMap.send(new CreatePrivateDnsNamespaceCommand({ Name: namespace, Vpc }));
  const NamespaceId = await until("the namespace is made", 30, async () => {
    const { Operation } = await cloudMap.send(new GetOperationCommand({ OperationId }));
    return Operation?.Status === "SUCCESS" && Operation.Targets?.NAMESPACE;
  });
  const { Service } = await cloudMap.send(
    new CreateServiceCommand({
      Name,
      NamespaceId,
      DnsConfig: { RoutingPolicy: "MULTIVALUE", DnsRecords: [record] },
      HealthCheckCustomConfig: { FailureThreshold: 1 },
    }),
  );
  return present(Service?.Arn, "service ARN");
}

export interface Balancer {
  readonly arn: string;
  readonly dnsName: string;
  readonly targetGroupArn: string;
}

/** HTTP on port 80 for everybody, to targets by address. */
export async function createBalancer(
  berth: TestBerth,
  network: Network,
  Name: string,
  securityGroup: string,
): Promise<Balancer> {
  const { elb } = berth;
  const { LoadBalancers } = await elb.send(
    new CreateLoadBalancerCommand({
      Name,
      Subnets: [...network.publicSubnetIds],
      SecurityGroups: [securityGroup],
    }),
  );
  const arn = present(LoadBalancers?.[0]?.LoadBalancerArn, "LoadBalancerArn");
  const { TargetGroups } = await elb.send(
    new CreateTargetGroupCommand({
      Name,
      VpcId: network.vpcId,
      Port: 80,
      Protocol: "HTTP",
      TargetType: "ip",
      HealthCheckIntervalSeconds: 5,
      HealthCheckTimeoutSeconds: 2,
      HealthyThresholdCount: 2,
    }),
  );
  const targetGroupArn = present(TargetGroups?.[0]?.TargetGroupArn, "TargetGroupArn");
  await elb.send(
    new CreateListenerCommand({
      LoadBalancerArn: arn,
      Port: 80,
      Protocol: "HTTP",
      DefaultActions: [{ Type: "forward", TargetGroupArn: targetGroupArn }],
    }),
  );
  await until("the load balancer is active", 30, async () => {
    const answer = await elb.send(new DescribeLoadBalancersCommand({ LoadBalancerArns: [arn] }));
    return answer.LoadBalancers?.[0]?.State?.Code === "active";
  });
  return { arn, dnsName: present(LoadBalancers?.[0]?.DNSName, "DNSName"), targetGroupArn };
}

export function untilHealthy({ elb }: TestBerth, TargetGroupArn: string, count: number): Promise<true> {
  return until(`${count} targets are healthy`, 60, async () => {
    const { TargetHealthDescriptions = [] } = await elb.send(
      new DescribeTargetHealthCommand({ TargetGroupArn }),
    );
    const states = TargetHealthDescriptions.map(({ TargetHealth }) => TargetHealth?.State);
    return states.length === count && states.every((state) => state === "healthy");
  });
}
