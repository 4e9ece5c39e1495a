/** AttachInternetGateway and DetachInternetGateway. */
import type * as wire from "@aws-sdk/client-ec2";
import { publicAddressOf } from "../../store/network-interfaces.ts";
import { internetGateways, networkInterfaces } from "../../store/tables/ec2.ts";
import type { HandlerContext } from "../operation.ts";
import {
  gatewayAlreadyAttached,
  gatewayNotAttached,
  networkHasGateway,
  networkHasMappedAddresses,
} from "./errors.ts";
import { requireInternetGateway, requireVpc } from "./resolve.ts";

export function attachInternetGateway(
  input: wire.AttachInternetGatewayRequest,
  context: HandlerContext,
): object {
  const gateway = requireInternetGateway(context, input.InternetGatewayId);
  const { vpcId } = requireVpc(context, input.VpcId);
  if (gateway.vpcId !== undefined) throw gatewayAlreadyAttached(gateway.internetGatewayId, gateway.vpcId);
  if (context.store.count(internetGateways, "vpc", vpcId) > 0) throw networkHasGateway(vpcId);
  context.store.transaction((tx) => tx.put(internetGateways, { ...gateway, vpcId }));
  return {};
}

/** Not while anything in the VPC has a public address; routes to the gateway stay and become blackholes. */
export function detachInternetGateway(
  input: wire.DetachInternetGatewayRequest,
  context: HandlerContext,
): object {
  const { store } = context;
  const gateway = requireInternetGateway(context, input.InternetGatewayId);
  const { vpcId } = requireVpc(context, input.VpcId);
  if (gateway.vpcId !== vpcId) throw gatewayNotAttached(gateway.internetGatewayId, vpcId);
  const mapped = store
    .where(networkInterfaces, "vpc", vpcId)
    .some((networkInterface) => publicAddressOf(store, networkInterface) !== undefined);
  if (mapped) throw networkHasMappedAddresses(vpcId);
  store.transaction((tx) => tx.put(internetGateways, { ...gateway, vpcId: undefined }));
  return {};
}
