/** AWS CLI, boto3 and `./berth …`, as users have them, with nothing set but what `./berth env` prints. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { CreateLogGroupCommand } from "@aws-sdk/client-cloudwatch-logs";
import { CreateClusterCommand } from "@aws-sdk/client-ecs";
import { type Finished, present, REGION, run, startTestBerth, type TestBerth, until } from "./harness.ts";
import { createBalancer, createGroup, createNetwork, fromAnywhere, type Network } from "./network.ts";
import { CLUSTER, registerTask, startTask, untilStatus } from "./tasks.ts";

const awsMissing = isMissing("aws", ["--version"], "AWS CLI (aws) is not installed");
const boto3Missing = isMissing("python3", ["-c", "import boto3"], "boto3 for python3 is not installed");
const LOG_GROUP = "/stories/web";

describe("command lines", { timeout: 240_000 }, () => {
  let berth: TestBerth;
  let environment: Record<string, string>;
  let network: Network;
  let group: string;
  /** A task that runs throughout. */
  let task: string;
  let home: string;

  before(async () => {
    berth = await startTestBerth();
    home = mkdtempSync("/tmp/bs-home-");
    const { stdout } = await berth.command(["env", "--json", "--region", REGION]);
    environment = {
      ...JSON.parse(stdout),
      AWS_CONFIG_FILE: join(home, "config"),
      AWS_SHARED_CREDENTIALS_FILE: join(home, "credentials"),
      AWS_PAGER: "",
    };
    await berth.ecs.send(new CreateClusterCommand({ clusterName: CLUSTER }));
    await berth.logs.send(new CreateLogGroupCommand({ logGroupName: LOG_GROUP }));
    network = await createNetwork(berth, "10.7");
    group = await createGroup(berth, network.vpcId, "web", fromAnywhere);
    const definition = await registerTask(berth, "web", {
      logConfiguration: {
        logDriver: "awslogs",
        options: { "awslogs-group": LOG_GROUP, "awslogs-region": REGION, "awslogs-stream-prefix": "story" },
      },
    });
    task = await startTask(berth, definition, {
      subnet: network.privateSubnetId,
      securityGroup: group,
    });
    await untilStatus(berth, task, "RUNNING");
  });

  after(() => {
    berth?.down();
    rmSync(home, { recursive: true, force: true });
  });

  async function aws(...parameters: readonly string[]): Promise<string> {
    const finished = await run("aws", ["--output", "json", ...parameters], {
      env: environment,
      timeoutMs: 120_000,
    });
    assert.equal(finished.exitCode, 0, `aws ${parameters.join(" ")}: ${finished.stderr}`);
    return finished.stdout;
  }

  const python = (script: string): Promise<Finished> =>
    run("python3", ["-c", script], { env: environment, timeoutMs: 120_000 });

  const awsvpc = () => `awsvpcConfiguration={subnets=[${network.privateSubnetId}],securityGroups=[${group}]}`;

  describe("AWS CLI", { skip: awsMissing }, () => {
    it("creates a service, waits until it is stable, and stops its task with a reason", async () => {
      const created = JSON.parse(await aws("ecs", "create-cluster", "--cluster-name", "cli"));
      assert.equal(created.cluster.status, "ACTIVE");
      const where = ["--cluster", "cli"];
      const about = ["--service-name", "web", "--task-definition", "web", "--desired-count", "1"];
      const how = ["--launch-type", "FARGATE", "--network-configuration", awsvpc()];
      await aws("ecs", "create-service", ...where, ...about, ...how);
      await aws("ecs", "wait", "services-stable", ...where, "--services", "web");
      const { services } = JSON.parse(await aws("ecs", "describe-services", ...where, "--services", "web"));
      assert.equal(services[0].runningCount, 1);
      assert.match(
        services[0].events.map(({ message }: { message: string }) => message).join("\n"),
        /^\(service web\) has reached a steady state\.$/m,
      );

      const { taskArns } = JSON.parse(await aws("ecs", "list-tasks", ...where, "--service-name", "web"));
      await aws("ecs", "stop-task", ...where, "--task", taskArns[0], "--reason", "seen enough");
      await aws("ecs", "wait", "tasks-stopped", ...where, "--tasks", taskArns[0]);
      const stopped = JSON.parse(await aws("ecs", "describe-tasks", ...where, "--tasks", taskArns[0]));
      assert.equal(stopped.tasks[0].stoppedReason, "seen enough");
      assert.equal(stopped.tasks[0].stopCode, "UserInitiated");
      assert.equal(stopped.tasks[0].containers[0].exitCode, 0);
      await aws("ecs", "delete-service", ...where, "--service", "web", "--force");
    });

    it("shows errors in AWS's words", async () => {
      const finished = await run(
        "aws",
        ["ecs", "describe-services", "--cluster", "none", "--services", "x"],
        {
          env: environment,
        },
      );
      // 255 of AWS CLI version 1, 254 of version 2.
      assert.ok([254, 255].includes(finished.exitCode), String(finished.exitCode));
      assert.match(finished.stderr, /\(ClusterNotFoundException\).*Cluster not found\./s);
    });

    it("reads what a container printed from CloudWatch Logs", async () => {
      const stream = `story/web/${task.split("/").at(-1)}`;
      const events = await until("the line is in the log", 20, async () => {
        const text = await aws(
          ...["logs", "get-log-events", "--log-group-name", LOG_GROUP, "--log-stream-name", stream],
        );
        const parsed: { events: { message: string }[] } = JSON.parse(text);
        return parsed.events.length > 0 && parsed.events;
      });
      assert.equal(events[0]?.message, "serving as web");
    });
  });

  describe("boto3", { skip: boto3Missing }, () => {
    it("waits with tasks_running and tasks_stopped, and reads the reason", async () => {
      const finished = await python(`
import boto3, json
ecs = boto3.client("ecs")
task = ecs.run_task(cluster="${CLUSTER}", taskDefinition="web", launchType="FARGATE", startedBy="boto3",
    networkConfiguration={"awsvpcConfiguration": {"subnets": ["${network.privateSubnetId}"], "securityGroups": ["${group}"]}})["tasks"][0]
arn = task["taskArn"]
ecs.get_waiter("tasks_running").wait(cluster="${CLUSTER}", tasks=[arn])
ecs.stop_task(cluster="${CLUSTER}", task=arn, reason="from Python")
ecs.get_waiter("tasks_stopped").wait(cluster="${CLUSTER}", tasks=[arn])
stopped = ecs.describe_tasks(cluster="${CLUSTER}", tasks=[arn])["tasks"][0]
print(json.dumps([task["lastStatus"], task["startedBy"], stopped["lastStatus"], stopped["stoppedReason"], stopped["stopCode"]]))
`);
      assert.equal(finished.exitCode, 0, finished.stderr);
      assert.deepEqual(JSON.parse(finished.stdout), [
        "PROVISIONING",
        "boto3",
        "STOPPED",
        "from Python",
        "UserInitiated",
      ]);
    });

    it("raises the modelled exceptions", async () => {
      const finished = await python(`
import boto3
ecs = boto3.client("ecs")
try:
    ecs.stop_task(cluster="none", task="0123456789abcdef0123456789abcdef")
except ecs.exceptions.ClusterNotFoundException as error:
    print(error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"])
ec2 = boto3.client("ec2")
try:
    ec2.describe_vpcs(VpcIds=["vpc-0123456789abcdef0"])
except ec2.exceptions.ClientError as error:
    print(error.response["Error"]["Code"])
`);
      assert.equal(finished.stdout, "ClusterNotFoundException 400\nInvalidVpcID.NotFound\n", finished.stderr);
    });
  });

  describe("berth", () => {
    const id = () => present(task.split("/").at(-1), "task id");

    it("exec passes on output, input and exit code", async () => {
      const told = await berth.command([
        "exec",
        id(),
        "web",
        "--",
        "sh",
        "-c",
        "echo out; echo err >&2; exit 7",
      ]);
      assert.deepEqual(told, { exitCode: 7, stdout: "out\n", stderr: "err\n" });
      const part = await berth.command(["exec", id().slice(0, 12), "--", "cat"], "typed\n");
      assert.deepEqual(part, { exitCode: 0, stdout: "typed\n", stderr: "" });
      const options = await berth.command(["exec", task, "--", "echo", "--", "-v", "--help"]);
      assert.deepEqual(options, { exitCode: 0, stdout: "-- -v --help\n", stderr: "" });
    });

    it("exec on a task or container that does not exist ends with 4", async () => {
      const noTask = await berth.command(["exec", "0123456789", "--", "echo"]);
      assert.equal(noTask.exitCode, 4);
      assertOneLine(noTask.stderr);
      const noContainer = await berth.command(["exec", id(), "db", "--", "echo"]);
      assert.equal(noContainer.exitCode, 4);
      assert.match(noContainer.stderr, /no container db; it has web/);
    });

    it("status --json tells what runs", async () => {
      const { exitCode, stdout } = await berth.command(["status", "--json"]);
      assert.equal(exitCode, 0);
      const report = JSON.parse(stdout);
      assert.equal(report.running, true);
      assert.equal(report.endpoint, berth.endpoint);
      assert.equal(report.processId, berth.processId());
      assert.ok(report.vpcs.some((vpc: { id: string }) => vpc.id === network.vpcId));
      const shown = report.tasks.find((each: { arn: string }) => each.arn === task);
      assert.equal(shown.lastStatus, "RUNNING");
      assert.deepEqual(
        shown.containers.map(({ name }: { name: string }) => name),
        ["web"],
      );
      assert.match((await berth.command(["status"])).stdout, new RegExp(id()));
    });

    it("logs prints Berth's own log", async () => {
      const { exitCode, stdout } = await berth.command(["logs"]);
      assert.equal(exitCode, 0);
      assert.match(stdout, /berth is ready/);
    });

    it("resolve prints public addresses, which the host can connect to; 4 for an unknown name", async () => {
      const balancer = await createBalancer(berth, network, "cli", group);
      const lines = await berth.command(["resolve", balancer.dnsName]);
      assert.equal(lines.exitCode, 0);
      const prefix = berth.publicPool.slice(0, berth.publicPool.lastIndexOf(".") + 1);
      const addresses = lines.stdout.trim().split("\n");
      assert.equal(addresses.length, 2);
      for (const address of addresses) assert.ok(address.startsWith(prefix), address);
      const { stdout } = await berth.command(["resolve", "--json", balancer.dnsName]);
      assert.deepEqual([...JSON.parse(stdout).addresses].sort(), addresses.sort());
      // No target is registered yet.
      const got = await berth.command([
        "curl",
        "-s",
        "-o",
        "/dev/null",
        "-w",
        "%{http_code}",
        `http://${balancer.dnsName}/`,
      ]);
      assert.equal(got.stdout, "503", got.stderr);

      const unknown = await berth.command(["resolve", "nobody.example.com"]);
      assert.equal(unknown.exitCode, 4);
      assert.equal(unknown.stdout, "");
      assertOneLine(unknown.stderr);
    });

    it("env prints lines for a shell", async () => {
      const { stdout } = await berth.command(["env", "--region", "eu-west-1"]);
      const shell = await run("sh", [
        "-c",
        `${stdout}\necho "$AWS_ENDPOINT_URL $AWS_REGION $BERTH_CA_BUNDLE"`,
      ]);
      const [endpoint, region, bundle = ""] = shell.stdout.trim().split(" ");
      assert.deepEqual([endpoint, region], [berth.endpoint, "eu-west-1"]);
      assert.ok(existsSync(bundle), bundle);
    });

    it("where no Berth runs, commands that need one end with 3", async () => {
      const program = new URL("../../berth", import.meta.url).pathname;
      const nowhere = ["--state-dir", join(home, "nowhere")];
      for (const command of [
        ["status", ...nowhere],
        ["resolve", ...nowhere, "x.example.com"],
        ["exec", ...nowhere, "0123", "--", "true"],
        ["curl", ...nowhere, "http://x.example.com/"],
      ]) {
        const finished = await run(program, command);
        assert.equal(finished.exitCode, 3, `${command.join(" ")}: ${finished.stderr}`);
      }
      const report = await run(program, ["status", "--json", ...nowhere]);
      assert.equal(report.exitCode, 3);
      assert.equal(JSON.parse(report.stdout).running, false);
    });

    it("wrong usage ends with 2, help with 0", async () => {
      const program = new URL("../../berth", import.meta.url).pathname;
      assert.equal((await run(program, ["no-such-command"])).exitCode, 2);
      assert.equal((await run(program, ["status", "--no-such-flag"])).exitCode, 2);
      assert.equal((await run(program, ["up", "--port", "many"])).exitCode, 2);
      for (const command of [
        "up",
        "down",
        "status",
        "env",
        "doctor",
        "resolve",
        "curl",
        "exec",
        "logs",
        "demo",
      ]) {
        const { exitCode, stdout } = await run(program, [command, "--help"]);
        assert.equal(exitCode, 0, command);
        assert.match(stdout, new RegExp(`^Usage: berth ${command}`));
      }
    });
  });
});

function assertOneLine(text: string): void {
  assert.match(text, /^berth: [^\n]+\n$/);
}

/** The reason to skip, or false. */
function isMissing(program: string, parameters: readonly string[], reason: string): string | false {
  return spawnSync(program, parameters, { stdio: "ignore", cwd: "/tmp" }).status === 0 ? false : reason;
}
