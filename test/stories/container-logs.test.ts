/** Where a container's output goes: the log drivers of a task definition and their options. */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import {
  CreateLogGroupCommand,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  GetLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import type { LogConfiguration, LogDriver, Task } from "@aws-sdk/client-ecs";
import { IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import {
  type Ground,
  launch,
  optionsOf,
  register,
  runTask,
  runUntilRunning,
  startGround,
  stop,
} from "./ec2-setup.ts";
import { present, REGION, run, until } from "./harness.ts";
import { runtimeIdOf, untilStatus } from "./tasks.ts";

const GROUP = "/ecs/logs";
const SAY = "echo one; echo two >&2; trap 'exit 0' TERM; while :; do busybox sleep 0.1; done";

describe("where output goes", { timeout: 3 * 60_000 }, () => {
  let ground: Ground;
  before(async () => {
    ground = await startGround("10.86");
    await ground.logs.send(new CreateLogGroupCommand({ logGroupName: GROUP }));
    await launch(ground, { instanceType: "t3.large" });
  });
  after(() => ground?.down());

  const arnOf = ({ taskArn }: Task) => present(taskArn, "taskArn");
  const idOf = (task: Task) => arnOf(task).split("/").at(-1);

  function define(family: string, logConfiguration: LogConfiguration, script = SAY): Promise<string> {
    return register(ground, family, {
      entryPoint: ["/bin/busybox", "sh", "-c"],
      command: [script],
      logConfiguration,
    });
  }

  function awslogs(options: Record<string, string>): LogConfiguration {
    return {
      logDriver: "awslogs",
      options: { "awslogs-group": GROUP, "awslogs-region": REGION, ...options },
    };
  }

  async function messagesOf(logStreamName: string, count: number, logGroupName = GROUP): Promise<string[]> {
    return until(`${logStreamName} has ${count} events`, 20, async () => {
      const input = { logGroupName, logStreamName, startFromHead: true };
      const answer = await ground.logs.send(new GetLogEventsCommand(input)).catch(() => undefined);
      const messages = answer?.events?.map(({ message = "" }) => message.trimEnd()) ?? [];
      return messages.length >= count && messages;
    });
  }

  it("awslogs: the stream is named by prefix, container and task, or by the container's id", async () => {
    const named = await runUntilRunning(
      ground,
      await define("named", awslogs({ "awslogs-stream-prefix": "a", mode: "blocking" })),
    );
    assert.deepEqual((await messagesOf(`a/web/${idOf(named)}`, 2)).sort(), ["one", "two"]);
    const plain = await runUntilRunning(ground, await define("plain", awslogs({})));
    const stream = await runtimeIdOf(ground, arnOf(plain), "web");
    assert.deepEqual((await messagesOf(stream, 2)).sort(), ["one", "two"]);
    await stop(ground, named, plain);
  });

  it("awslogs: an event begins where the date does", async () => {
    const script =
      "echo '[May 01, 2026 19:00:01] A'; echo '  at a'; echo '[May 01, 2026 19:00:02] B'; busybox sleep 600";
    const task = await runUntilRunning(
      ground,
      await define(
        "dated",
        awslogs({
          "awslogs-stream-prefix": "dated",
          "awslogs-datetime-format": "\\[%b %d, %Y %H:%M:%S\\]",
        }),
        script,
      ),
    );
    assert.deepEqual(await messagesOf(`dated/web/${idOf(task)}`, 2), [
      "[May 01, 2026 19:00:01] A\n  at a",
      "[May 01, 2026 19:00:02] B",
    ]);
    await stop(ground, task);
  });

  it("awslogs: a group is made where it may be, and only by a role that may", async () => {
    const group = "/ecs/made";
    const configuration = awslogs({
      "awslogs-group": group,
      "awslogs-create-group": "true",
      "awslogs-stream-prefix": "a",
    });
    const definition = await define("makes", configuration);
    const endOf = async (taskDefinition: string) => {
      const { tasks } = await runTask(ground, taskDefinition);
      const ended = await untilStatus(ground, present(tasks?.[0]?.taskArn, "taskArn"), "STOPPED");
      return ended.containers?.[0]?.reason ?? "";
    };
    assert.match(
      await endOf(definition),
      /^CannotStartContainerError: Error response from daemon: failed to initialize logging driver: .*AccessDeniedException: .*logs:CreateLogGroup on resource: /,
    );
    const missing = awslogs({ "awslogs-group": "/ecs/missing", "awslogs-stream-prefix": "a" });
    assert.match(
      await endOf(await define("misses", missing)),
      /ResourceNotFoundException: The specified log group does not exist/,
    );
    const Statement = [{ Effect: "Allow", Action: "logs:CreateLogGroup", Resource: "*" }];
    await new IAMClient(optionsOf(ground)).send(
      new PutRolePolicyCommand({
        RoleName: "stories",
        PolicyName: "logs",
        PolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement }),
      }),
    );
    const task = await runUntilRunning(ground, definition);
    assert.deepEqual((await messagesOf(`a/web/${idOf(task)}`, 2, group)).sort(), ["one", "two"]);
    const { logGroups } = await ground.logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: group }));
    assert.equal(logGroups?.length, 1);
    await stop(ground, task);
  });

  it("awslogs: an option that the driver does not know ends the container in its words", async () => {
    const configuration = awslogs({ "awslogs-stream-prefix": "a", "awslogs-colour": "red" });
    const { tasks } = await runTask(ground, await define("coloured", configuration));
    const ended = await untilStatus(ground, present(tasks?.[0]?.taskArn, "taskArn"), "STOPPED");
    assert.match(
      ended.containers?.[0]?.reason ?? "",
      /unknown log opt 'awslogs-colour' for awslogs log driver/,
    );
  });

  it("json-file and none: no stream, and on the instance a file or nothing", async () => {
    const file = await runUntilRunning(
      ground,
      await define("file", { logDriver: "json-file", options: { "max-size": "1m" } }),
    );
    // The SDK's type does not know it; the service does.
    const none = await runUntilRunning(ground, await define("none", { logDriver: "none" as LogDriver }));
    const logsOf = async (task: Task) =>
      run("docker", ["logs", await runtimeIdOf(ground, arnOf(task), "web")]);
    const kept = await until("the file has both lines", 10, async () => {
      const { stdout, stderr } = await logsOf(file);
      return stdout !== "" && stderr !== "" && [stdout, stderr];
    });
    assert.deepEqual(kept, ["one\n", "two\n"]);
    assert.notEqual((await logsOf(none)).exitCode, 0);
    const { logStreams } = await ground.logs.send(new DescribeLogStreamsCommand({ logGroupName: GROUP }));
    for (const { logStreamName = "" } of logStreams ?? []) {
      for (const task of [file, none]) assert.ok(!logStreamName.includes(idOf(task) ?? ""), logStreamName);
    }
    await stop(ground, file, none);
  });
});
