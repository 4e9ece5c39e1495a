/**
 * ECS Exec: programs in a task's container over Session Manager's protocol, by a client written from the protocol and,
 * where it is installed (on the PATH, or named by SESSION_MANAGER_PLUGIN), by AWS's own plugin under the AWS CLI.
 */
import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { after, before, describe, test } from "node:test";
import {
  CreateLogGroupCommand,
  DescribeLogStreamsCommand,
  GetLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import {
  CreateClusterCommand,
  ECSClient,
  ExecuteCommandCommand,
  type ExecuteCommandCommandInput,
  RunTaskCommand,
  StopTaskCommand,
  UpdateClusterCommand,
} from "@aws-sdk/client-ecs";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { ResumeSessionCommand, SSMClient, TerminateSessionCommand } from "@aws-sdk/client-ssm";
import { PAYLOAD } from "../../src/session/message.ts";
import { Client } from "../../src/session/testing.ts";
import { present, REGION, run, startTestBerth, type TestBerth, until } from "./harness.ts";
import { createGroup, createNetwork } from "./network.ts";
import { findPlugin, inTerminal } from "./session-plugin.ts";
import { CLUSTER, describeTask, registerTask, runtimeIdOf, untilStatus } from "./tasks.ts";

const plugin = findPlugin();

describe("execute-command", () => {
  let berth: TestBerth;
  let iam: IAMClient;
  let ssm: SSMClient;
  let place: { readonly subnet: string; readonly securityGroup: string };
  let task = "";
  let runtimeId = "";

  before(async () => {
    berth = await startTestBerth();
    const options = {
      endpoint: berth.endpoint,
      region: REGION,
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
      maxAttempts: 1,
    };
    iam = new IAMClient(options);
    ssm = new SSMClient(options);
    await berth.ecs.send(new CreateClusterCommand({ clusterName: CLUSTER }));
    const network = await createNetwork(berth, "10.44");
    place = {
      subnet: network.publicSubnetIds[0],
      securityGroup: await createGroup(berth, network.vpcId, "exec"),
    };
    await createRole("exec", ["ssmmessages:*", "logs:*"]);
    await createRole("bare", ["s3:*"]);
    task = await startWithExec("shell", "exec");
    runtimeId = await runtimeIdOf(berth, task, "web");
  });

  after(() => berth?.down());

  async function createRole(RoleName: string, Action: readonly string[]): Promise<void> {
    const document = (statement: object) =>
      JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...statement }] });
    const Principal = { Service: "ecs-tasks.amazonaws.com" };
    const AssumeRolePolicyDocument = document({ Action: "sts:AssumeRole", Principal });
    await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
    const PolicyDocument = document({ Action, Resource: "*" });
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "own", PolicyDocument }));
  }

  async function startWithExec(family: string, role: string, enableExecuteCommand = true): Promise<string> {
    const taskDefinition = await registerTask(berth, family);
    const { tasks } = await berth.ecs.send(
      new RunTaskCommand({
        cluster: CLUSTER,
        taskDefinition,
        launchType: "FARGATE",
        enableExecuteCommand,
        overrides: { taskRoleArn: `arn:aws:iam::000000000000:role/${role}` },
        networkConfiguration: {
          awsvpcConfiguration: { subnets: [place.subnet], securityGroups: [place.securityGroup] },
        },
      }),
    );
    const arn = present(tasks?.[0]?.taskArn, "taskArn");
    await untilStatus(berth, arn, "RUNNING");
    return arn;
  }

  const execute = (command: string, more: Partial<ExecuteCommandCommandInput> = {}) =>
    berth.ecs.send(
      new ExecuteCommandCommand({ cluster: CLUSTER, task, command, interactive: true, ...more }),
    );

  async function openSession(command: string): Promise<Client & { readonly sessionId: string }> {
    const { session } = await execute(command);
    const client = new Client(
      present(session?.streamUrl, "streamUrl"),
      present(session?.tokenValue, "token"),
    );
    await client.ready;
    return Object.assign(client, { sessionId: present(session?.sessionId, "sessionId") });
  }

  const printed = (client: Client, text: string | RegExp) =>
    until(`${String(text)} is printed`, 15, () =>
      typeof text === "string" ? client.output.includes(text) : text.test(client.output),
    );

  /** Command lines of the container's processes; Berth need not run for it. */
  async function processes(): Promise<string> {
    const script =
      "for each in /proc/[0-9]*; do busybox tr '\\0' ' ' < $each/cmdline; echo; done 2>/dev/null";
    const { stdout } = await run("docker", ["exec", runtimeId, "sh", "-c", script]);
    return stdout;
  }

  test("an interactive shell: as root, with a terminal of the client's size, ctrl-C, exit", async () => {
    const answer = await execute("/bin/sh");
    assert.match(present(answer.session?.sessionId, "sessionId"), /^ecs-execute-command-[0-9a-z]{17}$/);
    assert.equal(answer.interactive, true);
    assert.equal(answer.taskArn, task);
    assert.equal(answer.containerName, "web");
    const client = new Client(answer.session?.streamUrl ?? "", answer.session?.tokenValue ?? "");
    await client.ready;
    client.send(PAYLOAD.size, Buffer.from('{"cols":111,"rows":33}'));
    client.type("echo size=$(busybox stty size) user=$(busybox id -u) term=$TERM name=$NAME\r");
    await printed(client, "size=33 111 user=0 term=xterm-256color name=shell");
    client.type("sleep 1000\r");
    await until("sleep runs", 10, async () => (await processes()).includes("sleep 1000"));
    client.type("\x03");
    client.type("echo status=$?\r");
    await printed(client, "status=130");
    client.type("exit\r");
    assert.equal(await client.ended, "");
  });

  test("a command without a shell, split as words; one that is not there; a window that changes", async () => {
    const once = await openSession("echo 'two  words' $HOME");
    assert.equal(await once.ended, "");
    assert.equal(once.output, "two  words $HOME\r\n");
    const missing = await openSession("bash");
    assert.equal(
      await missing.ended,
      '----------ERROR-------\nUnable to start command: Failed to start pty: exec: "bash": executable file not found in $PATH\n',
    );
    const path = await openSession("/bin/bash -l");
    assert.match(await path.ended, /fork\/exec \/bin\/bash: no such file or directory/);
  });

  test("ten megabytes arrive whole", async () => {
    const client = await openSession("busybox seq 1 1000000000");
    await until("much is printed", 60, () => client.output.length > 10_000_000);
    client.type("\x03");
    assert.equal(await client.ended, "");
    const lines = client.output.slice(0, 10_000_000).split("\r\n").slice(0, -1);
    assert.ok(lines.length > 1_000_000);
    assert.equal(
      lines.findIndex((line, at) => line !== String(at + 1)),
      -1,
    );
  });

  test("two at once, not three; each for itself; TerminateSession ends the program", async () => {
    const one = await openSession("sh");
    const two = await openSession("sh");
    await assert.rejects(execute("sh"), {
      name: "ClientException",
      message:
        "Unable to start new execute sessions because the maximum session limit of 2 has been reached.",
    });
    one.type("echo I am $((40 + 1))\r");
    two.type("busybox seq 42 42; sleep 2000\r");
    await printed(one, "I am 41");
    await printed(two, /\n42\r/);
    assert.ok(!one.output.includes("42"));
    await ssm.send(new TerminateSessionCommand({ SessionId: two.sessionId }));
    assert.equal(await two.ended, "");
    await until("its programs are gone", 10, async () => !(await processes()).includes("sleep 2000"));
    one.type("exit\r");
    assert.equal(await one.ended, "");
    assert.equal((await describeTask(berth, task)).lastStatus, "RUNNING");
  });

  test("a lost connection comes back with ResumeSession; other accounts reach no session", async () => {
    const first = await openSession("sh");
    first.type("secret=$((6 * 7))\r");
    await printed(first, "secret=");
    first.socket.terminate();
    const stranger = new SSMClient({
      endpoint: berth.endpoint,
      region: REGION,
      credentials: { accessKeyId: "111111111111", secretAccessKey: "x" },
      maxAttempts: 1,
    });
    const SessionId = first.sessionId;
    await assert.rejects(stranger.send(new ResumeSessionCommand({ SessionId })), {
      name: "DoesNotExistException",
    });
    await stranger.send(new TerminateSessionCommand({ SessionId }));
    const resumed = await ssm.send(new ResumeSessionCommand({ SessionId }));
    const again = first.reconnect(
      present(resumed.StreamUrl, "StreamUrl"),
      present(resumed.TokenValue, "token"),
    );
    await again.opened;
    again.type("echo it is $secret\r");
    await printed(again, "it is 42");
    again.type("exit\r");
    assert.equal(await again.ended, "");
    await assert.rejects(ssm.send(new ResumeSessionCommand({ SessionId })), {
      name: "DoesNotExistException",
    });
  });

  test("what ECS refuses, in its words", async () => {
    const notEnabled = {
      name: "InvalidParameterException",
      message:
        "The execute command failed because execute command was not enabled when the task was run or the execute command agent isn’t running. Wait and try again or run a new task with execute command enabled and try again.",
    };
    const without = await startWithExec("without", "exec", false);
    await assert.rejects(execute("sh", { task: without }), notEnabled);
    const bare = await startWithExec("bare", "bare");
    await assert.rejects(execute("sh", { task: bare }), {
      name: "TargetNotConnectedException",
      message: "The execute command failed due to an internal error. Try again later.",
    });
    await assert.rejects(execute("sh", { interactive: false }), {
      name: "InvalidParameterException",
      message: "Interactive is the only mode supported currently.",
    });
    await assert.rejects(execute("sh", { cluster: "nowhere" }), { name: "ClusterNotFoundException" });
    await assert.rejects(execute("sh", { task: "0".repeat(32) }), { name: "InvalidParameterException" });
    const stranger = new ECSClient({
      endpoint: berth.endpoint,
      region: REGION,
      credentials: { accessKeyId: "111111111111", secretAccessKey: "x" },
      maxAttempts: 1,
    });
    await assert.rejects(
      stranger.send(new ExecuteCommandCommand({ cluster: CLUSTER, task, command: "sh", interactive: true })),
      { name: "ClusterNotFoundException" },
    );
    const { containers } = await describeTask(berth, task);
    const [agent] = containers?.[0]?.managedAgents ?? [];
    assert.equal(agent?.name, "ExecuteCommandAgent");
    assert.equal(agent?.lastStatus, "RUNNING");
    assert.ok(agent?.lastStartedAt instanceof Date);
  });

  test("a web page, a foreign name and a guess get no terminal", async () => {
    const { session } = await execute("sh");
    const url = new URL(present(session?.streamUrl, "streamUrl"));
    const upgrade = (headers: Record<string, string>, path = url.pathname) =>
      new Promise<number | undefined>((resolve, reject) => {
        const asked = httpRequest({
          host: url.hostname,
          port: url.port,
          path,
          headers: {
            Connection: "Upgrade",
            Upgrade: "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
            ...headers,
          },
        });
        asked.once("response", (response) => resolve(response.resume().statusCode));
        asked.once("upgrade", (response, socket) => {
          socket.destroy();
          resolve(response.statusCode);
        });
        asked.once("error", reject);
        asked.end();
      });
    assert.equal(await upgrade({ Origin: "https://example.com" }), 403);
    assert.equal(await upgrade({ Host: "example.com" }), 403);
    assert.equal(await upgrade({ "Sec-Fetch-Site": "cross-site" }), 403);
    assert.equal(await upgrade({}, "/v1/data-channel/ecs-execute-command-00000000000000000"), 404);
    assert.equal(await upgrade({}), 101);
    const guess = new Client(url.href, "0".repeat(64));
    assert.equal(await guess.ended, "closed 1008");
    await ssm.send(new TerminateSessionCommand({ SessionId: session?.sessionId ?? "" }));
  });

  test("the terminal's output is logged where the cluster says", async () => {
    const logGroupName = "/exec/audit";
    await berth.logs.send(new CreateLogGroupCommand({ logGroupName }));
    const logging = (configuration: object) =>
      berth.ecs.send(
        new UpdateClusterCommand({
          cluster: CLUSTER,
          configuration: { executeCommandConfiguration: configuration },
        }),
      );
    await logging({ logging: "OVERRIDE", logConfiguration: { cloudWatchLogGroupName: logGroupName } });
    const client = await openSession("echo for the record");
    assert.equal(await client.ended, "");
    const { events } = await berth.logs.send(
      new GetLogEventsCommand({ logGroupName, logStreamName: client.sessionId }),
    );
    assert.deepEqual(
      events?.map(({ message }) => message),
      ["for the record\r\n"],
    );
    await logging({ logging: "NONE" });
    await (await openSession("echo off the record")).ended;
    const { logStreams } = await berth.logs.send(new DescribeLogStreamsCommand({ logGroupName }));
    assert.equal(logStreams?.length, 1);
  });

  test("AWS's own plugin, under the AWS CLI", { skip: plugin.skip }, async () => {
    const words = ["aws", "--endpoint-url", berth.endpoint, "--region", REGION, "ecs", "execute-command"];
    words.push("--cluster", CLUSTER, "--task", task, "--container", "web", "--interactive", "--command");
    const once = await inTerminal(plugin.directory, [...words, '"echo one shot"']);
    assert.match(once.output, /Starting session with SessionId: ecs-execute-command-/);
    // Both terminals, the container's and the user's, end a line with a carriage return.
    assert.match(once.output, /one shot\r+\n/);
    assert.match(once.output, /Exiting session with sessionId: ecs-execute-command-/);
    const shell = await inTerminal(
      plugin.directory,
      [...words, "/bin/sh"],
      [
        ["Starting session", "echo size=$(busybox stty size)\r"],
        ["size=31 97", "sleep 3000\r"],
        ["sleep 3000", "\x03"],
        ["^C", "echo status=$?\r"],
        ["status=130", "busybox seq 1 200000 && echo all of it\r"],
        ["\nall of it\r", "exit\r"],
      ],
    );
    assert.match(shell.output, /Exiting session with sessionId/);
    const numbers = [...shell.output.matchAll(/^(\d+)\r+$/gm)].map(([, number]) => Number(number));
    assert.equal(numbers.length, 200_000);
    assert.equal(shell.exitCode, 0);
  });

  test("a killed Berth leaves programs that its next start ends", async () => {
    const client = await openSession("sleep 4000");
    await until("sleep runs", 10, async () => (await processes()).includes("sleep 4000"));
    process.kill(berth.processId(), "SIGKILL");
    assert.equal(await client.ended, "closed 1006");
    assert.ok((await processes()).includes("sleep 4000"), "the engine goes on with it");
    berth.up();
    await until("its program is gone", 10, async () => !(await processes()).includes("sleep 4000"));
    assert.equal((await describeTask(berth, task)).lastStatus, "RUNNING");
    const again = await openSession("echo back");
    assert.equal(await again.ended, "");
  });

  test("a task that stops ends its sessions", async () => {
    const gone = await startWithExec("gone", "exec");
    const { session } = await execute("sleep 5000", { task: gone });
    const client = new Client(session?.streamUrl ?? "", session?.tokenValue ?? "");
    await client.ready;
    await berth.ecs.send(new StopTaskCommand({ cluster: CLUSTER, task: gone }));
    assert.equal(await client.ended, "");
  });

  test("Berth's own end ends its sessions", async () => {
    const client = await openSession("sleep 6000");
    await until("sleep runs", 10, async () => (await processes()).includes("sleep 6000"));
    process.kill(berth.processId(), "SIGTERM");
    assert.equal(await client.ended, "");
    await until("its program is gone", 10, async () => !(await processes()).includes("sleep 6000"));
  });
});
