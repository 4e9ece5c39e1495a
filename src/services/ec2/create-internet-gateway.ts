/** CreateInternetGateway and DeleteInternetGateway. */
import type * as wire from "@aws-sdk/client-ec2";
import type { InternetGateway } from "../../model/ec2/records.ts";
import { internetGateways } from "../../store/tables/ec2.ts";
import type { HandlerContext } from "../operation.ts";
import { hasDependencies } from "./errors.ts";
import { requireInternetGateway } from "./resolve.ts";
import { ID_KINDS, newId } from "./resource-ids.ts";
import { tagsOfSpecifications } from "./tagging.ts";
import { describeInternetGateway } from "./views/internet-gateway.ts";

export function createInternetGateway(
  input: wire.CreateInternetGatewayRequest,
  context: HandlerContext,
): wire.CreateInternetGatewayResult {
  const gateway: InternetGateway = {
    ...context.scope,
    internetGatewayId: newId(ID_KINDS.internetGateway, context.random),
    tags: tagsOfSpecifications(input.TagSpecifications, "internet-gateway"),
  };
  context.store.transaction((tx) => tx.put(internetGateways, gateway));
  return { InternetGateway: describeInternetGateway(gateway) };
}

export function deleteInternetGateway(
  input: wire.DeleteInternetGatewayRequest,
  context: HandlerContext,
): object {
  const gateway = requireInternetGateway(context, input.InternetGatewayId);
  if (gateway.vpcId !== undefined) throw hasDependencies("internetGateway", gateway.internetGatewayId);
  context.store.transaction((tx) => tx.delete(internetGateways, gateway.internetGatewayId));
  return {};
}
