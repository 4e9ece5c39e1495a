/**
 * What a program sees of its surroundings, in each network mode: as it is on ECS (Amazon ECS agent, `agent/api/task`;
 * developer guide, "Amazon ECS task networking"; what is told of containers on Fargate), and nothing of this machine.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { hostname, networkInterfaces } from "node:os";
import { after, before, describe, it } from "node:test";
import { RunTaskCommand, type Task } from "@aws-sdk/client-ecs";
import { type Ground, launch, register, runUntilRunning, startGround, stop } from "./ec2-setup.ts";
import { present, REGION, run } from "./harness.ts";
import {
  pushSurroundings,
  type Surroundings,
  surroundingsContainer,
  surroundingsOf,
} from "./surroundings-setup.ts";
import { addressOf, CLUSTER, untilStatus } from "./tasks.ts";

const RANGE = "10.83";
const DOMAIN = `${REGION}.compute.internal`;
const ENDPOINTS = "169.254.170.2";
const UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}";
const ROLE = "arn:aws:iam::000000000000:role/stories";
const MODES = ["awsvpc", "bridge", "host", "none"] as const;

/** Docker's own: what `--cap-add` and `--cap-drop` start from. */
const CAPABILITIES = "00000000a80425fb";
const SECCOMP_FILTER = "2";

type Mode = "fargate" | (typeof MODES)[number];

interface Seen {
  readonly task: Task;
  readonly surroundings: Surroundings;
}

describe("what a program sees of its surroundings", { timeout: 5 * 60_000 }, () => {
  let ground: Ground;
  let server: Server;
  let instanceId: string;
  /** Of this machine, where it listens on every address. */
  let targets: string[];
  const seen = new Map<Mode, Seen>();

  before(async () => {
    ground = await startGround(RANGE);
    await pushSurroundings(ground);
    server = createServer((socket) => socket.end("the machine\n"));
    await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve));
    targets = targetsOf(server, ground.port);
    const instance = await launch(ground, { instanceType: "t3.large" });
    instanceId = present(instance.InstanceId, "InstanceId");
    await see("fargate", await startOnFargate());
    for (const mode of MODES) {
      const task = await startOnInstance(mode);
      await see(mode, task);
      await stop(ground, task);
    }
  });

  after(() => {
    server?.close();
    ground?.down();
  });

  const container = () =>
    surroundingsContainer([`${ENDPOINTS}:80`, `${ENDPOINTS}:4566`, "169.254.169.254:80", ...targets]);

  async function see(mode: Mode, task: Task): Promise<void> {
    seen.set(mode, { task, surroundings: await surroundingsOf(ground, task.taskArn) });
  }

  async function startOnFargate(): Promise<Task> {
    const taskDefinition = await register(
      ground,
      "surroundings-fargate",
      {},
      {
        requiresCompatibilities: ["FARGATE"],
        networkMode: "awsvpc",
        cpu: "256",
        memory: "512",
        taskRoleArn: ROLE,
        containerDefinitions: [container()],
      },
    );
    const { tasks } = await ground.ecs.send(
      new RunTaskCommand({
        cluster: CLUSTER,
        taskDefinition,
        launchType: "FARGATE",
        networkConfiguration: {
          awsvpcConfiguration: {
            subnets: [ground.network.publicSubnetIds[0]],
            assignPublicIp: "ENABLED",
          },
        },
      }),
    );
    return untilStatus(ground, present(tasks?.[0]?.taskArn, "taskArn"), "RUNNING");
  }

  async function startOnInstance(networkMode: (typeof MODES)[number]): Promise<Task> {
    const portMappings = networkMode === "bridge" ? [{ containerPort: 80, hostPort: 0 }] : [];
    const definition = await register(
      ground,
      `surroundings-${networkMode}`,
      {},
      {
        networkMode,
        taskRoleArn: ROLE,
        containerDefinitions: [{ ...container(), cpu: 128, memory: 256, portMappings }],
      },
    );
    const networkConfiguration = {
      awsvpcConfiguration: { subnets: [ground.network.publicSubnetIds[0]] },
    };
    return runUntilRunning(ground, definition, networkMode === "awsvpc" ? { networkConfiguration } : {});
  }

  const of = (mode: Mode): Seen => present(seen.get(mode), `task on ${mode}`);

  function forEach(title: string, check: (mode: Mode, seen: Seen) => void | Promise<void>): void {
    for (const mode of ["fargate", ...MODES] as const) {
      it(`${title}: ${mode}`, () => check(mode, of(mode)));
    }
  }

  forEach(
    "variables are those that the agent and Docker set, and AWS_ENDPOINT_URL",
    (mode, { surroundings }) => {
      const { environment } = surroundings;
      const names = [
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_DEFAULT_REGION",
        "AWS_EXECUTION_ENV",
        "AWS_REGION",
        "ECS_AGENT_URI",
        "ECS_CONTAINER_METADATA_URI",
        "ECS_CONTAINER_METADATA_URI_V4",
        "HOME",
        "HOSTNAME",
        "PATH",
      ];
      const given = Object.keys(environment).sort();
      const berths = given.filter((name) => name.startsWith("AWS_ENDPOINT_URL"));
      assert.equal(berths.includes("AWS_ENDPOINT_URL"), mode !== "none");
      assert.deepEqual(
        given.filter((name) => !berths.includes(name)),
        names,
      );
      assert.equal(environment["AWS_EXECUTION_ENV"], mode === "fargate" ? "AWS_ECS_FARGATE" : "AWS_ECS_EC2");
      assert.equal(environment["AWS_REGION"], REGION);
      assert.equal(environment["AWS_DEFAULT_REGION"], REGION);
      assert.equal(environment["HOSTNAME"], surroundings.hostname.name);
      const { task } = of(mode);
      const id = mode === "fargate" ? `${task.taskArn?.split("/").at(-1)}-\\d{10}` : UUID;
      const own = environment["ECS_AGENT_URI"]?.split("/").at(-1);
      assert.match(own ?? "", new RegExp(`^${id}$`));
      assert.equal(environment["ECS_AGENT_URI"], `http://${ENDPOINTS}/api/${own}`);
      assert.equal(environment["ECS_CONTAINER_METADATA_URI"], `http://${ENDPOINTS}/v3/${own}`);
      assert.equal(environment["ECS_CONTAINER_METADATA_URI_V4"], `http://${ENDPOINTS}/v4/${own}`);
      assert.match(
        environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] ?? "",
        new RegExp(`^/v2/credentials/${UUID}$`),
      );
    },
  );

  forEach("it is root with Docker's capabilities and system call filter", (_mode, { surroundings }) => {
    const { status, identity } = surroundings;
    assert.deepEqual(identity, { uid: 0, gid: 0, groups: [0] });
    for (const set of ["CapPrm", "CapEff", "CapBnd"]) assert.equal(status[set], CAPABILITIES, set);
    for (const set of ["CapInh", "CapAmb"]) assert.equal(BigInt(`0x${status[set]}`), 0n, set);
    assert.equal(status["NoNewPrivs"], "0");
    assert.equal(status["Seccomp"], SECCOMP_FILTER);
    assert.equal(BigInt(`0x${status["SigBlk"]}`), 0n);
  });

  forEach("open files are limited as Fargate and the AMI limit them", async (mode, { surroundings }) => {
    const most = await mostOpenFiles(`berth-${ground.installation}-${instanceId}`);
    const [soft, hard] = mode === "fargate" ? [65_535, 65_535] : [32_768, 65_536];
    const expected = [Math.min(soft, most), Math.min(hard, most)].map(String);
    assert.deepEqual(surroundings.limits["Max open files"], expected);
  });

  forEach("its names and its resolver are the network's", (mode, { task, surroundings }) => {
    const { hostname: own, hosts, resolver } = surroundings;
    assert.equal(own.file, own.name);
    assert.match(hosts, /^127\.0\.0\.1\s+localhost$/m);
    assert.match(resolver, new RegExp(`^search ${DOMAIN}$`, "m"));
    assert.deepEqual(resolver.match(/^nameserver .*$/gm), [`nameserver ${RANGE}.0.2`]);
    if (mode === "bridge" || mode === "none") {
      assert.match(own.name, /^[0-9a-f]{12}$/);
      if (mode === "bridge") assert.match(hosts, new RegExp(`^172\\.17\\.0\\.2\\s+${own.name}$`, "m"));
      return;
    }
    const address = mode === "host" ? addressesOf(surroundings, "eth0")[0] : addressOf(task);
    assert.equal(own.name, `ip-${address?.replaceAll(".", "-")}.${DOMAIN}`);
    assert.match(hosts, new RegExp(`^${address}\\s+${own.name}$`, "m"));
  });

  forEach("devices, addresses and routes are those of its network mode", (mode, { task, surroundings }) => {
    const devices = [...surroundings.interfaces].map((name) => name.replace(/^veth.*/, "veth"));
    const gateways = surroundings.routes.filter(([to]) => to === "default").map((route) => route[2]);
    assert.deepEqual(addressesOf(surroundings, "lo"), ["127.0.0.1"]);
    switch (mode) {
      case "fargate":
        assert.deepEqual(devices, ["eth1", "lo"]);
        assert.deepEqual(addressesOf(surroundings, "eth1"), [addressOf(task)]);
        assert.deepEqual(gateways, [`${RANGE}.1.1`]);
        assert.ok(surroundings.routes.some(([kind, to]) => kind === "blackhole" && to === "169.254.169.254"));
        break;
      case "awsvpc":
        assert.deepEqual(devices, ["eth0", "lo"]);
        assert.deepEqual(addressesOf(surroundings, "eth0"), [addressOf(task)]);
        assert.deepEqual(gateways, [`${RANGE}.1.1`]);
        break;
      case "bridge":
        assert.deepEqual(addressesOf(surroundings, "eth0"), ["172.17.0.2"]);
        assert.deepEqual(gateways, ["172.17.0.1"]);
        break;
      case "host":
        assert.deepEqual(devices, ["docker0", "eth0", "lo"]);
        assert.deepEqual(addressesOf(surroundings, "docker0"), ["172.17.0.1"]);
        assert.deepEqual(gateways, [`${RANGE}.1.1`]);
        break;
      default:
        assert.deepEqual(devices, ["lo"]);
        assert.deepEqual(surroundings.routes, []);
    }
  });

  forEach("file systems and devices are a container's", (_mode, { surroundings }) => {
    const { mounts, devices, files } = surroundings;
    const mounted = new Map(mounts.map((mount) => [mount.at, mount]));
    assert.match(mounted.get("/")?.type ?? "", /^overlay$/);
    assert.match(mounted.get("/")?.options ?? "", /^rw,/);
    assert.match(mounted.get("/sys")?.options ?? "", /^ro,/);
    assert.match(mounted.get("/proc/sys")?.options ?? "", /^ro,/);
    for (const at of ["/etc/resolv.conf", "/etc/hostname", "/etc/hosts"]) assert.ok(mounted.has(at), at);
    const standard = ["full", "null", "ptmx", "pts", "random", "shm", "tty", "urandom", "zero"];
    const links = ["fd", "mqueue", "stderr", "stdin", "stdout"];
    assert.deepEqual(devices, [...standard, ...links].sort());
    assert.deepEqual([files.root, files.sysctl, files.system], [true, "EROFS", "EROFS"]);
    assert.equal(files.directory, "/");
    assert.deepEqual(files.socket, []);
  });

  forEach("it is alone, in a control group of its task", (mode, { task, surroundings }) => {
    const { processes, controlGroups, mounts, documents } = surroundings;
    assert.deepEqual(processes.first.slice(0, 2), ["/bin/node", "/app/surroundings.mjs"]);
    assert.deepEqual([processes.self, processes.count], [1, 1]);
    // In version 2 a container sees its own group as the root of all.
    const memory = mounts.find(({ at, type }) => type === "cgroup" && at === "/sys/fs/cgroup/memory");
    if (memory !== undefined) {
      const [, ecs, taskId, containerId] = memory.root.split("/");
      assert.deepEqual([ecs, taskId], ["ecs", task.taskArn?.split("/").at(-1)]);
      if (mode !== "none") assert.equal(containerId, documents.v4["DockerId"]);
      assert.equal(controlGroups.cpuShares, mode === "fargate" ? "2" : "128");
    }
    if (mode !== "fargate") assert.equal(controlGroups.memory, String(256 * 1024 * 1024));
  });

  forEach("the metadata documents are of its task", (mode, { task, surroundings }) => {
    const { v3, v3Task, v4, v4Task, stats } = surroundings.documents;
    if (mode === "none") {
      for (const one of [v3, v3Task, v4, v4Task, stats]) assert.equal(one, "ENETUNREACH");
      return;
    }
    assert.equal(v4Task["TaskARN"], task.taskArn);
    assert.equal(v3Task["TaskARN"], task.taskArn);
    assert.equal(v4Task["LaunchType"], mode === "fargate" ? "FARGATE" : "EC2");
    assert.equal(v4["Name"], "web");
    assert.equal(v3["DockerId"], v4["DockerId"]);
    assert.equal(stats["id"], v4["DockerId"]);
    const [network] = v4["Networks"] as readonly Readonly<Record<string, unknown>>[];
    assert.equal(network?.["NetworkMode"], mode === "fargate" ? "awsvpc" : mode);
  });

  forEach(
    "nothing of this machine can be reached, and the endpoints of its mode can",
    (mode, { surroundings }) => {
      const reached = new Map(Object.entries(surroundings.reached));
      const open = mode === "none" ? "ENETUNREACH" : "open";
      assert.equal(reached.get(`${ENDPOINTS}:80`), open);
      // On Fargate a blackhole route answers the connection.
      const metadata = {
        fargate: "EINVAL",
        none: "ENETUNREACH",
        awsvpc: "open",
        bridge: "open",
        host: "open",
      };
      assert.equal(reached.get("169.254.169.254:80"), metadata[mode]);
      for (const target of targets) assert.notEqual(reached.get(target), "open", target);
    },
  );

  forEach("nothing that it sees names Berth or this machine", (_mode, { surroundings }) => {
    const text = JSON.stringify(surroundings).toLowerCase();
    assert.doesNotMatch(text, /berth/);
    for (const name of [ground.installation, ground.stateDirectory, process.cwd(), hostname()]) {
      assert.ok(!hasWord(text, name.toLowerCase()), name);
    }
    for (const address of machineResolvers()) assert.ok(!surroundings.resolver.includes(address), address);
  });
});

function addressesOf({ addresses }: Surroundings, device: string): string[] {
  return addresses
    .filter(([, name, family]) => name === device && family === "inet")
    .map(([, , , address = ""]) => address.split("/")[0] ?? "");
}

/** The server and Berth itself, at every address of this machine. */
function targetsOf(server: Server, port: number): string[] {
  const listening = server.address();
  const open = typeof listening === "object" && listening !== null ? listening.port : 0;
  const addresses = Object.values(networkInterfaces()).flatMap((each) =>
    (each ?? []).flatMap(({ family, address }) => (family === "IPv4" ? [address] : [])),
  );
  return [...new Set(addresses)].flatMap((address) => [`${address}:${open}`, `${address}:${port}`]);
}

/** Not as a part of a longer one: a machine may be called `vm`. */
function hasWord(text: string, word: string): boolean {
  const letters = word.replace(/[^a-z0-9]/g, "\\$&");
  return new RegExp(`(?<![a-z0-9])${letters}(?![a-z0-9])`).test(text);
}

function machineResolvers(): string[] {
  const found = readFileSync("/etc/resolv.conf", "utf8").matchAll(/^nameserver\s+(\S+)/gm);
  return [...found].map(([, address = ""]) => address);
}

/** As the engine's processes have it: no container gets more without a privilege that this machine may lack. */
async function mostOpenFiles(container: string): Promise<number> {
  const { stdout } = await run("docker", ["inspect", "-f", "{{.State.Pid}}", container]);
  const limits = readFileSync(`/proc/${stdout.trim()}/limits`, "utf8");
  const [, most] = /^Max open files\s+\S+\s+(\S+)/m.exec(limits) ?? [];
  return most === "unlimited" ? Number.POSITIVE_INFINITY : Number(most);
}
