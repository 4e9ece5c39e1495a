/** The resolver process in a real network namespace, asked by dig. Needs root, iproute2 and dnsutils. */
import assert from "node:assert/strict";
import { execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, readlinkSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import type { DnsView, DnsZone, ResolverFabric } from "../../src/fabric/fabric.ts";
import { createResolverFabric } from "../../src/fabric/resolver/resolver-fabric.ts";
import { silentLog } from "../../src/lib/log.ts";

const NAMESPACE = `berth-dnstest-${process.pid}`;
const ADDRESSES = ["10.213.0.2", "169.254.169.253"];

const run = promisify(execFile);
const dig = async (...query: string[]) =>
  (await run("ip", ["netns", "exec", NAMESPACE, "dig", "+tries=1", "+time=2", ...query])).stdout;
const short = async (...query: string[]) => (await dig("+short", ...query)).trim().split("\n").sort();

function makeNamespace(): void {
  const ip = (...words: string[]) => execFileSync("ip", words);
  ip("netns", "add", NAMESPACE);
  ip("-n", NAMESPACE, "link", "set", "lo", "up");
  for (const address of ADDRESSES) ip("-n", NAMESPACE, "address", "add", `${address}/32`, "dev", "lo");
}

function removeNamespace(): void {
  try {
    execFileSync("ip", ["netns", "delete", NAMESPACE], { stdio: "ignore" });
  } catch {
    // Gone already.
  }
}

function zone(recordSets: DnsZone["recordSets"]): DnsZone {
  return {
    name: "shop.local.",
    private: true,
    soa: { ttlSeconds: 15, nameServer: "ns-0.awsdns-00.com." },
    recordSets,
  };
}

function view(vpcId: string, address: string): DnsView {
  const many = Array.from(
    { length: 60 },
    (_, i) => `"text number ${i} which is long enough to fill a packet"`,
  );
  const set = (name: string, type: string, values: string[]) =>
    ({ name, type, values, ttlSeconds: 30, selection: "all" }) as const;
  return {
    vpcId,
    namespace: NAMESPACE,
    addresses: ADDRESSES,
    zones: [
      zone([
        set("api.shop.local.", "A", [address]),
        set("www.shop.local.", "CNAME", ["api.shop.local."]),
        set("_http._tcp.shop.local.", "SRV", ["1 1 8080 api.shop.local."]),
        set("large.shop.local.", "TXT", many),
        ...Array.from({ length: 12 }, (_, i) => ({
          ...set("tasks.shop.local.", "A", [`10.213.1.${i}`]),
          selection: "multivalue" as const,
        })),
      ]),
    ],
  };
}

/** The process of this test's state directory, and no other. */
function resolverProcessId(stateDirectory: string): number | undefined {
  const listed = execFileSync("ps", ["-eo", "pid=,args="]).toString().split("\n");
  // The title replaces the arguments, so the process is known by its open log.
  for (const line of listed.filter((each) => each.includes("berth-resolver"))) {
    const processId = Number(line.trim().split(" ")[0]);
    if (outputOf(processId) === join(stateDirectory, "resolver.log")) return processId;
  }
  return undefined;
}

function outputOf(processId: number): string | undefined {
  try {
    return readlinkSync(`/proc/${processId}/fd/2`);
  } catch {
    // It has just ended.
    return undefined;
  }
}

/** Applies the view that it reads, and dies without a farewell. */
const KILLED_BERTH = `
  const { createResolverFabric } = await import("${new URL("../../src/fabric/resolver/resolver-fabric.ts", import.meta.url)}");
  const { silentLog } = await import("${new URL("../../src/lib/log.ts", import.meta.url)}");
  const { text } = await import("node:stream/consumers");
  const resolver = createResolverFabric({ stateDirectory: process.argv[1], log: silentLog });
  await resolver.applyView(JSON.parse(await text(process.stdin)));
  process.kill(process.pid, "SIGKILL");
`;

describe("the resolver process", { skip: process.getuid?.() !== 0 && "needs root" }, () => {
  let stateDirectory: string;
  let resolver: ResolverFabric;

  before(() => {
    stateDirectory = mkdtempSync(join(tmpdir(), "berth-resolver-"));
    removeNamespace();
    makeNamespace();
    resolver = createResolverFabric({ stateDirectory, log: silentLog });
  });

  after(async () => {
    await createResolverFabric({ stateDirectory, log: silentLog }).close({ stop: true });
    assert.equal(resolverProcessId(stateDirectory), undefined);
    removeNamespace();
    rmSync(stateDirectory, { recursive: true, force: true });
  });

  test("answers at every address of the view, over UDP and TCP", async () => {
    await resolver.applyView(view("vpc-1", "10.213.0.10"));
    for (const server of ADDRESSES) {
      assert.deepEqual(await short(`@${server}`, "api.shop.local"), ["10.213.0.10"]);
      assert.deepEqual(await short(`@${server}`, "+tcp", "API.shop.LOCAL"), ["10.213.0.10"]);
    }
    assert.equal(statSync(join(stateDirectory, "resolver.sock")).mode & 0o777, 0o600);
  });

  test("follows an alias, serves SRV, and says NXDOMAIN with the zone's SOA", async () => {
    assert.deepEqual(await short("@10.213.0.2", "www.shop.local"), ["10.213.0.10", "api.shop.local."]);
    assert.deepEqual(await short("@10.213.0.2", "_http._tcp.shop.local", "SRV"), [
      "1 1 8080 api.shop.local.",
    ]);
    const missing = await dig("@10.213.0.2", "nobody.shop.local");
    assert.match(missing, /status: NXDOMAIN/);
    assert.match(missing, /shop\.local\.\s+15\s+IN\s+SOA/);
    assert.match(await dig("@10.213.0.2", "example.org"), /status: SERVFAIL/);
  });

  test("gives eight addresses of twelve, within 512 bytes and not truncated", async () => {
    const answer = await dig("@10.213.0.2", "+noedns", "+ignore", "tasks.shop.local");
    assert.match(answer, /ANSWER: 8/);
    assert.doesNotMatch(answer, /flags:[^;]* tc/);
  });

  test("truncates what does not fit into UDP, and gives all of it over TCP", async () => {
    assert.match(await dig("@10.213.0.2", "+noedns", "+ignore", "large.shop.local", "TXT"), /flags:[^;]* tc/);
    assert.equal((await short("@10.213.0.2", "+noedns", "large.shop.local", "TXT")).length, 60);
  });

  test("outlives a Berth that is killed, and is found again with its views", async () => {
    const before = resolverProcessId(stateDirectory);
    await resolver.close();
    const berth = spawn(process.execPath, ["--input-type=module", "-e", KILLED_BERTH, stateDirectory], {
      stdio: ["pipe", "ignore", "inherit"],
    });
    berth.stdin.end(JSON.stringify(view("vpc-1", "10.213.0.13")));
    const [, signal] = await once(berth, "exit");
    assert.equal(signal, "SIGKILL");
    assert.deepEqual(await short("@10.213.0.2", "api.shop.local"), ["10.213.0.13"]);
    resolver = createResolverFabric({ stateDirectory, log: silentLog });
    assert.deepEqual(await resolver.observeViews(), ["vpc-1"]);
    await resolver.applyView(view("vpc-1", "10.213.0.11"));
    assert.deepEqual(await short("@10.213.0.2", "api.shop.local"), ["10.213.0.11"]);
    assert.equal(resolverProcessId(stateDirectory), before);
  });

  test("binds again, by itself, in a namespace that replaced its own", async () => {
    removeNamespace();
    makeNamespace();
    for (let i = 0; i < 40; i++) {
      const answer = await short("@10.213.0.2", "api.shop.local").catch(() => []);
      if (answer[0] === "10.213.0.11") return;
      await delay(250);
    }
    assert.fail(
      `no answer in the new namespace: ${readFileSync(join(stateDirectory, "resolver.log"), "utf8")}`,
    );
  });

  test("when it is killed, Berth hears of it, and the next view starts it again", async () => {
    const processId = resolverProcessId(stateDirectory);
    assert.ok(processId !== undefined);
    const lost = new Promise<void>((resolve) => resolver.onLost(resolve));
    process.kill(processId, "SIGKILL");
    await lost;
    await resolver.applyView(view("vpc-1", "10.213.0.12"));
    assert.notEqual(resolverProcessId(stateDirectory), processId);
    assert.deepEqual(await short("@10.213.0.2", "api.shop.local"), ["10.213.0.12"]);
  });

  test("survives packets that are no DNS", async () => {
    const send =
      "for (const p of ['', 'x', 'a'.repeat(600), '\\0'.repeat(12), '\\0'.repeat(40)]) s.send(p, 53, '10.213.0.2')";
    const script = `const s=require('dgram').createSocket('udp4');${send};setTimeout(()=>s.close(),200)`;
    await run("ip", ["netns", "exec", NAMESPACE, process.execPath, "-e", script]);
    assert.deepEqual(await short("@10.213.0.2", "api.shop.local"), ["10.213.0.12"]);
  });

  test("a process of other code is asked to stop, and replaced", async () => {
    const directory = mkdtempSync(join(tmpdir(), "berth-resolver-"));
    const old = createServer((connection) => {
      connection.setEncoding("utf8").on("data", (lines: string) => {
        for (const line of lines.trim().split("\n")) {
          const { id, message } = JSON.parse(line);
          const reply = { kind: "hello", codeVersion: "of-yesterday", processId: 1 };
          if (message.kind === "stop") old.close(() => {});
          if (message.kind === "stop") connection.end();
          else connection.write(`${JSON.stringify({ id, message: reply })}\n`);
        }
      });
    });
    await once(old.listen(join(directory, "resolver.sock")), "listening");
    const fabric = createResolverFabric({ stateDirectory: directory, log: silentLog });
    await assert.rejects(
      fabric.applyView({ ...view("vpc-3", "10.213.0.10"), namespace: "berth-dnstest-none" }),
      /does not exist/,
    );
    assert.equal(old.listening, false);
    assert.ok(resolverProcessId(directory) !== undefined);
    await fabric.close({ stop: true });
    assert.equal(resolverProcessId(directory), undefined);
    rmSync(directory, { recursive: true, force: true });
  });

  test("a removed view answers no more", async () => {
    await resolver.removeView("vpc-1");
    await assert.rejects(dig("@10.213.0.2", "api.shop.local"));
    assert.deepEqual(await resolver.observeViews(), []);
  });

  test("a view of a namespace that does not exist is refused", async () => {
    await assert.rejects(
      resolver.applyView({ ...view("vpc-2", "10.213.0.10"), namespace: "berth-dnstest-none" }),
      /does not exist/,
    );
    await resolver.removeView("vpc-2");
  });

  test("stays small", () => {
    const status = readFileSync(`/proc/${resolverProcessId(stateDirectory)}/status`, "utf8");
    const kib = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]);
    assert.ok(kib > 0 && kib < 120_000, `${kib} KiB`);
    if (process.env["BERTH_TEST_VERBOSE"]) console.log(`resolver RSS ${kib} KiB`);
  });
});
