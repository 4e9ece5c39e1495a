/** CreateRoute, ReplaceRoute and DeleteRoute. */
import type * as wire from "@aws-sdk/client-ec2";
import { formatCidr } from "../../model/cidr.ts";
import { routeTables } from "../../store/tables/ec2.ts";
import type { HandlerContext } from "../operation.ts";
import { cannotRemoveLocalRoute, noRouteToReplace, routeAlreadyExists, routeNotFound } from "./errors.ts";
import { requireRouteTable } from "./resolve.ts";
import { requireDestination, requireTarget } from "./routes.ts";

export function createRoute(input: wire.CreateRouteRequest, context: HandlerContext): wire.CreateRouteResult {
  const table = requireRouteTable(context, input.RouteTableId);
  const destination = requireDestination(input);
  const destinationCidrBlock = formatCidr(destination);
  if (table.routes.some((route) => route.destinationCidrBlock === destinationCidrBlock)) {
    throw routeAlreadyExists(destinationCidrBlock);
  }
  const target = requireTarget(context, table, destination, input);
  const routes = [...table.routes, { destinationCidrBlock, target, origin: "CreateRoute" as const }];
  context.store.transaction((tx) => tx.put(routeTables, { ...table, routes }));
  return { Return: true };
}

export function replaceRoute(input: wire.ReplaceRouteRequest, context: HandlerContext): object {
  const table = requireRouteTable(context, input.RouteTableId);
  const destination = requireDestination(input);
  const destinationCidrBlock = formatCidr(destination);
  const existing = table.routes.find((route) => route.destinationCidrBlock === destinationCidrBlock);
  if (existing === undefined) throw noRouteToReplace(destinationCidrBlock);
  const target = requireTarget(context, table, destination, input);
  const routes = table.routes.map((route) => (route === existing ? { ...route, target } : route));
  context.store.transaction((tx) => tx.put(routeTables, { ...table, routes }));
  return {};
}

export function deleteRoute(input: wire.DeleteRouteRequest, context: HandlerContext): object {
  const table = requireRouteTable(context, input.RouteTableId);
  const destination = formatCidr(requireDestination(input));
  const existing = table.routes.find((route) => route.destinationCidrBlock === destination);
  if (existing === undefined) throw routeNotFound(destination, table.routeTableId);
  // The VPC's own route may be given another target, but not go.
  if (existing.origin === "CreateRouteTable") throw cannotRemoveLocalRoute(destination, table.routeTableId);
  const routes = table.routes.filter((route) => route !== existing);
  context.store.transaction((tx) => tx.put(routeTables, { ...table, routes }));
  return {};
}
