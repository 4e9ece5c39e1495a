/** What a security group forbids does not pass, and what a new rule allows passes within a second. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { after, before, describe, it } from "node:test";
import {
  AuthorizeSecurityGroupIngressCommand,
  type IpPermission,
  RevokeSecurityGroupIngressCommand,
} from "@aws-sdk/client-ec2";
import { CreateClusterCommand } from "@aws-sdk/client-ecs";
import { present, run, startTestBerth, type TestBerth, until } from "./harness.ts";
import { createDiscoveryService, createGroup, createNetwork, fromGroup } from "./network.ts";
import {
  addressOf,
  CLUSTER,
  createService,
  getFromTask,
  lookUp,
  registerTask,
  runtimeIdOf,
  startTask,
  untilStatus,
  untilSteady,
} from "./tasks.ts";

interface Seen {
  readonly at: number;
  readonly outcome: string;
}

interface Probe {
  /** Every change, the oldest first. */
  readonly seen: readonly Seen[];
  last(): string | undefined;
}

/** How long after an answered change the kernel may take to follow. */
const SOON_MS = 1000;

describe("security groups between tasks", { timeout: 180_000 }, () => {
  let berth: TestBerth;
  let caller: string;
  let callerAddress: string;
  let callerGroup: string;
  let calleeGroup: string;
  let calleeAddress: string;
  const probes: ChildProcess[] = [];

  before(async () => {
    berth = await startTestBerth();
    await berth.ecs.send(new CreateClusterCommand({ clusterName: CLUSTER }));
    const network = await createNetwork(berth, "10.7");
    callerGroup = await createGroup(berth, network.vpcId, "caller");
    calleeGroup = await createGroup(berth, network.vpcId, "callee");
    const registryArn = await createDiscoveryService(berth, network.vpcId, "stories.local", "callee");
    const subnet = network.privateSubnetId;
    await createService(
      berth,
      "callee",
      await registerTask(berth, "callee"),
      { subnet, securityGroup: calleeGroup },
      { registryArn },
    );
    caller = await startTask(berth, await registerTask(berth, "caller"), {
      subnet,
      securityGroup: callerGroup,
    });
    callerAddress = addressOf(await untilStatus(berth, caller, "RUNNING"));
    const [callee] = await untilSteady(berth, "callee", 1);
    calleeAddress = addressOf(present(callee, "task of the callee"));
  });

  after(() => {
    for (const probe of probes) probe.kill("SIGKILL");
    berth?.down();
  });

  const call = () => getFromTask(berth, caller, calleeAddress);

  /** From the caller's network namespace to the callee's port 80, some fifty times a second when it is open. */
  async function startProbe(timeoutMs: number): Promise<Probe> {
    const runtimeId = await runtimeIdOf(berth, caller, "web");
    const { stdout } = await run("docker", ["inspect", "--format", "{{.State.Pid}}", runtimeId]);
    const file = new URL("./probe.mjs", import.meta.url).pathname;
    const child = spawn(
      "nsenter",
      [`--net=/proc/${stdout.trim()}/ns/net`, process.execPath, file, calleeAddress, "80", String(timeoutMs)],
      { stdio: ["pipe", "pipe", "inherit"] },
    );
    probes.push(child);
    const seen: Seen[] = [];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      for (const line of text.trim().split("\n")) {
        const [at = "", outcome = ""] = line.split(" ");
        seen.push({ at: Number(at), outcome });
      }
    });
    await until("the probe has tried", 10, () => seen.length > 0);
    return { seen, last: () => seen.at(-1)?.outcome };
  }

  const authorize = (permission: IpPermission) =>
    berth.ec2.send(
      new AuthorizeSecurityGroupIngressCommand({ GroupId: calleeGroup, IpPermissions: [permission] }),
    );
  const revoke = (permission: IpPermission) =>
    berth.ec2.send(
      new RevokeSecurityGroupIngressCommand({ GroupId: calleeGroup, IpPermissions: [permission] }),
    );

  /** How long after now the probe sees the outcome, in milliseconds. */
  async function delayUntil(probe: Probe, outcome: string): Promise<number> {
    const from = Date.now();
    await until(`the probe sees ${outcome}`, 10, () => probe.last() === outcome);
    return (probe.seen.at(-1)?.at ?? Number.POSITIVE_INFINITY) - from;
  }

  it("a task finds another by its Cloud Map name", async () => {
    assert.deepEqual(await lookUp(berth, caller, "callee.stories.local"), [calleeAddress]);
  });

  // A static program cannot ask for names by itself, so that calls go to the address that nslookup has found.
  it("without a rule a call is dropped, not refused", async () => {
    const probe = await startProbe(3000);
    assert.deepEqual(
      probe.seen.map(({ outcome }) => outcome),
      ["timeout"],
    );
    const finished = await call();
    assert.notEqual(finished.exitCode, 0);
    assert.match(finished.stderr, /timed out/);
  });

  it("a rule for the caller's address lets calls pass within a second, and its removal stops new ones", async (t) => {
    const probe = await startProbe(60);
    assert.equal(probe.last(), "timeout");
    const rule: IpPermission = {
      IpProtocol: "tcp",
      FromPort: 80,
      ToPort: 80,
      IpRanges: [{ CidrIp: `${callerAddress}/32` }],
    };
    await authorize(rule);
    const opened = await delayUntil(probe, "open");
    assert.ok(opened <= SOON_MS, `passed after ${opened} ms`);
    assert.deepEqual(await call(), { exitCode: 0, stdout: "ok\n", stderr: "" });

    await revoke(rule);
    const closed = await delayUntil(probe, "timeout");
    assert.ok(closed <= SOON_MS, `stopped after ${closed} ms`);
    assert.notEqual((await call()).exitCode, 0);
    t.diagnostic(`open ${opened} ms after the answer, closed ${closed} ms after`);
  });

  it("a rule that names the caller's group does the same", async (t) => {
    const probe = await startProbe(60);
    assert.equal(probe.last(), "timeout");
    await authorize(fromGroup(callerGroup));
    const opened = await delayUntil(probe, "open");
    assert.ok(opened <= SOON_MS, `passed after ${opened} ms`);
    assert.deepEqual(await call(), { exitCode: 0, stdout: "ok\n", stderr: "" });
    await revoke(fromGroup(callerGroup));
    const closed = await delayUntil(probe, "timeout");
    assert.ok(closed <= SOON_MS, `stopped after ${closed} ms`);
    t.diagnostic(`open ${opened} ms after the answer, closed ${closed} ms after`);
  });

  it("a rule that names another group, or another port, lets nothing pass", async () => {
    await authorize(fromGroup(calleeGroup));
    await authorize({ ...fromGroup(callerGroup), FromPort: 81, ToPort: 81 });
    const probe = await startProbe(SOON_MS);
    assert.equal(probe.last(), "timeout");
  });
});
