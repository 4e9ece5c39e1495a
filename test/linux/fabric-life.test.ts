/** Made, made again, damaged, restarted, removed: the network in the kernel becomes what was declared. */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import type { FirewallRule, RouteConfig, VpcConfig } from "../../src/fabric/config.ts";
import { interfaceNamespaceName } from "../../src/fabric/links/names.ts";
import { createLinuxFabric } from "../../src/fabric/linux/linux-fabric.ts";
import { createLog } from "../../src/lib/log.ts";
import { differences, dumpHost, dumpVpc, namespaces } from "./fabric-dump.ts";
import {
  Agent,
  ALL_TRAFFIC,
  ANYWHERE,
  eni,
  group,
  id,
  inNamespace,
  onHost,
  subnet,
  tcp,
  vpc,
} from "./fabric-setup.ts";

const INSTALLATION = "fab503";
const POOL = "198.19.53.0/24";
const VPC = id("vpc", 1);
const NAMESPACE = `berth-${INSTALLATION}-${VPC}`;

describe("life of a network", () => {
  const warnings: string[] = [];
  const log = createLog("warn", (line) => warnings.push(line));
  const newFabric = () => createLinuxFabric({ installation: INSTALLATION, publicPool: POOL, log });
  let fabric = newFabric();
  let agents: Agent[] = [];

  before(async () => {
    await fabric.removeEverything();
    await fabric.start();
    agents = await Promise.all([Agent.start(), Agent.start(), Agent.start()]);
    for (const agent of agents) await agent.listen(80);
  });
  after(async () => {
    for (const agent of agents) await agent.stop();
    await fabric.removeEverything();
  });
  beforeEach(() => {
    warnings.length = 0;
  });

  function world(parts: Partial<VpcConfig> = {}): VpcConfig {
    const [first, second, third] = agents;
    assert(first && second && third);
    return vpc(1, {
      subnets: [
        subnet(1, "10.0.1.0/24", [{ destination: "0.0.0.0/0", target: { kind: "internet-gateway" } }]),
        subnet(2, "10.0.2.0/24", [
          { destination: "0.0.0.0/0", target: { kind: "interface", interfaceId: id("eni", 9) } },
        ]),
      ],
      interfaces: [
        eni(1, "10.0.1.10", first),
        eni(2, "10.0.1.20", second, { groups: [1, 2] }),
        eni(3, "10.0.2.30", third, { subnet: 2 }),
        eni(8, "10.0.2.80", "own", { subnet: 2 }),
        eni(9, "10.0.1.90", "nat", { groups: [] }),
      ],
      securityGroups: [group(1, [ALL_TRAFFIC], ["10.0.1.10"]), group(2, [tcp(80)])],
      internetGateway: true,
      publicAddresses: [
        { publicIp: "198.19.53.20", privateIp: "10.0.1.10" },
        { publicIp: "198.19.53.21", privateIp: "10.0.1.90" },
      ],
      ...parts,
    });
  }

  it("gives an interface its address, prefix, MAC and gateway, as eth0", async () => {
    await fabric.applyVpc(world());
    const pid = agents[0]?.processId ?? 0;
    assert.match(inNamespace(pid, "ip", "addr", "show", "eth0"), /link\/ether 02:00:00:00:00:01/);
    assert.match(inNamespace(pid, "ip", "addr", "show", "eth0"), /inet 10\.0\.1\.10\/24 /);
    assert.match(inNamespace(pid, "ip", "route"), /^default via 10\.0\.1\.1 dev eth0/);
    const own = interfaceNamespaceName(INSTALLATION, id("eni", 8));
    assert.match(inNamespace(own, "ip", "addr", "show", "eth0"), /inet 10\.0\.2\.80\/24 /);
    assert.match(inNamespace(own, "ip", "link", "show", "lo"), /LOOPBACK,UP/);
  });

  it("changes nothing when nothing is to change, also after a restart", async () => {
    await fabric.applyVpc(world());
    const before = dumpVpc(INSTALLATION, VPC);
    const indexes = inNamespace(NAMESPACE, "ip", "-br", "-4", "link");
    const generation = ruleHandles();
    await fabric.applyVpc(world());
    fabric = newFabric();
    await fabric.start();
    assert.deepEqual(await fabric.observeVpcs(), [VPC]);
    const { linkedInterfaceIds } = await fabric.applyVpc(world());
    assert.equal(linkedInterfaceIds.length, 5);
    assert.deepEqual(differences(before, dumpVpc(INSTALLATION, VPC)), []);
    assert.equal(inNamespace(NAMESPACE, "ip", "-br", "-4", "link"), indexes);
    assert.equal(ruleHandles(), generation);
  });

  it("changes one group without touching the rules of others", async () => {
    await fabric.applyVpc(world());
    const before = ruleHandles(`ingress-${id("sg", 2)}`);
    await fabric.applyVpc(
      world({
        securityGroups: [group(1, [tcp(80), tcp(443)], ["10.0.1.10", "10.0.1.20"]), group(2, [tcp(80)])],
      }),
    );
    assert.equal(ruleHandles(`ingress-${id("sg", 2)}`), before);
    assert.match(
      inNamespace(NAMESPACE, "nft", "list", "chain", "inet", "berth", `ingress-${id("sg", 1)}`),
      /dport 443/,
    );
    assert.deepEqual(warnings, []);
  });

  it("leaves out an interface whose sandbox is gone, and links it to the one that replaces it", async () => {
    const doomed = await Agent.start();
    const config = (agent: Agent) => world({ interfaces: [eni(1, "10.0.1.10", agent)] });
    assert.deepEqual((await fabric.applyVpc(config(doomed))).linkedInterfaceIds, [id("eni", 1)]);
    await doomed.stop();
    assert.deepEqual((await fabric.applyVpc(config(doomed))).linkedInterfaceIds, []);
    assert.doesNotMatch(inNamespace(NAMESPACE, "ip", "-br", "link"), /e-/);
    const next = await Agent.start();
    try {
      assert.deepEqual((await fabric.applyVpc(config(next))).linkedInterfaceIds, [id("eni", 1)]);
    } finally {
      await next.stop();
    }
  });

  it("never links a process of the host's own namespace", async () => {
    const interfaces = [
      { ...eni(1, "10.0.1.10", "own"), sandbox: { kind: "process", processId: process.pid } as const },
    ];
    assert.deepEqual((await fabric.applyVpc(world({ interfaces }))).linkedInterfaceIds, []);
  });

  it("does not let one sandbox that takes no link hold up the others", async () => {
    const [first, second] = agents;
    assert(first && second);
    await fabric.applyVpc(world({ interfaces: [] }));
    inNamespace(first.processId, "ip", "link", "add", "eth0", "type", "bridge");
    try {
      const { linkedInterfaceIds } = await fabric.applyVpc(world());
      assert.equal(linkedInterfaceIds.includes(id("eni", 1)), false);
      assert.equal(linkedInterfaceIds.length, 4);
    } finally {
      inNamespace(first.processId, "ip", "link", "del", "eth0");
    }
    assert.equal((await fabric.applyVpc(world())).linkedInterfaceIds.length, 5);
  });

  it("makes a changed address or MAC anew", async () => {
    await fabric.applyVpc(world());
    const [first, ...rest] = world().interfaces;
    assert(first);
    await fabric.applyVpc(world({ interfaces: [{ ...first, address: "10.0.1.11" }, ...rest] }));
    assert.match(
      inNamespace(agents[0]?.processId ?? 0, "ip", "addr", "show", "eth0"),
      /inet 10\.0\.1\.11\/24 /,
    );
    assert.doesNotMatch(inNamespace(NAMESPACE, "ip", "route"), /10\.0\.1\.10 /);
  });

  it("becomes the same from any state, whatever was there and whatever is damaged", async (t) => {
    const seed = Number(process.env["SEED"] ?? Date.now() % 1_000_000);
    t.diagnostic(`SEED=${seed}`);
    const random = seededRandom(seed);
    for (let step = 0; step < 20; step++) {
      const config = randomConfig(agents, random);
      if (random(3) === 0) damage(random);
      const { linkedInterfaceIds } = await fabric.applyVpc(config);
      assert.equal(linkedInterfaceIds.length, config.interfaces.length, `step ${step}, seed ${seed}`);
      const changed = dumpVpc(INSTALLATION, VPC);
      if (random(2) === 0) continue;
      const fresh = newFabric();
      await fresh.removeVpc(VPC);
      assert.deepEqual(namespaces(INSTALLATION), [`berth-${INSTALLATION}-internet`]);
      await fresh.applyVpc(config);
      const difference = differences(changed, dumpVpc(INSTALLATION, VPC));
      assert.deepEqual(difference, [], `step ${step}, seed ${seed}`);
      if (random(2) === 0) fabric = fresh;
    }
    assert.deepEqual(warnings, [], `seed ${seed}`);
  });

  it("removes everything, in whatever state it is, and can do so twice", async () => {
    await fabric.applyVpc(world());
    // Left by a crash: a namespace without a link, and a name without a namespace.
    onHost("ip", "netns", "add", `berth-${INSTALLATION}-eni-00000007000000000`);
    onHost("touch", `/run/netns/berth-${INSTALLATION}-eni-00000006000000000`);
    assert(dumpHost(INSTALLATION, POOL).length > 5);
    // A process inside a namespace keeps it, but not its links.
    const inside = await Agent.start(NAMESPACE);
    try {
      await newFabric().removeEverything();
      assert.deepEqual(dumpHost(INSTALLATION, POOL), []);
      assert.doesNotMatch(inNamespace(inside.processId, "ip", "-br", "link"), /e-|uplink/);
      assert.doesNotMatch(inNamespace(agents[0]?.processId ?? 0, "ip", "-br", "link"), /eth0/);
      await newFabric().removeEverything();
    } finally {
      await inside.stop();
    }
    // The same fabric goes on after it.
    await fabric.start();
    assert.equal((await fabric.applyVpc(world())).linkedInterfaceIds.length, 5);
  });

  it("sweeps half-made namespaces when it starts", async () => {
    await fabric.applyVpc(world());
    const before = namespaces(INSTALLATION);
    onHost("ip", "netns", "add", `berth-${INSTALLATION}-eni-00000007000000000`);
    await newFabric().start();
    assert.deepEqual(namespaces(INSTALLATION), before);
  });

  it("refuses a pool that the host already routes elsewhere", async () => {
    const other = createLinuxFabric({ installation: "fab5ff", publicPool: POOL, log });
    await assert.rejects(other.start(), /198\.19\.53\.0\/24 is routed to berth-fab503/);
    assert.deepEqual(dumpHost("fab5ff", "198.19.254.0"), []);
  });
});

/** Handles change when rules are made anew. */
function ruleHandles(chain?: string): string {
  const what = chain === undefined ? ["table", "inet", "berth"] : ["chain", "inet", "berth", chain];
  const listing = inNamespace(NAMESPACE, "nft", "-a", "list", ...what);
  return [...listing.matchAll(/# handle \d+/g)].join(" ");
}

type Random = (below: number) => number;

/** Numerical Recipes' linear congruential generator: good enough to shuffle, and repeatable. */
function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function some<T>(random: Random, items: readonly T[]): T[] {
  return items.filter(() => random(2) === 0);
}

function randomConfig(agents: readonly Agent[], random: Random): VpcConfig {
  const groupsOf = () => [1, 2, 3].filter(() => random(2) === 0);
  const subnetOf = () => 1 + random(2);
  const interfaces = some(random, [
    ...agents.map((agent, index) => ({ number: index + 1, where: agent })),
    { number: 7, where: "own" as const },
    { number: 8, where: "own" as const },
    { number: 9, where: "nat" as const },
  ]).map(({ number, where }) => {
    const subnetNumber = subnetOf();
    return eni(number, `10.0.${subnetNumber}.${10 + number}`, where, {
      subnet: subnetNumber,
      groups: groupsOf(),
    });
  });
  const rules: FirewallRule[] = [
    ALL_TRAFFIC,
    tcp(80),
    tcp(443, { kind: "group", groupId: id("sg", 2) }),
    { protocol: "udp", ports: { from: 1, to: 99 }, peer: { kind: "cidr", cidr: "10.0.1.0/24" } },
    { protocol: "icmp", ports: { from: 8, to: 0 }, peer: ANYWHERE },
    { protocol: "47", peer: { kind: "group", groupId: id("sg", 5) } },
  ];
  const routes = (): RouteConfig[] =>
    some<RouteConfig>(random, [
      { destination: "0.0.0.0/0", target: { kind: "internet-gateway" } },
      { destination: "192.168.0.0/16", target: { kind: "interface", interfaceId: id("eni", 9) } },
      { destination: "192.168.1.1/32", target: { kind: "blackhole" } },
      { destination: "10.0.200.0/24", target: { kind: "interface", interfaceId: id("eni", 9) } },
    ]);
  return vpc(1, {
    subnets: [subnet(1, "10.0.1.0/24", routes()), subnet(2, "10.0.2.0/24", routes())],
    interfaces,
    securityGroups: [1, 2, 3].map((number) =>
      group(
        number,
        some(random, rules),
        some(random, ["10.0.1.11", "10.0.2.12", "10.0.1.13"]),
        some(random, rules),
      ),
    ),
    internetGateway: random(3) > 0,
    publicAddresses: some(random, [
      { publicIp: "198.19.53.31", privateIp: "10.0.1.11" },
      { publicIp: "198.19.53.32", privateIp: "10.0.2.12" },
    ]),
    dnsSupport: random(2) === 0,
  });
}

/** What a crash, or somebody with too many rights, may leave. Each may fail when it has nothing to damage. */
function damage(random: Random): void {
  const damages = [
    "ip link del $(ip -br link | grep -o '^e-[0-9a-f]*' | head -1)",
    "ip link set $(ip -br link | grep -o '^e-[0-9a-f]*' | head -1) alias half-made",
    "ip link del uplink",
    "ip route flush table main",
    "ip rule flush",
    "nft delete table inet berth",
    "ip addr flush dev lo to 10.0.0.0/8",
    "ip rule add priority 77 fwmark 0x7 table 7; ip route add blackhole 9.9.9.9 table 7",
  ];
  inNamespace(NAMESPACE, "sh", "-c", `${damages[random(damages.length)]}; true`);
}
