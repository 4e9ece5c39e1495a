/**
 * Cloud Map's asynchronous operations: Berth does the work at once, in the transaction that records the operation,
 * so that GetOperation finds it done (or failed) however soon it asks.
 */
import { LOWER_ALPHANUMERIC } from "../../lib/random.ts";
import type { DiscoveryOperation } from "../../model/cloudmap/records.ts";
import type { Transaction } from "../../store/store.ts";
import { discoveryOperations } from "../../store/tables/cloudmap.ts";
import type { HandlerContext } from "../operation.ts";

export function newOperationId(context: HandlerContext): string {
  return `${context.random.text(32, LOWER_ALPHANUMERIC)}-${context.random.text(8, LOWER_ALPHANUMERIC)}`;
}

/** Why an operation failed, as GetOperation shows it. */
export interface OperationFailure {
  readonly code: "ACCESS_DENIED" | "CANNOT_CREATE_HOSTED_ZONE" | "HOSTED_ZONE_NOT_FOUND" | "INTERNAL_FAILURE";
  readonly message: string;
}

/** Returns the operation's id. */
export function recordOperation(
  tx: Transaction,
  context: HandlerContext,
  type: DiscoveryOperation["type"],
  targets: DiscoveryOperation["targets"],
  options: { readonly id?: string; readonly failure?: OperationFailure | undefined } = {},
): string {
  const id = options.id ?? newOperationId(context);
  const now = context.clock.now();
  tx.put(discoveryOperations, {
    ...context.scope,
    id,
    type,
    status: options.failure === undefined ? "SUCCESS" : "FAIL",
    errorCode: options.failure?.code,
    errorMessage: options.failure?.message,
    targets,
    createDate: now,
    updateDate: now,
  });
  return id;
}
