import type * as wire from "@aws-sdk/client-ec2";
import { privateDnsDomain } from "../../model/ec2/addresses.ts";
import type { DhcpOptions } from "../../model/ec2/records.ts";
import type { HandlerContext } from "../operation.ts";
import { defaultDhcpOptions } from "./default-dhcp-options.ts";
import type { FilterTable } from "./filters.ts";
import { listed } from "./listing.ts";
import { ID_KINDS } from "./resource-ids.ts";
import { describeTagList } from "./tagging.ts";

const FILTERS: FilterTable<DhcpOptions> = {
  "dhcp-options-id": (options) => options.dhcpOptionsId,
  key: (options) => configurationsOf(options).map(([key]) => key),
  value: (options) => configurationsOf(options).map(([, value]) => value),
  "owner-id": (options) => options.account,
};

export function describeDhcpOptions(
  input: wire.DescribeDhcpOptionsRequest,
  context: HandlerContext,
): wire.DescribeDhcpOptionsResult {
  const { items, nextToken } = listed([defaultDhcpOptions(context)], {
    ids: input.DhcpOptionsIds,
    idKind: ID_KINDS.dhcpOptions,
    key: (options) => options.dhcpOptionsId,
    filters: input.Filters,
    filterTable: FILTERS,
    maxResults: input.MaxResults,
    nextToken: input.NextToken,
  });
  return {
    DhcpOptions: items.map((options) => ({
      DhcpOptionsId: options.dhcpOptionsId,
      OwnerId: options.account,
      DhcpConfigurations: configurationsOf(options).map(([key, value]) => ({
        Key: key,
        Values: [{ Value: value }],
      })),
      Tags: describeTagList(options.tags),
    })),
    NextToken: nextToken,
  };
}

function configurationsOf(options: DhcpOptions): [key: string, value: string][] {
  return [
    ["domain-name", privateDnsDomain(options.region)],
    ["domain-name-servers", "AmazonProvidedDNS"],
  ];
}
