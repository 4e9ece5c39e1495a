import type * as wire from "@aws-sdk/client-ec2";
import type { Vpc } from "../../model/ec2/records.ts";
import type { StoreReader } from "../../store/store.ts";
import {
  internetGateways,
  networkAcls,
  networkInterfaces,
  routeTables,
  securityGroups,
  subnets,
  vpcs,
} from "../../store/tables/ec2.ts";
import type { HandlerContext } from "../operation.ts";
import { hasDependencies } from "./errors.ts";
import { requireVpc } from "./resolve.ts";

/** Default security group, main route table and default ACL go with it; anything else keeps it. */
export function deleteVpc(input: wire.DeleteVpcRequest, context: HandlerContext): object {
  const { store } = context;
  const vpc = requireVpc(context, input.VpcId);
  if (hasLeftovers(store, vpc)) throw hasDependencies("vpc", vpc.vpcId);
  context.store.transaction((tx) => {
    for (const group of store.where(securityGroups, "vpc", vpc.vpcId))
      tx.delete(securityGroups, group.groupId);
    for (const table of store.where(routeTables, "vpc", vpc.vpcId))
      tx.delete(routeTables, table.routeTableId);
    for (const acl of store.where(networkAcls, "vpc", vpc.vpcId)) tx.delete(networkAcls, acl.networkAclId);
    tx.delete(vpcs, vpc.vpcId);
  });
  return {};
}

function hasLeftovers(store: StoreReader, { vpcId }: Vpc): boolean {
  return (
    store.count(subnets, "vpc", vpcId) > 0 ||
    store.count(internetGateways, "vpc", vpcId) > 0 ||
    store.count(networkInterfaces, "vpc", vpcId) > 0 ||
    store.where(securityGroups, "vpc", vpcId).some((group) => group.groupName !== "default") ||
    store
      .where(routeTables, "vpc", vpcId)
      .some((table) => !table.associations.some((association) => association.main))
  );
}
