import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type * as wire from "@aws-sdk/client-route-53";
import type { Vpc } from "../../model/ec2/records.ts";
import type { LoadBalancer } from "../../model/elb/records.ts";
import { vpcs } from "../../store/tables/ec2.ts";
import { loadBalancers } from "../../store/tables/elb.ts";
import type { HandlerContext } from "../operation.ts";
import { testContext } from "../testing.ts";
import { operations } from "./operations.ts";

const REGION = "ap-northeast-1";

function addVpc(context: HandlerContext, vpcId: string, account = context.scope.account): void {
  const vpc: Vpc = {
    account,
    region: REGION,
    vpcId,
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
}

function createZone(context: HandlerContext, name: string, vpcId?: string): string {
  const created = operations.CreateHostedZone(
    {
      Name: name,
      CallerReference: `${name} ${vpcId}`,
      ...(vpcId === undefined ? {} : { VPC: { VPCId: vpcId, VPCRegion: REGION } }),
    },
    context,
  );
  return created.HostedZone?.Id ?? "";
}

function change(
  context: HandlerContext,
  zoneId: string,
  ...changes: [wire.ChangeAction, wire.ResourceRecordSet][]
): wire.ChangeResourceRecordSetsResponse {
  return operations.ChangeResourceRecordSets(
    {
      HostedZoneId: zoneId,
      ChangeBatch: { Changes: changes.map(([Action, ResourceRecordSet]) => ({ Action, ResourceRecordSet })) },
    },
    context,
  );
}

const a = (name: string, value = "192.0.2.1"): wire.ResourceRecordSet => ({
  Name: name,
  Type: "A",
  TTL: 60,
  ResourceRecords: [{ Value: value }],
});

function names(context: HandlerContext, input: Partial<wire.ListResourceRecordSetsRequest>): string[] {
  const listed = operations.ListResourceRecordSets({ HostedZoneId: "", ...input }, context);
  return (listed.ResourceRecordSets ?? []).map((set) => `${set.Name} ${set.Type}`);
}

describe("hosted zones", () => {
  test("a public one has four name servers, and two record sets", () => {
    const context = testContext();
    const created = operations.CreateHostedZone({ Name: "Example.com", CallerReference: "one" }, context);
    assert.match(created.HostedZone?.Id ?? "", /^\/hostedzone\/Z[A-Z0-9]{13,31}$/);
    assert.equal(created.HostedZone?.Name, "example.com.");
    assert.equal(created.HostedZone?.ResourceRecordSetCount, 2);
    assert.equal(created.DelegationSet?.NameServers?.length, 4);
    assert.equal(created.ChangeInfo?.Status, "PENDING");
    assert.equal(created.Location, `https://route53.amazonaws.com/2013-04-01${created.HostedZone?.Id}`);
    const change = operations.GetChange({ Id: created.ChangeInfo?.Id }, context);
    assert.equal(change.ChangeInfo?.Status, "INSYNC");
  });

  test("are found by their id with and without /hostedzone/, by their own account alone", () => {
    const context = testContext();
    const id = createZone(context, "example.com");
    assert.equal(operations.GetHostedZone({ Id: id }, context).HostedZone?.Id, id);
    assert.equal(operations.GetHostedZone({ Id: id.split("/")[2] }, context).HostedZone?.Id, id);
    const stranger = { ...context, scope: { account: "111111111111", region: REGION } };
    assert.throws(() => operations.GetHostedZone({ Id: id }, stranger), {
      name: "NoSuchHostedZone",
      message: `No hosted zone found with ID: ${id.split("/")[2]}`,
    });
  });

  test("a caller reference makes one zone only", () => {
    const context = testContext();
    createZone(context, "example.com");
    assert.throws(() => createZone(context, "example.com"), {
      name: "HostedZoneAlreadyExists",
      message: "A hosted zone has already been created with the specified caller reference.",
    });
  });

  test("a VPC has one private zone of a name", () => {
    const context = testContext();
    addVpc(context, "vpc-1");
    const id = createZone(context, "shop.local", "vpc-1").split("/")[2];
    const again = {
      Name: "shop.local.",
      CallerReference: "2",
      VPC: { VPCId: "vpc-1", VPCRegion: REGION },
    } as const;
    assert.throws(() => operations.CreateHostedZone(again, context), {
      name: "ConflictingDomainExists",
      message: `The VPC vpc-1 in region ${REGION} has already been associated with the hosted zone ${id} with the same domain name.`,
    });
    assert.deepEqual(operations.GetHostedZone({ Id: id }, context).VPCs, [
      { VPCRegion: REGION, VPCId: "vpc-1" },
    ]);
  });

  test("of a VPC that does not exist, or is another account's, none is made", () => {
    const context = testContext();
    addVpc(context, "vpc-theirs", "111111111111");
    for (const vpcId of ["vpc-none", "vpc-theirs"]) {
      assert.throws(() => createZone(context, "shop.local", vpcId), { name: "InvalidVPCId" });
    }
    assert.equal(operations.GetHostedZoneCount({}, context).HostedZoneCount, 0);
  });

  test("gain and lose VPCs, but not the last one", () => {
    const context = testContext();
    addVpc(context, "vpc-1");
    addVpc(context, "vpc-2");
    const id = createZone(context, "shop.local", "vpc-1");
    const second = { HostedZoneId: id, VPC: { VPCId: "vpc-2", VPCRegion: REGION } } as const;
    operations.AssociateVPCWithHostedZone(second, context);
    const listed = operations.ListHostedZonesByVPC({ VPCId: "vpc-2", VPCRegion: REGION }, context);
    assert.equal(listed.HostedZoneSummaries?.[0]?.Name, "shop.local.");
    operations.DisassociateVPCFromHostedZone(second, context);
    assert.throws(() => operations.DisassociateVPCFromHostedZone(second, context), {
      name: "VPCAssociationNotFound",
    });
    const first = { HostedZoneId: id, VPC: { VPCId: "vpc-1", VPCRegion: REGION } } as const;
    assert.throws(() => operations.DisassociateVPCFromHostedZone(first, context), {
      name: "LastVPCAssociation",
    });
    const publicZone = { ...second, HostedZoneId: createZone(context, "example.com") };
    assert.throws(() => operations.AssociateVPCWithHostedZone(publicZone, context), {
      name: "PublicZoneVPCAssociation",
    });
  });

  test("are deleted only when nothing of the user's is left in them", () => {
    const context = testContext();
    const id = createZone(context, "example.com");
    change(context, id, ["CREATE", a("www.example.com")]);
    assert.throws(() => operations.DeleteHostedZone({ Id: id }, context), { name: "HostedZoneNotEmpty" });
    change(context, id, ["DELETE", a("www.example.com")]);
    operations.DeleteHostedZone({ Id: id }, context);
    assert.throws(() => operations.GetHostedZone({ Id: id }, context), { name: "NoSuchHostedZone" });
  });

  test("are listed by name from a name on, and in pages", () => {
    const context = testContext();
    for (const name of ["b.com", "a.org", "x.a.org", "a.com"]) createZone(context, name);
    const byName = operations.ListHostedZonesByName({ DNSName: "b.com", MaxItems: 2 }, context);
    assert.deepEqual(
      byName.HostedZones?.map((zone) => zone.Name),
      ["b.com.", "a.org."],
    );
    assert.equal(byName.NextDNSName, "x.a.org.");
    const first = operations.ListHostedZones({ MaxItems: 3 }, context);
    const rest = operations.ListHostedZones({ Marker: first.NextMarker, MaxItems: 3 }, context);
    assert.deepEqual([first.IsTruncated, rest.IsTruncated, rest.HostedZones?.length], [true, false, 1]);
  });
});

describe("record sets", () => {
  test("are listed from the first at or after a name and type", () => {
    const context = testContext();
    const id = createZone(context, "example.com");
    change(
      context,
      id,
      ["CREATE", a("*.example.com")],
      ["CREATE", a("b.example.com")],
      ["CREATE", a("a.b.example.com")],
    );
    const all = [
      "example.com. NS",
      "example.com. SOA",
      "\\052.example.com. A",
      "b.example.com. A",
      "a.b.example.com. A",
    ];
    assert.deepEqual(names(context, { HostedZoneId: id }), all);
    const from = (name: string, type?: wire.RRType) =>
      names(context, { HostedZoneId: id, StartRecordName: name, StartRecordType: type, MaxItems: 1 });
    assert.deepEqual(from("example.com", "SOA"), ["example.com. SOA"]);
    assert.deepEqual(from("\\052.example.com", "A"), ["\\052.example.com. A"]);
    assert.deepEqual(from("*.example.com."), ["\\052.example.com. A"]);
    assert.deepEqual(from("b.example.com", "TXT"), ["a.b.example.com. A"]);
    const page = operations.ListResourceRecordSets({ HostedZoneId: id, MaxItems: 2 }, context);
    assert.deepEqual(
      [page.IsTruncated, page.NextRecordName, page.NextRecordType],
      [true, "\\052.example.com.", "A"],
    );
    assert.throws(() => names(context, { HostedZoneId: id, StartRecordType: "A" }), { name: "InvalidInput" });
  });

  test("of a batch with one mistake, none is changed, and the answer lists the mistakes in brackets", () => {
    const context = testContext();
    const id = createZone(context, "example.com");
    assert.throws(
      () => change(context, id, ["CREATE", a("www.example.com")], ["DELETE", a("old.example.com")]),
      {
        name: "InvalidChangeBatch",
        message:
          "[Tried to delete resource record set [name='old.example.com.', type='A'] but it was not found]",
      },
    );
    assert.deepEqual(names(context, { HostedZoneId: id }), ["example.com. NS", "example.com. SOA"]);
  });

  test("have either values with a TTL or an alias", () => {
    const context = testContext();
    const id = createZone(context, "example.com");
    assert.throws(() => change(context, id, ["CREATE", { Name: "example.com", Type: "A" }]), {
      name: "InvalidInput",
      message:
        "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found none in Change with [Action=CREATE, Name=example.com, Type=A, SetIdentifier=null]",
    });
    assert.throws(() => change(context, id, ["CREATE", { ...a("example.com"), Weight: 1 }]), {
      name: "InvalidInput",
      message:
        "Invalid request: Missing field 'SetIdentifier' in Change with [Action=CREATE, Name=example.com, Type=A, SetIdentifier=null]",
    });
  });

  test("that are an alias of a load balancer are echoed as given, without a TTL, and deleted as listed", () => {
    const context = testContext();
    const dnsName = "web-1234567890.ap-northeast-1.elb.amazonaws.com";
    const balancer = {
      arn: "arn:lb",
      vpcId: "vpc-1",
      zones: [],
      canonicalHostedZoneId: "Z14GRHDCWA56QT",
      dnsName,
    };
    // Nothing else of it matters here.
    context.store.transaction((tx) =>
      tx.put(loadBalancers, { ...context.scope, ...balancer } as unknown as LoadBalancer),
    );
    const id = createZone(context, "example.com");
    const alias = (name: string, zone: string): wire.ResourceRecordSet => ({
      Name: "example.com",
      Type: "A",
      AliasTarget: { DNSName: name, HostedZoneId: zone, EvaluateTargetHealth: true },
    });
    assert.throws(
      () => change(context, id, ["CREATE", alias(dnsName, "ZWRONG")]),
      /does not lie within the target zone/,
    );
    assert.throws(
      () => change(context, id, ["CREATE", alias(dnsName.replace("web", "nobody"), "Z14GRHDCWA56QT")]),
      /but that target was not found/,
    );
    change(context, id, ["CREATE", alias(`dualstack.${dnsName}`, "Z14GRHDCWA56QT")]);
    const listed = operations.ListResourceRecordSets({ HostedZoneId: id, MaxItems: 1 }, context);
    const [shown] = listed.ResourceRecordSets ?? [];
    assert.ok(shown !== undefined);
    assert.deepEqual(shown, { ...alias(`dualstack.${dnsName}.`, "Z14GRHDCWA56QT"), Name: "example.com." });
    change(context, id, ["DELETE", { ...shown, TTL: 0 }]);
    assert.equal(names(context, { HostedZoneId: id }).length, 2);
  });

  test("unknown actions and types are refused", () => {
    const context = testContext();
    const id = createZone(context, "example.com");
    const odd = { ...a("example.com"), Type: "WKS" } as unknown as wire.ResourceRecordSet;
    assert.throws(() => change(context, id, ["CREATE", odd]), { name: "InvalidInput" });
    assert.throws(() => change(context, id, ["MERGE" as wire.ChangeAction, a("example.com")]), {
      name: "InvalidInput",
    });
    assert.throws(
      () => operations.ChangeResourceRecordSets({ HostedZoneId: id, ChangeBatch: undefined }, context),
      {
        name: "InvalidInput",
      },
    );
  });

  test("are answered as their name servers would", () => {
    const context = testContext();
    const id = createZone(context, "example.com");
    change(context, id, ["CREATE", a("*.example.com")]);
    const input = { HostedZoneId: id, RecordName: "any.example.com", RecordType: "A" } as const;
    const answer = operations.TestDNSAnswer(input, context);
    assert.deepEqual([answer.ResponseCode, answer.RecordData], ["NOERROR", ["192.0.2.1"]]);
  });
});

describe("tags", () => {
  test("are set, listed and removed", () => {
    const context = testContext();
    const id = createZone(context, "example.com").split("/")[2];
    const resource = { ResourceType: "hostedzone", ResourceId: id } as const;
    operations.ChangeTagsForResource(
      {
        ...resource,
        AddTags: [
          { Key: "a", Value: "1" },
          { Key: "b", Value: "2" },
        ],
      },
      context,
    );
    operations.ChangeTagsForResource({ ...resource, RemoveTagKeys: ["a"] }, context);
    assert.deepEqual(operations.ListTagsForResource(resource, context).ResourceTagSet?.Tags, [
      { Key: "b", Value: "2" },
    ]);
    assert.throws(
      () => operations.ListTagsForResource({ ResourceType: "healthcheck", ResourceId: "x" }, context),
      {
        name: "NoSuchHealthCheck",
      },
    );
  });
});
