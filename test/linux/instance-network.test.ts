/** docker0 inside an instance, in the real kernel: two instances of one VPC, containers on each. */
import assert from "node:assert/strict";
import type { Server } from "node:net";
import { after, before, describe, test } from "node:test";
import type { BridgeEndpointConfig } from "../../src/fabric/config.ts";
import type { Fabric, InstanceFabric } from "../../src/fabric/fabric.ts";
import { createLinuxInstanceFabric } from "../../src/fabric/linux/instance-fabric.ts";
import { createLinuxFabric } from "../../src/fabric/linux/linux-fabric.ts";
import { createNamespaceSockets } from "../../src/fabric/linux/namespace-sockets.ts";
import { silentLog } from "../../src/lib/log.ts";
import { Agent, eni, group, id, inNamespace, subnet, tcp, vpc } from "./fabric-setup.ts";

const INSTALLATION = "1d57a0";
const POOL = "198.19.61.0/24";

function endpoint(
  number: number,
  agent: Agent,
  ports: BridgeEndpointConfig["ports"] = [],
): BridgeEndpointConfig {
  return {
    endpointId: number.toString(16).padStart(2, "0").repeat(32),
    processId: agent.processId,
    address: `172.17.0.${number}`,
    macAddress: `02:42:ac:11:00:${number.toString(16).padStart(2, "0")}`,
    ports,
  };
}

describe("docker0 in an instance", () => {
  let fabric: Fabric;
  let instances: InstanceFabric;
  const agents: Agent[] = [];
  let one: Agent;
  let other: Agent;
  let web: Agent;
  let app: Agent;
  let far: Agent;
  const published = { protocol: "tcp", containerPort: 80, hostPort: 32768 } as const;
  const publishedUdp = { protocol: "udp", containerPort: 53, hostPort: 5300 } as const;

  const start = async (): Promise<Agent> => {
    const agent = await Agent.start();
    agents.push(agent);
    return agent;
  };
  const apply = (endpoints: readonly BridgeEndpointConfig[]) =>
    instances.applyInstance({ instanceId: "i-one", processId: one.processId, endpoints });

  before(async () => {
    fabric = createLinuxFabric({ installation: INSTALLATION, publicPool: POOL, log: silentLog });
    await fabric.removeEverything();
    await fabric.start();
    instances = createLinuxInstanceFabric(silentLog);
    [one, other, web, app, far] = await Promise.all([start(), start(), start(), start(), start()]);
    const extra = await start();
    const config = vpc(1, {
      subnets: [subnet(1, "10.0.1.0/24")],
      securityGroups: [
        group(1, [
          tcp(32768),
          tcp(9000),
          { protocol: "udp", ports: { from: 5300, to: 5300 }, peer: { kind: "cidr", cidr: "0.0.0.0/0" } },
        ]),
      ],
      interfaces: [
        eni(1, "10.0.1.10", one),
        eni(2, "10.0.1.20", other),
        eni(3, "10.0.1.30", one, { deviceIndex: 1 }),
        eni(4, "10.0.1.40", extra),
      ],
    });
    const { linkedInterfaceIds } = await fabric.applyVpc(config);
    assert.equal(linkedInterfaceIds.length, 4);
    await apply([endpoint(2, web, [published, publishedUdp]), endpoint(3, app)]);
    await instances.applyInstance({
      instanceId: "i-other",
      processId: other.processId,
      endpoints: [endpoint(2, far, [{ protocol: "tcp", containerPort: 80, hostPort: 8080 }])],
    });
    await Promise.all([
      web.listen(80),
      web.listenUdp(53),
      app.listen(8000),
      far.listen(80),
      other.listen(9000),
    ]);
  });

  after(async () => {
    await fabric.removeEverything();
    await Promise.all(agents.map((agent) => agent.stop()));
  });

  test("containers of one instance reach each other by address, as themselves", async () => {
    assert.deepEqual(await web.connect("172.17.0.3", 8000), { seenAs: "172.17.0.2" });
    assert.deepEqual(await app.connect("172.17.0.2", 80), { seenAs: "172.17.0.3" });
  });

  test("the same address on another instance is another container", async () => {
    assert.notEqual((await far.connect("172.17.0.3", 8000)).error, undefined);
  });

  test("a published port answers in the VPC where the security group lets it, and its caller is seen", async () => {
    assert.deepEqual(await other.connect("10.0.1.10", 32768), { seenAs: "10.0.1.20" });
    assert.equal((await one.connect("10.0.1.20", 8080)).error, "timeout");
    assert.deepEqual(await other.udp("10.0.1.10", 5300), { answer: "10.0.1.20 hello" });
  });

  test("it answers on the instance itself, on localhost too, and to containers by the instance's address", async () => {
    // Where Docker's proxy process would call, its callers are seen as the bridge.
    assert.deepEqual(await one.connect("127.0.0.1", 32768), { seenAs: "172.17.0.1" });
    assert.deepEqual(await one.connect("10.0.1.10", 32768), { seenAs: "10.0.1.10" });
    assert.deepEqual(await app.connect("10.0.1.10", 32768), { seenAs: "172.17.0.1" });
    assert.deepEqual(await web.connect("10.0.1.10", 32768), { seenAs: "172.17.0.1" }, "the container's own");
    assert.deepEqual(await one.udp("127.0.0.1", 5300), { answer: "172.17.0.1 hello" });
    assert.deepEqual(await app.udp("10.0.1.10", 5300), { answer: "172.17.0.1 hello" });
    assert.equal((await one.connect("127.0.0.1", 32769)).error, "ECONNREFUSED");
  });

  test("what a container calls in the VPC sees the instance", async () => {
    assert.deepEqual(await web.connect("10.0.1.20", 9000), { seenAs: "10.0.1.10" });
  });

  test("nobody gets to docker0 but by published ports", async () => {
    inNamespace(
      other.processId,
      "ip",
      "route",
      "add",
      "172.17.0.3/32",
      "via",
      "10.0.1.10",
      "onlink",
      "dev",
      "eth0",
    );
    assert.equal((await other.connect("172.17.0.3", 8000)).error, "timeout");
    inNamespace(other.processId, "ip", "route", "del", "172.17.0.3/32");
  });

  test("one more container breaks no connection, and one that goes leaves nothing", async () => {
    await other.connect("10.0.1.10", 32768, { keep: "open" });
    const more = await start();
    const withMore = [endpoint(2, web, [published]), endpoint(3, app), endpoint(4, more)];
    assert.equal((await apply(withMore)).linkedEndpointIds.length, 3);
    assert.deepEqual(await other.echo("open"), { echoed: "still there" });
    await more.stop();
    assert.equal((await apply(withMore)).linkedEndpointIds.length, 2);
    await apply([endpoint(2, web, [published]), endpoint(3, app)]);
    const links = inNamespace(one.processId, "ip", "-o", "link", "show", "master", "docker0");
    assert.equal(links.trim().split("\n").length, 2);
    assert.deepEqual(await other.echo("open"), { echoed: "still there" });
  });

  test("applying the same again changes nothing", async () => {
    const state = () =>
      inNamespace(one.processId, "ip", "link") + inNamespace(one.processId, "nft", "list", "ruleset");
    const before = state();
    await apply([endpoint(2, web, [published]), endpoint(3, app)]);
    assert.equal(state(), before);
  });

  test("a second interface answers by itself and leaves the default route alone", async () => {
    await one.listen(9000);
    assert.deepEqual(await other.connect("10.0.1.30", 9000), { seenAs: "10.0.1.20" });
    const routes = inNamespace(one.processId, "ip", "route");
    assert.match(routes, /^default via 10\.0\.1\.1 dev eth0/m);
    assert.match(inNamespace(one.processId, "ip", "-o", "addr", "show", "eth1"), /10\.0\.1\.30\/24/);
  });

  test("metadata is served in the VPC, also to containers, and knows who asks by the instance's address", async () => {
    const sockets = createNamespaceSockets(INSTALLATION);
    const server: Server = await sockets.listen({ kind: "vpc", vpcId: id("vpc", 1) }, "169.254.169.254", 80);
    server.on("connection", (socket) => socket.end(`${socket.remoteAddress}\n`));
    try {
      assert.deepEqual(await one.connect("169.254.169.254", 80), { seenAs: "10.0.1.10" });
      assert.deepEqual(await web.connect("169.254.169.254", 80), { seenAs: "10.0.1.10" });
      assert.deepEqual(await other.connect("169.254.169.254", 80), { seenAs: "10.0.1.20" });
    } finally {
      server.close();
    }
    const introspection = await sockets.listen(
      { kind: "process", processId: one.processId },
      "0.0.0.0",
      51678,
    );
    introspection.on("connection", (socket) => socket.end(`${socket.remoteAddress}\n`));
    try {
      assert.deepEqual(await one.connect("127.0.0.1", 51678), { seenAs: "127.0.0.1" });
      assert.deepEqual(await web.connect("172.17.0.1", 51678), { seenAs: "172.17.0.2" });
      assert.equal((await other.connect("10.0.1.10", 51678)).error, "timeout");
    } finally {
      introspection.close();
    }
  });
});
