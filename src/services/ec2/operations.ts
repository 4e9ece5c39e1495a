/** The EC2 operations that Berth answers, and what it says of input that does not fit the API's shapes. */
import type * as sdk from "@aws-sdk/client-ec2";
import { CodedError, type OperationsOf, type ServiceFaults } from "../operation.ts";
import { allocateAddress, releaseAddress } from "./allocate-address.ts";
import { associateAddress, disassociateAddress } from "./associate-address.ts";
import {
  associateRouteTable,
  disassociateRouteTable,
  replaceRouteTableAssociation,
} from "./associate-route-table.ts";
import { attachInternetGateway, detachInternetGateway } from "./attach-internet-gateway.ts";
import { attachNetworkInterface } from "./attach-network-interface.ts";
import { authorizeSecurityGroupEgress, authorizeSecurityGroupIngress } from "./authorize-security-group.ts";
import {
  rebootInstances,
  startInstances,
  stopInstances,
  terminateInstances,
} from "./change-instance-state.ts";
import { createInternetGateway, deleteInternetGateway } from "./create-internet-gateway.ts";
import { createNatGateway } from "./create-nat-gateway.ts";
import { createNetworkInterface, deleteNetworkInterface } from "./create-network-interface.ts";
import { createRoute, deleteRoute, replaceRoute } from "./create-route.ts";
import { createRouteTable, deleteRouteTable } from "./create-route-table.ts";
import { createSecurityGroup, deleteSecurityGroup } from "./create-security-group.ts";
import { createSubnet } from "./create-subnet.ts";
import { createTags, deleteTags } from "./create-tags.ts";
import { createVpc } from "./create-vpc.ts";
import { deleteNatGateway } from "./delete-nat-gateway.ts";
import { deleteSubnet } from "./delete-subnet.ts";
import { deleteVpc } from "./delete-vpc.ts";
import {
  describePrefixLists,
  describeVpcEndpoints,
  describeVpcPeeringConnections,
} from "./describe-absent.ts";
import { describeAddresses, describeAddressesAttribute } from "./describe-addresses.ts";
import { describeDhcpOptions } from "./describe-dhcp-options.ts";
import { describeImages } from "./describe-images.ts";
import { describeInstanceTypeOfferings, describeInstanceTypes } from "./describe-instance-types.ts";
import { describeInstanceStatus, describeInstances } from "./describe-instances.ts";
import { describeInternetGateways } from "./describe-internet-gateways.ts";
import { describeNatGateways } from "./describe-nat-gateways.ts";
import { describeNetworkAcls } from "./describe-network-acls.ts";
import { describeNetworkInterfaces } from "./describe-network-interfaces.ts";
import { describeRouteTables } from "./describe-route-tables.ts";
import { describeSecurityGroupRules } from "./describe-security-group-rules.ts";
import { describeSecurityGroups } from "./describe-security-groups.ts";
import { describeSubnets } from "./describe-subnets.ts";
import { describeTags } from "./describe-tags.ts";
import { describeVolumes } from "./describe-volumes.ts";
import { describeVpcs } from "./describe-vpcs.ts";
import { describeAccountAttributes, describeAvailabilityZones, describeRegions } from "./describe-zones.ts";
import { detachNetworkInterface } from "./detach-network-interface.ts";
import { missingParameter } from "./errors.ts";
import { getLaunchTemplateData } from "./get-launch-template-data.ts";
import { describeInstanceAttribute, modifyInstanceAttribute } from "./instance-attributes.ts";
import {
  describeInstanceCreditSpecifications,
  getConsoleOutput,
  modifyInstanceCreditSpecification,
  modifyInstanceMetadataOptions,
  monitorInstances,
  unmonitorInstances,
} from "./instance-options.ts";
import {
  associateIamInstanceProfile,
  describeIamInstanceProfileAssociations,
  disassociateIamInstanceProfile,
  replaceIamInstanceProfileAssociation,
} from "./instance-profile-associations.ts";
import { createKeyPair, deleteKeyPair, describeKeyPairs, importKeyPair } from "./key-pairs.ts";
import {
  createLaunchTemplateVersion,
  deleteLaunchTemplateVersions,
  describeLaunchTemplateVersions,
} from "./launch-template-versions.ts";
import {
  createLaunchTemplate,
  deleteLaunchTemplate,
  describeLaunchTemplates,
  modifyLaunchTemplate,
} from "./launch-templates.ts";
import {
  describeNetworkInterfaceAttribute,
  modifyNetworkInterfaceAttribute,
} from "./modify-network-interface-attribute.ts";
import { modifySecurityGroupRules } from "./modify-security-group-rules.ts";
import { modifySubnetAttribute } from "./modify-subnet-attribute.ts";
import { describeVpcAttribute, modifyVpcAttribute } from "./modify-vpc-attribute.ts";
import { revokeSecurityGroupEgress, revokeSecurityGroupIngress } from "./revoke-security-group.ts";
import { runInstances } from "./run-instances.ts";
import {
  updateSecurityGroupRuleDescriptionsEgress,
  updateSecurityGroupRuleDescriptionsIngress,
} from "./update-security-group-rule-descriptions.ts";

export const operations = {
  AllocateAddress: allocateAddress,
  AssociateAddress: associateAddress,
  AssociateIamInstanceProfile: associateIamInstanceProfile,
  AssociateRouteTable: associateRouteTable,
  AttachInternetGateway: attachInternetGateway,
  AttachNetworkInterface: attachNetworkInterface,
  AuthorizeSecurityGroupEgress: authorizeSecurityGroupEgress,
  AuthorizeSecurityGroupIngress: authorizeSecurityGroupIngress,
  CreateInternetGateway: createInternetGateway,
  CreateKeyPair: createKeyPair,
  CreateLaunchTemplate: createLaunchTemplate,
  CreateLaunchTemplateVersion: createLaunchTemplateVersion,
  CreateNatGateway: createNatGateway,
  CreateNetworkInterface: createNetworkInterface,
  CreateRoute: createRoute,
  CreateRouteTable: createRouteTable,
  CreateSecurityGroup: createSecurityGroup,
  CreateSubnet: createSubnet,
  CreateTags: createTags,
  CreateVpc: createVpc,
  DeleteInternetGateway: deleteInternetGateway,
  DeleteKeyPair: deleteKeyPair,
  DeleteLaunchTemplate: deleteLaunchTemplate,
  DeleteLaunchTemplateVersions: deleteLaunchTemplateVersions,
  DeleteNatGateway: deleteNatGateway,
  DeleteNetworkInterface: deleteNetworkInterface,
  DeleteRoute: deleteRoute,
  DeleteRouteTable: deleteRouteTable,
  DeleteSecurityGroup: deleteSecurityGroup,
  DeleteSubnet: deleteSubnet,
  DeleteTags: deleteTags,
  DeleteVpc: deleteVpc,
  DescribeAccountAttributes: describeAccountAttributes,
  DescribeAddresses: describeAddresses,
  DescribeAddressesAttribute: describeAddressesAttribute,
  DescribeAvailabilityZones: describeAvailabilityZones,
  DescribeDhcpOptions: describeDhcpOptions,
  DescribeIamInstanceProfileAssociations: describeIamInstanceProfileAssociations,
  DescribeImages: describeImages,
  DescribeInstanceAttribute: describeInstanceAttribute,
  DescribeInstanceCreditSpecifications: describeInstanceCreditSpecifications,
  DescribeInstanceStatus: describeInstanceStatus,
  DescribeInstanceTypeOfferings: describeInstanceTypeOfferings,
  DescribeInstanceTypes: describeInstanceTypes,
  DescribeInstances: describeInstances,
  DescribeInternetGateways: describeInternetGateways,
  DescribeKeyPairs: describeKeyPairs,
  DescribeLaunchTemplateVersions: describeLaunchTemplateVersions,
  DescribeLaunchTemplates: describeLaunchTemplates,
  DescribeNatGateways: describeNatGateways,
  DescribeNetworkAcls: describeNetworkAcls,
  DescribeNetworkInterfaceAttribute: describeNetworkInterfaceAttribute,
  DescribeNetworkInterfaces: describeNetworkInterfaces,
  DescribePrefixLists: describePrefixLists,
  DescribeRegions: describeRegions,
  DescribeRouteTables: describeRouteTables,
  DescribeSecurityGroupRules: describeSecurityGroupRules,
  DescribeSecurityGroups: describeSecurityGroups,
  DescribeSubnets: describeSubnets,
  DescribeTags: describeTags,
  DescribeVolumes: describeVolumes,
  DescribeVpcAttribute: describeVpcAttribute,
  DescribeVpcEndpoints: describeVpcEndpoints,
  DescribeVpcPeeringConnections: describeVpcPeeringConnections,
  DescribeVpcs: describeVpcs,
  DetachInternetGateway: detachInternetGateway,
  DetachNetworkInterface: detachNetworkInterface,
  DisassociateAddress: disassociateAddress,
  DisassociateIamInstanceProfile: disassociateIamInstanceProfile,
  DisassociateRouteTable: disassociateRouteTable,
  GetConsoleOutput: getConsoleOutput,
  GetLaunchTemplateData: getLaunchTemplateData,
  ImportKeyPair: importKeyPair,
  ModifyInstanceAttribute: modifyInstanceAttribute,
  ModifyInstanceCreditSpecification: modifyInstanceCreditSpecification,
  ModifyInstanceMetadataOptions: modifyInstanceMetadataOptions,
  ModifyLaunchTemplate: modifyLaunchTemplate,
  ModifyNetworkInterfaceAttribute: modifyNetworkInterfaceAttribute,
  ModifySecurityGroupRules: modifySecurityGroupRules,
  ModifySubnetAttribute: modifySubnetAttribute,
  ModifyVpcAttribute: modifyVpcAttribute,
  MonitorInstances: monitorInstances,
  RebootInstances: rebootInstances,
  ReleaseAddress: releaseAddress,
  ReplaceIamInstanceProfileAssociation: replaceIamInstanceProfileAssociation,
  ReplaceRoute: replaceRoute,
  ReplaceRouteTableAssociation: replaceRouteTableAssociation,
  RevokeSecurityGroupEgress: revokeSecurityGroupEgress,
  RevokeSecurityGroupIngress: revokeSecurityGroupIngress,
  RunInstances: runInstances,
  StartInstances: startInstances,
  StopInstances: stopInstances,
  TerminateInstances: terminateInstances,
  UnmonitorInstances: unmonitorInstances,
  UpdateSecurityGroupRuleDescriptionsEgress: updateSecurityGroupRuleDescriptionsEgress,
  UpdateSecurityGroupRuleDescriptionsIngress: updateSecurityGroupRuleDescriptionsIngress,
} satisfies Partial<OperationsOf<typeof sdk>>;

export const faults: ServiceFaults = {
  invalidInput(fault) {
    if (fault.kind === "malformed") return new CodedError("InvalidParameterValue", fault.message);
    // EC2 names parameters in lower camel case.
    const parameter = fault.member.charAt(0).toLowerCase() + fault.member.slice(1);
    return missingParameter(parameter);
  },
};
