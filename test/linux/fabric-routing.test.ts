/** Routes, the internet gateway and NAT gateways in the kernel. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { RouteConfig, VpcConfig } from "../../src/fabric/config.ts";
import { interfaceNamespaceName, internetNamespaceName } from "../../src/fabric/links/names.ts";
import { createLinuxFabric } from "../../src/fabric/linux/linux-fabric.ts";
import { silentLog } from "../../src/lib/log.ts";
import {
  Agent,
  ALL_TRAFFIC,
  connectFromHost,
  eni,
  group,
  id,
  inNamespace,
  onHost,
  subnet,
  tcp,
  vpc,
} from "./fabric-setup.ts";

const INSTALLATION = "fab502";
const NO_ROUTE = /unreachable|No route to host/i;
const SILENT = { error: "timeout" };
const [WEB, NAT, SERVER] = ["198.19.52.20", "198.19.52.21", "198.19.52.40"];
const toInternet: RouteConfig = { destination: "0.0.0.0/0", target: { kind: "internet-gateway" } };
const toNat: RouteConfig = {
  destination: "0.0.0.0/0",
  target: { kind: "interface", interfaceId: id("eni", 9) },
};

describe("routing", () => {
  const fabric = createLinuxFabric({
    installation: INSTALLATION,
    publicPool: "198.19.52.0/24",
    log: silentLog,
  });
  let [web, task, server]: Agent[] = [];

  before(async () => {
    await fabric.removeEverything();
    await fabric.start();
    [web, task, server] = await Promise.all([Agent.start(), Agent.start(), Agent.start()]);
    await Promise.all([web, task, server].map((agent) => agent?.listen(80)));
    await server?.listenUdp(5000);
    await fabric.applyVpc(secondVpc());
  });
  after(async () => {
    await Promise.all([web?.stop(), task?.stop(), server?.stop()]);
    await fabric.removeEverything();
  });

  /** A public subnet with a web server and a NAT gateway, and a private subnet with a task. */
  function firstVpc(privateRoutes: readonly RouteConfig[], parts: Partial<VpcConfig> = {}): VpcConfig {
    assert(web && task);
    return vpc(1, {
      subnets: [subnet(1, "10.0.1.0/24", [toInternet]), subnet(2, "10.0.2.0/24", privateRoutes)],
      interfaces: [
        eni(1, "10.0.1.10", web),
        eni(2, "10.0.2.20", task, { subnet: 2 }),
        eni(9, "10.0.1.90", "nat", { groups: [] }),
      ],
      securityGroups: [group(1, [ALL_TRAFFIC])],
      internetGateway: true,
      publicAddresses: [
        { publicIp: WEB, privateIp: "10.0.1.10" },
        { publicIp: NAT, privateIp: "10.0.1.90" },
      ],
      ...parts,
    });
  }

  /** The same range, and the same private address, as in the first. */
  function secondVpc(parts: Partial<VpcConfig> = {}): VpcConfig {
    assert(server);
    return vpc(2, {
      subnets: [subnet(3, "10.0.1.0/24", [toInternet])],
      interfaces: [eni(3, "10.0.1.10", server, { subnet: 3 })],
      securityGroups: [group(1, [ALL_TRAFFIC])],
      internetGateway: true,
      publicAddresses: [{ publicIp: SERVER, privateIp: "10.0.1.10" }],
      ...parts,
    });
  }

  it("keeps two VPCs of the same range apart", async () => {
    await fabric.applyVpc(firstVpc([]));
    assert.deepEqual(await task?.connect("10.0.1.10", 80), { seenAs: "10.0.2.20" });
    // The other VPC has no such address.
    assert.deepEqual(await server?.connect("10.0.2.20", 80), SILENT);
  });

  it("translates a public address one to one, for callers on the host and in other VPCs", async () => {
    await fabric.applyVpc(firstVpc([]));
    assert.deepEqual(await connectFromHost(WEB, 80), { seenAs: "198.19.52.1" });
    assert.deepEqual(await web?.connect(SERVER, 80), { seenAs: WEB });
    assert.deepEqual(await server?.connect(WEB, 80), { seenAs: SERVER });
    assert.deepEqual(await web?.connect(WEB, 80), { seenAs: WEB });
  });

  it("filters what comes from the internet by the receiver's groups", async () => {
    await fabric.applyVpc(
      firstVpc([], { securityGroups: [group(1, [tcp(80, { kind: "cidr", cidr: `${SERVER}/32` })])] }),
    );
    assert.deepEqual(await connectFromHost(WEB, 80), SILENT);
    assert.deepEqual(await server?.connect(WEB, 80), { seenAs: SERVER });
  });

  it("sends nothing through the gateway for an interface without a public address", async () => {
    await fabric.applyVpc(firstVpc([toInternet]));
    assert.deepEqual(await task?.connect(SERVER, 80), SILENT);
  });

  it("sends nothing from a subnet that has no route, or a black hole", async () => {
    for (const routes of [[], [{ ...toInternet, target: { kind: "blackhole" } } as const]]) {
      const publicAddresses = [{ publicIp: WEB, privateIp: "10.0.2.20" }];
      await fabric.applyVpc(firstVpc(routes, { publicAddresses }));
      assert.deepEqual(await task?.connect(SERVER, 80), SILENT);
      // The request arrives, the answer does not.
      assert.deepEqual(await connectFromHost(WEB, 80), SILENT);
    }
  });

  it("takes a private subnet out through a NAT gateway, which is seen as its own public address", async () => {
    await fabric.applyVpc(firstVpc([toNat]));
    assert.deepEqual(await task?.connect(SERVER, 80), { seenAs: NAT });
    assert.deepEqual(await task?.udp(SERVER, 5000), { answer: `${NAT} hello` });
    const ping = inNamespace(
      task?.processId ?? 0,
      "sh",
      "-c",
      `busybox ping -c1 -W1 ${SERVER} | grep -c ttl=`,
    );
    assert.equal(ping.trim(), "1");
  });

  it("lets nothing in through a NAT gateway", async () => {
    await fabric.applyVpc(firstVpc([toNat]));
    const nat = await Agent.start(interfaceNamespaceName(INSTALLATION, id("eni", 9)));
    try {
      await nat.listen(80);
      assert.deepEqual(await connectFromHost(NAT, 80), SILENT);
      assert.deepEqual(await server?.connect(NAT, 80), SILENT);
      assert.deepEqual(await web?.connect("10.0.1.90", 80), SILENT);
    } finally {
      await nat.stop();
    }
  });

  it("ends connections with the association that carries them", async () => {
    await fabric.applyVpc(firstVpc([]));
    assert.deepEqual(await web?.connect(SERVER, 80, { keep: "b" }), { seenAs: WEB });
    const moved = [{ publicIp: WEB, privateIp: "10.0.2.20" }];
    await fabric.applyVpc(firstVpc([toInternet], { publicAddresses: moved }));
    assert.deepEqual(await web?.echo("b"), SILENT);
    assert.deepEqual(await task?.connect(SERVER, 80), { seenAs: WEB });
    await fabric.applyVpc(firstVpc([], { publicAddresses: [] }));
    assert.deepEqual((await connectFromHost(WEB, 80)).error, "EHOSTUNREACH");
  });

  it("moves a public address from one VPC to another, in either order", async () => {
    await fabric.applyVpc(firstVpc([]));
    const both = [SERVER, WEB].map((publicIp) => ({ publicIp, privateIp: "10.0.1.10" })).slice(1);
    await fabric.applyVpc(secondVpc({ publicAddresses: both }));
    await fabric.applyVpc(firstVpc([], { publicAddresses: [] }));
    await server?.listenUdp(5001);
    assert.deepEqual(await connectFromHost(WEB, 80), { seenAs: "198.19.52.1" });
    await fabric.applyVpc(secondVpc());
    assert.deepEqual((await connectFromHost(WEB, 80)).error, "EHOSTUNREACH");
  });

  it("closes the VPC when its internet gateway is detached, and opens it when it is back", async () => {
    await fabric.applyVpc(firstVpc([], { internetGateway: false }));
    assert.equal((await connectFromHost(WEB, 80)).error, "EHOSTUNREACH");
    assert.deepEqual(await web?.connect(SERVER, 80), SILENT);
    await fabric.applyVpc(firstVpc([]));
    assert.deepEqual(await web?.connect(SERVER, 80), { seenAs: WEB });
  });

  it("takes a route inside the VPC's range through an interface whose check is off", async () => {
    assert(web && task && server);
    const config = firstVpc([
      { destination: "10.0.1.0/24", target: { kind: "interface", interfaceId: id("eni", 9) } },
    ]);
    await fabric.applyVpc(config);
    // The NAT gateway stands for an appliance: what comes through it carries its address.
    assert.deepEqual(await task.connect("10.0.1.10", 80), { seenAs: "10.0.1.90" });
    await fabric.applyVpc(firstVpc([]));
    assert.deepEqual(await task.connect("10.0.1.10", 80), { seenAs: "10.0.2.20" });
  });

  it("lets no packet leave the machine", async () => {
    await fabric.applyVpc(firstVpc([toNat]));
    const internet = internetNamespaceName(INSTALLATION);
    const lookup = (address: string) =>
      inNamespace(internet, "sh", "-c", `ip route get ${address} 2>&1 || true`);
    assert.match(lookup("8.8.8.8"), NO_ROUTE);
    assert.match(lookup("198.19.52.99"), NO_ROUTE);
    // The packet gets as far as the internet's namespace, whose links lead to VPCs and to the host only.
    assert.equal((await web?.connect("8.8.8.8", 53))?.error, "EHOSTUNREACH");
    assert.equal((await task?.connect("8.8.8.8", 53))?.error, "EHOSTUNREACH");
    const links = inNamespace(internet, "ip", "-br", "link")
      .split("\n")
      .map((line) => line.split(/[@ ]/)[0])
      .filter((name) => name !== "" && name !== "lo");
    assert.deepEqual(links.sort(), ["host", "v-0000000100000", "v-0000000200000"]);
    // The host drops it, should it ever come: neither the host's services nor its other links are reached.
    const rules = onHost("nft", "list", "table", "inet", `berth_${INSTALLATION}`);
    assert.match(rules, new RegExp(`chain forward \\{[^}]*iifname "berth-${INSTALLATION}" drop`));
    // Without the link, the pool is a dead end and not the default gateway's.
    onHost("ip", "link", "set", `berth-${INSTALLATION}`, "down");
    assert.match(onHost("sh", "-c", `ip route get ${WEB} 2>&1 || true`), NO_ROUTE);
    await fabric.start();
    assert.deepEqual(await connectFromHost(WEB, 80), { seenAs: "198.19.52.1" });
  });

  it("keeps the host's own services from callers in VPCs", async () => {
    const { createServer } = await import("node:net");
    const listener = createServer((socket) => socket.end("host\n"));
    await new Promise<void>((resolve) => listener.listen(0, "198.19.52.1", resolve));
    try {
      const address = listener.address();
      assert(typeof address === "object" && address !== null);
      await fabric.applyVpc(firstVpc([]));
      assert.deepEqual(await web?.connect("198.19.52.1", address.port), SILENT);
    } finally {
      listener.close();
    }
  });
});
