/**
 * HTTP to the same server (this machine's Node, in the container's network namespace): through Berth's load balancer
 * beside a published port of Docker, and straight from one task to another beside two containers on docker0.
 */
import { type ChildProcess, spawn } from "node:child_process";
import {
  DescribeTargetHealthCommand,
  RegisterTargetsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { run, type TestBerth, until } from "../test/stories/harness.ts";
import { createBalancer, type Network } from "../test/stories/network.ts";
import {
  addressOf,
  type Place,
  registerTask,
  runtimeIdOf,
  startTask,
  untilStatus,
} from "../test/stories/tasks.ts";
import type { Effort } from "./api.ts";
import { removeContainer, runContainer } from "./containers.ts";
import { type Load, makeLoad } from "./load.ts";
import type { Comparison } from "./report.ts";
import { imageOf } from "./tasks.ts";

/** Where it is, and a process in its network namespace. */
interface End {
  readonly address: string;
  readonly processId: number;
}

export async function measureDataPlane(
  berth: TestBerth,
  network: Network,
  place: Place,
  effort: Effort,
): Promise<Comparison[]> {
  const ends: (() => unknown)[] = [];
  try {
    return await measure(berth, network, place, effort, ends);
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

async function measure(
  berth: TestBerth,
  network: Network,
  place: Place,
  effort: Effort,
  ends: (() => unknown)[],
): Promise<Comparison[]> {
  effort.progress("data plane: two tasks, two containers, one load balancer");
  const command = ["sleep", "3600"];
  const definition = await registerTask(berth, "bench-data", { command });
  const serverTask = await startTask(berth, definition, place);
  const clientTask = await startTask(berth, definition, place);
  const server = await taskEnd(berth, serverTask);
  const client = await taskEnd(berth, clientTask);
  const image = await imageOf(berth, serverTask);
  const plainServer = await startContainer(image, command, ends);
  const plainClient = await startContainer(image, command, ends);
  await serve(server, ends);
  await serve(plainServer.end, ends);

  const balancer = await createBalancer(berth, network, "bench-data", place.securityGroup);
  const TargetGroupArn = balancer.targetGroupArn;
  await berth.elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets: [{ Id: server.address }] }));
  await until("the target is healthy", 40, async () => {
    const health = await berth.elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
    return health.TargetHealthDescriptions?.[0]?.TargetHealth?.State === "healthy";
  });
  const resolved = await berth.command(["resolve", balancer.dnsName]);
  const balancerAddress = /\d+\.\d+\.\d+\.\d+/.exec(resolved.stdout)?.[0];
  if (balancerAddress === undefined) throw new Error(`no address of ${balancer.dnsName}: ${resolved.stderr}`);

  const rows: Comparison[] = [];
  const compare = async (what: string, ours: Target, theirs: Target, otherName: string, note: string) => {
    effort.progress(`data plane: ${what}`);
    const berthResult = await makeLoad(loadOf(ours, effort), ours.from);
    const otherResult = await makeLoad(loadOf(theirs, effort), theirs.from);
    const details = { berth: berthResult, other: otherResult };
    const row = { otherName, details };
    rows.push({
      ...row,
      what,
      unit: "requests/s",
      berth: berthResult.perSecond,
      other: otherResult.perSecond,
      note,
    });
    rows.push({ ...row, what: "… p50", unit: "ms", berth: berthResult.p50Ms, other: otherResult.p50Ms });
    rows.push({ ...row, what: "… p99", unit: "ms", berth: berthResult.p99Ms, other: otherResult.p99Ms });
  };
  await compare(
    "task to task, straight",
    { host: server.address, port: 80, from: client.processId },
    { host: plainServer.end.address, port: 80, from: plainClient.end.processId },
    "containers on docker0",
    "the same server and client on both sides",
  );
  await compare(
    "host → load balancer → task",
    { host: balancerAddress, port: 80 },
    { host: "127.0.0.1", port: plainServer.port },
    "docker run -p",
    "Berth: HAProxy in the VPC; Docker: docker-proxy on loopback",
  );
  return rows;
}

interface Target {
  readonly host: string;
  readonly port: number;
  /** A process in whose network the client is; the host's own without. */
  readonly from?: number;
}

function loadOf({ host, port }: Target, { connections, seconds }: Effort): Load {
  return { host, port, method: "GET", path: "/", headers: {}, body: "", connections, seconds };
}

async function taskEnd(berth: TestBerth, taskArn: string): Promise<End> {
  const address = addressOf(await untilStatus(berth, taskArn, "RUNNING"));
  return { address, processId: await processOf(await runtimeIdOf(berth, taskArn, "web")) };
}

async function startContainer(
  image: string,
  command: readonly string[],
  ends: (() => unknown)[],
): Promise<{ readonly end: End; readonly port: number }> {
  const id = await runContainer(["--publish=127.0.0.1::80", image, ...command]);
  ends.push(() => removeContainer(id));
  const { stdout: address } = await run("docker", [
    "inspect",
    "--format",
    "{{.NetworkSettings.IPAddress}}",
    id,
  ]);
  const { stdout: published } = await run("docker", ["port", id, "80"]);
  return {
    end: { address: address.trim(), processId: await processOf(id) },
    port: Number(published.trim().split(":").at(-1)),
  };
}

async function processOf(container: string): Promise<number> {
  const { stdout } = await run("docker", ["inspect", "--format", "{{.State.Pid}}", container]);
  return Number(stdout.trim());
}

/** The server ends with this process: its standard input is a pipe of ours. */
async function serve({ processId }: End, ends: (() => unknown)[]): Promise<void> {
  const program = new URL("./server.mjs", import.meta.url).pathname;
  const child: ChildProcess = spawn(
    "nsenter",
    [`--net=/proc/${processId}/ns/net`, process.execPath, program],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  ends.push(() => child.kill("SIGKILL"));
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once("data", () => resolve());
    child.once("error", reject);
    child.once("exit", () => reject(new Error("the data plane's server did not start")));
  });
}
