import type * as wire from "@aws-sdk/client-servicediscovery";
import { discoveryServices, namespaces } from "../../store/tables/cloudmap.ts";
import { hostedZones, recordSets } from "../../store/tables/route53.ts";
import type { HandlerContext } from "../operation.ts";
import { recordOperation } from "./asynchronous.ts";
import { namespaceHasServices } from "./errors.ts";
import { requireNamespace } from "./resolve.ts";

export function deleteNamespace(
  input: wire.DeleteNamespaceRequest,
  context: HandlerContext,
): wire.DeleteNamespaceResponse {
  const { store } = context;
  const namespace = requireNamespace(input.Id, context);
  if (store.count(discoveryServices, "namespace", namespace.id) > 0) throw namespaceHasServices();
  const operationId = store.transaction((tx) => {
    const zoneId = namespace.hostedZoneId;
    if (zoneId !== undefined) {
      for (const set of store.where(recordSets, "zone", zoneId)) tx.delete(recordSets, recordSets.key(set));
      tx.delete(hostedZones, zoneId);
    }
    tx.delete(namespaces, namespace.id);
    return recordOperation(tx, context, "DELETE_NAMESPACE", { NAMESPACE: namespace.id });
  });
  return { OperationId: operationId };
}
