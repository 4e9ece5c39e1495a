import type * as wire from "@aws-sdk/client-ec2";
import type { NatGateway } from "../../model/ec2/records.ts";
import { natGateways } from "../../store/tables/ec2.ts";
import type { HandlerContext } from "../operation.ts";
import type { FilterTable } from "./filters.ts";
import { listed } from "./listing.ts";
import { listInScope } from "./resolve.ts";
import { ID_KINDS } from "./resource-ids.ts";
import { describeNatGateway } from "./views/nat-gateway.ts";

const FILTERS: FilterTable<NatGateway> = {
  "nat-gateway-id": (gateway) => gateway.natGatewayId,
  state: (gateway) => gateway.state,
  "subnet-id": (gateway) => gateway.subnetId,
  "vpc-id": (gateway) => gateway.vpcId,
};

export function describeNatGateways(
  input: wire.DescribeNatGatewaysRequest,
  context: HandlerContext,
): wire.DescribeNatGatewaysResult {
  const { items, nextToken } = listed(listInScope(context, natGateways), {
    ids: input.NatGatewayIds,
    idKind: ID_KINDS.natGateway,
    key: (gateway) => gateway.natGatewayId,
    filters: input.Filter,
    filterTable: FILTERS,
    maxResults: input.MaxResults,
    nextToken: input.NextToken,
  });
  return {
    NatGateways: items.map((gateway) => describeNatGateway(context.store, gateway)),
    NextToken: nextToken,
  };
}
