/**
 * Describes of kinds that nothing can make here: the truth is an empty list. Ids and filters are still checked,
 * as scripts rely on their errors.
 */
import type * as wire from "@aws-sdk/client-ec2";
import type { HandlerContext } from "../operation.ts";
import type { FilterTable, Tagged } from "./filters.ts";
import { listed } from "./listing.ts";
import { ID_KINDS, type IdKind } from "./resource-ids.ts";

interface AbsentRequest {
  readonly ids: readonly string[] | undefined;
  readonly filters: readonly wire.Filter[] | undefined;
  readonly maxResults: number | undefined;
  readonly nextToken: string | undefined;
}

function checkAbsent(idKind: IdKind, filterNames: readonly string[], request: AbsentRequest): void {
  const filterTable: FilterTable<Tagged> = Object.fromEntries(
    filterNames.map((name) => [name, () => undefined]),
  );
  listed<Tagged>([], { ...request, idKind, filterTable, key: () => "" });
}

export function describePrefixLists(
  input: wire.DescribePrefixListsRequest,
  _context: HandlerContext,
): wire.DescribePrefixListsResult {
  checkAbsent(ID_KINDS.prefixList, ["prefix-list-id", "prefix-list-name"], {
    ids: input.PrefixListIds,
    filters: input.Filters,
    maxResults: input.MaxResults,
    nextToken: input.NextToken,
  });
  return { PrefixLists: [] };
}

const ENDPOINT_FILTERS = [
  "ip-address-type",
  "service-name",
  "service-region",
  "vpc-endpoint-id",
  "vpc-endpoint-state",
  "vpc-endpoint-type",
  "vpc-id",
];

export function describeVpcEndpoints(
  input: wire.DescribeVpcEndpointsRequest,
  _context: HandlerContext,
): wire.DescribeVpcEndpointsResult {
  checkAbsent(ID_KINDS.vpcEndpoint, ENDPOINT_FILTERS, {
    ids: input.VpcEndpointIds,
    filters: input.Filters,
    maxResults: input.MaxResults,
    nextToken: input.NextToken,
  });
  return { VpcEndpoints: [] };
}

const PEERING_FILTERS = [
  "accepter-vpc-info.cidr-block",
  "accepter-vpc-info.owner-id",
  "accepter-vpc-info.vpc-id",
  "expiration-time",
  "requester-vpc-info.cidr-block",
  "requester-vpc-info.owner-id",
  "requester-vpc-info.vpc-id",
  "status-code",
  "status-message",
  "vpc-peering-connection-id",
];

export function describeVpcPeeringConnections(
  input: wire.DescribeVpcPeeringConnectionsRequest,
  _context: HandlerContext,
): wire.DescribeVpcPeeringConnectionsResult {
  checkAbsent(ID_KINDS.peeringConnection, PEERING_FILTERS, {
    ids: input.VpcPeeringConnectionIds,
    filters: input.Filters,
    maxResults: input.MaxResults,
    nextToken: input.NextToken,
  });
  return { VpcPeeringConnections: [] };
}
