import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type * as wire from "@aws-sdk/client-servicediscovery";
import type { Vpc } from "../../model/ec2/records.ts";
import { vpcs } from "../../store/tables/ec2.ts";
import type { HandlerContext } from "../operation.ts";
import { operations as route53 } from "../route53/operations.ts";
import { testContext } from "../testing.ts";
import { operations } from "./operations.ts";

function contextWithVpc(): HandlerContext {
  const context = testContext();
  const vpc: Vpc = {
    ...context.scope,
    vpcId: "vpc-1",
    cidrBlock: "10.0.0.0/16",
    cidrAssociationId: "vpc-cidr-assoc-1",
    instanceTenancy: "default",
    enableDnsSupport: true,
    enableDnsHostnames: true,
    enableNetworkAddressUsageMetrics: false,
    dhcpOptionsId: "dopt-1",
    isDefault: false,
    tags: [],
  };
  context.store.transaction((tx) => tx.put(vpcs, vpc));
  return context;
}

function outcome(context: HandlerContext, operationId: string | undefined): wire.Operation {
  const operation = operations.GetOperation({ OperationId: operationId }, context).Operation;
  assert.ok(operation !== undefined);
  return operation;
}

function createNamespace(context: HandlerContext, name = "shop.local"): string {
  const created = operations.CreatePrivateDnsNamespace({ Name: name, Vpc: "vpc-1" }, context);
  return outcome(context, created.OperationId).Targets?.NAMESPACE ?? "";
}

function createService(
  context: HandlerContext,
  input: Partial<wire.CreateServiceRequest> = {},
): wire.Service {
  const created = operations.CreateService(
    {
      Name: "api",
      DnsConfig: {
        NamespaceId: input.NamespaceId ?? createNamespace(context),
        RoutingPolicy: "MULTIVALUE",
        DnsRecords: [{ Type: "A", TTL: 10 }],
      },
      HealthCheckCustomConfig: { FailureThreshold: 5 },
      ...input,
    },
    context,
  );
  assert.ok(created.Service !== undefined);
  return created.Service;
}

function register(
  context: HandlerContext,
  serviceId: string | undefined,
  id: string,
  more: object = {},
): void {
  const Attributes = { AWS_INSTANCE_IPV4: "10.0.0.9", AWS_INSTANCE_PORT: "80", ...more };
  operations.RegisterInstance({ ServiceId: serviceId, InstanceId: id, Attributes }, context);
}

describe("namespaces", () => {
  test("a private one has a hosted zone in its VPC, which Route 53 does not let anybody change", () => {
    const context = contextWithVpc();
    const id = createNamespace(context);
    const namespace = operations.GetNamespace({ Id: id }, context).Namespace;
    assert.match(id, /^ns-[a-z0-9]{16}$/);
    assert.equal(namespace?.Properties?.HttpProperties?.HttpName, "shop.local");
    const zoneId = namespace?.Properties?.DnsProperties?.HostedZoneId;
    const zone = route53.GetHostedZone({ Id: zoneId }, context);
    assert.deepEqual(zone.HostedZone?.LinkedService, {
      ServicePrincipal: "servicediscovery.amazonaws.com",
      Description: namespace?.Arn,
    });
    assert.equal(
      zone.HostedZone?.Config?.Comment,
      `Created by AWS Cloud Map namespace with ARN ${namespace?.Arn}`,
    );
    assert.deepEqual(zone.VPCs, [{ VPCRegion: "ap-northeast-1", VPCId: "vpc-1" }]);
    assert.throws(() => route53.DeleteHostedZone({ Id: zoneId }, context), {
      name: "AccessDenied",
      message: `The resource hostedzone/${zoneId} can only be managed through AWS Cloud Map (${namespace?.Arn})`,
    });
  });

  test("a second one of the same name in the VPC fails in its operation, and leaves nothing behind", () => {
    const context = contextWithVpc();
    createNamespace(context);
    const again = operations.CreatePrivateDnsNamespace({ Name: "shop.local", Vpc: "vpc-1" }, context);
    const operation = outcome(context, again.OperationId);
    assert.deepEqual([operation.Status, operation.ErrorCode], ["FAIL", "CANNOT_CREATE_HOSTED_ZONE"]);
    assert.match(
      operation.ErrorMessage ?? "",
      /^The VPC vpc-1 in region ap-northeast-1 has already been associated with the hosted zone Z\w+ with the same domain name\./,
    );
    assert.equal(operations.ListNamespaces({}, context).Namespaces?.length, 1);
    assert.equal(route53.GetHostedZoneCount({}, context).HostedZoneCount, 1);
  });

  test("are found by id or ARN within their region", () => {
    const context = contextWithVpc();
    const id = createNamespace(context);
    const arn = operations.GetNamespace({ Id: id }, context).Namespace?.Arn;
    assert.equal(operations.GetNamespace({ Id: arn }, context).Namespace?.Id, id);
    const elsewhere = { ...context, scope: { ...context.scope, region: "us-east-1" } };
    assert.throws(() => operations.GetNamespace({ Id: id }, elsewhere), { name: "NamespaceNotFound" });
  });

  test("are deleted with their zone, once they have no services", () => {
    const context = contextWithVpc();
    const id = createNamespace(context);
    const service = createService(context, { NamespaceId: id });
    assert.throws(() => operations.DeleteNamespace({ Id: id }, context), {
      name: "ResourceInUse",
      message: "Namespace has associated services; delete the services before deleting the namespace",
    });
    operations.DeleteService({ Id: service.Id }, context);
    const deleted = operations.DeleteNamespace({ Id: id }, context);
    assert.equal(outcome(context, deleted.OperationId).Status, "SUCCESS");
    assert.equal(route53.GetHostedZoneCount({}, context).HostedZoneCount, 0);
  });

  test("take a SOA TTL, which becomes that of their zone", () => {
    const context = contextWithVpc();
    const id = createNamespace(context);
    const Namespace = { Properties: { DnsProperties: { SOA: { TTL: 42 } } } };
    operations.UpdatePrivateDnsNamespace({ Id: id, Namespace }, context);
    const namespace = operations.GetNamespace({ Id: id }, context).Namespace;
    const zoneId = namespace?.Properties?.DnsProperties?.HostedZoneId;
    const sets = route53.ListResourceRecordSets({ HostedZoneId: zoneId }, context).ResourceRecordSets;
    assert.equal(sets?.find((set) => set.Type === "SOA")?.TTL, 42);
  });
});

describe("services", () => {
  test("come back with the namespace in their DnsConfig, and a failure threshold of 1", () => {
    const context = contextWithVpc();
    const service = createService(context);
    assert.match(service.Id ?? "", /^srv-[a-z0-9]{16}$/);
    assert.deepEqual(service.DnsConfig, {
      NamespaceId: service.NamespaceId,
      RoutingPolicy: "MULTIVALUE",
      DnsRecords: [{ Type: "A", TTL: 10 }],
    });
    assert.deepEqual(service.HealthCheckCustomConfig, { FailureThreshold: 1 });
    assert.equal(service.Type, "DNS_HTTP");
  });

  test("of one namespace differ in more than the case of their names", () => {
    const context = contextWithVpc();
    const service = createService(context);
    const again = { Name: "API", NamespaceId: service.NamespaceId, Type: "HTTP" } as const;
    assert.throws(() => operations.CreateService(again, context), {
      name: "ServiceAlreadyExists",
      Message: "Service already exists.",
      ServiceId: service.Id,
    });
  });

  test("keep the types of their records, but change their TTLs", () => {
    const context = contextWithVpc();
    const service = createService(context);
    const update = (Type: wire.RecordType) =>
      operations.UpdateService(
        { Id: service.Id, Service: { DnsConfig: { DnsRecords: [{ Type, TTL: 99 }] } } },
        context,
      );
    assert.throws(() => update("AAAA"), { name: "InvalidInput" });
    assert.equal(outcome(context, update("A").OperationId).Status, "SUCCESS");
    const shown = operations.GetService({ Id: service.Id }, context).Service;
    assert.equal(shown?.DnsConfig?.DnsRecords?.[0]?.TTL, 99);
    assert.deepEqual(shown?.HealthCheckCustomConfig, { FailureThreshold: 1 });
  });

  test("are not deleted while they have instances", () => {
    const context = contextWithVpc();
    const service = createService(context);
    register(context, service.Id, "task-1");
    assert.throws(() => operations.DeleteService({ Id: service.Id }, context), {
      name: "ResourceInUse",
      message: "Service contains registered instances; delete the instances before deleting the service",
    });
    operations.DeregisterInstance({ ServiceId: service.Id, InstanceId: "task-1" }, context);
    operations.DeleteService({ Id: service.Id }, context);
  });
});

describe("instances", () => {
  test("need what the service's records are made of", () => {
    const context = contextWithVpc();
    const service = createService(context);
    const input = { ServiceId: service.Id, InstanceId: "task-1" };
    assert.throws(() => operations.RegisterInstance({ ...input, Attributes: {} }, context), {
      name: "InvalidInput",
    });
    const wrong = { AWS_INSTANCE_IPV4: "10.0.0.300" };
    assert.throws(() => operations.RegisterInstance({ ...input, Attributes: wrong }, context), {
      name: "InvalidInput",
    });
  });

  test("show in the zone's record sets, each under its own identifier", () => {
    const context = contextWithVpc();
    const service = createService(context);
    register(context, service.Id, "task-1");
    const zoneId = operations.GetNamespace({ Id: service.NamespaceId }, context).Namespace?.Properties
      ?.DnsProperties?.HostedZoneId;
    const listed = route53.ListResourceRecordSets(
      { HostedZoneId: zoneId, StartRecordName: "api.shop.local" },
      context,
    );
    assert.deepEqual(listed.ResourceRecordSets, [
      {
        Name: "api.shop.local.",
        Type: "A",
        SetIdentifier: "task-1",
        MultiValueAnswer: true,
        TTL: 10,
        ResourceRecords: [{ Value: "10.0.0.9" }],
      },
    ]);
    assert.equal(route53.GetHostedZone({ Id: zoneId }, context).HostedZone?.ResourceRecordSetCount, 3);
  });

  test("with an SRV record have a host name of their own", () => {
    const context = contextWithVpc();
    const NamespaceId = createNamespace(context);
    const DnsConfig = { NamespaceId, DnsRecords: [{ Type: "SRV" as const, TTL: 10 }] };
    const service = createService(context, { DnsConfig, NamespaceId });
    register(context, service.Id, "task-1");
    const zoneId = operations.GetNamespace({ Id: NamespaceId }, context).Namespace?.Properties?.DnsProperties
      ?.HostedZoneId;
    const sets = route53.ListResourceRecordSets({ HostedZoneId: zoneId }, context).ResourceRecordSets ?? [];
    assert.deepEqual(
      sets.slice(2).map((set) => [set.Name, set.Type, set.ResourceRecords?.[0]?.Value]),
      [
        ["api.shop.local.", "SRV", "1 1 80 task-1.api.shop.local."],
        ["task-1.api.shop.local.", "A", "10.0.0.9"],
      ],
    );
  });

  test("change the revision when they come and go, not when their health changes", () => {
    const context = contextWithVpc();
    const service = createService(context);
    const names = { NamespaceName: "shop.local", ServiceName: "api" };
    const revision = () => operations.DiscoverInstancesRevision(names, context).InstancesRevision ?? 0;
    const before = revision();
    register(context, service.Id, "task-1", { AWS_INIT_HEALTH_STATUS: "UNHEALTHY" });
    assert.equal(revision(), before + 1);
    const health = { ServiceId: service.Id, InstanceId: "task-1", Status: "HEALTHY" } as const;
    operations.UpdateInstanceCustomHealthStatus(health, context);
    assert.equal(revision(), before + 1);
    operations.DeregisterInstance({ ServiceId: service.Id, InstanceId: "task-1" }, context);
    assert.equal(revision(), before + 2);
    assert.throws(
      () => operations.DeregisterInstance({ ServiceId: service.Id, InstanceId: "task-1" }, context),
      {
        name: "InstanceNotFound",
      },
    );
  });

  test("have a custom health only where the service has such a check", () => {
    const context = contextWithVpc();
    const service = createService(context, { HealthCheckCustomConfig: undefined });
    register(context, service.Id, "task-1");
    const health = { ServiceId: service.Id, InstanceId: "task-1", Status: "UNHEALTHY" } as const;
    assert.throws(() => operations.UpdateInstanceCustomHealthStatus(health, context), {
      name: "CustomHealthNotFound",
    });
    const statuses = operations.GetInstancesHealthStatus({ ServiceId: service.Id }, context).Status;
    assert.deepEqual(statuses, { "task-1": "UNKNOWN" });
  });

  test("are discovered by health and attributes", () => {
    const context = contextWithVpc();
    const service = createService(context);
    register(context, service.Id, "sick", { AWS_INIT_HEALTH_STATUS: "UNHEALTHY", colour: "blue" });
    const discover = (more: Partial<wire.DiscoverInstancesRequest>) =>
      operations
        .DiscoverInstances({ NamespaceName: "shop.local", ServiceName: "api", ...more }, context)
        .Instances?.map((instance) => instance.InstanceId)
        .sort();
    assert.deepEqual(discover({ HealthStatus: "HEALTHY_OR_ELSE_ALL" }), ["sick"]);
    register(context, service.Id, "well", { colour: "green" });
    assert.deepEqual(discover({}), ["sick", "well"]);
    assert.deepEqual(discover({ HealthStatus: "HEALTHY" }), ["well"]);
    assert.deepEqual(discover({ HealthStatus: "HEALTHY_OR_ELSE_ALL" }), ["well"]);
    assert.deepEqual(discover({ QueryParameters: { colour: "blue" } }), ["sick"]);
    assert.deepEqual(discover({ OptionalParameters: { colour: "red" } }), ["sick", "well"]);
    assert.deepEqual(discover({ OptionalParameters: { colour: "blue" } }), ["sick"]);
    assert.throws(() => discover({ ServiceName: "other" }), { name: "ServiceNotFound" });
    assert.throws(() => discover({ NamespaceName: "other" }), { name: "NamespaceNotFound" });
  });
});

describe("lists", () => {
  test("take filters and pages, and refuse what they do not know", () => {
    const context = contextWithVpc();
    const id = createNamespace(context);
    operations.CreateHttpNamespace({ Name: "other" }, context);
    const filter = (Name: wire.NamespaceFilterName, ...Values: string[]) =>
      operations
        .ListNamespaces({ Filters: [{ Name, Values }] }, context)
        .Namespaces?.map((each) => each.Name);
    assert.deepEqual(filter("TYPE", "HTTP"), ["other"]);
    assert.deepEqual(filter("NAME", "shop.local"), ["shop.local"]);
    assert.throws(() => filter("COLOUR" as wire.NamespaceFilterName, "x"), { name: "InvalidInput" });
    const first = operations.ListNamespaces({ MaxResults: 1 }, context);
    const second = operations.ListNamespaces({ MaxResults: 1, NextToken: first.NextToken }, context);
    assert.deepEqual(
      [first.Namespaces?.length, second.Namespaces?.length, second.NextToken],
      [1, 1, undefined],
    );
    assert.throws(() => operations.ListNamespaces({ NextToken: "forged" }, context), {
      name: "InvalidInput",
    });
    createService(context, { NamespaceId: id });
    const services = operations.ListServices({ Filters: [{ Name: "NAMESPACE_ID", Values: [id] }] }, context);
    assert.equal(services.Services?.[0]?.Name, "api");
    const done = operations.ListOperations({ Filters: [{ Name: "STATUS", Values: ["SUCCESS"] }] }, context);
    assert.equal(done.Operations?.length, 2);
  });
});

describe("tags", () => {
  test("of namespaces and services are kept by ARN", () => {
    const context = contextWithVpc();
    const service = createService(context);
    operations.TagResource({ ResourceARN: service.Arn, Tags: [{ Key: "a", Value: "1" }] }, context);
    assert.deepEqual(operations.ListTagsForResource({ ResourceARN: service.Arn }, context).Tags, [
      { Key: "a", Value: "1" },
    ]);
    operations.UntagResource({ ResourceARN: service.Arn, TagKeys: ["a"] }, context);
    assert.deepEqual(operations.ListTagsForResource({ ResourceARN: service.Arn }, context).Tags, []);
    assert.throws(() => operations.ListTagsForResource({ ResourceARN: "arn:none" }, context), {
      name: "ResourceNotFoundException",
    });
  });
});
