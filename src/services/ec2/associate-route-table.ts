/** AssociateRouteTable, DisassociateRouteTable and ReplaceRouteTableAssociation. */
import type * as wire from "@aws-sdk/client-ec2";
import type { RouteTable, RouteTableAssociation } from "../../model/ec2/records.ts";
import { inScope } from "../../model/scope.ts";
import { routeTables } from "../../store/tables/ec2.ts";
import type { HandlerContext } from "../operation.ts";
import {
  associationConflict,
  cannotDisassociateMain,
  differentNetworks,
  missingParameter,
  missingParameterText,
  unsupportedOperation,
} from "./errors.ts";
import { requireRouteTable, requireSubnet } from "./resolve.ts";
import { ID_KINDS, newId, notFound } from "./resource-ids.ts";

export function associateRouteTable(
  input: wire.AssociateRouteTableRequest,
  context: HandlerContext,
): wire.AssociateRouteTableResult {
  const { store } = context;
  const table = requireRouteTable(context, input.RouteTableId);
  if (input.GatewayId || input.PublicIpv4Pool) {
    throw unsupportedOperation("Route tables can be associated with subnets only.");
  }
  if (!input.SubnetId) {
    throw missingParameterText("The request must contain exactly one of subnetId or gatewayId");
  }
  const subnet = requireSubnet(context, input.SubnetId);
  if (subnet.vpcId !== table.vpcId) throw differentNetworks(table.routeTableId, "subnet", subnet.subnetId);
  const taken = store
    .where(routeTables, "vpc", subnet.vpcId)
    .some((other) => other.associations.some((association) => association.subnetId === subnet.subnetId));
  if (taken) throw associationConflict(table.routeTableId);
  const association = newAssociation(context, { main: false, subnetId: subnet.subnetId });
  store.transaction((tx) =>
    tx.put(routeTables, { ...table, associations: [...table.associations, association] }),
  );
  return { AssociationId: association.associationId, AssociationState: { State: "associated" } };
}

export function disassociateRouteTable(
  input: wire.DisassociateRouteTableRequest,
  context: HandlerContext,
): object {
  const { table, association } = requireAssociation(context, input.AssociationId);
  if (association.main) throw cannotDisassociateMain(association.associationId);
  context.store.transaction((tx) => tx.put(routeTables, without(table, association)));
  return {};
}

/** Also makes another table the VPC's main one. The association gets a new id. */
export function replaceRouteTableAssociation(
  input: wire.ReplaceRouteTableAssociationRequest,
  context: HandlerContext,
): wire.ReplaceRouteTableAssociationResult {
  const { table, association } = requireAssociation(context, input.AssociationId);
  const target = requireRouteTable(context, input.RouteTableId);
  if (target.vpcId !== table.vpcId) {
    throw differentNetworks(target.routeTableId, "route table", table.routeTableId);
  }
  const renewed = newAssociation(context, association);
  context.store.transaction((tx) => {
    const emptied = without(table, association);
    tx.put(routeTables, emptied);
    const filled = target.routeTableId === table.routeTableId ? emptied : target;
    tx.put(routeTables, { ...filled, associations: [...filled.associations, renewed] });
  });
  return { NewAssociationId: renewed.associationId, AssociationState: { State: "associated" } };
}

function requireAssociation(
  context: HandlerContext,
  associationId: string | undefined,
): { readonly table: RouteTable; readonly association: RouteTableAssociation } {
  if (!associationId) throw missingParameter("associationId");
  const table = context.store
    .where(routeTables, "association", associationId)
    .find((candidate) => inScope(candidate, context.scope));
  const association = table?.associations.find((candidate) => candidate.associationId === associationId);
  if (table === undefined || association === undefined) {
    throw notFound(ID_KINDS.routeTableAssociation, [associationId]);
  }
  return { table, association };
}

function newAssociation(
  context: HandlerContext,
  of: Pick<RouteTableAssociation, "main" | "subnetId">,
): RouteTableAssociation {
  return {
    associationId: newId(ID_KINDS.routeTableAssociation, context.random),
    main: of.main,
    subnetId: of.subnetId,
  };
}

function without(table: RouteTable, association: RouteTableAssociation): RouteTable {
  return { ...table, associations: table.associations.filter((other) => other !== association) };
}
