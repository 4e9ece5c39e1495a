import type * as wire from "@aws-sdk/client-elastic-load-balancing-v2";
import type { StoreReader, Transaction } from "../../store/store.ts";
import { listenerRules, listeners } from "../../store/tables/elb.ts";
import type { HandlerContext } from "../operation.ts";
import { requireListener } from "./resolve.ts";

export function deleteListener(
  input: wire.DeleteListenerInput,
  context: HandlerContext,
): wire.DeleteListenerOutput {
  const { arn } = requireListener(context, input.ListenerArn);
  context.store.transaction((tx) => deleteListenerRecords(tx, context.store, arn));
  return {};
}

/** The listener and its rules. */
export function deleteListenerRecords(tx: Transaction, store: StoreReader, listenerArn: string): void {
  for (const rule of store.where(listenerRules, "listener", listenerArn)) tx.delete(listenerRules, rule.arn);
  tx.delete(listeners, listenerArn);
}
