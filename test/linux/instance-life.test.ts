/** Networks inside instances, made, damaged, made again and gone; further interfaces that come and go. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, afterEach, before, beforeEach, describe, it } from "node:test";
import type { BridgeEndpointConfig, InterfaceConfig, VpcConfig } from "../../src/fabric/config.ts";
import { createLinuxInstanceFabric } from "../../src/fabric/linux/instance-fabric.ts";
import { createLinuxFabric } from "../../src/fabric/linux/linux-fabric.ts";
import { createNamespaceSockets } from "../../src/fabric/linux/namespace-sockets.ts";
import { createLog } from "../../src/lib/log.ts";
import { Agent, ALL_TRAFFIC, eni, group, id, inNamespace, subnet, vpc } from "./fabric-setup.ts";

const INSTALLATION = "fab507";
const NAMESPACE = `berth-${INSTALLATION}-${id("vpc", 1)}`;
const WEB_PORT = { protocol: "tcp", containerPort: 80, hostPort: 8080 } as const;

const warnings: string[] = [];
const log = createLog("warn", (line) => warnings.push(line));
const fabric = createLinuxFabric({ installation: INSTALLATION, publicPool: "198.19.57.0/24", log });
const newInstances = () => createLinuxInstanceFabric(log);

let machine: Agent;
let peer: Agent;
let web: Agent;
let others: Agent[] = [];

async function another(): Promise<Agent> {
  const agent = await Agent.start();
  others.push(agent);
  return agent;
}

function endpoint(
  number: number,
  { processId }: { readonly processId: number },
  ports: BridgeEndpointConfig["ports"] = [],
): BridgeEndpointConfig {
  const digits = number.toString(16).padStart(2, "0");
  return {
    endpointId: digits.repeat(32),
    processId,
    address: `172.17.0.${number}`,
    macAddress: `02:42:ac:11:00:${digits}`,
    ports,
  };
}

async function apply(
  endpoints: readonly BridgeEndpointConfig[],
  where = machine,
): Promise<readonly string[]> {
  const config = { instanceId: "i-00000000000000001", processId: where.processId, endpoints };
  return (await newInstances().applyInstance(config)).linkedEndpointIds;
}

function world(interfaces: readonly InterfaceConfig[]): VpcConfig {
  return vpc(1, {
    subnets: [subnet(1, "10.0.1.0/24"), subnet(2, "10.0.2.0/24")],
    securityGroups: [group(1, [ALL_TRAFFIC])],
    interfaces,
  });
}

const primary = (where = machine) => eni(1, "10.0.1.10", where);
const peerInterface = () => eni(2, "10.0.1.20", peer);

/** What `ip` and `nft` show of the instance, without what differs with each making. */
function dump(): string {
  const show = (...command: string[]) => inNamespace(machine.processId, ...command);
  const links = show("ip", "-br", "link")
    .replace(/@if\d+/g, "")
    .replace(/^(veth.*)(..:){5}../gm, "$1")
    .split("\n")
    .sort();
  return [...links, show("ip", "-4", "route"), show("ip", "rule"), show("nft", "list", "ruleset")].join("\n");
}

/** Namespaces alone: a hundred agents would take a minute to start. */
async function startSleepers(
  count: number,
): Promise<{ readonly processIds: readonly number[]; stop(): void }> {
  const children = Array.from({ length: count }, () =>
    spawn("unshare", ["--net", "sh", "-c", "echo ready; exec sleep 120"], {
      stdio: ["ignore", "pipe", "ignore"],
    }),
  );
  await Promise.all(children.map((child) => new Promise((resolve) => child.stdout.once("data", resolve))));
  return {
    processIds: children.map((child) => child.pid ?? 0),
    stop() {
      for (const child of children) child.kill("SIGKILL");
    },
  };
}

before(async () => {
  await fabric.removeEverything();
  await fabric.start();
});
after(() => fabric.removeEverything());
beforeEach(async () => {
  warnings.length = 0;
  [machine, peer, web] = await Promise.all([another(), another(), another()]);
  await web.listen(80);
  await fabric.applyVpc(world([primary(), peerInterface()]));
});
afterEach(async () => {
  for (const agent of others) await agent.stop();
  others = [];
});

describe("docker0", () => {
  it("is there without containers too, with Docker's address and MTU", async () => {
    await apply([]);
    const shown = inNamespace(machine.processId, "ip", "addr", "show", "docker0");
    assert.match(shown, /mtu 1500 .*\n +link\/ether 02:42:/);
    assert.match(shown, /inet 172\.17\.0\.1\/16 brd 172\.17\.255\.255 scope global docker0/);
    assert.equal(inNamespace(machine.processId, "cat", "/proc/sys/net/ipv4/ip_forward").trim(), "1");
  });

  it("gives a container eth0 with its address, MAC and the bridge as gateway", async () => {
    await apply([endpoint(2, web)]);
    const shown = inNamespace(web.processId, "ip", "addr", "show", "eth0");
    assert.match(shown, /mtu 1500 .*\n +link\/ether 02:42:ac:11:00:02/);
    assert.match(shown, /inet 172\.17\.0\.2\/16 /);
    assert.match(inNamespace(web.processId, "ip", "route"), /^default via 172\.17\.0\.1 dev eth0/);
  });

  it("is repaired from any damage", async () => {
    const app = await another();
    const endpoints = [endpoint(2, web, [WEB_PORT]), endpoint(3, app)];
    await apply(endpoints);
    const before = dump();
    const damages = [
      "ip link del docker0",
      "ip link set docker0 alias half-made",
      "ip link del veth0202020",
      "ip link set veth0202020 alias half-made",
      "ip link set veth0202020 nomaster",
      "nft delete table inet berth",
      "nft flush ruleset; ip link del docker0; ip link del veth0303030",
    ];
    for (const damage of damages) {
      inNamespace(machine.processId, "sh", "-ec", damage);
      assert.equal((await apply(endpoints)).length, 2, damage);
      assert.equal(dump(), before, damage);
      assert.deepEqual(await peer.connect("10.0.1.10", 8080), { seenAs: "10.0.1.20" }, damage);
      assert.deepEqual(await app.connect("172.17.0.2", 80), { seenAs: "172.17.0.3" }, damage);
    }
    assert.deepEqual(warnings, []);
  });

  it("links a container's next sandbox, and leaves out one that is gone, or is not its own", async () => {
    await apply([endpoint(2, web, [WEB_PORT])]);
    await web.stop();
    assert.deepEqual(await apply([endpoint(2, web, [WEB_PORT])]), []);
    assert.doesNotMatch(dump(), /veth|8080/);
    assert.deepEqual(await apply([endpoint(2, { processId: process.pid }), endpoint(3, machine)]), []);
    const next = await another();
    await next.listen(80);
    assert.equal((await apply([endpoint(2, next, [WEB_PORT])])).length, 1);
    assert.deepEqual(await peer.connect("10.0.1.10", 8080), { seenAs: "10.0.1.20" });
    assert.deepEqual(warnings, []);
  });

  it("does not let one container that takes no link hold up the others", async () => {
    const stubborn = await another();
    inNamespace(stubborn.processId, "ip", "link", "add", "eth0", "type", "bridge");
    const endpoints = [endpoint(2, stubborn), endpoint(3, web, [WEB_PORT])];
    assert.deepEqual(await apply(endpoints), [endpoint(3, web).endpointId]);
    assert.equal(warnings.length, 1);
    inNamespace(stubborn.processId, "ip", "link", "del", "eth0");
    assert.equal((await apply(endpoints)).length, 2);
  });

  it("goes with the instance, and nothing of it is left", async () => {
    await apply([endpoint(2, web)]);
    await machine.stop();
    const isGone = () => !inNamespace(web.processId, "ip", "-br", "link").includes("eth0");
    for (let tries = 0; !isGone() && tries < 100; tries++) await new Promise((end) => setTimeout(end, 20));
    assert(isGone(), "the container's end went with the instance's");
    await assert.rejects(apply([endpoint(2, web)]), /namespace of i-00000000000000001 is gone/);
    // The same container on the instance's next boot.
    const next = await another();
    assert.equal((await apply([endpoint(2, web)], next)).length, 1);
  });

  it("lets a container ask the VPC's resolver", async () => {
    await apply([endpoint(2, web)]);
    const resolver = await Agent.start(NAMESPACE);
    try {
      for (const address of ["10.0.0.2", "169.254.169.253"]) {
        await resolver.listenUdp(53, address);
        assert.deepEqual(await web.udp(address, 53), { answer: "10.0.1.10 hello" });
      }
    } finally {
      await resolver.stop();
    }
  });

  it("takes a hundred containers at about the cost of one child each, and one more cheaply", async (t) => {
    const sleepers = await startSleepers(100);
    const endpoints = sleepers.processIds.map((processId, index) => {
      const address = `172.17.1.${index}`;
      const endpointId = index.toString(16).padStart(7, "0").padEnd(64, "0");
      const ports = [{ protocol: "tcp", containerPort: 80, hostPort: 32_768 + index } as const];
      const macAddress = `02:42:ac:11:01:${index.toString(16).padStart(2, "0")}`;
      return { endpointId, processId, address, macAddress, ports };
    });
    try {
      const timed = async (what: string, count: number) => {
        const start = performance.now();
        assert.equal((await apply(endpoints.slice(0, count))).length, count);
        const elapsedMs = performance.now() - start;
        t.diagnostic(`${what}: ${Math.round(elapsedMs)} ms`);
        return elapsedMs;
      };
      const manyMs = await timed("99 at once", 99);
      const oneMs = await timed("one more", 100);
      // Far above what it takes on an idle machine; a step per pair of containers would show.
      assert(manyMs < 10_000 && oneMs < 3000, `${manyMs} and ${oneMs} ms`);
    } finally {
      sleepers.stop();
    }
  });
});

describe("further interfaces", () => {
  const second = (parts: Partial<InterfaceConfig> = {}) =>
    eni(3, "10.0.2.30", machine, { subnet: 2, deviceIndex: 1, ...parts });

  it("answer by themselves, come after eth0, and leave nothing when they go", async () => {
    await machine.listen(9000);
    const before = dump();
    for (let times = 0; times < 2; times++) {
      await fabric.applyVpc(world([primary(), peerInterface(), second()]));
      assert.deepEqual(await peer.connect("10.0.2.30", 9000), { seenAs: "10.0.1.20" });
      assert.deepEqual(await peer.connect("10.0.1.10", 9000), { seenAs: "10.0.1.20" });
      const routes = inNamespace(machine.processId, "ip", "route");
      assert.match(routes, /^default via 10\.0\.1\.1 dev eth0/m);
      assert.match(routes, /^10\.0\.2\.0\/24 dev eth1 .*metric 10001/m);
      const rules = inNamespace(machine.processId, "ip", "rule");
      assert.match(rules, /^10001:\s+from 10\.0\.2\.30 lookup 10001/m);
      await fabric.applyVpc(world([primary(), peerInterface()]));
      assert.equal(dump(), before);
    }
    assert.deepEqual(warnings, []);
  });

  it("share a subnet with eth0, change their address and their place", async () => {
    await machine.listen(9000);
    const changes: Partial<InterfaceConfig>[] = [
      { address: "10.0.1.30", subnetId: id("subnet", 1) },
      { address: "10.0.1.31", subnetId: id("subnet", 1) },
      { address: "10.0.1.31", subnetId: id("subnet", 1), deviceIndex: 2 },
    ];
    for (const parts of changes) {
      const { linkedInterfaceIds } = await fabric.applyVpc(
        world([primary(), peerInterface(), second(parts)]),
      );
      assert.equal(linkedInterfaceIds.length, 3);
      assert.deepEqual(await peer.connect(parts.address ?? "", 9000), { seenAs: "10.0.1.20" });
      assert.deepEqual(await peer.connect("10.0.1.10", 9000), { seenAs: "10.0.1.20" });
      const rules = inNamespace(machine.processId, "ip", "rule");
      assert.equal(rules.match(/^1000\d:/gm)?.length, 1, rules);
    }
    assert.deepEqual(warnings, []);
  });

  it("take calls for published ports, but answers of containers leave by eth0 and are dropped, as on EC2", async () => {
    await apply([endpoint(2, web, [WEB_PORT])]);
    await fabric.applyVpc(world([primary(), peerInterface(), second()]));
    assert.deepEqual(await peer.connect("10.0.1.10", 8080), { seenAs: "10.0.1.20" });
    assert.deepEqual(await peer.connect("10.0.2.30", 8080), { error: "timeout" });
    await fabric.applyVpc(world([{ ...primary(), sourceDestCheck: false }, peerInterface(), second()]));
    assert.deepEqual(await peer.connect("10.0.2.30", 8080), { seenAs: "10.0.1.20" });
  });

  it("are linked although a crash left their rule", async () => {
    inNamespace(
      machine.processId,
      "ip",
      "rule",
      "add",
      "priority",
      "10001",
      "from",
      "10.0.2.30",
      "table",
      "10001",
    );
    const { linkedInterfaceIds } = await fabric.applyVpc(world([primary(), peerInterface(), second()]));
    assert.equal(linkedInterfaceIds.length, 3);
  });
});

describe("sockets in namespaces", () => {
  const sockets = createNamespaceSockets(INSTALLATION);

  it("are of the caller's process from the first connection on, and free when closed", async () => {
    for (let times = 0; times < 5; times++) {
      const server = await sockets.listen({ kind: "vpc", vpcId: id("vpc", 1) }, "169.254.169.254", 80);
      server.on("connection", (socket) => socket.end(`${socket.remoteAddress}\n`));
      try {
        assert.deepEqual(await machine.connect("169.254.169.254", 80), { seenAs: "10.0.1.10" });
      } finally {
        await new Promise((resolve) => server.close(resolve));
      }
      assert.deepEqual(await machine.connect("169.254.169.254", 80), { error: "ECONNREFUSED" });
    }
  });

  it("are refused where the address is not there, or the namespace is the host's or gone", async () => {
    const inMachine = { kind: "process", processId: machine.processId } as const;
    await assert.rejects(sockets.listen(inMachine, "10.9.9.9", 80), /cannot bind 10\.9\.9\.9:80/);
    const onHost = { kind: "process", processId: process.pid } as const;
    await assert.rejects(sockets.listen(onHost, "127.0.0.1", 0), /has no namespace of its own/);
    const nowhere = { kind: "vpc", vpcId: id("vpc", 9) } as const;
    await assert.rejects(sockets.listen(nowhere, "169.254.169.254", 80));
    await machine.stop();
    await assert.rejects(sockets.listen(inMachine, "127.0.0.1", 80), /has no namespace of its own/);
  });
});
