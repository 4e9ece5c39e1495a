/** The forms of EC2 ids, and what is said about one that is malformed or unknown. */
import type { Random } from "../../lib/random.ts";
import { CodedError } from "../operation.ts";

export interface IdKind {
  readonly prefix: string;
  /** As messages name it: `The vpc ID 'vpc-…' does not exist`. */
  readonly noun: string;
  readonly notFound: string;
  /** Absent where EC2 has no code for a malformed id and answers "not found". */
  readonly malformed?: string;
}

/** Spellings differ from kind to kind in EC2 itself ("Error codes for the Amazon EC2 API"). */
export const ID_KINDS = {
  vpc: {
    prefix: "vpc",
    noun: "vpc ID",
    notFound: "InvalidVpcID.NotFound",
    malformed: "InvalidVpcID.Malformed",
  },
  subnet: {
    prefix: "subnet",
    noun: "subnet ID",
    notFound: "InvalidSubnetID.NotFound",
    malformed: "InvalidSubnetID.Malformed",
  },
  internetGateway: {
    prefix: "igw",
    noun: "internetGateway ID",
    notFound: "InvalidInternetGatewayID.NotFound",
    malformed: "InvalidInternetGatewayId.Malformed",
  },
  routeTable: {
    prefix: "rtb",
    noun: "routeTable ID",
    notFound: "InvalidRouteTableID.NotFound",
    malformed: "InvalidRouteTableId.Malformed",
  },
  networkAcl: {
    prefix: "acl",
    noun: "networkAcl ID",
    notFound: "InvalidNetworkAclID.NotFound",
    malformed: "InvalidNetworkAclId.Malformed",
  },
  dhcpOptions: {
    prefix: "dopt",
    noun: "dhcpOption ID",
    notFound: "InvalidDhcpOptionID.NotFound",
    malformed: "InvalidDhcpOptionsId.Malformed",
  },
  securityGroup: {
    prefix: "sg",
    noun: "security group",
    notFound: "InvalidGroup.NotFound",
    malformed: "InvalidGroupId.Malformed",
  },
  securityGroupRule: {
    prefix: "sgr",
    noun: "security group rule ID",
    notFound: "InvalidSecurityGroupRuleId.NotFound",
    malformed: "InvalidSecurityGroupRuleId.Malformed",
  },
  allocation: { prefix: "eipalloc", noun: "allocation ID", notFound: "InvalidAllocationID.NotFound" },
  addressAssociation: {
    prefix: "eipassoc",
    noun: "association ID",
    notFound: "InvalidAssociationID.NotFound",
  },
  routeTableAssociation: {
    prefix: "rtbassoc",
    noun: "association ID",
    notFound: "InvalidAssociationID.NotFound",
  },
  natGateway: {
    prefix: "nat",
    noun: "NAT gateway",
    notFound: "NatGatewayNotFound",
    malformed: "NatGatewayMalformed",
  },
  networkInterface: {
    prefix: "eni",
    noun: "networkInterface ID",
    notFound: "InvalidNetworkInterfaceID.NotFound",
    malformed: "InvalidNetworkInterfaceId.Malformed",
  },
  attachment: {
    prefix: "eni-attach",
    noun: "networkInterface attachment ID",
    notFound: "InvalidAttachmentID.NotFound",
  },
  prefixList: {
    prefix: "pl",
    noun: "prefix list ID",
    notFound: "InvalidPrefixListID.NotFound",
    malformed: "InvalidPrefixListId.Malformed",
  },
  vpcEndpoint: {
    prefix: "vpce",
    noun: "vpcEndpoint ID",
    notFound: "InvalidVpcEndpointId.NotFound",
    malformed: "InvalidVpcEndpointId.Malformed",
  },
  peeringConnection: {
    prefix: "pcx",
    noun: "vpcPeeringConnection ID",
    notFound: "InvalidVpcPeeringConnectionID.NotFound",
    malformed: "InvalidVpcPeeringConnectionId.Malformed",
  },
  instance: {
    prefix: "i",
    noun: "instance ID",
    notFound: "InvalidInstanceID.NotFound",
    malformed: "InvalidInstanceID.Malformed",
  },
  launchTemplate: {
    prefix: "lt",
    noun: "launch template ID",
    notFound: "InvalidLaunchTemplateId.NotFound",
    malformed: "InvalidLaunchTemplateId.Malformed",
  },
  keyPair: { prefix: "key", noun: "key pair ID", notFound: "InvalidKeyPair.NotFound" },
  volume: {
    prefix: "vol",
    noun: "volume",
    notFound: "InvalidVolume.NotFound",
    malformed: "InvalidVolumeID.Malformed",
  },
} as const satisfies Record<string, IdKind>;

/** `vpc-` and 17 hexadecimal digits. */
export function newId(kind: Pick<IdKind, "prefix">, random: Random): string {
  return `${kind.prefix}-${random.hex(17)}`;
}

/** Throws the kind's `….Malformed` when `id` has not its form (8 or 17 hexadecimal digits). */
export function checkIdForm(kind: IdKind, id: string): void {
  if (kind.malformed === undefined) return;
  if (!id.startsWith(`${kind.prefix}-`)) {
    throw new CodedError(kind.malformed, `Invalid id: "${id}" (expecting "${kind.prefix}-...")`);
  }
  if (!/^([0-9a-f]{8}|[0-9a-f]{17})$/.test(id.slice(kind.prefix.length + 1))) {
    throw new CodedError(kind.malformed, `Invalid id: "${id}"`);
  }
}

/** "The subnet ID 'subnet-…' does not exist"; several ids: "The subnet IDs '…, …' do not exist". */
export function notFound(kind: IdKind, ids: readonly string[]): CodedError {
  const list = ids.join(", ");
  if (kind === ID_KINDS.natGateway) {
    return new CodedError(kind.notFound, `NAT gateway ${list} was not found`);
  }
  if (ids.length > 1) return new CodedError(kind.notFound, `The ${kind.noun}s '${list}' do not exist`);
  return new CodedError(kind.notFound, `The ${kind.noun} '${list}' does not exist`);
}
