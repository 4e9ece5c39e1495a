/**
 * What a cluster costs Berth itself: API, store, scheduler and bookkeeping with simulated containers and network.
 *   node bench/simulate.ts [--json] [--instances N] [--tasks N]
 * Needs neither root nor Docker. Starts a `berth up --simulate` of its own and removes it at the end.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import {
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeImagesCommand,
  EC2Client,
  RunInstancesCommand,
} from "@aws-sdk/client-ec2";
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DescribeClustersCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs";
import {
  AddRoleToInstanceProfileCommand,
  AttachRolePolicyCommand,
  CreateInstanceProfileCommand,
  CreateRoleCommand,
  IAMClient,
} from "@aws-sdk/client-iam";

const BERTH = new URL("../berth", import.meta.url).pathname;
const CLUSTER = "bench";
const ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"];
const GIVE_UP_MS = 5 * 60_000;

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    instances: { type: "string", default: "1000" },
    tasks: { type: "string", default: "10000" },
  },
});
const instanceCount = Number(values.instances);
const largest = Number(values.tasks);

interface Step {
  readonly tasks: number;
  readonly seconds: number;
  readonly tasksPerSecond: number;
  /** Of the server process, on all its threads. */
  readonly processorMsPerTask: number;
  readonly residentMiB: number;
}

function progress(what: string): void {
  process.stderr.write(`bench: ${what}\n`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

function present<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`no ${what}`);
  return value;
}

/** Milliseconds of processor time, and resident MiB, of a process. */
function usageOf(processId: number): { readonly processorMs: number; readonly residentMiB: number } {
  const stat = readFileSync(`/proc/${processId}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  const ticks = Number(stat[11]) + Number(stat[12]);
  const resident = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${processId}/status`, "utf8"))?.[1];
  return { processorMs: ticks * 10, residentMiB: Math.round(Number(resident) / 1024) };
}

async function until(what: string, done: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + GIVE_UP_MS;
  while (!(await done())) {
    if (performance.now() > deadline) throw new Error(`${what} did not come in ${GIVE_UP_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

interface Clients {
  readonly ec2: EC2Client;
  readonly ecs: ECSClient;
  readonly iam: IAMClient;
}

async function makeCluster({ ec2, ecs, iam }: Clients): Promise<void> {
  progress(`${instanceCount} container instances`);
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: "10.0.0.0/16" }));
  const VpcId = present(Vpc?.VpcId, "VPC");
  const { GroupId } = await ec2.send(
    new CreateSecurityGroupCommand({ VpcId, GroupName: "bench", Description: "bench" }),
  );
  await ecs.send(new CreateClusterCommand({ clusterName: CLUSTER }));
  const trust = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" }],
  };
  await iam.send(
    new CreateRoleCommand({ RoleName: "bench", AssumeRolePolicyDocument: JSON.stringify(trust) }),
  );
  await iam.send(
    new AttachRolePolicyCommand({
      RoleName: "bench",
      PolicyArn: "arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role",
    }),
  );
  await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: "bench" }));
  await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: "bench", RoleName: "bench" }));
  const { Images } = await ec2.send(
    new DescribeImagesCommand({
      Owners: ["amazon"],
      Filters: [
        { Name: "name", Values: ["al2023-ami-ecs-hvm-*"] },
        { Name: "architecture", Values: ["x86_64"] },
      ],
    }),
  );
  const UserData = Buffer.from(`#!/bin/bash\necho ECS_CLUSTER=${CLUSTER} >> /etc/ecs/ecs.config\n`).toString(
    "base64",
  );
  for (const [index, AvailabilityZone] of ZONES.entries()) {
    const { Subnet } = await ec2.send(
      new CreateSubnetCommand({ VpcId, CidrBlock: `10.0.${index * 16}.0/20`, AvailabilityZone }),
    );
    const count = Math.floor(instanceCount / ZONES.length) + (index < instanceCount % ZONES.length ? 1 : 0);
    if (count === 0) continue;
    await ec2.send(
      new RunInstancesCommand({
        ImageId: present(Images?.[0]?.ImageId, "image"),
        InstanceType: "m5.xlarge",
        MinCount: count,
        MaxCount: count,
        SubnetId: present(Subnet?.SubnetId, "subnet"),
        SecurityGroupIds: [present(GroupId, "group")],
        IamInstanceProfile: { Name: "bench" },
        UserData,
      }),
    );
  }
  await until("the cluster", async () => {
    const { clusters } = await ecs.send(new DescribeClustersCommand({ clusters: [CLUSTER] }));
    return clusters?.[0]?.registeredContainerInstancesCount === instanceCount;
  });
}

/** ECS runs at most 5,000 tasks in a service. */
const LARGEST_SERVICE = 1000;

async function resize(ecs: ECSClient, before: number, after: number): Promise<void> {
  for (let first = 0; first < after; first += LARGEST_SERVICE) {
    const serviceName = `bench-${first / LARGEST_SERVICE}`;
    const desiredCount = Math.min(LARGEST_SERVICE, after - first);
    if (before >= first + desiredCount) continue;
    if (before > first) {
      await ecs.send(new UpdateServiceCommand({ cluster: CLUSTER, service: serviceName, desiredCount }));
      continue;
    }
    await ecs.send(
      new CreateServiceCommand({
        cluster: CLUSTER,
        serviceName,
        taskDefinition: "bench",
        desiredCount,
        availabilityZoneRebalancing: "DISABLED",
      }),
    );
  }
}

async function runningTasks(ecs: ECSClient): Promise<number> {
  const { clusters } = await ecs.send(new DescribeClustersCommand({ clusters: [CLUSTER] }));
  return clusters?.[0]?.runningTasksCount ?? 0;
}

async function grow({ ecs }: Clients, serverId: number): Promise<Step[]> {
  await ecs.send(
    new RegisterTaskDefinitionCommand({
      family: "bench",
      containerDefinitions: [
        { name: "app", image: "bench", cpu: 128, memory: 256, portMappings: [{ containerPort: 80 }] },
      ],
    }),
  );
  const steps: Step[] = [];
  let before = 0;
  for (let tasks = 100; tasks <= largest; tasks *= 10) {
    progress(`${tasks} tasks`);
    const from = { at: performance.now(), ...usageOf(serverId) };
    await resize(ecs, before, tasks);
    await until(`${tasks} running tasks`, async () => (await runningTasks(ecs)) === tasks);
    const added = tasks - before;
    const now = usageOf(serverId);
    const seconds = (performance.now() - from.at) / 1000;
    steps.push({
      tasks,
      seconds,
      tasksPerSecond: added / seconds,
      processorMsPerTask: (now.processorMs - from.processorMs) / added,
      residentMiB: now.residentMiB,
    });
    before = tasks;
  }
  return steps;
}

async function main(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "berth-simulate-"));
  const port = String(await freePort());
  const flags = ["--state-dir", directory, "--port", port];
  try {
    execFileSync(BERTH, ["up", "--simulate", "--detach", ...flags], {
      stdio: ["ignore", "inherit", "inherit"],
    });
    const common = {
      endpoint: `http://127.0.0.1:${port}`,
      region: "us-east-1",
      credentials: { accessKeyId: "000000000000", secretAccessKey: "bench" },
    };
    const clients = { ec2: new EC2Client(common), ecs: new ECSClient(common), iam: new IAMClient(common) };
    const serverId = serverProcess(directory);
    const from = performance.now();
    await makeCluster(clients);
    const registered = { seconds: (performance.now() - from) / 1000, ...usageOf(serverId) };
    const steps = await grow(clients, serverId);
    print(registered.seconds, steps);
  } finally {
    execFileSync(BERTH, ["down", ...flags], { stdio: ["ignore", "ignore", "inherit"] });
    rmSync(directory, { recursive: true, force: true });
  }
}

function serverProcess(directory: string): number {
  const text = readFileSync(join(directory, "berth.pid"), "utf8");
  return Number(/\d+/.exec(text)?.[0]);
}

function print(registeredSeconds: number, steps: readonly Step[]): void {
  if (values.json) {
    process.stdout.write(
      `${JSON.stringify({ instances: instanceCount, registeredSeconds, steps }, null, 2)}\n`,
    );
    return;
  }
  process.stdout.write(
    [
      `${instanceCount} container instances registered in ${registeredSeconds.toFixed(1)} s`,
      "",
      "| Tasks | s | tasks/s, asked to RUNNING | processor ms a task | resident MiB |",
      "|---:|---:|---:|---:|---:|",
      ...steps.map(
        ({ tasks, seconds, tasksPerSecond, processorMsPerTask, residentMiB }) =>
          `| ${tasks} | ${seconds.toFixed(1)} | ${tasksPerSecond.toFixed(0)} | ${processorMsPerTask.toFixed(2)} | ${residentMiB} |`,
      ),
      "",
    ].join("\n"),
  );
}

await main();
