import type * as wire from "@aws-sdk/client-ec2";
import type { Route, RouteTable } from "../../../model/ec2/records.ts";
import type { StoreReader } from "../../../store/store.ts";
import { internetGateways, natGateways, networkInterfaces } from "../../../store/tables/ec2.ts";
import { describeTagList } from "../tagging.ts";

export function describeRouteTable(store: StoreReader, table: RouteTable): wire.RouteTable {
  return {
    RouteTableId: table.routeTableId,
    VpcId: table.vpcId,
    OwnerId: table.account,
    Routes: table.routes.map((route) => describeRoute(store, table, route)),
    Associations: table.associations.map((association) => ({
      RouteTableAssociationId: association.associationId,
      RouteTableId: table.routeTableId,
      SubnetId: association.subnetId,
      Main: association.main,
      AssociationState: { State: "associated" },
    })),
    PropagatingVgws: [],
    Tags: describeTagList(table.tags),
  };
}

/** The gateway of a route as `gatewayId` names it; a NAT gateway has a member of its own. */
export function gatewayIdOf({ target }: Route): string | undefined {
  if (target.kind === "local") return "local";
  return target.kind === "internet-gateway" ? target.internetGatewayId : undefined;
}

export function describeRoute(store: StoreReader, table: RouteTable, route: Route): wire.Route {
  const { target } = route;
  return {
    DestinationCidrBlock: route.destinationCidrBlock,
    GatewayId: gatewayIdOf(route),
    NatGatewayId: target.kind === "nat-gateway" ? target.natGatewayId : undefined,
    NetworkInterfaceId: target.kind === "network-interface" ? target.networkInterfaceId : undefined,
    Origin: route.origin,
    State: routeState(store, table, route),
  };
}

/** `blackhole` when the target is gone, detached or not in use: packets that take the route are lost. */
export function routeState(store: StoreReader, table: RouteTable, { target }: Route): wire.RouteState {
  switch (target.kind) {
    case "local":
      return "active";
    case "internet-gateway":
      return store.get(internetGateways, target.internetGatewayId)?.vpcId === table.vpcId
        ? "active"
        : "blackhole";
    case "nat-gateway": {
      const state = store.get(natGateways, target.natGatewayId)?.state;
      return state === "pending" || state === "available" ? "active" : "blackhole";
    }
    case "network-interface":
      return store.get(networkInterfaces, target.networkInterfaceId)?.attachmentId !== undefined
        ? "active"
        : "blackhole";
  }
}
