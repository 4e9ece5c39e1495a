import type {
  Address,
  DhcpOptions,
  Instance,
  InternetGateway,
  KeyPair,
  LaunchTemplate,
  LaunchTemplateVersion,
  NatGateway,
  NetworkAcl,
  NetworkInterface,
  RouteTable,
  SecurityGroup,
  Subnet,
  Vpc,
} from "../../model/ec2/records.ts";
import { defineTable } from "../table.ts";

const scope = (record: { account: string; region: string }) => `${record.account}/${record.region}`;

export const vpcs = defineTable<Vpc>()({
  name: "ec2_vpcs",
  key: (record) => record.vpcId,
  indexes: { scope },
});

export const dhcpOptions = defineTable<DhcpOptions>()({
  name: "ec2_dhcp_options",
  key: (record) => record.dhcpOptionsId,
  indexes: { scope },
});

export const subnets = defineTable<Subnet>()({
  name: "ec2_subnets",
  key: (record) => record.subnetId,
  indexes: { scope, vpc: (record) => record.vpcId },
});

export const internetGateways = defineTable<InternetGateway>()({
  name: "ec2_internet_gateways",
  key: (record) => record.internetGatewayId,
  indexes: { scope, vpc: (record) => record.vpcId },
});

export const routeTables = defineTable<RouteTable>()({
  name: "ec2_route_tables",
  key: (record) => record.routeTableId,
  indexes: {
    scope,
    vpc: (record) => record.vpcId,
    association: (record) => record.associations.map((association) => association.associationId),
  },
});

export const networkAcls = defineTable<NetworkAcl>()({
  name: "ec2_network_acls",
  key: (record) => record.networkAclId,
  indexes: { scope, vpc: (record) => record.vpcId },
});

export const securityGroups = defineTable<SecurityGroup>()({
  name: "ec2_security_groups",
  key: (record) => record.groupId,
  indexes: { scope, vpc: (record) => record.vpcId },
});

export const addresses = defineTable<Address>()({
  name: "ec2_addresses",
  key: (record) => record.allocationId,
  indexes: {
    scope,
    publicIp: (record) => record.publicIp,
    networkInterface: (record) => record.association?.networkInterfaceId,
  },
});

export const natGateways = defineTable<NatGateway>()({
  name: "ec2_nat_gateways",
  key: (record) => record.natGatewayId,
  indexes: { scope, vpc: (record) => record.vpcId, subnet: (record) => record.subnetId },
});

export const networkInterfaces = defineTable<NetworkInterface>()({
  name: "ec2_network_interfaces",
  key: (record) => record.networkInterfaceId,
  indexes: {
    scope,
    vpc: (record) => record.vpcId,
    subnet: (record) => record.subnetId,
    group: (record) => record.groupIds,
    /** The ARN or id of the task, container instance, NAT gateway or load balancer that it belongs to. */
    owner: (record) => {
      switch (record.owner.kind) {
        case "user":
          return undefined;
        case "ecs-task":
          return record.owner.taskArn;
        case "ecs-trunk":
          return record.owner.containerInstanceArn;
        case "nat-gateway":
          return record.owner.natGatewayId;
        case "load-balancer":
          return record.owner.loadBalancerArn;
      }
    },
    amazonPublicIp: (record) => record.amazonPublicIp,
    instance: (record) => record.instanceAttachment?.instanceId,
  },
});

export const instances = defineTable<Instance>()({
  name: "ec2_instances",
  key: (record) => record.instanceId,
  indexes: {
    scope,
    vpc: (record) => record.vpcId,
    subnet: (record) => record.subnetId,
    clientToken: (record) =>
      record.clientToken === undefined
        ? undefined
        : `${record.account}/${record.region}|${record.clientToken}`,
  },
});

export const launchTemplates = defineTable<LaunchTemplate>()({
  name: "ec2_launch_templates",
  key: (record) => record.launchTemplateId,
  indexes: { scope, name: (record) => `${record.account}/${record.region}|${record.launchTemplateName}` },
});

export const launchTemplateVersions = defineTable<LaunchTemplateVersion>()({
  name: "ec2_launch_template_versions",
  key: (record) => `${record.launchTemplateId}|${record.version}`,
  indexes: { launchTemplate: (record) => record.launchTemplateId },
});

export const keyPairs = defineTable<KeyPair>()({
  name: "ec2_key_pairs",
  key: (record) => record.keyPairId,
  indexes: { scope, name: (record) => `${record.account}/${record.region}|${record.keyName}` },
});
