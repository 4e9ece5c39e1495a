/** The load balancer on a real HAProxy in namespaces of its own. Needs root. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { LoadBalancerNodeConfig, ObservedTarget, ProxyBackend } from "../../src/fabric/config.ts";
import {
  createHaproxyLoadBalancers,
  type HaproxyLoadBalancers,
} from "../../src/fabric/load-balancer/load-balancers.ts";
import { silentLog } from "../../src/lib/log.ts";
import {
  type Answer,
  backendOf,
  DROPPED_PORT,
  forwardTo,
  LoadBalancerWorld,
  NODE_ADDRESS,
  nodeOf,
  TARGET_ADDRESS,
} from "./load-balancer-setup.ts";

const URL_80 = `http://${NODE_ADDRESS}`;

/** Makes a world for a group of tests and removes it afterwards, whatever happened. */
function useWorld(mark: string): {
  world: LoadBalancerWorld;
  balancers: HaproxyLoadBalancers;
  again(): HaproxyLoadBalancers;
} {
  const made: { world: LoadBalancerWorld; balancers: HaproxyLoadBalancers; again(): HaproxyLoadBalancers } = {
    world: undefined as never,
    balancers: undefined as never,
    again: () =>
      createHaproxyLoadBalancers({
        stateDirectory: made.world.stateDirectory,
        namespaceOf: () => made.world.nodeNamespace,
        log: silentLog,
      }),
  };
  before(() => {
    made.world = new LoadBalancerWorld(mark);
    made.balancers = made.again();
  });
  after(async () => {
    for (const nodeId of await made.balancers.observeNodes()) await made.balancers.removeNode(nodeId);
    made.balancers.close();
    made.world.close();
  });
  return made;
}

async function observeUntil(
  balancers: HaproxyLoadBalancers,
  node: LoadBalancerNodeConfig,
  holds: (targets: readonly ObservedTarget[]) => boolean,
): Promise<readonly ObservedTarget[]> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const targets = await balancers.observeTargets(node.nodeId);
    if (holds(targets)) return targets;
    if (Date.now() > deadline) assert.fail(`never seen: ${JSON.stringify(targets)}`);
    await delay(50);
  }
}

/** One that has ended and that nobody waited for has no command line. */
function isAlive(processId: string): boolean {
  try {
    return readFileSync(`/proc/${processId}/cmdline`, "utf8") !== "";
  } catch {
    return false;
  }
}

function allHealthy(targets: readonly ObservedTarget[]): boolean {
  return targets.length > 0 && targets.every((target) => target.state === "healthy");
}

const NOT_FOUND = {
  conditions: [],
  action: { kind: "fixed-response", statusCode: 404, contentType: "text/plain", body: "Not Found" },
} as const;

describe("answers of a node", () => {
  const made = useWorld("lba");
  const backends = [
    backendOf("live", [8081]),
    backendOf("empty", []),
    backendOf("closed", [1]),
    backendOf("dropped", [DROPPED_PORT]),
  ];
  const rules = [
    forwardTo("live", ["live.test", "*.live.test"]),
    forwardTo("empty", ["empty.test"]),
    forwardTo("closed", ["closed.test"]),
    forwardTo("dropped", ["dropped.test"]),
    {
      conditions: [{ kind: "path-pattern", values: ["/old/*"] }],
      action: {
        kind: "redirect",
        protocol: "HTTPS",
        host: "#{host}",
        port: "443",
        path: "/new/#{path}",
        query: "#{query}",
        statusCode: 301,
      },
    },
    NOT_FOUND,
  ] as const;
  const node = nodeOf(rules, backends);
  const get = (host: string, path = "/", ...options: string[]): Promise<Answer> =>
    made.world.request(`${URL_80}${path}`, "-H", `Host: ${host}`, ...options);

  before(async () => {
    await made.world.target(8081);
    await made.balancers.applyNode(node);
    await observeUntil(made.balancers, node, (targets) =>
      targets.some((target) => target.state === "healthy"),
    );
  });

  test("host rules ignore case and port and take wildcards", async () => {
    for (const host of ["live.test", "LIVE.test:80", "a.b.live.test"]) {
      const answer = await get(host, "/x?y=1");
      assert.equal(answer.status, 200, host);
      assert.equal(JSON.parse(answer.body).path, "/x?y=1");
      assert.equal(answer.headers.get("Server"), "target");
    }
    assert.equal((await get("alive.test")).status, 404);
  });

  test("a fixed response has the load balancer's headers and the body as given", async () => {
    const answer = await get("nobody.test");
    assert.equal(answer.status, 404);
    assert.equal(answer.body, "Not Found");
    assert.equal(answer.headers.get("Content-Type"), "text/plain; charset=utf-8");
    assert.equal(answer.headers.get("Server"), "awselb/2.0");
  });

  test("a redirect is absolute, has a port, and keeps the query only when there is one", async () => {
    const answer = await get("r.test:80", "/old/a?b=c");
    assert.equal(answer.status, 301);
    assert.equal(answer.headers.get("Location"), "https://r.test:443/new/old/a?b=c");
    assert.equal(answer.headers.get("Content-Length"), "134");
    assert.equal((await get("r.test", "/old/a")).headers.get("Location"), "https://r.test:443/new/old/a");
  });

  test("a group without targets answers 503 at once", async () => {
    const answer = await get("empty.test");
    assert.equal(`${answer.status} ${answer.reason}`, "503 Service Temporarily Unavailable");
    assert.equal(answer.headers.get("Content-Length"), "162");
    assert.equal(answer.headers.get("Server"), "awselb/2.0");
  });

  test("a closed port answers 502", async () => {
    const answer = await get("closed.test");
    assert.equal(`${answer.status} ${answer.reason}`, "502 Bad Gateway");
    assert.equal(answer.headers.get("Content-Length"), "122");
    assert.match(answer.body, /<h1>502 Bad Gateway<\/h1>/);
  });

  test("a target that resets the connection while a request is open answers 502", async () => {
    const answer = await get("live.test", "/reset");
    assert.equal(`${answer.status} ${answer.reason}`, "502 Bad Gateway");
    assert.equal(answer.headers.get("Content-Length"), "122");
  });

  test("dropped packets answer 504 after ten seconds", async () => {
    const answer = await get("dropped.test");
    assert.equal(`${answer.status} ${answer.reason}`, "504 Gateway Time-out");
    assert.equal(answer.headers.get("Content-Length"), "132");
    assert.match(answer.body, /<h1>504 Gateway Time-out<\/h1>/);
    assert.ok(answer.seconds > 9.5 && answer.seconds < 12, `${answer.seconds} s`);
  });

  test("TRACE is refused with 405", async () => {
    assert.equal((await get("live.test", "/", "-X", "TRACE")).status, 405);
  });

  test("forwarding headers are appended or overwritten", async () => {
    const answer = await get(
      "live.test",
      "/",
      ...["-H", "X-Forwarded-For: 192.0.2.7", "-H", "X-Forwarded-Proto: gopher"],
      ...["-H", "X-Amzn-Trace-Id: Root=1-67891233-abcdef012345678912345678;A=b"],
    );
    const { headers } = JSON.parse(answer.body);
    assert.equal(headers["x-forwarded-for"], `192.0.2.7, ${TARGET_ADDRESS}`);
    assert.equal(headers["x-forwarded-proto"], "http");
    assert.equal(headers["x-forwarded-port"], "80");
    assert.match(
      headers["x-amzn-trace-id"],
      /^Self=1-[0-9a-f]{8}-[0-9a-f]{24};Root=1-67891233-abcdef012345678912345678;A=b$/,
    );
    const plain = JSON.parse((await get("live.test")).body).headers;
    assert.equal(plain["x-forwarded-for"], TARGET_ADDRESS);
    const seconds = Number.parseInt(plain["x-amzn-trace-id"].split("-")[1], 16);
    assert.ok(Math.abs(seconds - Date.now() / 1000) < 60, plain["x-amzn-trace-id"]);
  });

  test("a target that does not answer within the idle timeout gives 504", async () => {
    await made.balancers.applyNode({ ...node, idleTimeoutSeconds: 1 });
    const answer = await get("live.test", "/silent");
    await made.balancers.applyNode(node);
    assert.equal(`${answer.status} ${answer.reason}`, "504 Gateway Time-out");
    assert.ok(answer.seconds < 3, `${answer.seconds} s`);
  });

  test("an upgraded connection carries bytes both ways", async () => {
    const client = made.world.client("busybox", "nc", NODE_ADDRESS, "80");
    let seen = "";
    client.stdout?.on("data", (chunk) => {
      seen += chunk;
    });
    client.stdin?.write(
      "GET /ws HTTP/1.1\r\nHost: live.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
    );
    await delay(300);
    client.stdin?.write("echo me");
    await delay(300);
    client.kill("SIGKILL");
    assert.match(seen, /^HTTP\/1.1 101 /);
    assert.match(seen, /echo me$/);
  });
});

describe("targets of a node", () => {
  const made = useWorld("lbb");
  const requests = new Map<number, Awaited<ReturnType<LoadBalancerWorld["target"]>>>();
  const withTargets = (ports: readonly number[], check: Partial<ProxyBackend["healthCheck"]> = {}) =>
    nodeOf([forwardTo("group")], [backendOf("group", ports, check)]);
  const workers = () => execFileSync("pgrep", ["-P", masterProcess()], { encoding: "utf8" }).trim();
  const masterProcess = () =>
    readFileSync(join(made.world.stateDirectory, withTargets([]).nodeId, "pid"), "utf8").trim();
  const portsAnswering = async (times: number): Promise<Set<string>> => {
    const ports = new Set<string>();
    for (let i = 0; i < times; i++) {
      const answer = await made.world.request(URL_80);
      ports.add(answer.status === 200 ? JSON.parse(answer.body).port : String(answer.status));
    }
    return ports;
  };

  before(async () => {
    for (const port of [8081, 8082]) requests.set(port, await made.world.target(port));
    requests.set(8083, await made.world.target(8083, 500));
  });

  test("a node serves before it has any listener", async () => {
    await made.balancers.applyNode({ ...withTargets([]), listeners: [], backends: [] });
    assert.deepEqual(await made.balancers.observeNodes(), [withTargets([]).nodeId]);
    assert.deepEqual(await made.balancers.observeTargets(withTargets([]).nodeId), []);
  });

  test("the first success makes a new target healthy at once, however long the interval", async () => {
    const node = withTargets([8081]);
    await made.balancers.applyNode(node);
    const applied = Date.now();
    await observeUntil(made.balancers, node, allHealthy);
    assert.ok(Date.now() - applied < 1500, `${Date.now() - applied} ms`);
    const [probe] = requests.get(8081) ?? [];
    assert.equal(probe?.path, "/health");
    assert.equal(probe?.headers["host"], `${TARGET_ADDRESS}:8081`);
    assert.equal(probe?.headers["user-agent"], "ELB-HealthChecker/2.0");
  });

  test("a target is added without a reload and gets nothing while it is initial", async () => {
    const before = workers();
    const node = withTargets([8081, 8083], { intervalSeconds: 300 });
    await made.balancers.applyNode(node);
    assert.equal(workers(), before);
    const targets = await observeUntil(made.balancers, node, (seen) =>
      seen.some((target) => target.port === 8083 && target.lastCheck !== undefined),
    );
    const added = targets.find((target) => target.port === 8083);
    assert.equal(added?.state, "initial");
    assert.deepEqual(added?.lastCheck, { outcome: "wrong-code", code: 500 });
    assert.deepEqual(await portsAnswering(6), new Set(["8081"]));
  });

  test("when no target is healthy, all get requests", async () => {
    await made.balancers.applyNode(withTargets([8083]));
    assert.deepEqual(await portsAnswering(3), new Set(["8083"]));
  });

  test("a target fails and recovers by its thresholds", async () => {
    const node = withTargets([8081, 8083], {
      ...{ intervalSeconds: 1, timeoutSeconds: 1 },
      ...{ healthyThresholdCount: 2, unhealthyThresholdCount: 2 },
    });
    await made.balancers.applyNode(node);
    const port = (targets: readonly ObservedTarget[], wanted: number) =>
      targets.find((target) => target.port === wanted);
    const failed = await observeUntil(
      made.balancers,
      node,
      (seen) => port(seen, 8083)?.state === "unhealthy",
    );
    assert.deepEqual(port(failed, 8083)?.lastCheck, { outcome: "wrong-code", code: 500 });
    assert.deepEqual(await portsAnswering(4), new Set(["8081"]));
    made.world.exec(made.world.targetNamespace, "curl", "-s", `http://${TARGET_ADDRESS}:8083/become/200`);
    const recovering = Date.now();
    await observeUntil(made.balancers, node, allHealthy);
    assert.ok(Date.now() - recovering > 800, "one success must not do");
    assert.deepEqual(await portsAnswering(6), new Set(["8081", "8083"]));
  });

  test("a draining target gets no new connections while an open one goes on, then goes away", async () => {
    const node = withTargets([8081, 8082]);
    await made.balancers.applyNode(withTargets([8082]));
    await observeUntil(made.balancers, node, allHealthy);
    const open = made.world.request(`${URL_80}/stream/15`);
    await observeUntil(made.balancers, node, ([target]) => target?.openSessions === 1);
    const [group] = node.backends;
    assert.ok(group);
    const draining = {
      ...node,
      backends: [
        { ...group, targets: group.targets.map((target) => ({ ...target, draining: target.port === 8082 })) },
      ],
    };
    await made.balancers.applyNode(draining);
    assert.deepEqual(await portsAnswering(4), new Set(["8081"]));
    assert.match((await open).body, /end\n$/);
    await observeUntil(made.balancers, node, (seen) => seen.every((target) => target.openSessions === 0));
    await made.balancers.applyNode(withTargets([8081]));
    assert.deepEqual(
      (await made.balancers.observeTargets(node.nodeId)).map((target) => target.port),
      [8081],
    );
  });

  test("a reload keeps a running request, the health of targets, and counts the old worker's sessions", async () => {
    const node = withTargets([8081]);
    await made.balancers.applyNode(node);
    await observeUntil(made.balancers, node, allHealthy);
    const open = made.world.request(`${URL_80}/stream/15`);
    await observeUntil(made.balancers, node, ([target]) => target?.openSessions === 1);
    const reloaded = {
      ...node,
      listeners: node.listeners.map((listener) => ({ ...listener, rules: [NOT_FOUND] })),
    };
    await made.balancers.applyNode(reloaded);
    assert.equal((await made.world.request(URL_80)).status, 404);
    const [target] = await made.balancers.observeTargets(node.nodeId);
    assert.equal(target?.state, "healthy");
    assert.equal(target?.openSessions, 1);
    assert.match((await open).body, /end\n$/);
    await observeUntil(made.balancers, node, ([seen]) => seen?.openSessions === 0);
  });

  test("a connection kept open over a reload has its next request answered by the target", async () => {
    const node = withTargets([8081]);
    await made.balancers.applyNode(node);
    await observeUntil(made.balancers, node, allHealthy);
    const client = made.world.client("busybox", "nc", NODE_ADDRESS, "80");
    let seen = "";
    client.stdout?.on("data", (chunk) => {
      seen += chunk;
    });
    const statuses = () => [...seen.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status);
    client.stdin?.write("GET /one HTTP/1.1\r\nHost: kept.test\r\n\r\n");
    await delay(300);
    assert.deepEqual(statuses(), ["200"]);
    await made.balancers.applyNode({ ...node, idleTimeoutSeconds: 59 });
    await delay(300);
    client.stdin?.write("GET /two HTTP/1.1\r\nHost: kept.test\r\n\r\n");
    await delay(300);
    client.kill("SIGKILL");
    assert.deepEqual(statuses(), ["200", "200"], seen);
  });

  test("requests that come while it reloads are all answered", async () => {
    const node = withTargets([8081]);
    await made.balancers.applyNode(node);
    let running = true;
    const answers: number[] = [];
    const client = (async () => {
      while (running) answers.push((await made.world.request(URL_80)).status);
    })();
    for (const idleTimeoutSeconds of [61, 62, 63, 64, 65, 66]) {
      await made.balancers.applyNode({ ...node, idleTimeoutSeconds });
      await delay(100);
    }
    running = false;
    await client;
    assert.ok(answers.length > 3);
    assert.deepEqual(new Set(answers), new Set([200]));
  });

  test("a second Berth takes a running node over and changes nothing about it", async () => {
    const node = withTargets([8081]);
    await made.balancers.applyNode(node);
    await observeUntil(made.balancers, node, allHealthy);
    const master = masterProcess();
    const before = workers();
    made.balancers.close();
    made.balancers = made.again();
    assert.deepEqual(await made.balancers.observeNodes(), [node.nodeId]);
    await made.balancers.applyNode(node);
    assert.equal(masterProcess(), master);
    assert.equal(workers(), before);
    assert.ok(allHealthy(await made.balancers.observeTargets(node.nodeId)));
  });

  test("a node goes on when the Berth that started it is killed", async () => {
    const { nodeId } = withTargets([]);
    await made.balancers.removeNode(nodeId);
    const module = new URL("../../src/fabric/load-balancer/load-balancers.ts", import.meta.url);
    const log = new URL("../../src/lib/log.ts", import.meta.url);
    const script = `
      import { createHaproxyLoadBalancers } from ${JSON.stringify(module.href)};
      import { silentLog } from ${JSON.stringify(log.href)};
      const balancers = createHaproxyLoadBalancers({
        stateDirectory: ${JSON.stringify(made.world.stateDirectory)},
        namespaceOf: () => ${JSON.stringify(made.world.nodeNamespace)},
        log: silentLog,
      });
      await balancers.applyNode(${JSON.stringify(withTargets([8081]))});
      process.kill(process.pid, "SIGKILL");
    `;
    const outcome = spawnSync(process.execPath, ["--input-type=module-typescript", "-e", script]);
    assert.equal(outcome.signal, "SIGKILL", outcome.stderr.toString());
    assert.equal((await made.world.request(URL_80)).status, 200);
    const master = masterProcess();
    await made.balancers.applyNode(withTargets([8081]));
    await observeUntil(made.balancers, withTargets([8081]), allHealthy);
    assert.equal(masterProcess(), master);
  });

  test("a node whose proxy was killed is started again", async () => {
    const node = withTargets([8081]);
    process.kill(Number(masterProcess()), "SIGKILL");
    await delay(200);
    assert.deepEqual(await made.balancers.observeNodes(), []);
    await made.balancers.applyNode(node);
    await observeUntil(made.balancers, node, allHealthy);
    assert.equal((await made.world.request(URL_80)).status, 200);
  });

  test("a configuration that HAProxy refuses changes nothing", async () => {
    const node = withTargets([8081]);
    const broken = nodeOf([forwardTo("group")], [backendOf("group", [8081], { matcher: "nonsense" })]);
    await assert.rejects(made.balancers.applyNode(broken), /haproxy/);
    assert.equal((await made.world.request(URL_80)).status, 200);
    await made.balancers.applyNode(node);
    assert.equal((await made.world.request(URL_80)).status, 200);
  });

  test("a removed node is gone, and removing it again is well", async () => {
    const master = masterProcess();
    const { nodeId } = withTargets([]);
    await made.balancers.removeNode(nodeId);
    await made.balancers.removeNode(nodeId);
    assert.deepEqual(await made.balancers.observeNodes(), []);
    assert.ok(!isAlive(master));
  });

  test("a node without its namespace is refused with a reason", async () => {
    const lost = createHaproxyLoadBalancers({
      stateDirectory: made.world.stateDirectory,
      namespaceOf: () => "berth-no-such-namespace",
      log: silentLog,
    });
    const node = { ...withTargets([8081]), nodeId: "eni-0000000000000dead" };
    await assert.rejects(lost.applyNode(node), /berth-no-such-namespace/);
    await lost.removeNode(node.nodeId);
    lost.close();
  });
});

describe("TLS and TCP listeners", () => {
  const made = useWorld("lbc");
  let directory: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), "berth-lb-pem-"));
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  function certificate(name: string): { name: string; pem: string } {
    const key = join(directory, `${name}.key`);
    const file = join(directory, `${name}.crt`);
    execFileSync(
      "openssl",
      [
        ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"],
        ...["-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${name}`, "-keyout", key, "-out", file],
      ],
      { stdio: "ignore" },
    );
    return { name, pem: readFileSync(key, "utf8") + readFileSync(file, "utf8") };
  }

  const handshake = (...options: string[]): string =>
    made.world.exec(
      made.world.targetNamespace,
      ...[
        "sh",
        "-c",
        `openssl s_client -connect ${NODE_ADDRESS}:443 ${options.join(" ")} </dev/null 2>&1 || true`,
      ],
    );

  before(async () => {
    await made.world.target(8081);
    const [http] = nodeOf([forwardTo("group")], []).listeners;
    assert.ok(http);
    const node = nodeOf(
      [forwardTo("group")],
      [backendOf("group", [8081]), { ...backendOf("raw", [8081]), protocol: "TCP" }],
      {
        listeners: [
          {
            ...http,
            port: 443,
            protocol: "HTTPS",
            certificates: [certificate("first.test"), certificate("second.test")],
            tlsVersions: { minimum: "TLSv1.2", maximum: "TLSv1.3" },
            tlsCiphers: ["TLS_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"],
          },
          { ...http, port: 9000, protocol: "TCP", rules: [forwardTo("raw")] },
        ],
      },
    );
    await made.balancers.applyNode(node);
    await observeUntil(made.balancers, node, allHealthy);
  });

  test("the certificate goes by the name that the client asks for, else the first", () => {
    assert.match(handshake("-servername", "second.test"), /CN ?= ?second\.test/);
    assert.match(handshake("-servername", "other.test"), /CN ?= ?first\.test/);
    assert.match(handshake("-noservername"), /CN ?= ?first\.test/);
  });

  test("only the policy's versions are spoken", () => {
    assert.match(handshake("-tls1_3"), /TLSv1\.3, Cipher is TLS_AES_128_GCM_SHA256/);
    assert.match(handshake("-tls1_2"), /Cipher is ECDHE-ECDSA-AES128-GCM-SHA256/);
    assert.match(handshake("-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"), /Cipher is \(NONE\)/);
  });

  test("HTTP/2 is spoken on HTTPS, and the target learns of the listener", async () => {
    const answer = await made.world.request(`https://${NODE_ADDRESS}/`, "--http2", "-w", "%{http_version}");
    assert.equal(answer.status, 200);
    assert.match(answer.body, /}2$/);
    const { headers } = JSON.parse(answer.body.replace(/2$/, ""));
    assert.equal(headers["x-forwarded-proto"], "https");
    assert.equal(headers["x-forwarded-port"], "443");
  });

  test("a TCP listener passes bytes as they are", async () => {
    const answer = await made.world.request(`http://${NODE_ADDRESS}:9000/`);
    assert.equal(answer.status, 200);
    assert.equal(JSON.parse(answer.body).headers["x-forwarded-for"], undefined);
  });
});
