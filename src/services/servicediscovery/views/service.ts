import type * as wire from "@aws-sdk/client-servicediscovery";
import type { DiscoveryService } from "../../../model/cloudmap/records.ts";
import type { StoreReader } from "../../../store/store.ts";
import { discoveryInstances } from "../../../store/tables/cloudmap.ts";

export function describeService(store: StoreReader, service: DiscoveryService): wire.Service {
  return {
    ...summariseService(store, service),
    NamespaceId: service.namespaceId,
    ...(service.creatorRequestId === undefined ? {} : { CreatorRequestId: service.creatorRequestId }),
  };
}

export function summariseService(store: StoreReader, service: DiscoveryService): wire.ServiceSummary {
  const { dnsConfig, healthCheckConfig: check } = service;
  return {
    Id: service.id,
    Arn: service.arn,
    ResourceOwner: service.account,
    Name: service.name,
    Type: service.type,
    ...(service.description === undefined ? {} : { Description: service.description }),
    InstanceCount: store.count(discoveryInstances, "service", service.id),
    ...(dnsConfig === undefined
      ? {}
      : {
          DnsConfig: {
            // Deprecated, but Terraform replaces a service that comes without it.
            NamespaceId: service.namespaceId,
            RoutingPolicy: dnsConfig.routingPolicy,
            DnsRecords: dnsConfig.dnsRecords.map(({ type, ttlSeconds }) => ({ Type: type, TTL: ttlSeconds })),
          },
        }),
    ...(check === undefined
      ? {}
      : {
          HealthCheckConfig: {
            // Checked when the service was created.
            Type: check.type as wire.HealthCheckType,
            ...(check.resourcePath === undefined ? {} : { ResourcePath: check.resourcePath }),
            ...(check.failureThreshold === undefined ? {} : { FailureThreshold: check.failureThreshold }),
          },
        }),
    ...(service.healthCheckCustomConfig === undefined
      ? {}
      : { HealthCheckCustomConfig: { FailureThreshold: service.healthCheckCustomConfig.failureThreshold } }),
    CreateDate: new Date(service.createDate),
    CreatedByAccount: service.account,
  };
}
