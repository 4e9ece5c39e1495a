import type * as wire from "@aws-sdk/client-ec2";
import type { InternetGateway } from "../../model/ec2/records.ts";
import { internetGateways } from "../../store/tables/ec2.ts";
import type { HandlerContext } from "../operation.ts";
import type { FilterTable } from "./filters.ts";
import { listed } from "./listing.ts";
import { listInScope } from "./resolve.ts";
import { ID_KINDS } from "./resource-ids.ts";
import { ATTACHED, describeInternetGateway } from "./views/internet-gateway.ts";

const FILTERS: FilterTable<InternetGateway> = {
  "attachment.state": (gateway) => (gateway.vpcId === undefined ? undefined : ATTACHED),
  "attachment.vpc-id": (gateway) => gateway.vpcId,
  "internet-gateway-id": (gateway) => gateway.internetGatewayId,
  "owner-id": (gateway) => gateway.account,
};

export function describeInternetGateways(
  input: wire.DescribeInternetGatewaysRequest,
  context: HandlerContext,
): wire.DescribeInternetGatewaysResult {
  const { items, nextToken } = listed(listInScope(context, internetGateways), {
    ids: input.InternetGatewayIds,
    idKind: ID_KINDS.internetGateway,
    key: (gateway) => gateway.internetGatewayId,
    filters: input.Filters,
    filterTable: FILTERS,
    maxResults: input.MaxResults,
    nextToken: input.NextToken,
  });
  return { InternetGateways: items.map(describeInternetGateway), NextToken: nextToken };
}
