/** EC2 records for tests of the fabric reconciler: one VPC, a public and a private subnet. */
import type {
  InternetGateway,
  NatGateway,
  NetworkInterface,
  Route,
  RouteTable,
  SecurityGroup,
  SecurityGroupRule,
  Subnet,
  Vpc,
} from "../../model/ec2/records.ts";

const scope = { account: "000000000000", region: "ap-northeast-1" };

export const VPC = "vpc-00000000100000000";
export const PUBLIC = "subnet-00000000100000000";
export const PRIVATE = "subnet-00000000200000000";
export const GROUP = "sg-00000000100000000";
export const GATEWAY = "igw-00000000100000000";
export const NAT = "nat-00000000100000000";
export const NAT_INTERFACE = "eni-00000009900000000";

export const vpc: Vpc = {
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
};

export function subnet(subnetId: string, cidrBlock: string): Subnet {
  return {
    ...scope,
    subnetId,
    vpcId: VPC,
    cidrBlock,
    availabilityZone: "ap-northeast-1a",
    availabilityZoneId: "apne1-az4",
    mapPublicIpOnLaunch: false,
    defaultForAz: false,
    tags: [],
  };
}

export function routeTable(number: number, routes: readonly Route[], subnetId?: string): RouteTable {
  return {
    ...scope,
    routeTableId: `rtb-${number}`,
    vpcId: VPC,
    routes: [
      { destinationCidrBlock: vpc.cidrBlock, target: { kind: "local" }, origin: "CreateRouteTable" },
      ...routes,
    ],
    associations: [{ associationId: `rtbassoc-${number}`, main: subnetId === undefined, subnetId }],
    tags: [],
  };
}

export function defaultRoute(target: Route["target"]): Route {
  return { destinationCidrBlock: "0.0.0.0/0", target, origin: "CreateRoute" };
}

export function internetGateway(vpcId?: string): InternetGateway {
  return { ...scope, internetGatewayId: GATEWAY, vpcId, tags: [] };
}

export function natGateway(state: NatGateway["state"], parts: Partial<NatGateway> = {}): NatGateway {
  return {
    ...scope,
    natGatewayId: NAT,
    vpcId: VPC,
    subnetId: PUBLIC,
    connectivityType: "public",
    allocationId: "eipalloc-1",
    networkInterfaceId: NAT_INTERFACE,
    state,
    createTime: 0,
    tags: [],
    ...parts,
  };
}

export function securityGroup(rules: readonly SecurityGroupRule[], groupId = GROUP): SecurityGroup {
  return { ...scope, groupId, groupName: groupId, description: "", vpcId: VPC, rules, tags: [] };
}

export function rule(parts: Partial<SecurityGroupRule> = {}): SecurityGroupRule {
  return {
    ruleId: "sgr-1",
    direction: "ingress",
    protocol: "-1",
    peer: { kind: "cidr", cidr: "0.0.0.0/0" },
    tags: [],
    ...parts,
  };
}

export function networkInterface(number: number, parts: Partial<NetworkInterface> = {}): NetworkInterface {
  return {
    ...scope,
    networkInterfaceId: `eni-000000${number.toString().padStart(2, "0")}900000000`,
    vpcId: VPC,
    subnetId: PRIVATE,
    availabilityZone: "ap-northeast-1a",
    privateIpAddress: `10.0.2.${number}`,
    macAddress: `02:00:00:00:00:${number.toString().padStart(2, "0")}`,
    groupIds: [GROUP],
    sourceDestCheck: true,
    description: "",
    owner: { kind: "user" },
    linkState: "absent",
    createTime: 0,
    tags: [],
    ...parts,
  };
}

export function natInterface(): NetworkInterface {
  return networkInterface(99, {
    networkInterfaceId: NAT_INTERFACE,
    subnetId: PUBLIC,
    privateIpAddress: "10.0.1.99",
    groupIds: [],
    sourceDestCheck: false,
    owner: { kind: "nat-gateway", natGatewayId: NAT },
    sandbox: { kind: "own-namespace" },
  });
}
