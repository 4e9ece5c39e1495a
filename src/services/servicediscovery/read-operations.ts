/** GetOperation and ListOperations. */
import type * as wire from "@aws-sdk/client-servicediscovery";
import type { DiscoveryOperation } from "../../model/cloudmap/records.ts";
import { discoveryOperations } from "../../store/tables/cloudmap.ts";
import type { HandlerContext } from "../operation.ts";
import { page } from "../page.ts";
import { invalidNextToken, readMaxResults } from "./constraints.ts";
import { type FilterAspects, matcher } from "./filters.ts";
import { requireOperation, scopeKey } from "./resolve.ts";

export function getOperation(
  input: wire.GetOperationRequest,
  context: HandlerContext,
): wire.GetOperationResponse {
  const operation = requireOperation(input.OperationId, context);
  return {
    Operation: {
      Id: operation.id,
      OwnerAccount: operation.account,
      Type: operation.type,
      Status: operation.status,
      ...(operation.errorMessage === undefined ? {} : { ErrorMessage: operation.errorMessage }),
      ...(operation.errorCode === undefined ? {} : { ErrorCode: operation.errorCode }),
      CreateDate: new Date(operation.createDate),
      UpdateDate: new Date(operation.updateDate),
      Targets: { ...operation.targets },
    },
  };
}

const ASPECTS: FilterAspects<DiscoveryOperation> = {
  NAMESPACE_ID: (operation) => operation.targets.NAMESPACE,
  SERVICE_ID: (operation) => operation.targets.SERVICE,
  STATUS: (operation) => operation.status,
  TYPE: (operation) => operation.type,
  // In seconds, as the filter's values are.
  UPDATE_DATE: (operation) => operation.updateDate / 1000,
};

export function listOperations(
  input: wire.ListOperationsRequest,
  context: HandlerContext,
): wire.ListOperationsResponse {
  const matches = matcher(input.Filters, ASPECTS);
  const found = page(context.store.where(discoveryOperations, "scope", scopeKey(context)).filter(matches), {
    token: input.NextToken,
    limit: readMaxResults(input.MaxResults),
    key: (operation) => operation.id,
    invalidToken: invalidNextToken,
  });
  return {
    Operations: found.items.map((operation) => ({ Id: operation.id, Status: operation.status })),
    ...(found.nextToken === undefined ? {} : { NextToken: found.nextToken }),
  };
}
