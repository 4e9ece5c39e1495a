/** Secrets of Secrets Manager: by the command line, in tasks of both launch types, by Terraform; hidden everywhere else. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { CreateLogGroupCommand, GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { DescribeRepositoriesCommand, GetAuthorizationTokenCommand } from "@aws-sdk/client-ecr";
import { DescribeTasksCommand, ListTasksCommand, RunTaskCommand, type Task } from "@aws-sdk/client-ecs";
import { IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from "@aws-sdk/client-secrets-manager";
import { findProgram } from "../../src/cli/doctor.ts";
import {
  type Definition,
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
import { CLUSTER, runInTask, runtimeIdOf, untilStatus } from "./tasks.ts";
import { startTerraform, terraformMissing } from "./terraform.ts";

const RANGE = "10.84";
const CONFIGURATION = fileURLToPath(new URL("./secrets", import.meta.url));
const PASSWORD = "open-sesame-84";
const GROUP = "/ecs/secrets";
const ON_FARGATE: Definition = {
  requiresCompatibilities: ["FARGATE"],
  networkMode: "awsvpc",
  cpu: "256",
  memory: "512",
};

describe("Secrets Manager", { timeout: 10 * 60_000 }, () => {
  let ground: Ground;
  let manager: SecretsManagerClient;
  let arn: string;
  const folder = mkdtempSync("/tmp/bs-sm-");

  before(async () => {
    ground = await startGround(RANGE);
    manager = new SecretsManagerClient(optionsOf(ground));
    await ground.logs.send(new CreateLogGroupCommand({ logGroupName: GROUP }));
    const SecretString = JSON.stringify({ user: "app", password: PASSWORD });
    const made = await manager.send(new CreateSecretCommand({ Name: "app/db", SecretString }));
    arn = present(made.ARN, "ARN");
  });
  after(() => {
    ground?.down();
    rmSync(folder, { recursive: true, force: true });
  });

  function onFargate(definition: string) {
    return ground.ecs.send(
      new RunTaskCommand({
        cluster: CLUSTER,
        taskDefinition: definition,
        launchType: "FARGATE",
        networkConfiguration: {
          awsvpcConfiguration: { subnets: [present(ground.network.publicSubnetIds[0], "subnet")] },
        },
      }),
    );
  }

  async function untilStopped(definition: string, launchType: "EC2" | "FARGATE"): Promise<Task> {
    const { tasks } = await (launchType === "EC2" ? runTask(ground, definition) : onFargate(definition));
    return untilStatus(ground, present(tasks?.[0]?.taskArn, "arn"), "STOPPED");
  }

  async function untilRunning(definition: string): Promise<Task> {
    const { tasks } = await onFargate(definition);
    return untilStatus(ground, present(tasks?.[0]?.taskArn, "arn"), "RUNNING");
  }

  function mayRead(resource: string): Promise<unknown> {
    const Statement = [{ Effect: "Allow", Action: "secretsmanager:GetSecretValue", Resource: resource }];
    return new IAMClient(optionsOf(ground)).send(
      new PutRolePolicyCommand({
        RoleName: "stories",
        PolicyName: "secrets",
        PolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement }),
      }),
    );
  }

  /** Of the state directory, but for the lines of logs, which the story's task itself writes. */
  function filesThatTell(text: string): string[] {
    return readdirSync(ground.stateDirectory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.startsWith("logs.db"))
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((file) => readFileSync(file).includes(text));
  }

  it("the command line makes, changes, labels, deletes and restores", async (context) => {
    if (findProgram("aws") === undefined) return context.skip("the AWS CLI is not installed");
    const aws = async (line: string, ...more: string[]): Promise<unknown> => {
      const words = ["--endpoint-url", ground.endpoint, "--region", REGION, "--output", "json"];
      const finished = await run("aws", [...words, "secretsmanager", ...line.split(" "), ...more], {
        env: { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" },
      });
      if (finished.exitCode !== 0) throw new Error(finished.stderr.trim());
      return finished.stdout === "" ? undefined : JSON.parse(finished.stdout);
    };
    const at = async (line: string, member: string): Promise<unknown> =>
      Object.entries((await aws(line)) ?? {}).find(([name]) => name === member)?.[1];
    const first = await at("create-secret --name cli --secret-string one", "VersionId");
    const second = await at("put-secret-value --secret-id cli --secret-string two", "VersionId");
    assert.equal(await at("get-secret-value --secret-id cli", "SecretString"), "two");
    await aws(
      `update-secret-version-stage --secret-id cli --version-stage AWSCURRENT --remove-from-version-id ${second} --move-to-version-id ${first}`,
    );
    assert.equal(await at("get-secret-value --secret-id cli", "SecretString"), "one");
    await aws("tag-resource --secret-id cli --tags Key=stage,Value=test");
    assert.deepEqual(await at("describe-secret --secret-id cli", "Tags"), [{ Key: "stage", Value: "test" }]);
    const listed = await at("list-secrets --filters Key=tag-value,Values=test", "SecretList");
    assert.equal(Array.isArray(listed) && listed.length, 1);
    await aws("delete-secret --secret-id cli --recovery-window-in-days 7");
    await assert.rejects(aws("get-secret-value --secret-id cli"), {
      message:
        /\(InvalidRequestException\) when calling the GetSecretValue operation: You can't perform this operation on the secret because it was marked for deletion\./,
    });
    await aws("restore-secret --secret-id cli");
    await aws("delete-secret --secret-id cli --force-delete-without-recovery");
    await assert.rejects(aws("describe-secret --secret-id cli"), {
      message: /\(ResourceNotFoundException\) .*: Secrets Manager can't find the specified secret\./,
    });
  });

  it("a task on Fargate gets a member of a secret, once its execution role may read it", async () => {
    const secrets = [{ name: "PASSWORD", valueFrom: `${arn}:password::` }];
    const options = { "awslogs-group": GROUP, "awslogs-region": REGION, "awslogs-stream-prefix": "s" };
    const definition = await register(
      ground,
      "fargate",
      {
        secrets,
        command: ["/bin/busybox", "sh", "-c", "echo got $PASSWORD; /bin/busybox sleep 600"],
        logConfiguration: { logDriver: "awslogs", options },
      },
      ON_FARGATE,
    );
    assert.match(
      (await untilStopped(definition, "FARGATE")).stoppedReason ?? "",
      /^ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time\(s\): failed to fetch secret arn:.*:password:: from secrets manager: AccessDeniedException: User: .*role\/stories\/.* is not authorized to perform: secretsmanager:GetSecretValue on resource: arn:.*:secret:app\/db-\w{6} because no identity-based policy allows the secretsmanager:GetSecretValue action/,
    );
    await mayRead(arn);
    const task = await untilRunning(definition);
    const logStreamName = `s/web/${task.taskArn?.split("/").at(-1)}`;
    const message = await until("the task has printed its variable", 20, async () => {
      const { events } = await ground.logs.send(
        new GetLogEventsCommand({ logGroupName: GROUP, logStreamName, startFromHead: true }),
      );
      return events?.[0]?.message;
    });
    assert.equal(message.trim(), `got ${PASSWORD}`);
    assert.ok(!JSON.stringify(task).includes(PASSWORD));
    const runtimeId = await runtimeIdOf(ground, present(task.taskArn, "arn"), "web");
    const labels = await run("docker", ["inspect", "--format", "{{json .Config.Labels}}", runtimeId]);
    assert.equal(labels.exitCode, 0);
    assert.ok(!labels.stdout.includes(PASSWORD));
    await stop(ground, task);
  });

  it("no file tells it, and it is there after a kill", async () => {
    const definition = await register(
      ground,
      "after-kill",
      { secrets: [{ name: "PASSWORD", valueFrom: `${arn}:password::` }] },
      ON_FARGATE,
    );
    const SecretId = "killed";
    await manager.send(new CreateSecretCommand({ Name: SecretId, SecretString: "short-lived-84" }));
    await manager.send(new PutSecretValueCommand({ SecretId, SecretString: "last-word-84" }));
    process.kill(ground.processId(), "SIGKILL");
    await until("the process is gone", 5, () =>
      manager.send(new ListSecretsCommand({})).then(
        () => false,
        () => true,
      ),
    );
    ground.up();
    const { SecretString } = await manager.send(new GetSecretValueCommand({ SecretId }));
    assert.equal(SecretString, "last-word-84");
    const task = await untilRunning(definition);
    const seen = await runInTask(ground, present(task.taskArn, "arn"), "web", [
      "/bin/busybox",
      "sh",
      "-c",
      "echo $PASSWORD",
    ]);
    assert.equal(seen.stdout.trim(), PASSWORD);
    await stop(ground, task);
    for (const text of [PASSWORD, "short-lived-84", "last-word-84"]) {
      assert.deepEqual(filesThatTell(text), []);
    }
  });

  it("a secret or a member that is not there stops the task, with the reason of its launch type", async () => {
    await mayRead("*");
    const missing = `arn:aws:secretsmanager:${REGION}:000000000000:secret:none-AbCdEf`;
    const reasonOf = async (valueFrom: string, launchType: "EC2" | "FARGATE") => {
      const definition = await register(
        ground,
        `missing-${launchType}`,
        { secrets: [{ name: "PASSWORD", valueFrom }] },
        launchType === "EC2" ? {} : ON_FARGATE,
      );
      const { stoppedReason, stopCode, containers } = await untilStopped(definition, launchType);
      assert.equal(stopCode, "TaskFailedToStart");
      return `${stoppedReason} ${containers?.[0]?.reason ?? ""}`;
    };
    const notFound = "ResourceNotFoundException: Secrets Manager can't find the specified secret.";
    const noMember = "retrieved secret from Secrets Manager did not contain json key pin";
    const before = "unable to retrieve secret from asm: service call has been retried 1 time(s): ";
    const onFargateMissing = await reasonOf(missing, "FARGATE");
    assert.ok(
      onFargateMissing.includes(
        `${before}failed to fetch secret ${missing} from secrets manager: ${notFound}`,
      ),
      onFargateMissing,
    );
    const onFargateMember = await reasonOf(`${arn}:pin::`, "FARGATE");
    assert.ok(onFargateMember.includes(`${before}${noMember}`), onFargateMember);
    await launch(ground, { instanceType: "t3.large" });
    const onInstance = await reasonOf(missing, "EC2");
    assert.ok(
      onInstance.includes(
        `ResourceNotFoundException: The task can't retrieve the secret with ARN '${missing}' from AWS Secrets Manager. Check whether the secret exists in the specified Region: ${notFound}`,
      ),
      onInstance,
    );
    const onInstanceMember = await reasonOf(`${arn}:pin::`, "EC2");
    assert.ok(onInstanceMember.includes(noMember), onInstanceMember);
    const definition = await register(ground, "instance", {
      secrets: [{ name: "SECRET", valueFrom: arn }],
    });
    const task = await runUntilRunning(ground, definition);
    const seen = await runInTask(ground, present(task.taskArn, "arn"), "web", [
      "/bin/busybox",
      "sh",
      "-c",
      "echo $SECRET",
    ]);
    assert.deepEqual(JSON.parse(seen.stdout), { user: "app", password: PASSWORD });
    await stop(ground, task);
  });

  it("a registry with a password is pulled from with the secret of repositoryCredentials", async () => {
    const { repositories } = await ground.ecr.send(new DescribeRepositoriesCommand({}));
    const { authorizationData } = await ground.ecr.send(new GetAuthorizationTokenCommand({}));
    const token = present(authorizationData?.[0]?.authorizationToken, "token");
    const [username, password] = Buffer.from(token, "base64").toString().split(":");
    const secretOf = async (Name: string, SecretString: string) =>
      present((await manager.send(new CreateSecretCommand({ Name, SecretString }))).ARN, "ARN");
    const definitionWith = (family: string, credentialsParameter: string) =>
      register(
        ground,
        family,
        {
          image: `${present(repositories?.[0]?.repositoryUri, "uri")}:latest`,
          repositoryCredentials: { credentialsParameter },
        },
        ON_FARGATE,
      );
    const good = await secretOf("registry", JSON.stringify({ username, password }));
    const task = await untilRunning(await definitionWith("registry", good));
    await stop(ground, task);
    const bad = await secretOf("registry-bad", "open-sesame");
    const { stoppedReason } = await untilStopped(await definitionWith("registry-bad", bad), "FARGATE");
    assert.match(
      stoppedReason ?? "",
      /unable to get registry auth from asm: .*asm fetching authorization data: unable to unmarshal secret value, invalid schema/,
    );
    assert.ok(!stoppedReason?.includes("open-sesame"));
  });

  it("Terraform applies, plans nothing more, changes the value, and destroys", {
    skip: terraformMissing(),
  }, async () => {
    const terraform = await startTerraform(CONFIGURATION, folder, ground.endpoint);
    const image = `image=${ground.image}`;
    await terraform.apply(image);
    await terraform.planNothing(image);
    const runtimeId = await until("the service's task runs", 60, async () => {
      const { taskArns = [] } = await ground.ecs.send(new ListTasksCommand({ cluster: "tf" }));
      if (taskArns.length === 0) return undefined;
      const { tasks } = await ground.ecs.send(new DescribeTasksCommand({ cluster: "tf", tasks: taskArns }));
      const task = tasks?.find(({ lastStatus }) => lastStatus === "RUNNING");
      return task?.containers?.[0]?.runtimeId;
    });
    const inspected = await run("docker", ["inspect", "--format", "{{json .Config.Env}}", runtimeId]);
    assert.ok(inspected.stdout.includes('"PASSWORD=from-terraform-1"'), inspected.stdout);
    const changed = ["password=from-terraform-2", image];
    await terraform.apply(...changed);
    await terraform.planNothing(...changed);
    const { SecretString } = await manager.send(new GetSecretValueCommand({ SecretId: "tf/db" }));
    assert.deepEqual(JSON.parse(SecretString ?? ""), { user: "app", password: "from-terraform-2" });
    await terraform.destroy(...changed);
    await assert.rejects(manager.send(new GetSecretValueCommand({ SecretId: "tf/db" })), {
      name: "ResourceNotFoundException",
    });
    await assert.rejects(manager.send(new GetSecretValueCommand({ SecretId: "tf/kept" })), {
      name: "InvalidRequestException",
    });
  });
});
