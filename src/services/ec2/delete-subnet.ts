import type * as wire from "@aws-sdk/client-ec2";
import { networkAcls, networkInterfaces, routeTables, subnets } from "../../store/tables/ec2.ts";
import type { HandlerContext } from "../operation.ts";
import { hasDependencies } from "./errors.ts";
import { requireSubnet } from "./resolve.ts";

/** Its associations with a route table and an ACL go with it; network interfaces keep it. */
export function deleteSubnet(input: wire.DeleteSubnetRequest, context: HandlerContext): object {
  const { store } = context;
  const { subnetId, vpcId } = requireSubnet(context, input.SubnetId);
  if (store.count(networkInterfaces, "subnet", subnetId) > 0) throw hasDependencies("subnet", subnetId);
  const others = (association: { readonly subnetId?: string | undefined }) =>
    association.subnetId !== subnetId;
  store.transaction((tx) => {
    for (const table of store.where(routeTables, "vpc", vpcId)) {
      const associations = table.associations.filter(others);
      if (associations.length < table.associations.length) tx.put(routeTables, { ...table, associations });
    }
    for (const acl of store.where(networkAcls, "vpc", vpcId)) {
      const associations = acl.associations.filter(others);
      if (associations.length < acl.associations.length) tx.put(networkAcls, { ...acl, associations });
    }
    tx.delete(subnets, subnetId);
  });
  return {};
}
