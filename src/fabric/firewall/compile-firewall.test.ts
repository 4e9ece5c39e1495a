import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { NODE_GROUP, TASK, TASK_GROUP, testInterface, testVpc } from "../testing.ts";
import { compileFirewall, renderFirewall, VPC_TABLE } from "./compile-firewall.ts";
import { renderChange } from "./ruleset.ts";

function block(text: string, header: string): string[] {
  const lines = text.split("\n");
  const start = lines.indexOf(`  ${header} {`);
  assert.notEqual(start, -1, `no ${header} in\n${text}`);
  const end = lines.indexOf("  }", start);
  return lines.slice(start + 1, end).map((line) => line.trim());
}

describe("renderFirewall", () => {
  const text = renderFirewall(testVpc());

  it("replaces the table in one transaction", () => {
    assert.match(text, /^add table inet berth\ndelete table inet berth\ntable inet berth \{\n/);
  });

  it("forwards nothing that is not allowed, in any base chain that decides", () => {
    for (const chain of ["classify", "egress", "ingress", "input", "output"]) {
      assert.match(block(text, `chain ${chain}`)[0] ?? "", /policy drop;$/);
    }
  });

  it("checks the sender's address by link, before connection tracking, and marks the sender's subnet", () => {
    assert.deepEqual(block(text, "set own-address"), [
      "type ifname . ipv4_addr;",
      "elements = {",
      '"e-0aaaaaaaaaaaa" . 10.0.2.20,',
      '"e-0bbbbbbbbbbbb" . 10.0.1.10,',
      "}",
    ]);
    assert.deepEqual(block(text, "set any-address").slice(2, -1), ['"e-0cccccccccccc",']);
    assert.deepEqual(block(text, "chain classify"), [
      "type filter hook prerouting priority raw; policy drop;",
      'iifname "lo" accept',
      'iifname "uplink" accept',
      "iifname . ip saddr @own-address meta mark set iifname map @subnets accept",
      "iifname @any-address meta nfproto ipv4 meta mark set iifname map @subnets accept",
    ]);
  });

  it("has a chain for each group and direction, and a set of its members", () => {
    assert.deepEqual(block(text, `chain ingress-${TASK_GROUP}`), [
      `ip saddr @members-${NODE_GROUP} tcp dport 80 accept`,
    ]);
    assert.deepEqual(block(text, `chain egress-${TASK_GROUP}`), ["accept"]);
    assert.deepEqual(block(text, `chain egress-${NODE_GROUP}`), []);
    assert.deepEqual(block(text, `set members-${TASK_GROUP}`).slice(2, -1), ["10.0.1.10,", "10.0.2.20,"]);
  });

  it("sends an interface to its group's chain, to one that joins its groups, or past all groups", () => {
    const [task, node, nat] = block(text, "map ingress-filters").slice(2, -1);
    assert.equal(task, `"e-0aaaaaaaaaaaa" : goto ingress-${TASK_GROUP},`);
    assert.equal(nat, '"e-0cccccccccccc" : goto unfiltered,');
    const joined = /goto (ingress-of-[0-9a-f]+),$/.exec(node ?? "")?.[1];
    assert.deepEqual(block(text, `chain ${joined}`), [
      `jump ingress-${TASK_GROUP}`,
      `jump ingress-${NODE_GROUP}`,
    ]);
  });

  it("drops what goes to addresses that nobody has before anything else", () => {
    assert.equal(block(text, "chain egress")[1], 'oifname "lo" drop');
  });

  it("opens only DNS and metadata to the router's own addresses, whatever the groups say", () => {
    assert.deepEqual(block(text, "chain input").slice(4), [
      "ip daddr @resolver udp dport 53 accept",
      "ip daddr @resolver tcp dport 53 accept",
      "ip daddr @metadata tcp dport { 80, 4566 } accept",
    ]);
    assert.deepEqual(block(text, "set metadata").slice(2, -1), ["169.254.169.254,", "169.254.170.2,"]);
    assert.deepEqual(block(text, "set resolver").slice(2, -1), ["10.0.0.2,", "169.254.169.253,"]);
    const without = renderFirewall(testVpc({ dnsSupport: false }));
    assert.deepEqual(block(without, "set resolver"), ["type ipv4_addr;"]);
  });

  it("translates public addresses one to one on the uplink, and has none without an internet gateway", () => {
    assert.deepEqual(block(text, "map public-to-private").slice(2, -1), [
      "198.18.0.20 : 10.0.1.10,",
      "198.18.0.21 : 10.0.1.90,",
    ]);
    assert.ok(block(text, "chain gateway").includes('oifname "uplink" ip saddr != @has-public drop'));
    assert.doesNotMatch(renderFirewall(testVpc({ internetGateway: false })), /uplink|public/);
  });

  it("gives a group that nobody declares no members and no rules", () => {
    const undeclared = renderFirewall(testVpc({ securityGroups: [] }));
    assert.deepEqual(block(undeclared, `chain ingress-${TASK_GROUP}`), []);
    assert.deepEqual(block(undeclared, `set members-${NODE_GROUP}`), ["type ipv4_addr;"]);
  });

  it("lets an interface without any group talk to nobody", () => {
    const config = testVpc({ interfaces: [testInterface(TASK, { securityGroupIds: [] })] });
    const chain = /goto (egress-of-[0-9a-f]+),/.exec(renderFirewall(config))?.[1];
    assert.deepEqual(block(renderFirewall(config), `chain ${chain}`), []);
  });
});

describe("a firewall's changes", () => {
  it("are a few elements for one more interface", () => {
    const before = testVpc();
    const added = testInterface("eni-0ddddddddddddddd4", { address: "10.0.2.21" });
    const after = testVpc({ interfaces: [...before.interfaces, added] });
    const change = renderChange(VPC_TABLE, compileFirewall(before), compileFirewall(after));
    assert.deepEqual(change?.trimEnd().split("\n").slice(0, -2), [
      'add element inet berth own-address { "e-0dddddddddddd" . 10.0.2.21 }',
      'add element inet berth subnets { "e-0dddddddddddd" : 0x1002 }',
      `add element inet berth ingress-filters { "e-0dddddddddddd" : goto ingress-${TASK_GROUP} }`,
      `add element inet berth egress-filters { "e-0dddddddddddd" : goto egress-${TASK_GROUP} }`,
    ]);
  });

  it("are one chain for one more rule, and one element for one more member", () => {
    const [first, ...rest] = testVpc().securityGroups;
    assert(first);
    const ssh = {
      protocol: "tcp",
      ports: { from: 22, to: 22 },
      peer: { kind: "cidr", cidr: "10.0.0.0/8" },
    } as const;
    const after = testVpc({
      securityGroups: [
        { ...first, ingress: [...first.ingress, ssh], members: [...first.members, "10.0.2.99"] },
        ...rest,
      ],
    });
    const change = renderChange(VPC_TABLE, compileFirewall(testVpc()), compileFirewall(after));
    assert.deepEqual(change?.trimEnd().split("\n").slice(0, -2), [
      `flush chain inet berth ingress-${TASK_GROUP}`,
      `add rule inet berth ingress-${TASK_GROUP} ip saddr @members-${NODE_GROUP} tcp dport 80 accept`,
      `add rule inet berth ingress-${TASK_GROUP} ip saddr 10.0.0.0/8 tcp dport 22 accept`,
      `add element inet berth members-${TASK_GROUP} { 10.0.2.99 }`,
    ]);
  });
});
