import type * as wire from "@aws-sdk/client-ec2";
import type { Route, RouteTable } from "../../model/ec2/records.ts";
import type { StoreReader } from "../../store/store.ts";
import { routeTables } from "../../store/tables/ec2.ts";
import type { HandlerContext } from "../operation.ts";
import type { FilterTable, FilterText } from "./filters.ts";
import { listed } from "./listing.ts";
import { listInScope } from "./resolve.ts";
import { ID_KINDS } from "./resource-ids.ts";
import { describeRouteTable, gatewayIdOf, routeState } from "./views/route-table.ts";

const ofRoutes =
  (read: (route: Route) => FilterText) =>
  (table: RouteTable): FilterText[] =>
    table.routes.map(read);

const never = () => undefined;

function newFilters(store: StoreReader): FilterTable<RouteTable> {
  return {
    "association.gateway-id": never,
    "association.main": (table) => table.associations.map((association) => association.main),
    "association.route-table-association-id": (table) =>
      table.associations.map((association) => association.associationId),
    "association.route-table-id": (table) => table.associations.map(() => table.routeTableId),
    "association.subnet-id": (table) => table.associations.map((association) => association.subnetId),
    "owner-id": (table) => table.account,
    "route-table-id": (table) => table.routeTableId,
    "route.destination-cidr-block": ofRoutes((route) => route.destinationCidrBlock),
    "route.destination-ipv6-cidr-block": never,
    "route.destination-prefix-list-id": never,
    "route.egress-only-internet-gateway-id": never,
    "route.gateway-id": ofRoutes(gatewayIdOf),
    "route.instance-id": never,
    "route.nat-gateway-id": ofRoutes(({ target }) =>
      target.kind === "nat-gateway" ? target.natGatewayId : undefined,
    ),
    "route.origin": ofRoutes((route) => route.origin),
    "route.state": (table) => table.routes.map((route) => routeState(store, table, route)),
    "route.transit-gateway-id": never,
    "route.vpc-peering-connection-id": never,
    "vpc-id": (table) => table.vpcId,
  };
}

/** DescribeRouteTables gives pages of at most 100. */
const MAX_PAGE = 100;

export function describeRouteTables(
  input: wire.DescribeRouteTablesRequest,
  context: HandlerContext,
): wire.DescribeRouteTablesResult {
  const { items, nextToken } = listed(listInScope(context, routeTables), {
    ids: input.RouteTableIds,
    idKind: ID_KINDS.routeTable,
    key: (table) => table.routeTableId,
    filters: input.Filters,
    filterTable: newFilters(context.store),
    maxResults: input.MaxResults,
    nextToken: input.NextToken,
    maxPage: MAX_PAGE,
  });
  return {
    RouteTables: items.map((table) => describeRouteTable(context.store, table)),
    NextToken: nextToken,
  };
}
