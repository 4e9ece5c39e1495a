import type * as sdk from "@aws-sdk/client-ec2";
import { addresses, keyPairs, natGateways, networkInterfaces, routeTables } from "../../store/tables/ec2.ts";
import { type ActionRules, ANY, type CallFacts, regional, tagList } from "./action.ts";
import {
  creating,
  idArns,
  newArn,
  on,
  passingProfile,
  taggingOnCreation,
  tagsGiven,
  templateArn,
} from "./ec2-arns.ts";
import { ec2Describing } from "./ec2-describing.ts";

function addressOf({ store }: CallFacts, associationId: string | undefined): string | undefined {
  return store.list(addresses).find((address) => address.association?.associationId === associationId)
    ?.allocationId;
}

function routeTableOf({ store }: CallFacts, associationId: string | undefined): string | undefined {
  return store
    .list(routeTables)
    .find((table) => table.associations.some((association) => association.associationId === associationId))
    ?.routeTableId;
}

function interfaceOf({ store }: CallFacts, attachmentId: string | undefined) {
  return store.list(networkInterfaces).find((eni) => eni.attachmentId === attachmentId);
}

function keyPairArn(call: CallFacts, input: sdk.DeleteKeyPairRequest): string {
  const name =
    input.KeyName ?? call.store.list(keyPairs).find((pair) => pair.keyPairId === input.KeyPairId)?.keyName;
  return regional("ec2", call, `key-pair/${name ?? "*"}`);
}

function groupOf(input: { readonly GroupId?: string | undefined }): readonly (string | undefined)[] {
  return [input.GroupId];
}

/** What an instance is made of, each of which must be allowed. */
function launched(input: sdk.RunInstancesRequest, call: CallFacts): string[] {
  const interfaces = input.NetworkInterfaces ?? [];
  const template = input.LaunchTemplate;
  return [
    ...idArns(call, input.ImageId),
    newArn(call, "instance"),
    ...(interfaces.some((eni) => eni.NetworkInterfaceId === undefined) || interfaces.length === 0
      ? [newArn(call, "network-interface")]
      : []),
    newArn(call, "volume"),
    ...idArns(
      call,
      input.SubnetId,
      ...(input.SecurityGroupIds ?? []),
      ...interfaces.flatMap((eni) => [eni.NetworkInterfaceId, eni.SubnetId, ...(eni.Groups ?? [])]),
    ),
    ...(input.KeyName === undefined ? [] : [regional("ec2", call, `key-pair/${input.KeyName}`)]),
    ...(template === undefined ? [] : [templateArn(call, template)]),
  ];
}

export const ec2Actions = {
  ...ec2Describing,
  AllocateAddress: creating<sdk.AllocateAddressRequest>("AllocateAddress", "elastic-ip"),
  AssociateAddress: on((input: sdk.AssociateAddressRequest) => [
    input.AllocationId,
    input.InstanceId,
    input.NetworkInterfaceId,
  ]),
  DisassociateAddress: { on: (input, call) => idArns(call, addressOf(call, input.AssociationId)) },
  ReleaseAddress: on((input: sdk.ReleaseAddressRequest) => [input.AllocationId]),
  AssociateIamInstanceProfile: {
    ...on((input: sdk.AssociateIamInstanceProfileRequest) => [input.InstanceId]),
    also: (input: sdk.AssociateIamInstanceProfileRequest, call) =>
      passingProfile(call, input.IamInstanceProfile),
  },
  ReplaceIamInstanceProfileAssociation: {
    also: (input, call) => passingProfile(call, input.IamInstanceProfile),
  },
  DisassociateIamInstanceProfile: ANY,
  AssociateRouteTable: on((input: sdk.AssociateRouteTableRequest) => [
    input.RouteTableId,
    input.SubnetId,
    input.GatewayId,
  ]),
  DisassociateRouteTable: { on: (input, call) => idArns(call, routeTableOf(call, input.AssociationId)) },
  ReplaceRouteTableAssociation: on((input: sdk.ReplaceRouteTableAssociationRequest) => [input.RouteTableId]),
  AttachInternetGateway: on((input: sdk.AttachInternetGatewayRequest) => [
    input.InternetGatewayId,
    input.VpcId,
  ]),
  DetachInternetGateway: on((input: sdk.DetachInternetGatewayRequest) => [
    input.InternetGatewayId,
    input.VpcId,
  ]),
  AttachNetworkInterface: on((input: sdk.AttachNetworkInterfaceRequest) => [
    input.InstanceId,
    input.NetworkInterfaceId,
  ]),
  DetachNetworkInterface: {
    on: (input, call) => {
      const eni = interfaceOf(call, input.AttachmentId);
      return idArns(call, eni?.instanceAttachment?.instanceId, eni?.networkInterfaceId);
    },
  },
  AuthorizeSecurityGroupEgress: { ...on(groupOf), tags: tagsGiven },
  AuthorizeSecurityGroupIngress: { ...on(groupOf), tags: tagsGiven },
  RevokeSecurityGroupEgress: on(groupOf),
  RevokeSecurityGroupIngress: on(groupOf),
  UpdateSecurityGroupRuleDescriptionsEgress: on(groupOf),
  UpdateSecurityGroupRuleDescriptionsIngress: on(groupOf),
  ModifySecurityGroupRules: on((input: sdk.ModifySecurityGroupRulesRequest) => [
    input.GroupId,
    ...(input.SecurityGroupRules ?? []).map((rule) => rule.SecurityGroupRuleId),
  ]),
  DeleteSecurityGroup: on(groupOf),
  CreateSecurityGroup: creating<sdk.CreateSecurityGroupRequest>(
    "CreateSecurityGroup",
    "security-group",
    (input) => [input.VpcId],
  ),
  CreateInternetGateway: creating<sdk.CreateInternetGatewayRequest>(
    "CreateInternetGateway",
    "internet-gateway",
  ),
  DeleteInternetGateway: on((input: sdk.DeleteInternetGatewayRequest) => [input.InternetGatewayId]),
  CreateKeyPair: creating<sdk.CreateKeyPairRequest>("CreateKeyPair", "key-pair"),
  ImportKeyPair: creating<sdk.ImportKeyPairRequest>("ImportKeyPair", "key-pair"),
  DeleteKeyPair: { on: (input, call) => [keyPairArn(call, input)] },
  CreateLaunchTemplate: creating<sdk.CreateLaunchTemplateRequest>("CreateLaunchTemplate", "launch-template"),
  CreateLaunchTemplateVersion: { on: (input, call) => [templateArn(call, input)] },
  DeleteLaunchTemplate: { on: (input, call) => [templateArn(call, input)] },
  DeleteLaunchTemplateVersions: { on: (input, call) => [templateArn(call, input)] },
  ModifyLaunchTemplate: { on: (input, call) => [templateArn(call, input)] },
  CreateNatGateway: creating<sdk.CreateNatGatewayRequest>("CreateNatGateway", "natgateway", (input) => [
    input.SubnetId,
    input.AllocationId,
  ]),
  DeleteNatGateway: {
    on: ({ NatGatewayId }, call) => {
      const known = call.store.get(natGateways, NatGatewayId ?? "");
      return idArns(call, known?.natGatewayId ?? NatGatewayId);
    },
  },
  CreateNetworkInterface: creating<sdk.CreateNetworkInterfaceRequest>(
    "CreateNetworkInterface",
    "network-interface",
    (input) => [input.SubnetId, ...(input.Groups ?? [])],
  ),
  DeleteNetworkInterface: on((input: sdk.DeleteNetworkInterfaceRequest) => [input.NetworkInterfaceId]),
  ModifyNetworkInterfaceAttribute: on((input: sdk.ModifyNetworkInterfaceAttributeRequest) => [
    input.NetworkInterfaceId,
    ...(input.Groups ?? []),
  ]),
  CreateRoute: on((input: sdk.CreateRouteRequest) => [input.RouteTableId]),
  ReplaceRoute: on((input: sdk.ReplaceRouteRequest) => [input.RouteTableId]),
  DeleteRoute: on((input: sdk.DeleteRouteRequest) => [input.RouteTableId]),
  CreateRouteTable: creating<sdk.CreateRouteTableRequest>("CreateRouteTable", "route-table", (input) => [
    input.VpcId,
  ]),
  DeleteRouteTable: on((input: sdk.DeleteRouteTableRequest) => [input.RouteTableId]),
  CreateSubnet: creating<sdk.CreateSubnetRequest>("CreateSubnet", "subnet", (input) => [input.VpcId]),
  DeleteSubnet: on((input: sdk.DeleteSubnetRequest) => [input.SubnetId]),
  ModifySubnetAttribute: on((input: sdk.ModifySubnetAttributeRequest) => [input.SubnetId]),
  CreateVpc: creating<sdk.CreateVpcRequest>("CreateVpc", "vpc"),
  DeleteVpc: on((input: sdk.DeleteVpcRequest) => [input.VpcId]),
  ModifyVpcAttribute: on((input: sdk.ModifyVpcAttributeRequest) => [input.VpcId]),
  CreateTags: {
    ...on((input: sdk.CreateTagsRequest) => input.Resources ?? []),
    tags: (input: sdk.CreateTagsRequest) => tagList(input.Tags),
  },
  DeleteTags: {
    ...on((input: sdk.DeleteTagsRequest) => input.Resources ?? []),
    tagKeys: (input: sdk.DeleteTagsRequest) => (input.Tags ?? []).flatMap(({ Key }) => Key ?? []),
  },
  RunInstances: {
    on: launched,
    tags: tagsGiven,
    keys: (input) => ({
      "ec2:InstanceType": input.InstanceType,
      "ec2:LaunchTemplate": input.LaunchTemplate?.LaunchTemplateId,
    }),
    also: (input, call) => [
      ...passingProfile(call, input.IamInstanceProfile),
      ...taggingOnCreation("RunInstances", input, call),
    ],
  },
  StartInstances: on((input: sdk.StartInstancesRequest) => input.InstanceIds ?? []),
  StopInstances: on((input: sdk.StopInstancesRequest) => input.InstanceIds ?? []),
  RebootInstances: on((input: sdk.RebootInstancesRequest) => input.InstanceIds ?? []),
  TerminateInstances: on((input: sdk.TerminateInstancesRequest) => input.InstanceIds ?? []),
  MonitorInstances: on((input: sdk.MonitorInstancesRequest) => input.InstanceIds ?? []),
  UnmonitorInstances: on((input: sdk.UnmonitorInstancesRequest) => input.InstanceIds ?? []),
  GetConsoleOutput: on((input: sdk.GetConsoleOutputRequest) => [input.InstanceId]),
  GetLaunchTemplateData: on((input: sdk.GetLaunchTemplateDataRequest) => [input.InstanceId]),
  ModifyInstanceAttribute: on((input: sdk.ModifyInstanceAttributeRequest) => [
    input.InstanceId,
    ...(input.Groups ?? []),
  ]),
  ModifyInstanceMetadataOptions: on((input: sdk.ModifyInstanceMetadataOptionsRequest) => [input.InstanceId]),
  ModifyInstanceCreditSpecification: on((input: sdk.ModifyInstanceCreditSpecificationRequest) =>
    (input.InstanceCreditSpecifications ?? []).map(({ InstanceId }) => InstanceId),
  ),
} satisfies ActionRules<typeof sdk>;
