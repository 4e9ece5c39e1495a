import type * as wire from "@aws-sdk/client-elastic-load-balancing-v2";
import { networkInterfaces } from "../../store/tables/ec2.ts";
import { listeners, loadBalancers } from "../../store/tables/elb.ts";
import type { HandlerContext } from "../operation.ts";
import { deleteListenerRecords } from "./delete-listener.ts";
import { deletionProtected } from "./errors.ts";
import { deleteNode } from "./nodes.ts";
import { findLoadBalancer } from "./resolve.ts";

/** With its nodes, listeners and rules; its target groups stay. One that does not exist is a success. */
export function deleteLoadBalancer(
  input: wire.DeleteLoadBalancerInput,
  context: HandlerContext,
): wire.DeleteLoadBalancerOutput {
  const { store } = context;
  const loadBalancer = findLoadBalancer(context, input.LoadBalancerArn);
  if (loadBalancer === undefined) return {};
  if (loadBalancer.attributes["deletion_protection.enabled"] === "true") {
    throw deletionProtected(loadBalancer.arn);
  }
  store.transaction((tx) => {
    for (const listener of store.where(listeners, "loadBalancer", loadBalancer.arn)) {
      deleteListenerRecords(tx, store, listener.arn);
    }
    for (const node of store.where(networkInterfaces, "owner", loadBalancer.arn)) {
      deleteNode(tx, store, node.networkInterfaceId);
    }
    tx.delete(loadBalancers, loadBalancer.arn);
  });
  return {};
}
