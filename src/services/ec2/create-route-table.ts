/** CreateRouteTable and DeleteRouteTable. */
import type * as wire from "@aws-sdk/client-ec2";
import type { RouteTable } from "../../model/ec2/records.ts";
import { routeTables } from "../../store/tables/ec2.ts";
import type { HandlerContext } from "../operation.ts";
import { hasDependencies } from "./errors.ts";
import { findByClientToken } from "./idempotency.ts";
import { listInScope, requireRouteTable, requireVpc } from "./resolve.ts";
import { tagsOfSpecifications } from "./tagging.ts";
import { describeRouteTable } from "./views/route-table.ts";
import { newRouteTable } from "./vpc-defaults.ts";

export function createRouteTable(
  input: wire.CreateRouteTableRequest,
  context: HandlerContext,
): wire.CreateRouteTableResult {
  const { store } = context;
  const vpc = requireVpc(context, input.VpcId);
  const earlier = findByClientToken(
    listInScope(context, routeTables),
    input.ClientToken,
    (table) => table.vpcId === vpc.vpcId,
  );
  const table: RouteTable = earlier ?? {
    ...newRouteTable(vpc, context.random),
    tags: tagsOfSpecifications(input.TagSpecifications, "route-table"),
    clientToken: input.ClientToken,
  };
  if (earlier === undefined) store.transaction((tx) => tx.put(routeTables, table));
  return { RouteTable: describeRouteTable(store, table), ClientToken: input.ClientToken };
}

export function deleteRouteTable(input: wire.DeleteRouteTableRequest, context: HandlerContext): object {
  const table = requireRouteTable(context, input.RouteTableId);
  if (table.associations.length > 0) throw hasDependencies("routeTable", table.routeTableId);
  context.store.transaction((tx) => tx.delete(routeTables, table.routeTableId));
  return {};
}
