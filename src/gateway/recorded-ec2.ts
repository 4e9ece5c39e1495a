/** The names that EC2's lists have in CloudTrail's events, which are those of its first API, not of today's. */
import type { Json } from "./recorded-parameters.ts";

/** By the member of today's API: the list's name, and for plain values the name that each gets. */
const LISTS: Readonly<Record<string, readonly [list: string, item?: string]>> = {
  AllocationIds: ["allocationIdsSet", "allocationId"],
  BlockDeviceMappings: ["blockDeviceMapping"],
  DhcpOptionsIds: ["dhcpOptionsSet", "dhcpOptionsId"],
  Filters: ["filterSet"],
  GroupIds: ["securityGroupIdSet", "groupId"],
  GroupNames: ["securityGroupSet", "groupName"],
  Groups: ["groupSet", "groupId"],
  ImageIds: ["imagesSet", "imageId"],
  InstanceIds: ["instancesSet", "instanceId"],
  InternetGatewayIds: ["internetGatewayIdSet", "internetGatewayId"],
  IpPermissions: ["ipPermissions"],
  IpRanges: ["ipRanges"],
  KeyNames: ["keySet", "keyName"],
  NetworkInterfaceIds: ["networkInterfaceIdSet", "networkInterfaceId"],
  NetworkInterfaces: ["networkInterfaceSet"],
  PrivateIpAddresses: ["privateIpAddressesSet"],
  PublicIps: ["publicIpsSet", "publicIp"],
  Resources: ["resourcesSet", "resourceId"],
  RouteTableIds: ["routeTableIdSet", "routeTableId"],
  SecurityGroupIds: ["groupSet", "groupId"],
  SecurityGroups: ["groupSet", "groupName"],
  SubnetIds: ["subnetSet", "subnetId"],
  TagSpecifications: ["tagSpecificationSet"],
  Tags: ["tagSet"],
  UserIdGroupPairs: ["groups"],
  Values: ["valueSet", "value"],
  VpcIds: ["vpcSet", "vpcId"],
};

/** A list of a request under its old name. */
export function ec2ListOf(member: string, items: Json[]): readonly [name: string, value: Json] {
  const [name, item] = LISTS[member] ?? [member.charAt(0).toLowerCase() + member.slice(1)];
  if (items.length === 0) return [name, {}];
  const wrapped = items.map((value) => (isPlain(value) ? { [item ?? "value"]: value } : value));
  return [name, { items: wrapped }];
}

function isPlain(value: Json): boolean {
  return typeof value !== "object" || value === null;
}

/** What RunInstances' `instancesSet` is made of. */
const OF_INSTANCES = ["imageId", "minCount", "maxCount", "keyName"];

/** RunInstances tells in a list of one what is launched, and tags of what is made are a plain list. */
export function ec2Parameters(
  operation: string,
  members: { [name: string]: Json },
): { [name: string]: Json } {
  const entries = Object.entries(members).map(
    ([name, value]) => [name, name === "tagSpecificationSet" ? tagSpecifications(value) : value] as const,
  );
  if (operation !== "RunInstances") return Object.fromEntries(entries);
  const launched = Object.fromEntries(entries.filter(([name]) => OF_INSTANCES.includes(name)));
  const others = Object.fromEntries(entries.filter(([name]) => !OF_INSTANCES.includes(name)));
  return { instancesSet: { items: [launched] }, ...others };
}

function tagSpecifications(set: Json): Json {
  return {
    items: itemsOf(set).map((specification) => {
      if (typeof specification !== "object" || specification === null || Array.isArray(specification))
        return specification;
      const { tagSet, ...others } = specification;
      return tagSet === undefined ? others : { ...others, tags: itemsOf(tagSet) };
    }),
  };
}

function itemsOf(set: Json | undefined): Json[] {
  if (typeof set !== "object" || set === null || Array.isArray(set)) return [];
  const { items } = set;
  return Array.isArray(items) ? items : [];
}
