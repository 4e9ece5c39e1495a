/** GetNamespace and ListNamespaces. */
import type * as wire from "@aws-sdk/client-servicediscovery";
import type { Namespace } from "../../model/cloudmap/records.ts";
import { namespaces } from "../../store/tables/cloudmap.ts";
import type { HandlerContext } from "../operation.ts";
import { page } from "../page.ts";
import { invalidNextToken, readMaxResults } from "./constraints.ts";
import { type FilterAspects, matcher } from "./filters.ts";
import { requireNamespace, scopeKey } from "./resolve.ts";
import { describeNamespace, summariseNamespace } from "./views/namespace.ts";

export function getNamespace(
  input: wire.GetNamespaceRequest,
  context: HandlerContext,
): wire.GetNamespaceResponse {
  return { Namespace: describeNamespace(context.store, requireNamespace(input.Id, context)) };
}

const ASPECTS: FilterAspects<Namespace> = {
  TYPE: (namespace) => namespace.type,
  NAME: (namespace) => namespace.name,
  HTTP_NAME: (namespace) => namespace.name,
  // Nothing is shared between accounts.
  RESOURCE_OWNER: () => "SELF",
};

export function listNamespaces(
  input: wire.ListNamespacesRequest,
  context: HandlerContext,
): wire.ListNamespacesResponse {
  const matches = matcher(input.Filters, ASPECTS);
  const found = page(context.store.where(namespaces, "scope", scopeKey(context)).filter(matches), {
    token: input.NextToken,
    limit: readMaxResults(input.MaxResults),
    key: (namespace) => namespace.id,
    invalidToken: invalidNextToken,
  });
  return {
    Namespaces: found.items.map((namespace) => summariseNamespace(context.store, namespace)),
    ...(found.nextToken === undefined ? {} : { NextToken: found.nextToken }),
  };
}
