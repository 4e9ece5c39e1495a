/** VPC, subnets in two zones, gateways, route tables, security groups. */
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
  type EC2Client,
  type IpPermission,
  ModifySubnetAttributeCommand,
  ModifyVpcAttributeCommand,
} from "@aws-sdk/client-ec2";
import { until } from "./until.ts";

export interface Network {
  readonly vpcId: string;
  readonly publicSubnetIds: string[];
  readonly privateSubnetIds: string[];
}

export async function createNetwork(ec2: EC2Client, region: string): Promise<Network> {
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" }));
  const vpcId = Vpc?.VpcId ?? "";
  // Without both attributes private hosted zones, and so Cloud Map's names, do not resolve.
  await ec2.send(new ModifyVpcAttributeCommand({ VpcId: vpcId, EnableDnsHostnames: { Value: true } }));
  const publicSubnetIds = [
    await createSubnet(ec2, vpcId, "10.0.1.0/24", `${region}a`),
    await createSubnet(ec2, vpcId, "10.0.2.0/24", `${region}c`),
  ];
  for (const SubnetId of publicSubnetIds) {
    await ec2.send(new ModifySubnetAttributeCommand({ SubnetId, MapPublicIpOnLaunch: { Value: true } }));
  }
  const privateSubnetIds = [
    await createSubnet(ec2, vpcId, "10.0.10.0/24", `${region}a`),
    await createSubnet(ec2, vpcId, "10.0.11.0/24", `${region}c`),
  ];
  const { InternetGateway } = await ec2.send(new CreateInternetGatewayCommand({}));
  const GatewayId = InternetGateway?.InternetGatewayId ?? "";
  await ec2.send(new AttachInternetGatewayCommand({ VpcId: vpcId, InternetGatewayId: GatewayId }));
  await createRouteTable(ec2, vpcId, publicSubnetIds, { GatewayId });

  const { AllocationId } = await ec2.send(new AllocateAddressCommand({ Domain: "vpc" }));
  const { NatGateway } = await ec2.send(
    new CreateNatGatewayCommand({ SubnetId: publicSubnetIds[0], AllocationId }),
  );
  const NatGatewayId = NatGateway?.NatGatewayId ?? "";
  await until("the NAT gateway is available", 120, async () => {
    const answer = await ec2.send(new DescribeNatGatewaysCommand({ NatGatewayIds: [NatGatewayId] }));
    return answer.NatGateways?.[0]?.State === "available";
  });
  await createRouteTable(ec2, vpcId, privateSubnetIds, { NatGatewayId });
  return { vpcId, publicSubnetIds, privateSubnetIds };
}

async function createSubnet(
  ec2: EC2Client,
  VpcId: string,
  CidrBlock: string,
  AvailabilityZone: string,
): Promise<string> {
  const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock, AvailabilityZone }));
  return Subnet?.SubnetId ?? "";
}

async function createRouteTable(
  ec2: EC2Client,
  VpcId: string,
  subnetIds: readonly string[],
  target: { readonly GatewayId?: string; readonly NatGatewayId?: string },
): Promise<void> {
  const { RouteTable } = await ec2.send(new CreateRouteTableCommand({ VpcId }));
  const RouteTableId = RouteTable?.RouteTableId ?? "";
  await ec2.send(new CreateRouteCommand({ RouteTableId, DestinationCidrBlock: "0.0.0.0/0", ...target }));
  for (const SubnetId of subnetIds) {
    await ec2.send(new AssociateRouteTableCommand({ RouteTableId, SubnetId }));
  }
}

export interface SecurityGroups {
  readonly loadBalancer: string;
  readonly backend: string;
  readonly proxy: string;
}

/** The backend accepts the load balancer and the proxy, the proxy accepts the load balancer. */
export async function createSecurityGroups(ec2: EC2Client, vpcId: string): Promise<SecurityGroups> {
  const loadBalancer = await createGroup(ec2, vpcId, "ecs-navi-sg", () => ({
    ...tcp(443),
    IpRanges: [{ CidrIp: "0.0.0.0/0" }],
  }));
  const proxy = await createGroup(ec2, vpcId, "ecs-navi-proxy-nginx-sg", () => ({
    ...tcp(80),
    UserIdGroupPairs: [{ GroupId: loadBalancer }],
  }));
  const backend = await createGroup(ec2, vpcId, "ecs-navi-backend-sg", () => ({
    ...tcp(80),
    UserIdGroupPairs: [{ GroupId: loadBalancer }, { GroupId: proxy }],
  }));
  return { loadBalancer, backend, proxy };
}

function tcp(port: number): IpPermission {
  return { IpProtocol: "tcp", FromPort: port, ToPort: port };
}

async function createGroup(
  ec2: EC2Client,
  VpcId: string,
  GroupName: string,
  ingress: () => IpPermission,
): Promise<string> {
  const { GroupId = "" } = await ec2.send(
    new CreateSecurityGroupCommand({ VpcId, GroupName, Description: GroupName }),
  );
  await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [ingress()] }));
  return GroupId;
}
