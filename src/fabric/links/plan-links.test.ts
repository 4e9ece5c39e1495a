import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { NAT, NODE, TASK, testInterface, testVpc } from "../testing.ts";
import { hostLinkName, interfaceNamespaceName, linkName, uplinkPeerName, vpcNamespaceName } from "./names.ts";
import {
  furtherDeviceOf,
  type ObservedLink,
  planLinks,
  renderLinkCreation,
  renderRuleRemoval,
  renderSandboxSetup,
} from "./plan-links.ts";

const IDENTITIES = new Map([TASK, NODE, NAT].map((id, index) => [id, `net:${index}`]));

function sealed(config = testVpc(), identities = IDENTITIES): ObservedLink[] {
  const { create } = planLinks(config, identities, []);
  return [...create.map(({ name, alias }) => ({ name, alias })), { name: "uplink", alias: "uplink" }];
}

describe("planLinks", () => {
  it("makes a link for each interface, and the uplink of an internet gateway", () => {
    const plan = planLinks(testVpc(), IDENTITIES, [{ name: "lo", alias: undefined }]);
    assert.deepEqual(
      plan.create.map((link) => [link.name, link.addressWithPrefix, link.gateway]),
      [
        ["e-0aaaaaaaaaaaa", "10.0.2.20/24", "10.0.2.1"],
        ["e-0bbbbbbbbbbbb", "10.0.1.10/24", "10.0.1.1"],
        ["e-0cccccccccccc", "10.0.1.90/24", "10.0.1.1"],
      ],
    );
    assert.deepEqual([plan.remove, plan.uplink], [[], "create"]);
  });

  it("keeps what is sealed as declared", () => {
    const plan = planLinks(testVpc(), IDENTITIES, sealed());
    assert.deepEqual([plan.keep.length, plan.create, plan.remove, plan.uplink], [3, [], [], "keep"]);
  });

  it("makes anew a link that was not finished, that changed, or whose sandbox is another", () => {
    const halfMade = sealed().map((link) => ({ ...link, alias: undefined }));
    const moved = planLinks(testVpc(), new Map([...IDENTITIES, [TASK, "net:9"]]), sealed());
    const [first, ...rest] = testVpc().interfaces;
    assert(first);
    const readdressed = testVpc({ interfaces: [{ ...first, address: "10.0.2.21" }, ...rest] });
    assert.deepEqual(planLinks(testVpc(), IDENTITIES, halfMade).create.length, 3);
    assert.deepEqual(planLinks(testVpc(), IDENTITIES, halfMade).uplink, "create");
    for (const plan of [moved, planLinks(readdressed, IDENTITIES, sealed())]) {
      assert.deepEqual(plan.remove, ["e-0aaaaaaaaaaaa"]);
      assert.deepEqual(
        plan.create.map((link) => link.name),
        ["e-0aaaaaaaaaaaa"],
      );
    }
  });

  it("leaves out an interface whose sandbox is gone, and removes what is not declared", () => {
    const plan = planLinks(testVpc({ internetGateway: false }), new Map([[TASK, undefined]]), [
      ...sealed(),
      { name: "tunl0", alias: undefined },
    ]);
    assert.deepEqual(plan.remove, ["e-0aaaaaaaaaaaa", "e-0bbbbbbbbbbbb", "e-0cccccccccccc"]);
    assert.deepEqual([plan.create, plan.keep, plan.uplink], [[], [], "remove"]);
  });

  it("links nothing in a subnet that is not declared", () => {
    const config = testVpc({ interfaces: [testInterface(TASK, { subnetId: "subnet-00000000000000009" })] });
    assert.deepEqual(planLinks(config, IDENTITIES, []).create, []);
  });
});

describe("further interfaces", () => {
  const planned = (deviceIndex?: number) => {
    const [link] = planLinks(
      testVpc({ interfaces: [testInterface(TASK, { deviceIndex })] }),
      IDENTITIES,
      [],
    ).create;
    assert(link);
    return link;
  };

  it("leave the device 0 as it is without an index", () => {
    assert.equal(planned(0).alias, planned().alias);
    assert.deepEqual(renderSandboxSetup(planned(0)), renderSandboxSetup(planned()));
    assert.match(renderLinkCreation(planned(), "/proc/7/ns/net"), / peer name eth0 address /);
    assert(renderSandboxSetup(planned()).includes("route replace default via 10.0.2.1 dev eth0"));
  });

  it("are named as on Fargate there, with the default route and no way to instance metadata", () => {
    const [first] = testVpc().interfaces;
    assert(first);
    const config = testVpc({ interfaces: [{ ...first, onFargate: true }] });
    const [link] = planLinks(config, IDENTITIES, []).create;
    assert(link);
    assert.match(renderLinkCreation(link, "/proc/7/ns/net"), / peer name eth1 address /);
    assert.deepEqual(renderSandboxSetup(link).slice(1), [
      "addr replace 10.0.2.20/24 dev eth1",
      "link set eth1 up",
      "route replace default via 10.0.2.1 dev eth1",
      "route replace blackhole 169.254.169.254",
    ]);
    assert.equal(furtherDeviceOf(link.alias), undefined);
  });

  it("have a table of their own for what is sent from their address, and no default route beside it", () => {
    assert.match(renderLinkCreation(planned(2), "/proc/7/ns/net"), / peer name eth2 address /);
    assert.deepEqual(renderSandboxSetup(planned(2)).slice(1), [
      "addr replace 10.0.2.20/24 dev eth2 noprefixroute",
      "link set eth2 up",
      "route replace 10.0.2.0/24 dev eth2 src 10.0.2.20 metric 10002",
      "route replace 10.0.2.0/24 dev eth2 src 10.0.2.20 table 10002",
      "route replace default via 10.0.2.1 dev eth2 table 10002",
      "rule add priority 10002 from 10.0.2.20 table 10002",
    ]);
    assert.equal(renderRuleRemoval(2), "rule del priority 10002");
  });

  it("tell by their alias which rule to remove, and are made anew at another index", () => {
    assert.deepEqual(furtherDeviceOf(planned(2).alias), { identity: "net:0", deviceIndex: 2 });
    assert.equal(furtherDeviceOf(planned().alias), undefined);
    assert.equal(furtherDeviceOf(undefined), undefined);
    assert.notEqual(planned(1).alias, planned(2).alias);
  });
});

describe("names", () => {
  it("carry the installation and fit into what the kernel allows", () => {
    assert.equal(vpcNamespaceName("0a1b2c", "vpc-0123456789abcdef0"), "berth-0a1b2c-vpc-0123456789abcdef0");
    assert.equal(interfaceNamespaceName("0a1b2c", TASK), "berth-0a1b2c-eni-0aaaaaaaaaaaaaaa1");
    for (const name of [hostLinkName("0a1b2c"), linkName(TASK), uplinkPeerName("vpc-0123456789abcdef0")]) {
      assert(name.length <= 15, name);
    }
  });

  it("are made of ids only", () => {
    assert.throws(() => vpcNamespaceName("0a1b2c", "vpc-../../x"), /assertion failed/);
    assert.throws(() => linkName("eni-1; reboot"), /assertion failed/);
    assert.throws(() => hostLinkName("NOTHEX"), /assertion failed/);
  });
});
