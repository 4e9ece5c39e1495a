/** VPC, two public subnets, internet gateway, security groups. Found by name where an earlier step made them. */
import {
  AssociateRouteTableCommand,
  AttachInternetGatewayCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateInternetGatewayCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  type EC2Client,
  type IpPermission,
  ModifySubnetAttributeCommand,
  ModifyVpcAttributeCommand,
} from "@aws-sdk/client-ec2";
import { NAME, present } from "./clients.ts";

export interface Network {
  readonly vpcId: string;
  readonly subnetIds: string[];
}

export async function ensureNetwork(ec2: EC2Client, region: string): Promise<Network> {
  const found = await ec2.send(new DescribeVpcsCommand({ Filters: [{ Name: "tag:Name", Values: [NAME] }] }));
  const vpcId = found.Vpcs?.[0]?.VpcId;
  if (vpcId === undefined) return createNetwork(ec2, region);
  const { Subnets = [] } = await ec2.send(
    new DescribeSubnetsCommand({ Filters: [{ Name: "vpc-id", Values: [vpcId] }] }),
  );
  const ordered = Subnets.sort((a, b) => ((a.CidrBlock ?? "") < (b.CidrBlock ?? "") ? -1 : 1));
  return { vpcId, subnetIds: ordered.map(({ SubnetId }) => present(SubnetId, "SubnetId")) };
}

async function createNetwork(ec2: EC2Client, region: string): Promise<Network> {
  const { Vpc } = await ec2.send(
    new CreateVpcCommand({
      CidrBlock: "10.1.0.0/16",
      TagSpecifications: [{ ResourceType: "vpc", Tags: [{ Key: "Name", Value: NAME }] }],
    }),
  );
  const vpcId = present(Vpc?.VpcId, "VpcId");
  // Without it Cloud Map's names do not resolve.
  await ec2.send(new ModifyVpcAttributeCommand({ VpcId: vpcId, EnableDnsHostnames: { Value: true } }));
  const gateway = await ec2.send(new CreateInternetGatewayCommand({}));
  const InternetGatewayId = gateway.InternetGateway?.InternetGatewayId;
  await ec2.send(new AttachInternetGatewayCommand({ VpcId: vpcId, InternetGatewayId }));
  const { RouteTable } = await ec2.send(new CreateRouteTableCommand({ VpcId: vpcId }));
  const RouteTableId = RouteTable?.RouteTableId;
  await ec2.send(
    new CreateRouteCommand({ RouteTableId, DestinationCidrBlock: "0.0.0.0/0", GatewayId: InternetGatewayId }),
  );
  const subnetIds: string[] = [];
  for (const [zone, CidrBlock] of [
    ["a", "10.1.1.0/24"],
    ["c", "10.1.2.0/24"],
  ]) {
    const { Subnet } = await ec2.send(
      new CreateSubnetCommand({ VpcId: vpcId, CidrBlock, AvailabilityZone: `${region}${zone}` }),
    );
    const SubnetId = present(Subnet?.SubnetId, "SubnetId");
    await ec2.send(new ModifySubnetAttributeCommand({ SubnetId, MapPublicIpOnLaunch: { Value: true } }));
    await ec2.send(new AssociateRouteTableCommand({ RouteTableId, SubnetId }));
    subnetIds.push(SubnetId);
  }
  return { vpcId, subnetIds };
}

export interface SecurityGroups {
  readonly loadBalancer: string;
  /** Bridge: dynamic host ports, from the balancer. */
  readonly instance: string;
  /** awsvpc: port 80, from the balancer. */
  readonly task: string;
  /** Step 5: port 8000, from nginx. */
  readonly gunicorn: string;
}

export async function ensureSecurityGroups(ec2: EC2Client, vpcId: string): Promise<SecurityGroups> {
  const ensure = (name: string, ingress: IpPermission) => ensureGroup(ec2, vpcId, `${NAME}-${name}`, ingress);
  const from = (GroupId: string) => ({ UserIdGroupPairs: [{ GroupId }] });
  const loadBalancer = await ensure("load-balancer", { ...tcp(80), IpRanges: [{ CidrIp: "0.0.0.0/0" }] });
  const task = await ensure("task", { ...tcp(80), ...from(loadBalancer) });
  return {
    loadBalancer,
    task,
    instance: await ensure("instance", { ...tcp(32768, 65535), ...from(loadBalancer) }),
    gunicorn: await ensure("gunicorn", { ...tcp(8000), ...from(task) }),
  };
}

function tcp(FromPort: number, ToPort = FromPort): IpPermission {
  return { IpProtocol: "tcp", FromPort, ToPort };
}

async function ensureGroup(
  ec2: EC2Client,
  VpcId: string,
  GroupName: string,
  ingress: IpPermission,
): Promise<string> {
  const { SecurityGroups } = await ec2.send(
    new DescribeSecurityGroupsCommand({
      Filters: [
        { Name: "vpc-id", Values: [VpcId] },
        { Name: "group-name", Values: [GroupName] },
      ],
    }),
  );
  const found = SecurityGroups?.[0]?.GroupId;
  if (found !== undefined) return found;
  const { GroupId = "" } = await ec2.send(
    new CreateSecurityGroupCommand({ VpcId, GroupName, Description: GroupName }),
  );
  await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [ingress] }));
  return GroupId;
}
