import type * as sdk from "@aws-sdk/client-route-53";
import { type ActionRules, ANY, type Asking, type Keys, tagList } from "./action.ts";

/** Ids come with their path (`/hostedzone/Z…`) or without. */
function zoneArn(id: string | undefined): string {
  return `arn:aws:route53:::hostedzone/${(id ?? "").split("/").at(-1)}`;
}

const onId = { on: (input: { readonly Id: string | undefined }) => [zoneArn(input.Id)] };
const onZone = {
  on: (input: { readonly HostedZoneId: string | undefined }) => [zoneArn(input.HostedZoneId)],
};

interface OfResource {
  readonly ResourceType?: string | undefined;
  readonly ResourceId?: string | undefined;
}

const onResource = ({ ResourceType, ResourceId }: OfResource) => [
  `arn:aws:route53:::${ResourceType ?? "hostedzone"}/${ResourceId ?? ""}`,
];

/** Whoever ties a zone to a VPC must be able to look at VPCs ("Route 53 API permissions"). */
function vpcRule<Input extends { readonly VPC?: sdk.VPC | undefined }>() {
  return {
    keys: ({ VPC }: Input): Keys => ({
      "route53:VPCs": VPC === undefined ? undefined : `VPCId=${VPC.VPCId},VPCRegion=${VPC.VPCRegion}`,
    }),
    also: ({ VPC }: Input): Asking[] =>
      VPC === undefined ? [] : [{ action: "ec2:DescribeVpcs", resource: "*" }],
  };
}

/** Of `ChangeBatch`, normalised as policies write them: lower case, without the last dot. */
function changeKeys(input: sdk.ChangeResourceRecordSetsRequest): Keys {
  const changes = input.ChangeBatch?.Changes ?? [];
  const names = changes.flatMap(({ ResourceRecordSet }) => ResourceRecordSet?.Name ?? []);
  return {
    "route53:ChangeResourceRecordSetsNormalizedRecordNames": names.map((name) =>
      name.toLowerCase().replace(/\.$/, ""),
    ),
    "route53:ChangeResourceRecordSetsRecordTypes": changes.flatMap(
      ({ ResourceRecordSet }) => ResourceRecordSet?.Type ?? [],
    ),
    "route53:ChangeResourceRecordSetsActions": changes.flatMap(({ Action }) => Action ?? []),
  };
}

export const route53Actions = {
  CreateHostedZone: vpcRule<sdk.CreateHostedZoneRequest>(),
  AssociateVPCWithHostedZone: { ...onZone, ...vpcRule<sdk.AssociateVPCWithHostedZoneRequest>() },
  DisassociateVPCFromHostedZone: { ...onZone, ...vpcRule<sdk.DisassociateVPCFromHostedZoneRequest>() },
  ChangeResourceRecordSets: { ...onZone, keys: changeKeys },
  DeleteHostedZone: onId,
  GetHostedZone: onId,
  UpdateHostedZoneComment: onId,
  ListResourceRecordSets: onZone,
  GetHostedZoneCount: ANY,
  ListHostedZones: ANY,
  ListHostedZonesByName: ANY,
  ListHostedZonesByVPC: ANY,
  TestDNSAnswer: ANY,
  GetChange: { on: (input) => [`arn:aws:route53:::change/${(input.Id ?? "").split("/").at(-1)}`] },
  ListTagsForResource: { on: onResource },
  ListTagsForResources: {
    on: ({ ResourceType, ResourceIds }) =>
      (ResourceIds ?? []).flatMap((ResourceId) => onResource({ ResourceType, ResourceId })),
  },
  ChangeTagsForResource: {
    on: onResource,
    tags: (input) => tagList(input.AddTags),
    tagKeys: (input) => input.RemoveTagKeys ?? [],
  },
} satisfies ActionRules<typeof sdk>;
