/** What a container prints goes through the task's log router, on Fargate and on an instance's bridge. */
import assert from "node:assert/strict";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { CreateLogGroupCommand } from "@aws-sdk/client-cloudwatch-logs";
import type { Instance } from "@aws-sdk/client-ec2";
import { type ContainerDefinition, RunTaskCommand, type Task } from "@aws-sdk/client-ecs";
import { IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import {
  type Ground,
  launch,
  optionsOf,
  register,
  runUntilRunning,
  startGround,
  stop,
  untilJoined,
} from "./ec2-setup.ts";
import {
  EXTRA,
  pushRouterImage,
  type Routed,
  routedOf,
  routerContainer,
  taskIdOf,
  untilRouted,
} from "./firelens-setup.ts";
import { present, REGION, until } from "./harness.ts";
import { CLUSTER, runInTask, runtimeIdOf, untilStatus } from "./tasks.ts";

/** `["app-firelens-tcp", 0, {"log": "keep by port"}]` in MessagePack. */
const MESSAGE = "\\223\\260app-firelens-tcp\\000\\201\\243log\\254keep by port";

/** Prints three lines, then one whenever the file changes. */
const PRINT = [
  "echo keep this",
  "echo drop this",
  "echo keep the error >&2",
  "trap 'exit 0' TERM",
  `until printf '${MESSAGE}' | nc -w 2 $FLUENT_HOST $FLUENT_PORT; do sleep 0.2; done`,
  "while true; do [ -e /tmp/say ] && echo keep $(cat /tmp/say) && busybox rm /tmp/say; sleep 0.2; done",
].join("\n");

describe("FireLens routes what containers print", { timeout: 300_000 }, () => {
  let ground: Ground;
  let instance: Instance;

  before(async () => {
    ground = await startGround("10.84");
    await pushRouterImage(ground);
    await ground.logs.send(new CreateLogGroupCommand({ logGroupName: "/ecs/router" }));
    await new SSMClient(optionsOf(ground)).send(
      new PutParameterCommand({ Name: "/app/password", Value: "s3cret", Type: "SecureString" }),
    );
    await new IAMClient(optionsOf(ground)).send(
      new PutRolePolicyCommand({
        RoleName: "stories",
        PolicyName: "secrets",
        PolicyDocument: JSON.stringify({
          Version: "2012-10-17",
          Statement: [{ Effect: "Allow", Action: ["ssm:GetParameters", "s3:GetObject"], Resource: "*" }],
        }),
      }),
    );
    const s3 = new S3Client({ ...optionsOf(ground), forcePathStyle: true });
    await s3.send(
      new CreateBucketCommand({
        Bucket: "firelens",
        CreateBucketConfiguration: { LocationConstraint: REGION },
      }),
    );
    await s3.send(new PutObjectCommand({ Bucket: "firelens", Key: "conf/extra.conf", Body: EXTRA }));
    instance = await launch(ground, { instanceType: "t3.medium" });
    await untilJoined(ground, present(instance.InstanceId, "InstanceId"));
  });
  after(() => ground?.down());

  const app = (): ContainerDefinition => ({
    name: "app",
    image: ground.image,
    memory: 64,
    command: ["sh", "-c", PRINT],
    logConfiguration: {
      logDriver: "awsfirelens",
      options: { Name: "stdout", "include-pattern": "^keep", "exclude-pattern": "^drop", Format: "json" },
      secretOptions: [{ name: "Http_Passwd", valueFrom: "/app/password" }],
    },
    stopTimeout: 2,
  });

  const filesOf = (task: Task) => join(ground.stateDirectory, "files", taskIdOf(task));

  async function assertRouted(task: Task, metadata: Record<string, string>): Promise<Routed> {
    const routed = await untilRouted(ground, task, "keep this");
    const { container_name: containerName, ...record } = routed.record;
    assert.match(containerName ?? "", /^\/ecs-\S+-app-[0-9a-f]{20}$/);
    assert.equal(routed.tag, `app-firelens-${taskIdOf(task)}`);
    assert.deepEqual(record, {
      log: "keep this",
      source: "stdout",
      container_id: await runtimeIdOf(ground, present(task.taskArn, "arn"), "app"),
      from_file: "yes",
      ...metadata,
    });
    assert.equal(routed.input, "socket");
    assert.ok(
      Math.abs(routed.time - Date.now() / 1000) < 120 && !Number.isInteger(routed.time),
      "sub-second",
    );
    assert.deepEqual(routed.output, {
      name: "stdout",
      match: "app-firelens*",
      format: "json",
      http_passwd: "s3cret",
    });
    assert.equal((await untilRouted(ground, task, "keep the error")).record["source"], "stderr");
    assert.equal((await untilRouted(ground, task, "keep by port")).input, "port");
    const printed = await routedOf(ground, task);
    assert.ok(!printed.some(({ record: { log } }) => log?.startsWith("drop")));
    return routed;
  }

  function metadataOf(task: Task, family: string) {
    return {
      ecs_cluster: CLUSTER,
      ecs_task_arn: present(task.taskArn, "arn"),
      ecs_task_definition: `${family}:1`,
    };
  }

  it("on Fargate, also through kill -9; its files go with the task", async () => {
    const definition = await register(
      ground,
      "routed",
      {},
      {
        requiresCompatibilities: ["FARGATE"],
        networkMode: "awsvpc",
        cpu: "256",
        memory: "512",
        containerDefinitions: [app(), routerContainer()],
      },
    );
    const { tasks } = await ground.ecs.send(
      new RunTaskCommand({
        cluster: CLUSTER,
        taskDefinition: definition,
        launchType: "FARGATE",
        networkConfiguration: {
          awsvpcConfiguration: {
            subnets: [...ground.network.publicSubnetIds],
            securityGroups: [ground.securityGroup],
          },
        },
      }),
    );
    const arn = present(tasks?.[0]?.taskArn, "arn");
    const task = await untilStatus(ground, arn, "RUNNING");
    await assertRouted(task, metadataOf(task, "routed"));
    const configuration = statSync(join(filesOf(task), "config/fluent.conf"));
    assert.equal(configuration.mode & 0o777, 0o600);
    assert.equal(statSync(filesOf(task)).mode & 0o777, 0o700);

    const before = await runtimeIdOf(ground, arn, "router");
    const processId = ground.processId();
    process.kill(processId, "SIGKILL");
    await until("the process is gone", 5, () => !existsSync(`/proc/${processId}`));
    ground.up();
    await runInTask(ground, arn, "app", ["sh", "-c", "echo after the kill > /tmp/say"]);
    await untilRouted(ground, task, "keep after the kill");
    assert.equal(await runtimeIdOf(ground, arn, "router"), before);

    await stop(ground, task);
    await until("the files are gone", 10, () => !existsSync(filesOf(task)));
  });

  it("on an instance's bridge, with the instance in every record and a file of S3", async () => {
    const options = {
      "config-file-type": "s3",
      "config-file-value": "arn:aws:s3:::firelens/conf/extra.conf",
    };
    const firelensConfiguration = { type: "fluentbit" as const, options };
    const definition = await register(
      ground,
      "bridged",
      {},
      {
        containerDefinitions: [routerContainer({ user: "1234:1234", firelensConfiguration }), app()],
      },
    );
    const task = await runUntilRunning(ground, definition);
    await assertRouted(task, {
      ...metadataOf(task, "bridged"),
      ec2_instance_id: present(instance.InstanceId, "id"),
    });
    const socket = statSync(join(filesOf(task), "socket/fluent.sock"));
    assert.equal(socket.uid, 1234);
    const { stdout } = await runInTask(ground, present(task.taskArn, "arn"), "app", ["env"]);
    assert.match(stdout, /^FLUENT_HOST=172\.17\.0\.\d+$/m);
    assert.ok(!stdout.includes("s3cret"));
    await stop(ground, task);
  });
});
