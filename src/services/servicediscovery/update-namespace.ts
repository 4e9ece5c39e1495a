import type * as wire from "@aws-sdk/client-servicediscovery";
import type { Namespace } from "../../model/cloudmap/records.ts";
import { namespaces } from "../../store/tables/cloudmap.ts";
import { recordSets } from "../../store/tables/route53.ts";
import type { HandlerContext } from "../operation.ts";
import { recordOperation } from "./asynchronous.ts";
import { checkLength } from "./constraints.ts";
import { readSoaTtl } from "./create-namespace.ts";
import { invalidInput } from "./errors.ts";
import { requireNamespace } from "./resolve.ts";

interface NamespaceChange {
  readonly Description?: string | undefined;
  readonly Properties?:
    | {
        readonly DnsProperties?:
          | { readonly SOA?: { readonly TTL?: number | undefined } | undefined }
          | undefined;
      }
    | undefined;
}

export function updateHttpNamespace(
  input: wire.UpdateHttpNamespaceRequest,
  context: HandlerContext,
): wire.UpdateHttpNamespaceResponse {
  return updateNamespace(input.Id, "HTTP", input.Namespace, context);
}

export function updatePrivateDnsNamespace(
  input: wire.UpdatePrivateDnsNamespaceRequest,
  context: HandlerContext,
): wire.UpdatePrivateDnsNamespaceResponse {
  return updateNamespace(input.Id, "DNS_PRIVATE", input.Namespace, context);
}

export function updatePublicDnsNamespace(
  input: wire.UpdatePublicDnsNamespaceRequest,
  context: HandlerContext,
): wire.UpdatePublicDnsNamespaceResponse {
  return updateNamespace(input.Id, "DNS_PUBLIC", input.Namespace, context);
}

function updateNamespace(
  id: string | undefined,
  type: Namespace["type"],
  change: NamespaceChange | undefined,
  context: HandlerContext,
): { OperationId: string } {
  const namespace = requireNamespace(id, context);
  if (namespace.type !== type) throw invalidInput(`Namespace ${namespace.id} is of type ${namespace.type}`);
  checkLength(change?.Description, "namespace.description", 0, 1024);
  const soaTtlSeconds = readSoaTtl(change?.Properties?.DnsProperties?.SOA);
  const updated: Namespace = {
    ...namespace,
    description: change?.Description ?? namespace.description,
    soaTtlSeconds: soaTtlSeconds ?? namespace.soaTtlSeconds,
  };
  const operationId = context.store.transaction((tx) => {
    tx.put(namespaces, updated);
    const soa = context.store
      .where(recordSets, "zone", namespace.hostedZoneId ?? "")
      .find((set) => set.type === "SOA");
    if (soa !== undefined && soaTtlSeconds !== undefined) {
      tx.put(recordSets, { ...soa, ttlSeconds: soaTtlSeconds });
    }
    return recordOperation(tx, context, "UPDATE_NAMESPACE", { NAMESPACE: namespace.id });
  });
  return { OperationId: operationId };
}
