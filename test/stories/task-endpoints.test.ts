/** What programs in a task find at 169.254.170.2: metadata, credentials, the agent's API, AWS; and what is refused there. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { CreateClusterCommand, GetTaskProtectionCommand, StopTaskCommand } from "@aws-sdk/client-ecs";
import { type Finished, present, REGION, run, startTestBerth, type TestBerth, until } from "./harness.ts";
import { createGroup, createNetwork } from "./network.ts";
import { pushSdkImage, python } from "./sdk-image.ts";
import {
  ask,
  callWithKey,
  createRoles,
  environmentOf,
  idOf,
  launchInstance,
  ROLE,
  register,
  startOnInstance,
} from "./task-endpoint-setup.ts";
import {
  addressOf,
  CLUSTER,
  createService,
  describeTask,
  runInTask,
  startTask,
  tasksOf,
  untilStatus,
  untilSteady,
} from "./tasks.ts";

const AWS = "http://169.254.170.2:4566";

describe("the endpoints inside a task", () => {
  let berth: TestBerth;
  let place: { readonly subnet: string; readonly securityGroup: string };
  let definition = "";
  let mine = "";
  let other = "";

  before(async () => {
    berth = await startTestBerth();
    await pushSdkImage(berth);
    await berth.ecs.send(new CreateClusterCommand({ clusterName: CLUSTER }));
    const network = await createNetwork(berth, "10.46");
    const securityGroup = await createGroup(berth, network.vpcId, "endpoints");
    place = { subnet: network.publicSubnetIds[0], securityGroup };
    await createRoles(berth);
    definition = await register(berth, "app");
    mine = await startTask(berth, definition, place);
    other = await startTask(berth, definition, place);
    await untilStatus(berth, mine, "RUNNING");
    await untilStatus(berth, other, "RUNNING");
    await launchInstance(berth, place);
  });

  after(() => berth?.down());

  const logOf = () => readFileSync(join(berth.stateDirectory, "berth.log"), "utf8");

  test("the environment names them", async () => {
    const environment = await environmentOf(berth, mine);
    const endpoint = `${idOf(mine)}-\\d{10}`;
    for (const [name, pattern] of [
      ["ECS_CONTAINER_METADATA_URI", `^http://169\\.254\\.170\\.2/v3/${endpoint}$`],
      ["ECS_CONTAINER_METADATA_URI_V4", `^http://169\\.254\\.170\\.2/v4/${endpoint}$`],
      ["ECS_AGENT_URI", `^http://169\\.254\\.170\\.2/api/${endpoint}$`],
      ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "^/v2/credentials/[0-9a-f-]{36}$"],
      ["AWS_EXECUTION_ENV", "^AWS_ECS_FARGATE$"],
      ["AWS_REGION", `^${REGION}$`],
      ["AWS_DEFAULT_REGION", `^${REGION}$`],
      ["AWS_ENDPOINT_URL", `^${AWS}$`],
    ] as const) {
      assert.match(environment[name] ?? "", new RegExp(pattern), name);
    }
  });

  test("metadata and stats of container and task", async () => {
    const { ECS_CONTAINER_METADATA_URI_V4: v4 = "", ECS_CONTAINER_METADATA_URI: v3 = "" } =
      await environmentOf(berth, mine);
    const described = await describeTask(berth, mine);
    const container = JSON.parse((await ask(berth, mine, v4)).body);
    assert.equal(container.DockerId, described.containers?.[0]?.runtimeId);
    assert.equal(container.Labels.team, "blue");
    assert.equal(container.Networks[0].IPv4Addresses[0], addressOf(described));
    assert.equal(container.KnownStatus, "RUNNING");
    assert.ok(Date.parse(container.CreatedAt) <= Date.parse(container.StartedAt) + 1000);
    const task = JSON.parse((await ask(berth, mine, `${v4}/task`)).body);
    assert.equal(task.TaskARN, mine);
    assert.deepEqual(task.Containers, [container]);
    assert.equal(JSON.parse((await ask(berth, mine, `${v3}/task`)).body).TaskARN, mine);
    assert.equal(JSON.parse((await ask(berth, mine, "http://169.254.170.2/v2/metadata")).body).TaskARN, mine);
    const stats = JSON.parse((await ask(berth, mine, `${v4}/stats`)).body);
    assert.equal(stats.id, container.DockerId);
    assert.ok(stats.memory_stats.usage > 0);
    assert.ok(stats.networks.eth1.rx_bytes > 0, JSON.stringify(stats.networks));
    const all = JSON.parse((await ask(berth, mine, `${v4}/task/stats`)).body);
    assert.deepEqual(Object.keys(all), [container.DockerId]);
    assert.ok(all[container.DockerId].network_rate_stats.rx_bytes_per_sec >= 0);
  });

  test("the SDK of JavaScript finds credentials and calls AWS", async () => {
    const { stdout, stderr } = await runInTask(berth, mine, "web", ["node", "/app/who.mjs"]);
    assert.equal(stdout.trim(), `arn:aws:sts::000000000000:assumed-role/app/${idOf(mine)}`, stderr);
  });

  test("so does that of Python", {
    skip: python === undefined && "needs python3 with botocore",
  }, async () => {
    const finished = await runPython(mine);
    const arn = `arn:aws:sts::000000000000:assumed-role/app/${idOf(mine)}`;
    assert.equal(finished.stdout.trim(), arn, finished.stderr);
  });

  async function runPython(task: string): Promise<Finished> {
    const { containers } = await describeTask(berth, task);
    const runtimeId = present(containers?.[0]?.runtimeId, "runtimeId");
    const program = ["-e", "PYTHONPATH=/app/python", runtimeId, python?.executable ?? "", "/app/who.py"];
    return run("docker", ["exec", ...program], { timeoutMs: 30_000 });
  }

  test("credentials stay good over kill -9, and new ones are to be had", async () => {
    const { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: path } = await environmentOf(berth, mine);
    const url = `http://169.254.170.2${path}`;
    const first = JSON.parse((await ask(berth, mine, url)).body);
    assert.equal(first.RoleArn, ROLE);
    process.kill(berth.processId(), "SIGKILL");
    berth.up();
    // What the test's own client keeps open was cut, too.
    await until("Berth answers", 30, () =>
      describeTask(berth, mine).then(
        () => true,
        () => false,
      ),
    );
    await until("credentials are there again", 30, async () => (await ask(berth, mine, url)).status === 200);
    const fixed = ["AccessKeyId", "SecretAccessKey", "Token"].map((name) => String(first[name]));
    const [key = "", secret = "", token = ""] = fixed;
    const { stdout, stderr } = await callWithKey(berth, mine, key, secret, token);
    assert.equal(stdout.trim(), `arn:aws:sts::000000000000:assumed-role/app/${idOf(mine)}`, stderr);
  });

  test("a task does not get another one's credentials, metadata or protection", async () => {
    const theirs = await environmentOf(berth, other);
    const credentials = `http://169.254.170.2${theirs["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"]}`;
    assert.equal((await ask(berth, other, credentials)).status, 200);
    const refused = await ask(berth, mine, credentials);
    assert.equal(refused.status, 400);
    assert.equal(JSON.parse(refused.body).code, "InvalidIdInRequest");
    assert.match(logOf(), /credentials refused: they are another task's/);
    assert.equal((await ask(berth, mine, theirs["ECS_CONTAINER_METADATA_URI_V4"] ?? "")).status, 404);
    const state = `${theirs["ECS_AGENT_URI"]}/task-protection/v1/state`;
    const body = '{"ProtectionEnabled":true}';
    assert.equal((await ask(berth, mine, state, { method: "PUT", body })).status, 404);
    assert.match(logOf(), /metadata refused: it is another task's/);
  });

  test("with a foreign source address a task gets nothing", async () => {
    const theirs = await environmentOf(berth, other);
    const stolen = addressOf(await describeTask(berth, other));
    const runtimeId = present((await describeTask(berth, mine)).containers?.[0]?.runtimeId, "runtimeId");
    const { stdout } = await run("docker", ["inspect", "-f", "{{.State.Pid}}", runtimeId], {});
    // As a task with NET_ADMIN and NET_RAW could, on ECS on EC2.
    const inside = ["--net", "-t", stdout.trim(), "--"];
    const url = `http://169.254.170.2${theirs["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"]}`;
    await run("nsenter", [...inside, "ip", "addr", "add", `${stolen}/32`, "dev", "eth1"], {});
    try {
      const curl = ["curl", "-s", "-m", "3", "--interface", stolen, "-w", "%{http_code}", url];
      const finished = await run("nsenter", [...inside, ...curl], { timeoutMs: 20_000 });
      assert.equal(finished.stdout, "000", finished.stdout);
    } finally {
      await run("nsenter", [...inside, "ip", "addr", "del", `${stolen}/32`, "dev", "eth1"], {});
    }
  });

  test("the operator's key, other hosts' names and the operator's paths are refused in a task", async () => {
    for (const key of ["test", "000000000000", "AKIAIOSFODNN7EXAMPLE"]) {
      const { stdout, stderr } = await callWithKey(berth, mine, key, "test");
      assert.equal(stdout, "", key);
      assert.match(stderr, /InvalidClientTokenId/, key);
    }
    // fetch sets Host itself; a program that speaks HTTP does not have to.
    const raw = (host: string, path: string) =>
      runInTask(berth, mine, "web", [
        "sh",
        "-c",
        `printf 'GET ${path} HTTP/1.1\\r\\nHost: ${host}\\r\\nConnection: close\\r\\n\\r\\n' | nc -w 3 169.254.170.2 4566`,
      ]);
    for (const host of [
      `127.0.0.1:${berth.port}`,
      "localhost:4566",
      "evil.example",
      "169.254.170.2.evil.example:4566",
    ]) {
      assert.match((await raw(host, "/_berth/status")).stdout, /^HTTP\/1\.1 403 /, host);
    }
    for (const path of ["/_berth/status", "/_berth/", "/v2/", "/v2/_catalog"]) {
      const { stdout } = await raw("169.254.170.2:4566", path);
      assert.match(stdout, /^HTTP\/1\.1 (?:4\d\d|501) /, path);
      assert.doesNotMatch(stdout, /registry\/2\.0|installation/, path);
    }
  });

  test("there is no instance metadata on Fargate", async () => {
    const { status } = await ask(berth, mine, "http://169.254.169.254/latest/meta-data/");
    assert.equal(status, 0);
  });

  test("a task of a service protects itself, and its service waits for it", async () => {
    await createService(berth, "guarded", definition, place, { desiredCount: 1 });
    const [task] = await untilSteady(berth, "guarded", 1);
    const arn = present(task?.taskArn, "taskArn");
    const { ECS_AGENT_URI } = await environmentOf(berth, arn);
    const url = `${ECS_AGENT_URI}/task-protection/v1/state`;
    const body = '{"ProtectionEnabled":true,"ExpiresInMinutes":5}';
    const headers = { "content-type": "application/json" };
    const answer = await ask(berth, arn, url, { method: "PUT", headers, body });
    assert.equal(answer.status, 200, answer.body);
    assert.equal(JSON.parse(answer.body).protection.ProtectionEnabled, true);
    const input = { cluster: CLUSTER, tasks: [arn, mine, idOf(mine).replace(/./g, "0")] };
    const { protectedTasks, failures } = await berth.ecs.send(new GetTaskProtectionCommand(input));
    assert.equal(protectedTasks?.[0]?.protectionEnabled, true);
    assert.deepEqual(
      failures?.map(({ reason }) => reason),
      ["TASK_NOT_VALID", "MISSING"],
    );
    const refused = JSON.parse((await ask(berth, mine, await protectionUrl(mine))).body);
    assert.deepEqual(refused, { failure: { Arn: mine, Detail: null, Reason: "TASK_NOT_VALID" } });
    assert.equal((await tasksOf(berth, "guarded")).length, 1);
  });

  async function protectionUrl(task: string): Promise<string> {
    return `${(await environmentOf(berth, task))["ECS_AGENT_URI"]}/task-protection/v1/state`;
  }

  for (const networkMode of ["bridge", "host", "awsvpc"] as const) {
    test(`on an instance, under network mode ${networkMode}`, async () => {
      const task = await startOnInstance(berth, place, networkMode);
      const environment = await environmentOf(berth, task);
      assert.match(environment["ECS_CONTAINER_METADATA_URI_V4"] ?? "", /\/v4\/[0-9a-f]{8}-[0-9a-f-]{27}$/);
      assert.equal(environment["AWS_EXECUTION_ENV"], "AWS_ECS_EC2");
      const url = environment["ECS_CONTAINER_METADATA_URI_V4"];
      const container = JSON.parse((await ask(berth, task, `${url}`)).body);
      assert.match(container.DockerName, new RegExp(`^ecs-${networkMode}-1-web-[0-9a-f]{20}$`));
      assert.equal(container.Networks[0].NetworkMode, networkMode);
      const shown = JSON.parse((await ask(berth, task, `${url}/task`)).body);
      assert.equal(shown.Cluster, CLUSTER);
      assert.equal(shown.LaunchType, "EC2");
      assert.equal(shown.Containers.length, networkMode === "awsvpc" ? 2 : 1);
      const { stdout, stderr } = await runInTask(berth, task, "web", ["node", "/app/who.mjs"]);
      assert.equal(stdout.trim(), `arn:aws:sts::000000000000:assumed-role/app/${idOf(task)}`, stderr);
      // From Fargate, and from the instance by a task with an address of its own.
      const credentials = `http://169.254.170.2${environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"]}`;
      assert.equal((await ask(berth, mine, credentials)).status, 400);
      await berth.ecs.send(new StopTaskCommand({ cluster: CLUSTER, task }));
    });
  }

  test("credentials end with their task", async () => {
    const { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: path } = await environmentOf(berth, other);
    const { body } = await ask(berth, other, `http://169.254.170.2${path}`);
    const { AccessKeyId, SecretAccessKey, Token } = JSON.parse(body);
    const arn = `arn:aws:sts::000000000000:assumed-role/app/${idOf(other)}`;
    assert.equal((await callWithKey(berth, mine, AccessKeyId, SecretAccessKey, Token)).stdout.trim(), arn);
    await berth.ecs.send(new StopTaskCommand({ cluster: CLUSTER, task: other }));
    await untilStatus(berth, other, "STOPPED");
    const { stdout, stderr } = await callWithKey(berth, mine, AccessKeyId, SecretAccessKey, Token);
    assert.equal(stdout, "");
    assert.match(stderr, /ExpiredToken|InvalidClientTokenId/);
  });
});
