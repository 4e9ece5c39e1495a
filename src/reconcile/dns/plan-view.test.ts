import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { lookUp } from "../../lib/dns/lookup.ts";
import { indexZones } from "../../lib/dns/zones.ts";
import type { DiscoveryInstance, DiscoveryService, Namespace } from "../../model/cloudmap/records.ts";
import type { NetworkInterface, Vpc } from "../../model/ec2/records.ts";
import type { LoadBalancer } from "../../model/elb/records.ts";
import type { HostedZone, RecordSet } from "../../model/route53/records.ts";
import { newZoneRecordSets } from "../../model/route53/zone-defaults.ts";
import { Store } from "../../store/store.ts";
import { discoveryInstances, discoveryServices, namespaces } from "../../store/tables/cloudmap.ts";
import { networkInterfaces, vpcs } from "../../store/tables/ec2.ts";
import { loadBalancers } from "../../store/tables/elb.ts";
import { hostedZones, recordSets } from "../../store/tables/route53.ts";
import { planView, resolvePublicName } from "./plan-view.ts";

const scope = { account: "000000000000", region: "ap-northeast-1" };
const ALB = "web-1234567890.ap-northeast-1.elb.amazonaws.com";

const vpc: Vpc = {
  ...scope,
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

function networkInterface(
  id: string,
  address: string,
  more: Partial<NetworkInterface> = {},
): NetworkInterface {
  return {
    ...scope,
    networkInterfaceId: id,
    vpcId: "vpc-1",
    subnetId: "subnet-1",
    availabilityZone: "ap-northeast-1a",
    privateIpAddress: address,
    macAddress: "02:00:00:00:00:01",
    groupIds: [],
    sourceDestCheck: true,
    description: "",
    owner: { kind: "user" },
    linkState: "ready",
    createTime: 0,
    tags: [],
    ...more,
  };
}

function hostedZone(id: string, name: string, more: Partial<HostedZone> = {}): HostedZone {
  return {
    id,
    account: scope.account,
    name,
    callerReference: id,
    privateZone: false,
    vpcs: [],
    nameServers: [`ns-${id.toLowerCase()}.awsdns-00.com`],
    tags: [],
    ...more,
  };
}

const loadBalancer: LoadBalancer = {
  ...scope,
  arn: "arn:lb",
  name: "web",
  type: "application",
  scheme: "internet-facing",
  vpcId: "vpc-1",
  securityGroupIds: [],
  zones: [{ subnetId: "subnet-1", zoneName: "ap-northeast-1a", networkInterfaceId: "eni-lb" }],
  dnsName: ALB,
  canonicalHostedZoneId: "Z14GRHDCWA56QT",
  ipAddressType: "ipv4",
  state: "active",
  attributes: {},
  createdTime: 0,
  tags: [],
};

const privateZone = hostedZone("ZPRIVATE", "shop.local.", {
  privateZone: true,
  vpcs: [{ vpcId: "vpc-1", region: scope.region }],
});
const namespace: Namespace = {
  ...scope,
  id: "ns-1",
  arn: "arn:ns",
  name: "shop.local",
  type: "DNS_PRIVATE",
  hostedZoneId: "ZPRIVATE",
  createDate: 0,
  tags: [],
};
const service: DiscoveryService = {
  ...scope,
  id: "srv-1",
  arn: "arn:srv",
  name: "api",
  namespaceId: "ns-1",
  dnsConfig: { routingPolicy: "MULTIVALUE", dnsRecords: [{ type: "A", ttlSeconds: 10 }] },
  healthCheckCustomConfig: { failureThreshold: 1 },
  type: "DNS_HTTP",
  instancesRevision: 1,
  attributes: {},
  createDate: 0,
  tags: [],
};

function instance(
  instanceId: string,
  address: string,
  health: DiscoveryInstance["health"],
): DiscoveryInstance {
  return { ...scope, serviceId: "srv-1", instanceId, attributes: { AWS_INSTANCE_IPV4: address }, health };
}

/** The store of a small shop: a private namespace, a public zone with an alias, a balancer, a task. */
function shop(): Store {
  const store = new Store(":memory:");
  const publicZone = hostedZone("ZPUBLIC", "example.com.");
  const alias: RecordSet = {
    zoneId: "ZPUBLIC",
    name: "www.example.com.",
    type: "A",
    values: [],
    aliasTarget: { hostedZoneId: "Z14GRHDCWA56QT", dnsName: `dualstack.${ALB}.`, evaluateTargetHealth: true },
  };
  store.transaction((tx) => {
    tx.put(vpcs, vpc);
    tx.put(networkInterfaces, networkInterface("eni-lb", "10.0.0.20", { amazonPublicIp: "198.18.0.20" }));
    tx.put(networkInterfaces, networkInterface("eni-task", "10.0.11.82"));
    tx.put(loadBalancers, loadBalancer);
    for (const zone of [privateZone, publicZone]) {
      tx.put(hostedZones, zone);
      for (const set of newZoneRecordSets(zone)) tx.put(recordSets, set);
    }
    tx.put(recordSets, alias);
    tx.put(recordSets, { ...alias, name: "again.example.com.", aliasTarget: sameZone("www.example.com") });
    tx.put(namespaces, namespace);
    tx.put(discoveryServices, service);
  });
  return store;
}

function sameZone(dnsName: string): NonNullable<RecordSet["aliasTarget"]> {
  return { hostedZoneId: "ZPUBLIC", dnsName, evaluateTargetHealth: false };
}

function ask(store: Store, name: string, type = "A", from: Vpc = vpc) {
  const view = planView(store, from, "netns");
  assert.ok(view !== undefined);
  const answer = lookUp(indexZones(view.zones), name, type, () => 0);
  return { code: answer.code, values: answer.answers.map((record) => record.value).sort() };
}

describe("the view of a VPC", () => {
  test("is answered at the base address + 2 and at 169.254.169.253", () => {
    assert.deepEqual(planView(shop(), vpc, "netns")?.addresses, ["10.0.0.2", "169.254.169.253"]);
  });

  test("has the names of AWS's endpoints that tasks are pointed to", () => {
    const host = "servicediscovery.ap-northeast-1.amazonaws.com.";
    assert.deepEqual(ask(shop(), host).values, ["169.254.170.2"]);
    assert.deepEqual(ask(shop(), `data-${host}`).values, ["169.254.170.2"]);
  });

  test("is none without enableDnsSupport", () => {
    assert.equal(planView(shop(), { ...vpc, enableDnsSupport: false }, "netns"), undefined);
  });

  test("has private zones only with enableDnsHostnames, and only its own", () => {
    const store = shop();
    store.transaction((tx) => tx.put(discoveryInstances, instance("a", "10.0.0.7", "HEALTHY")));
    assert.deepEqual(ask(store, "api.shop.local.").values, ["10.0.0.7"]);
    assert.equal(ask(store, "api.shop.local.", "A", { ...vpc, enableDnsHostnames: false }).code, "SERVFAIL");
    assert.equal(ask(store, "api.shop.local.", "A", { ...vpc, vpcId: "vpc-2" }).code, "SERVFAIL");
  });

  test("knows its interfaces by name, and by address in reverse", () => {
    const store = shop();
    const name = "ip-10-0-11-82.ap-northeast-1.compute.internal.";
    assert.deepEqual(ask(store, name).values, ["10.0.11.82"]);
    assert.deepEqual(ask(store, "82.11.0.10.in-addr.arpa.", "PTR").values, [name]);
    assert.equal(ask(store, "83.11.0.10.in-addr.arpa.", "PTR").code, "NXDOMAIN");
    assert.equal(ask(store, "8.8.8.8.in-addr.arpa.", "PTR").code, "SERVFAIL");
    assert.deepEqual(ask(store, "localhost.").values, ["127.0.0.1"]);
  });

  test("of a range that AWS does not define a reverse zone for, has one", () => {
    const store = shop();
    const odd = { ...vpc, vpcId: "vpc-9", cidrBlock: "100.64.8.0/22" };
    store.transaction((tx) =>
      tx.put(networkInterfaces, networkInterface("eni-9", "100.64.9.5", { vpcId: "vpc-9" })),
    );
    assert.deepEqual(ask(store, "5.9.64.100.in-addr.arpa.", "PTR", odd).values, [
      "ip-100-64-9-5.ap-northeast-1.compute.internal.",
    ]);
  });

  test("resolves a public address's name to the private address, inside its own VPC alone", () => {
    const store = shop();
    const name = "ec2-198-18-0-20.ap-northeast-1.compute.amazonaws.com.";
    assert.deepEqual(ask(store, name).values, ["10.0.0.20"]);
    assert.deepEqual(ask(store, name, "A", { ...vpc, vpcId: "vpc-2" }).values, ["198.18.0.20"]);
    assert.deepEqual(resolvePublicName(store, name).addresses, ["198.18.0.20"]);
  });
});

describe("load balancers and aliases", () => {
  test("resolve to public addresses, also inside the VPC", () => {
    const store = shop();
    for (const name of [
      ALB,
      `dualstack.${ALB}`,
      "www.example.com",
      "again.example.com",
      "WWW.example.com.",
    ]) {
      assert.deepEqual(resolvePublicName(store, name).addresses, ["198.18.0.20"], name);
    }
    assert.deepEqual(ask(store, "www.example.com.").values, ["198.18.0.20"]);
    const [answer] = resolvePublicName(store, "www.example.com").answers;
    assert.deepEqual([answer?.name, answer?.ttlSeconds], ["www.example.com.", 60]);
  });

  test("resolve to private addresses when the balancer is internal", () => {
    const store = shop();
    store.transaction((tx) => tx.put(loadBalancers, { ...loadBalancer, scheme: "internal" }));
    assert.deepEqual(resolvePublicName(store, "www.example.com").addresses, ["10.0.0.20"]);
  });

  test("resolve to nothing before the balancer is active", () => {
    const store = shop();
    store.transaction((tx) => tx.put(loadBalancers, { ...loadBalancer, state: "provisioning" }));
    assert.equal(resolvePublicName(store, ALB).code, "NXDOMAIN");
    assert.deepEqual(resolvePublicName(store, "www.example.com"), {
      ...resolvePublicName(store, "www.example.com"),
      code: "NOERROR",
      addresses: [],
    });
  });

  test("an alias to itself in circles ends", () => {
    const store = shop();
    const loop: RecordSet = { zoneId: "ZPUBLIC", name: "x.example.com.", type: "A", values: [] };
    store.transaction((tx) => tx.put(recordSets, { ...loop, aliasTarget: sameZone("x.example.com") }));
    assert.deepEqual(resolvePublicName(store, "x.example.com").addresses, []);
  });
});

describe("instances of Cloud Map", () => {
  const withInstances = (...instances: DiscoveryInstance[]) => {
    const store = shop();
    store.transaction((tx) => {
      for (const each of instances) tx.put(discoveryInstances, each);
    });
    return ask(store, "api.shop.local.");
  };

  test("that are unhealthy are left out", () => {
    const healthy = [instance("a", "10.0.0.1", "HEALTHY"), instance("b", "10.0.0.2", "UNKNOWN")];
    assert.deepEqual(withInstances(...healthy, instance("c", "10.0.0.3", "UNHEALTHY")).values, [
      "10.0.0.1",
      "10.0.0.2",
    ]);
  });

  test("are all answered when none is healthy", () => {
    const sick = [instance("a", "10.0.0.1", "UNHEALTHY"), instance("b", "10.0.0.2", "UNHEALTHY")];
    assert.deepEqual(withInstances(...sick).values, ["10.0.0.1", "10.0.0.2"]);
  });

  test("without any, the name does not exist", () => {
    assert.equal(withInstances().code, "NXDOMAIN");
  });

  test("of one service are at most eight in an answer", () => {
    const many = Array.from({ length: 12 }, (_, i) => instance(`t${i}`, `10.0.1.${i}`, "HEALTHY"));
    assert.equal(withInstances(...many).values.length, 8);
  });
});

describe("public zones", () => {
  test("of one name: the one that the parent zone delegates to answers", () => {
    const store = shop();
    const record = (zoneId: string, value: string): RecordSet => ({
      zoneId,
      name: "app.sub.example.com.",
      type: "A",
      ttlSeconds: 60,
      values: [value],
    });
    const [a, b] = [hostedZone("ZA", "sub.example.com."), hostedZone("ZB", "sub.example.com.")];
    store.transaction((tx) => {
      for (const zone of [a, b]) tx.put(hostedZones, zone);
      tx.put(recordSets, record("ZA", "192.0.2.1"));
      tx.put(recordSets, record("ZB", "192.0.2.2"));
    });
    assert.deepEqual(resolvePublicName(store, "app.sub.example.com").addresses, ["192.0.2.1"]);
    const delegation = { zoneId: "ZPUBLIC", name: "sub.example.com.", type: "NS", ttlSeconds: 60 };
    store.transaction((tx) => tx.put(recordSets, { ...delegation, values: ["ns-zb.awsdns-00.com."] }));
    assert.deepEqual(resolvePublicName(store, "app.sub.example.com").addresses, ["192.0.2.2"]);
  });

  test("outside of every VPC nothing private is known", () => {
    const store = shop();
    store.transaction((tx) => tx.put(discoveryInstances, instance("a", "10.0.0.7", "HEALTHY")));
    assert.equal(resolvePublicName(store, "api.shop.local").code, "SERVFAIL");
    assert.equal(resolvePublicName(store, "ip-10-0-11-82.ap-northeast-1.compute.internal").code, "SERVFAIL");
  });
});
