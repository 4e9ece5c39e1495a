/** Security groups in the kernel: what passes between two interfaces, and what does not. */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import type { VpcConfig } from "../../src/fabric/config.ts";
import { vpcNamespaceName } from "../../src/fabric/links/names.ts";
import { createLinuxFabric } from "../../src/fabric/linux/linux-fabric.ts";
import { silentLog } from "../../src/lib/log.ts";
import { Agent, ANYWHERE, eni, group, id, inNamespace, subnet, tcp, vpc } from "./fabric-setup.ts";

const INSTALLATION = "fab501";
const SILENT = { error: "timeout" };

describe("security groups", () => {
  const fabric = createLinuxFabric({
    installation: INSTALLATION,
    publicPool: "198.19.51.0/24",
    log: silentLog,
  });
  let [client, server, other]: Agent[] = [];

  before(async () => {
    await fabric.removeEverything();
    await fabric.start();
    [client, server, other] = await Promise.all([Agent.start(), Agent.start(), Agent.start()]);
    await Promise.all([server?.listen(80), server?.listen(81), server?.listenUdp(5000)]);
  });
  after(async () => {
    await Promise.all([client?.stop(), server?.stop(), other?.stop()]);
    await fabric.removeEverything();
  });

  /** Client (group 1) and server (group 2) in subnet 1, another (group 3) in subnet 2. */
  function world(groups: VpcConfig["securityGroups"], parts: Partial<VpcConfig> = {}): VpcConfig {
    assert(client && server && other);
    return vpc(1, {
      subnets: [subnet(1, "10.0.1.0/24"), subnet(2, "10.0.2.0/24")],
      interfaces: [
        eni(1, "10.0.1.10", client, { groups: [1] }),
        eni(2, "10.0.1.20", server, { groups: [2] }),
        eni(3, "10.0.2.30", other, { groups: [3], subnet: 2 }),
      ],
      securityGroups: groups,
      ...parts,
    });
  }

  beforeEach(async () => {
    const { linkedInterfaceIds } = await fabric.applyVpc(world([group(1, []), group(2, []), group(3, [])]));
    assert.equal(linkedInterfaceIds.length, 3);
  });

  it("lets nothing in by default, not even within a subnet", async () => {
    assert.deepEqual(await client?.connect("10.0.1.20", 80), SILENT);
    assert.deepEqual(await client?.udp("10.0.1.20", 5000), SILENT);
    assert.deepEqual(await other?.connect("10.0.1.20", 80), SILENT);
  });

  it("lets in what a rule with a range allows, on that port alone", async () => {
    const rule = tcp(80, { kind: "cidr", cidr: "10.0.1.0/24" });
    await fabric.applyVpc(world([group(1, []), group(2, [rule]), group(3, [])]));
    assert.deepEqual(await client?.connect("10.0.1.20", 80), { seenAs: "10.0.1.10" });
    assert.deepEqual(await client?.connect("10.0.1.20", 81), SILENT);
    assert.deepEqual(await other?.connect("10.0.1.20", 80), SILENT);
  });

  it("lets in members of a group that a rule names, and follows its membership", async () => {
    const named = (members: string[]) => [
      group(1, [], members),
      group(2, [tcp(80, { kind: "group", groupId: id("sg", 1) })]),
      group(3, []),
    ];
    await fabric.applyVpc(world(named(["10.0.1.10"])));
    assert.deepEqual(await client?.connect("10.0.1.20", 80), { seenAs: "10.0.1.10" });
    assert.deepEqual(await other?.connect("10.0.1.20", 80), SILENT);
    await fabric.applyVpc(world(named(["10.0.2.30"])));
    assert.deepEqual(await client?.connect("10.0.1.20", 80), SILENT);
    assert.deepEqual(await other?.connect("10.0.1.20", 80), { seenAs: "10.0.2.30" });
  });

  it("needs the sender's groups to allow it too", async () => {
    const open = group(2, [tcp(80), tcp(81)]);
    const onlyPort81 = group(1, [], [], [tcp(81)]);
    await fabric.applyVpc(world([onlyPort81, open, group(3, [])]));
    assert.deepEqual(await client?.connect("10.0.1.20", 80), SILENT);
    assert.deepEqual(await client?.connect("10.0.1.20", 81), { seenAs: "10.0.1.10" });
  });

  it("adds up the rules of several groups on one interface", async () => {
    assert(client && server && other);
    const groups = [group(1, []), group(2, [tcp(80)]), group(3, [tcp(81)])];
    const config = world(groups);
    const interfaces = config.interfaces.map((one) =>
      one.interfaceId === id("eni", 2) ? { ...one, securityGroupIds: [id("sg", 2), id("sg", 3)] } : one,
    );
    await fabric.applyVpc({ ...config, interfaces });
    assert.deepEqual(await client.connect("10.0.1.20", 80), { seenAs: "10.0.1.10" });
    assert.deepEqual(await client.connect("10.0.1.20", 81), { seenAs: "10.0.1.10" });
  });

  it("keeps a tracked connection when its rule goes, and takes no new one", async () => {
    await fabric.applyVpc(world([group(1, []), group(2, [tcp(80)]), group(3, [])]));
    assert.deepEqual(await client?.connect("10.0.1.20", 80, { keep: "a" }), { seenAs: "10.0.1.10" });
    await fabric.applyVpc(world([group(1, []), group(2, []), group(3, [])]));
    assert.deepEqual(await client?.echo("a"), { echoed: "still there" });
    assert.deepEqual(await client?.connect("10.0.1.20", 80), SILENT);
  });

  it("filters ICMP by type, and UDP by port", async () => {
    const ping = { protocol: "icmp", ports: { from: 8, to: -1 }, peer: ANYWHERE };
    const udp = { protocol: "udp", ports: { from: 4990, to: 5010 }, peer: ANYWHERE };
    assert(client);
    const pings = () =>
      inNamespace(
        client?.processId ?? 0,
        "sh",
        "-c",
        "busybox ping -c1 -W1 10.0.1.20 | grep -c ttl= || true",
      ).trim();
    assert.equal(pings(), "0");
    await fabric.applyVpc(world([group(1, []), group(2, [ping, udp]), group(3, [])]));
    assert.equal(pings(), "1");
    assert.deepEqual(await client.udp("10.0.1.20", 5000), { answer: "10.0.1.10 hello" });
  });

  it("drops packets with a source address that is not the interface's own, unless its check is off", async () => {
    assert(client && server);
    const groups = [group(1, []), group(2, [{ protocol: "udp", peer: ANYWHERE }]), group(3, [])];
    const config = world(groups);
    const [first, ...rest] = config.interfaces;
    assert(first);
    await fabric.applyVpc(config);
    inNamespace(client.processId, "ip", "addr", "add", "10.0.1.99/32", "dev", "eth0");
    try {
      await server.heard();
      assert.deepEqual(await client.udp("10.0.1.20", 5000, "10.0.1.99"), SILENT);
      assert.deepEqual(await server.heard(), []);
      await fabric.applyVpc({ ...config, interfaces: [{ ...first, sourceDestCheck: false }, ...rest] });
      assert.deepEqual(await client.udp("10.0.1.20", 5000, "10.0.1.99"), SILENT);
      assert.deepEqual(await server.heard(), ["10.0.1.99"]);
    } finally {
      inNamespace(client.processId, "ip", "addr", "del", "10.0.1.99/32", "dev", "eth0");
    }
  });

  it("answers nothing for addresses that nobody has", async () => {
    assert.deepEqual(await client?.connect("10.0.1.77", 80), SILENT);
    assert.deepEqual(await client?.connect("10.0.9.77", 80), SILENT);
    assert.deepEqual(await client?.connect("10.0.1.1", 80), SILENT);
  });

  it("lets interfaces ask the resolver whatever their groups say, when the VPC has DNS support", async () => {
    const resolver = await Agent.start(vpcNamespaceName(INSTALLATION, id("vpc", 1)));
    try {
      await resolver.listenUdp(53, "10.0.0.2");
      await resolver.listenUdp(53, "169.254.169.253");
      const closed = [group(1, [], [], []), group(2, []), group(3, [])];
      await fabric.applyVpc(world(closed));
      assert.deepEqual(await client?.udp("10.0.0.2", 53), { answer: "10.0.1.10 hello" });
      assert.deepEqual(await other?.udp("169.254.169.253", 53), { answer: "10.0.2.30 hello" });
      await fabric.applyVpc(world(closed, { dnsSupport: false }));
      assert.deepEqual(await client?.udp("10.0.0.2", 53), SILENT);
    } finally {
      await resolver.stop();
    }
  });
});
