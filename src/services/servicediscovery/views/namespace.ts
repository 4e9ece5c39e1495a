import type * as wire from "@aws-sdk/client-servicediscovery";
import type { Namespace } from "../../../model/cloudmap/records.ts";
import type { StoreReader } from "../../../store/store.ts";
import { discoveryServices } from "../../../store/tables/cloudmap.ts";

export function describeNamespace(store: StoreReader, namespace: Namespace): wire.Namespace {
  return {
    ...summariseNamespace(store, namespace),
    ...(namespace.creatorRequestId === undefined ? {} : { CreatorRequestId: namespace.creatorRequestId }),
  };
}

export function summariseNamespace(store: StoreReader, namespace: Namespace): wire.NamespaceSummary {
  return {
    Id: namespace.id,
    Arn: namespace.arn,
    ResourceOwner: namespace.account,
    Name: namespace.name,
    Type: namespace.type,
    ...(namespace.description === undefined ? {} : { Description: namespace.description }),
    ServiceCount: store.count(discoveryServices, "namespace", namespace.id),
    Properties: {
      DnsProperties: {
        ...(namespace.hostedZoneId === undefined ? {} : { HostedZoneId: namespace.hostedZoneId }),
        ...(namespace.type === "HTTP" ? {} : { SOA: { TTL: namespace.soaTtlSeconds } }),
      },
      HttpProperties: { HttpName: namespace.name },
    },
    CreateDate: new Date(namespace.createDate),
  };
}
