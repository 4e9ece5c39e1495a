import assert from "node:assert/strict";
import { test } from "node:test";
import type * as wire from "@aws-sdk/client-ecs";
import type { Mount } from "../../runtime/container-runtime.ts";
import { roles } from "../../store/tables/iam.ts";
import { buckets } from "../../store/tables/s3.ts";
import { createInstanceTaskWorld } from "./instance-testing.ts";
import { createTaskWorld, SCOPE, type TaskWorld } from "./testing.ts";

const EXECUTION = `arn:aws:iam::${SCOPE.account}:role/execution`;

const APP: wire.ContainerDefinition = {
  name: "app",
  image: "app",
  essential: true,
  environment: [{ name: "FLUENT_HOST", value: "mine" }],
  logConfiguration: {
    logDriver: "awsfirelens",
    options: { Name: "http", "log-driver-buffer-limit": "1048576" },
    secretOptions: [{ name: "Http_Passwd", valueFrom: "password" }],
  },
};
const ROUTER: wire.ContainerDefinition = {
  name: "router",
  image: "fluent-bit",
  essential: true,
  user: "1234:56",
  memoryReservation: 64,
  firelensConfiguration: { type: "fluentbit" },
};

function addRole({ store }: TaskWorld, actions: readonly string[]): void {
  const policy = (statement: object) => JSON.stringify({ Statement: { Effect: "Allow", ...statement } });
  const trust = { Principal: { Service: "ecs-tasks.amazonaws.com" }, Action: "sts:AssumeRole" };
  store.transaction((tx) =>
    tx.put(roles, {
      account: SCOPE.account,
      arn: EXECUTION,
      roleName: "execution",
      roleId: "AROAEXECUTION",
      path: "/",
      assumeRolePolicyDocument: policy(trust),
      maxSessionDurationSeconds: 3600,
      inlinePolicies: [{ policyName: "p", policyDocument: policy({ Action: actions, Resource: "*" }) }],
      attachedPolicyArns: [],
      createDate: 0,
      tags: [],
    }),
  );
}

async function started(world: TaskWorld, password: string | undefined = "s3cret"): Promise<TaskWorld> {
  if (password !== undefined) world.secrets.set("password", password);
  world.start();
  await world.settle();
  return world;
}

function onFargate(...containers: readonly wire.ContainerDefinition[]): TaskWorld {
  const world = createTaskWorld(containers, { definition: { executionRoleArn: EXECUTION } });
  addRole(world, ["ssm:GetParameters"]);
  return world;
}

async function onInstance(
  containers: readonly wire.ContainerDefinition[],
  networkMode: wire.NetworkMode = "bridge",
): Promise<TaskWorld> {
  const world = await createInstanceTaskWorld(containers, { executionRoleArn: EXECUTION, networkMode });
  addRole(world, ["ssm:GetParameters"]);
  return world;
}

const specOf = (world: TaskWorld, name: string) => {
  const spec = world.runtime.specOf(world.task().taskId, name);
  assert.ok(spec !== undefined, `${name} was made: ${world.toText()}`);
  return spec;
};

const textOf = (mounts: readonly Mount[]) => {
  const [file] = mounts;
  assert.ok(file?.source.kind === "own-file");
  return file.source.text;
};

test("the router has its configuration and its socket; the others send their output there", async () => {
  const world = await started(onFargate(APP, ROUTER));
  const { taskId } = world.task();
  assert.equal(world.toText(), "RUNNING/RUNNING app=RUNNING router=RUNNING");
  assert.deepEqual(world.runtime.history, ["start router", "start app"]);
  const [router, app] = [specOf(world, "router"), specOf(world, "app")];
  const owner = { userId: 1234, groupId: 56 };
  const text = textOf(router.mounts);
  assert.deepEqual(router.mounts, [
    {
      source: { kind: "own-file", sandboxId: taskId, path: "config/fluent.conf", text, owner },
      containerPath: "/fluent-bit/etc/fluent-bit.conf",
      readOnly: false,
    },
    {
      source: { kind: "own-directory", sandboxId: taskId, path: "socket", owner },
      containerPath: "/var/run",
      readOnly: false,
    },
  ]);
  assert.match(text, /Mem_Buf_Limit 32MB/);
  assert.match(
    text,
    /Record ecs_cluster main\n {4}Record ecs_task_arn arn:aws:ecs:\S+\n {4}Record ecs_task_definition web:7\n/,
  );
  assert.match(text, /Name http\n {4}Match app-firelens\*\n {4}Http_Passwd \$\{Http_Passwd_0\}\n$/);
  assert.ok(!text.includes("s3cret") && !text.includes("ec2_instance_id"));
  assert.equal(router.environment["Http_Passwd_0"], "s3cret");
  assert.equal(router.output, undefined);
  assert.deepEqual(app.output, {
    kind: "forward",
    socket: { sandboxId: taskId, path: "socket/fluent.sock" },
    tag: `app-firelens-${taskId}`,
    bufferLimit: "1048576",
  });
  assert.deepEqual([app.environment["FLUENT_HOST"], app.environment["FLUENT_PORT"]], ["127.0.0.1", "24224"]);
  assert.ok(!JSON.stringify(app).includes("s3cret"));
});

test("the router stops after those that use it", async () => {
  const world = await started(onFargate(ROUTER, APP));
  world.put({ desiredStatus: "STOPPED" });
  await world.settle();
  assert.deepEqual(
    world.runtime.history.map((line) => line.split(" ").slice(0, 2).join(" ")),
    ["start router", "start app", "stop app", "stop router"],
  );
});

test("on a bridge containers are told the router's address, and records the instance", async () => {
  const fluentd = { ...ROUTER, user: "0", firelensConfiguration: { type: "fluentd" as const } };
  const app = { ...APP, logConfiguration: { logDriver: "awsfirelens" as const } };
  const world = await started(await createInstanceTaskWorld([app, fluentd]));
  const [router, other] = [specOf(world, "router"), specOf(world, "app")];
  assert.equal(other.environment["FLUENT_HOST"], "172.17.0.2");
  assert.equal(router.environment["FLUENT_UID"], "0");
  assert.equal(router.mounts[0]?.containerPath, "/fluentd/etc/fluent.conf");
  assert.match(textOf(router.mounts), /ec2_instance_id i-0123456789abcdef0/);
  assert.match(textOf(router.mounts), /bind 0\.0\.0\.0/);
});

test("under host there is no port to be told of", async () => {
  const world = await started(await onInstance([APP, ROUTER], "host"));
  const app = specOf(world, "app");
  assert.deepEqual([app.environment["FLUENT_HOST"], app.environment["FLUENT_PORT"]], ["mine", undefined]);
  assert.ok(!textOf(specOf(world, "router").mounts).includes("24224"));
});

test("a router without an address on the bridge cannot be told", async () => {
  const silent = { ...ROUTER, disableNetworking: true };
  const world = await started(await onInstance([APP, silent]));
  assert.equal(
    world.task().containers[0]?.reason,
    "DockerClientConfigError: unable to get BridgeIP for task in bridge mode",
  );
});

test("what cannot be configured stops the task before anything is pulled, in the agent's words", async () => {
  const app = { ...APP, logConfiguration: { logDriver: "awsfirelens" as const, options: { port: "1" } } };
  const reason =
    "unable to generate firelens config file: unable to generate firelens config: unable to apply log options of container app to firelens config: missing output key Name which is required for firelens configuration of type fluentbit";
  const fargate = await started(createTaskWorld([app, ROUTER]));
  assert.equal(fargate.task().stoppedReason, `ResourceInitializationError: ${reason}`);
  const instance = await started(await createInstanceTaskWorld([app, ROUTER]));
  assert.equal(instance.task().stoppedReason, reason);
  assert.equal(instance.task().stopCode, "TaskFailedToStart");
});

test("a secret option that is not there stops the task", async () => {
  const world = onFargate(APP, ROUTER);
  world.start();
  await world.settle();
  assert.match(world.task().stoppedReason ?? "", /^ResourceInitializationError: unable to pull secrets/);
});

test("nobody reads secret options but the execution role", async () => {
  const world = await started(await createInstanceTaskWorld([APP, ROUTER]));
  assert.equal(world.task().stoppedReason, "ssm secret resource: unable to find execution role credentials");
});

const EXTRA_FILE = "arn:aws:s3:::files/logs/extra.conf";
const DOWNLOAD = "unable to download firelens s3 config file";

interface FileOfS3 {
  readonly role?: boolean;
  readonly text?: string;
  /** The bucket's. */
  readonly account?: string;
}

async function withFileOfS3(actions: readonly string[], more: FileOfS3 = {}) {
  const options = { "config-file-type": "s3", "config-file-value": EXTRA_FILE };
  const router = { ...ROUTER, firelensConfiguration: { type: "fluentbit" as const, options } };
  const executionRoleArn = more.role === false ? undefined : EXECUTION;
  const app = { ...APP, logConfiguration: { logDriver: "awsfirelens" as const } };
  const world = await createInstanceTaskWorld([app, router], { executionRoleArn });
  if (more.text !== undefined) world.objects.set("files/logs/extra.conf", more.text);
  const { account } = more;
  if (account !== undefined) {
    world.store.transaction((tx) =>
      tx.put(buckets, { ...SCOPE, account, name: "files", createdAt: 0, tags: [] }),
    );
  }
  addRole(world, actions);
  return started(world);
}

test("a file of S3 is put beside the configuration, which includes it", async () => {
  const world = await withFileOfS3(["s3:GetObject"], { text: "[FILTER]\n" });
  const { mounts } = specOf(world, "router");
  assert.match(textOf(mounts), /\n@INCLUDE \/fluent-bit\/etc\/external\.conf\n/);
  assert.deepEqual(mounts[1], {
    source: {
      kind: "own-file",
      sandboxId: world.task().taskId,
      path: "config/external.conf",
      text: "[FILTER]\n",
      owner: { userId: 1234, groupId: 56 },
    },
    containerPath: "/fluent-bit/etc/external.conf",
    readOnly: false,
  });
});

test("a file of S3 that the execution role cannot read stops the task", async () => {
  const reasonOf = async (actions: readonly string[], more?: FileOfS3) =>
    (await withFileOfS3(actions, more)).task().stoppedReason;
  const request = `${DOWNLOAD}: unable to download s3 config logs/extra.conf from bucket files: operation error S3: GetObject, https response error StatusCode: (403|404), RequestID: [0-9A-F]{16}, HostID: [\\w+/]{75}=,`;
  const denied = (action: string, resource: string) =>
    new RegExp(
      `^${request} api error AccessDenied: User: arn:aws:sts::${SCOPE.account}:assumed-role/execution/[0-9a-f]{32} is not authorized to perform: ${action} on resource: "${resource}" because no identity-based policy allows the ${action} action$`,
    );
  assert.match((await reasonOf(["s3:ListBucket"], { text: "x" })) ?? "", denied("s3:GetObject", EXTRA_FILE));
  assert.match((await reasonOf(["s3:GetObject"])) ?? "", denied("s3:ListBucket", "arn:aws:s3:::files"));
  assert.match(
    (await reasonOf(["s3:GetObject", "s3:ListBucket"])) ?? "",
    new RegExp(`^${request} NoSuchKey: The specified key does not exist\\.$`),
  );
  assert.match(
    (await reasonOf(["s3:*"], { account: "111111111111", text: "x" })) ?? "",
    /because no resource-based policy allows the s3:GetObject action$/,
  );
  assert.equal(await reasonOf(["s3:*"], { account: SCOPE.account, text: "x" }), undefined);
  assert.equal(
    await reasonOf([], { role: false, text: "x" }),
    `${DOWNLOAD}: unable to get execution role credentials`,
  );
});
