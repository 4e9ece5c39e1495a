import type * as wire from "@aws-sdk/client-ec2";
import type { NatGateway } from "../../model/ec2/records.ts";
import { natGateways } from "../../store/tables/ec2.ts";
import type { HandlerContext } from "../operation.ts";
import { requireNatGateway } from "./resolve.ts";
import { ID_KINDS, notFound } from "./resource-ids.ts";

/**
 * Says only that it is to go: the fabric takes its interface away and frees the address. A failed one has neither,
 * so it is `deleted` at once.
 */
export function deleteNatGateway(
  input: wire.DeleteNatGatewayRequest,
  context: HandlerContext,
): wire.DeleteNatGatewayResult {
  const gateway = requireNatGateway(context, input.NatGatewayId);
  if (gateway.state === "deleted") throw notFound(ID_KINDS.natGateway, [gateway.natGatewayId]);
  if (gateway.state !== "deleting") {
    const next: NatGateway = {
      ...gateway,
      state: gateway.state === "failed" ? "deleted" : "deleting",
      deleteTime: context.clock.now(),
    };
    context.store.transaction((tx) => tx.put(natGateways, next));
  }
  return { NatGatewayId: gateway.natGatewayId };
}
