import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { Store } from "../../store/store.ts";
import {
  addresses,
  internetGateways,
  natGateways,
  networkInterfaces,
  routeTables,
  securityGroups,
  subnets,
  vpcs,
} from "../../store/tables/ec2.ts";
import { compileVpc } from "./compile-vpc.ts";
import {
  defaultRoute,
  GATEWAY,
  GROUP,
  internetGateway,
  NAT,
  NAT_INTERFACE,
  natGateway,
  natInterface,
  networkInterface,
  PRIVATE,
  PUBLIC,
  routeTable,
  rule,
  securityGroup,
  subnet,
  VPC,
  vpc,
} from "./testing.ts";

const container = { kind: "container", containerId: "c", processId: 42 } as const;

describe("compileVpc", () => {
  let store = new Store(":memory:");
  beforeEach(() => {
    store = new Store(":memory:");
    store.transaction((tx) => {
      tx.put(vpcs, vpc);
      tx.put(subnets, subnet(PUBLIC, "10.0.1.0/24"));
      tx.put(subnets, subnet(PRIVATE, "10.0.2.0/24"));
      tx.put(routeTables, routeTable(1, []));
      tx.put(securityGroups, securityGroup([]));
    });
  });

  const compiled = () => {
    const config = compileVpc(store, VPC);
    assert(config);
    return config;
  };
  const routesOf = (subnetId: string) => compiled().subnets.find((one) => one.subnetId === subnetId)?.routes;

  it("is nothing for a VPC that does not exist", () => {
    assert.equal(compileVpc(store, "vpc-00000000000000000"), undefined);
  });

  it("has interfaces that are in a sandbox, and none that are not", () => {
    store.transaction((tx) => {
      tx.put(networkInterfaces, networkInterface(11));
      tx.put(networkInterfaces, networkInterface(12, { sandbox: container }));
    });
    const [only, ...others] = compiled().interfaces;
    assert.deepEqual(others, []);
    assert.equal(only?.address, "10.0.2.12");
    assert.deepEqual(only?.sandbox, { kind: "process", processId: 42 });
  });

  it("takes every interface that carries a group as its member, wherever it is", () => {
    store.transaction((tx) => {
      tx.put(networkInterfaces, networkInterface(11));
      tx.put(networkInterfaces, networkInterface(12, { sandbox: container, groupIds: ["sg-other", GROUP] }));
      tx.put(networkInterfaces, networkInterface(13, { groupIds: ["sg-other"] }));
    });
    assert.deepEqual(compiled().securityGroups[0]?.members, ["10.0.2.11", "10.0.2.12"]);
  });

  it("splits rules by direction, and leaves out those of IPv6", () => {
    const ssh = rule({ protocol: "tcp", fromPort: 22, toPort: 22 });
    const v6 = rule({ peer: { kind: "cidr6", cidr: "::/0" } });
    store.transaction((tx) =>
      tx.put(securityGroups, securityGroup([ssh, v6, rule({ direction: "egress" })])),
    );
    const [group] = compiled().securityGroups;
    const peer = { kind: "cidr", cidr: "0.0.0.0/0" };
    assert.deepEqual(group?.ingress, [{ protocol: "tcp", ports: { from: 22, to: 22 }, peer }]);
    assert.deepEqual(group?.egress, [{ protocol: "-1", ports: undefined, peer }]);
  });

  it("uses a subnet's own route table, else the main one, without the local route", () => {
    store.transaction((tx) => {
      tx.put(internetGateways, internetGateway(VPC));
      const route = defaultRoute({ kind: "internet-gateway", internetGatewayId: GATEWAY });
      tx.put(routeTables, routeTable(2, [route], PUBLIC));
    });
    assert.deepEqual(routesOf(PUBLIC), [{ destination: "0.0.0.0/0", target: { kind: "internet-gateway" } }]);
    assert.deepEqual(routesOf(PRIVATE), []);
    assert.equal(compiled().internetGateway, true);
  });

  it("makes black holes of routes whose target is gone, detached, or on its way out", () => {
    const blackhole = [{ destination: "0.0.0.0/0", target: { kind: "blackhole" } }];
    const routeTo = (target: Parameters<typeof defaultRoute>[0]) =>
      store.transaction((tx) => tx.put(routeTables, routeTable(1, [defaultRoute(target)])));
    routeTo({ kind: "internet-gateway", internetGatewayId: GATEWAY });
    assert.deepEqual(routesOf(PRIVATE), blackhole);
    store.transaction((tx) => tx.put(internetGateways, internetGateway(undefined)));
    assert.deepEqual(routesOf(PRIVATE), blackhole);
    routeTo({ kind: "network-interface", networkInterfaceId: "eni-gone" });
    assert.deepEqual(routesOf(PRIVATE), blackhole);
    routeTo({ kind: "nat-gateway", natGatewayId: NAT });
    assert.deepEqual(routesOf(PRIVATE), blackhole);
    for (const state of ["deleting", "deleted", "failed"] as const) {
      store.transaction((tx) => tx.put(natGateways, natGateway(state)));
      assert.deepEqual(routesOf(PRIVATE), blackhole, state);
    }
  });

  it("carries a NAT gateway unfiltered in a namespace of its own, until it is deleted", () => {
    store.transaction((tx) => {
      tx.put(natGateways, natGateway("pending"));
      tx.put(networkInterfaces, natInterface());
      tx.put(routeTables, routeTable(1, [defaultRoute({ kind: "nat-gateway", natGatewayId: NAT })]));
      tx.put(addresses, {
        account: vpc.account,
        region: vpc.region,
        allocationId: "eipalloc-1",
        publicIp: "198.18.0.20",
        association: {
          associationId: "eipassoc-1",
          networkInterfaceId: NAT_INTERFACE,
          privateIpAddress: "10.0.1.99",
        },
        tags: [],
      });
    });
    const [nat] = compiled().interfaces;
    assert.deepEqual(nat?.sandbox, { kind: "own-namespace", natGateway: true });
    assert.equal(nat?.filtering, "none");
    assert.deepEqual(routesOf(PRIVATE)?.[0]?.target, { kind: "interface", interfaceId: NAT_INTERFACE });
    assert.deepEqual(compiled().publicAddresses, [{ publicIp: "198.18.0.20", privateIp: "10.0.1.99" }]);
    store.transaction((tx) => tx.put(natGateways, natGateway("deleting")));
    assert.deepEqual([compiled().interfaces, compiled().publicAddresses], [[], []]);
  });

  it("filters a load balancer's node by its groups, if it has any", () => {
    const owner = { kind: "load-balancer", loadBalancerArn: "arn", description: "ELB net/a/b" } as const;
    const sandbox = { kind: "own-namespace" } as const;
    store.transaction((tx) => {
      tx.put(networkInterfaces, networkInterface(11, { owner, sandbox, amazonPublicIp: "198.18.0.30" }));
      tx.put(networkInterfaces, networkInterface(12, { owner, sandbox, groupIds: [] }));
    });
    assert.deepEqual(
      compiled().interfaces.map((one) => one.filtering),
      ["security-groups", "none"],
    );
    assert.deepEqual(compiled().publicAddresses, [{ publicIp: "198.18.0.30", privateIp: "10.0.2.11" }]);
  });

  it("gives interfaces of an instance their place in it, but not those of tasks", () => {
    const instanceAttachment = {
      instanceId: "i-00000000000000001",
      deviceIndex: 1,
      deleteOnTermination: false,
      attachTime: 0,
    };
    const attached = { sandbox: container, instanceAttachment };
    const trunk = { kind: "ecs-trunk", containerInstanceArn: "c" } as const;
    const task = { kind: "ecs-task", taskArn: "t", attachmentArn: "a" } as const;
    store.transaction((tx) => {
      tx.put(networkInterfaces, networkInterface(1, { sandbox: container }));
      tx.put(networkInterfaces, networkInterface(2, attached));
      tx.put(networkInterfaces, networkInterface(3, { ...attached, owner: trunk }));
      tx.put(networkInterfaces, networkInterface(4, { ...attached, owner: task }));
      tx.put(networkInterfaces, networkInterface(5, { sandbox: container, owner: task }));
    });
    const places = compiled().interfaces.map(({ address, deviceIndex }) => [address, deviceIndex]);
    assert.deepEqual(Object.fromEntries(places), {
      "10.0.2.1": undefined,
      "10.0.2.2": 1,
      "10.0.2.3": 1,
      "10.0.2.4": undefined,
      "10.0.2.5": undefined,
    });
    const onFargate = compiled().interfaces.filter((one) => one.onFargate === true);
    assert.deepEqual(
      onFargate.map(({ address }) => address),
      ["10.0.2.5"],
    );
  });
});
