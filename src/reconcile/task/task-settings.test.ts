import assert from "node:assert/strict";
import { test } from "node:test";
import type { Role } from "../../model/iam/records.ts";
import { vpcs } from "../../store/tables/ec2.ts";
import { roles } from "../../store/tables/iam.ts";
import { createInstanceTaskWorld, INSTANCE_ID } from "./instance-testing.ts";
import { createTaskWorld, SCOPE, type TaskWorld, WEB } from "./testing.ts";

const MIB = 1024 * 1024;
const EXECUTION = `arn:aws:iam::${SCOPE.account}:role/execution`;
const SECRET = `arn:aws:secretsmanager:${SCOPE.region}:${SCOPE.account}:secret:db-AbCdEf`;

function addRole(world: TaskWorld, allowed: string, service = "ecs-tasks.amazonaws.com"): void {
  const statement = (more: object) => JSON.stringify({ Statement: { Effect: "Allow", ...more } });
  const role: Role = {
    account: SCOPE.account,
    arn: EXECUTION,
    roleName: "execution",
    roleId: "AROAEXECUTION",
    path: "/",
    assumeRolePolicyDocument: statement({ Principal: { Service: service }, Action: "sts:AssumeRole" }),
    maxSessionDurationSeconds: 3600,
    inlinePolicies: [{ policyName: "p", policyDocument: statement({ Action: allowed, Resource: "*" }) }],
    attachedPolicyArns: [],
    createDate: 0,
    tags: [],
  };
  world.store.transaction((tx) => tx.put(roles, role));
}

async function started(world: TaskWorld): Promise<TaskWorld> {
  world.start();
  await world.settle();
  return world;
}

const specOf = (world: TaskWorld, name = "web") => world.runtime.specOf(world.task().taskId, name);

test("without DNS host names a task on Fargate is called as its runtime calls the container", async () => {
  const world = createTaskWorld([WEB]);
  const endpointId = `${world.task().taskId}-1234567890`;
  world.put({ containers: world.task().containers.map((one) => ({ ...one, endpointId })) });
  world.store.transaction((tx) => {
    for (const vpc of world.store.list(vpcs)) tx.put(vpcs, { ...vpc, enableDnsHostnames: false });
  });
  await started(world);
  assert.equal(world.runtime.sandboxSpec(world.task().taskId)?.hostname, endpointId);
});

test("open files are limited as Fargate and the AMI limit them", async () => {
  const fargate = await started(createTaskWorld([WEB]));
  assert.deepEqual(specOf(fargate)?.openFiles, { soft: 65_535, hard: 65_535 });
  const instance = await started(await createInstanceTaskWorld([WEB]));
  assert.deepEqual(specOf(instance)?.openFiles, { soft: 32_768, hard: 65_536 });
});

test("Linux parameters reach the engine in its units", async () => {
  const container = {
    ...WEB,
    memory: 128,
    linuxParameters: {
      tmpfs: [{ containerPath: "/scratch", size: 16, mountOptions: ["noexec" as const] }],
      sharedMemorySize: 32,
      devices: [{ hostPath: "/dev/fuse", permissions: ["read" as const] }],
      maxSwap: 64,
      swappiness: 20,
    },
    dockerSecurityOptions: ["no-new-privileges"],
  };
  const spec = specOf(await started(await createInstanceTaskWorld([container])));
  assert.deepEqual(spec?.temporaryFileSystems, [
    { containerPath: "/scratch", sizeBytes: 16 * MIB, options: ["noexec"] },
  ]);
  assert.equal(spec?.sharedMemoryBytes, 32 * MIB);
  assert.deepEqual(spec?.devices, [{ hostPath: "/dev/fuse", containerPath: "/dev/fuse", permissions: "r" }]);
  assert.deepEqual([spec?.swapBytes, spec?.swappiness], [64 * MIB, 20]);
  assert.deepEqual(spec?.securityOptions, ["no-new-privileges"]);
});

test("a disk of this machine is not there for a task", async () => {
  const container = { ...WEB, linuxParameters: { devices: [{ hostPath: "/dev/sda" }] } };
  const world = await started(await createInstanceTaskWorld([container]));
  assert.equal(
    world.task().containers[0]?.reason,
    'CannotStartContainerError: Error response from daemon: error gathering device information while adding custom device "/dev/sda": no such file or directory',
  );
});

test("system controls go to the namespace that they are of", async () => {
  const systemControls = [
    { namespace: "net.core.somaxconn", value: "99" },
    { namespace: "kernel.msgmax", value: "9000" },
  ];
  const awsvpc = await started(createTaskWorld([{ ...WEB, systemControls }]));
  assert.deepEqual(awsvpc.runtime.sandboxSpec(awsvpc.task().taskId)?.sysctls, { "net.core.somaxconn": "99" });
  assert.deepEqual(specOf(awsvpc)?.sysctls, { "kernel.msgmax": "9000" });

  const bridge = await started(
    await createInstanceTaskWorld([{ ...WEB, systemControls }], { ipcMode: "task" }),
  );
  const { taskId } = bridge.task();
  assert.deepEqual(bridge.runtime.sandboxSpec(taskId, "web")?.sysctls, { "net.core.somaxconn": "99" });
  assert.deepEqual(bridge.runtime.sandboxSpec(taskId)?.sysctls, { "kernel.msgmax": "9000" });
  assert.deepEqual(specOf(bridge)?.ipcNamespace, { kind: "sandbox" });

  const host = await started(
    await createInstanceTaskWorld([{ ...WEB, systemControls }], { networkMode: "host" }),
  );
  assert.match(host.task().containers[0]?.reason ?? "", /"net\.core\.somaxconn" not allowed in host network/);
});

test("a container without networking has the loopback device alone", async () => {
  const world = await started(await createInstanceTaskWorld([{ ...WEB, disableNetworking: true }]));
  assert.equal(specOf(world)?.network.kind, "none");
  assert.equal(world.toText(), "RUNNING/RUNNING web=RUNNING");
});

test("processes are shared with the task or with the instance", async () => {
  const task = await started(createTaskWorld([WEB], { definition: { pidMode: "task" } }));
  assert.deepEqual(specOf(task)?.processNamespace, { kind: "sandbox" });
  const host = await started(await createInstanceTaskWorld([WEB], { pidMode: "host", ipcMode: "host" }));
  assert.deepEqual(specOf(host)?.processNamespace, { kind: "joined", sandboxId: INSTANCE_ID });
  assert.deepEqual(specOf(host)?.ipcNamespace, { kind: "joined", sandboxId: INSTANCE_ID });
});

test("volumes are with the task, on its instance or in a directory for their file system", async () => {
  const volumes = [
    { name: "own" },
    { name: "machine", host: { sourcePath: "/data" } },
    { name: "shared", dockerVolumeConfiguration: { scope: "shared" as const, autoprovision: true } },
    { name: "efs", efsVolumeConfiguration: { fileSystemId: "fs-1", rootDirectory: "/a" } },
    {
      name: "point",
      efsVolumeConfiguration: { fileSystemId: "fs-1", authorizationConfig: { accessPointId: "fsap-1" } },
    },
  ];
  const mountPoints = volumes.map(({ name }) => ({ sourceVolume: name, containerPath: `/${name}` }));
  const world = await started(await createInstanceTaskWorld([{ ...WEB, mountPoints }], { volumes }));
  const { taskId } = world.task();
  const root = `/state/efs/${SCOPE.account}/${SCOPE.region}/fs-1`;
  assert.deepEqual(
    specOf(world)?.mounts.map(({ source }) => source),
    [
      { kind: "volume", sandboxId: taskId, volume: "own" },
      { kind: "machine", sandboxId: INSTANCE_ID, path: "/data" },
      {
        kind: "volume",
        sandboxId: INSTANCE_ID,
        volume: "shared",
        labels: undefined,
        driverOptions: undefined,
        mustExist: false,
      },
      { kind: "directory", root: `${root}/files`, path: "/a" },
      { kind: "directory", root: `${root}/access-points/fsap-1`, path: "/" },
    ],
  );
});

test("volumesFrom waits until the other container is created", async () => {
  const last = {
    name: "last",
    image: "a",
    essential: true,
    volumesFrom: [{ sourceContainer: "first", readOnly: true }],
  };
  const world = await started(createTaskWorld([last, { ...WEB, name: "first" }]));
  assert.equal(world.toText(), "RUNNING/RUNNING last=RUNNING first=RUNNING");
  assert.deepEqual(specOf(world, "last")?.mountsFrom, [{ name: "first", readOnly: true }]);
});

test("secrets are variables of the container, and nowhere else", async () => {
  const container = { ...WEB, secrets: [{ name: "PASSWORD", valueFrom: SECRET }] };
  const world = createTaskWorld([container], { definition: { executionRoleArn: EXECUTION } });
  addRole(world, "*");
  world.secrets.set(SECRET, "s3cret");
  await started(world);
  assert.equal(specOf(world)?.environment["PASSWORD"], "s3cret");
  assert.ok(!JSON.stringify(world.task()).includes("s3cret"));
});

test("a secret that is not there, or that the role may not read, ends the task before anything is pulled", async () => {
  const container = { ...WEB, secrets: [{ name: "PASSWORD", valueFrom: SECRET }] };
  const definition = { executionRoleArn: EXECUTION };
  const missing = createTaskWorld([container], { definition });
  addRole(missing, "*");
  await started(missing);
  const prefix = `ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret ${SECRET} from secrets manager:`;
  assert.equal(
    missing.task().stoppedReason,
    `${prefix} ResourceNotFoundException: Secrets Manager can't find the specified secret.`,
  );
  assert.equal(missing.task().stopCode, "TaskFailedToStart");
  assert.equal(missing.task().pullStartedAt, undefined);

  const denied = createTaskWorld([container], { definition });
  addRole(denied, "ecr:*");
  await started(denied);
  assert.equal(
    denied.task().stoppedReason,
    `${prefix} AccessDeniedException: User: arn:aws:sts::${SCOPE.account}:assumed-role/execution/${denied.task().taskId} is not authorized to perform: secretsmanager:GetSecretValue on resource: ${SECRET} because no identity-based policy allows the secretsmanager:GetSecretValue action`,
  );
});

test("a parameter that is not there is told as each agent tells it", async () => {
  const container = { ...WEB, secrets: [{ name: "PASSWORD", valueFrom: "/app/password" }] };
  const definition = { executionRoleArn: EXECUTION };
  const reasonIn = async (world: TaskWorld) => {
    addRole(world, "*");
    world.refusal = "invalid parameters: /app/password";
    return (await started(world)).task().stoppedReason;
  };
  assert.equal(
    await reasonIn(createTaskWorld([container], { definition })),
    "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secrets from ssm: service call has been retried 1 time(s): invalid ssm parameters: /app/password",
  );
  assert.equal(
    await reasonIn(await createInstanceTaskWorld([container], definition)),
    "Fetching secret data from SSM Parameter Store in ap-northeast-1: invalid parameters: /app/password",
  );
});

test("a role that tasks may not assume ends the task", async () => {
  const world = createTaskWorld([WEB], { definition: { executionRoleArn: EXECUTION } });
  addRole(world, "*", "ec2.amazonaws.com");
  await started(world);
  assert.equal(
    world.task().stoppedReason,
    `ECS was unable to assume the role '${EXECUTION}' that was provided for this task. Please verify that the role being passed has the proper trust relationship and permissions and that your IAM user has permissions to pass this role.`,
  );
});

test("pulls from ECR and log streams need the execution role's permission", async () => {
  const image = `${SCOPE.account}.dkr.ecr.${SCOPE.region}.amazonaws.com/web:1`;
  const reasonWith = async (allowed: string, container: object = {}) => {
    const world = createTaskWorld([{ ...WEB, image, ...container }], {
      definition: { executionRoleArn: EXECUTION },
    });
    addRole(world, allowed);
    await started(world);
    return world.task().stoppedReason ?? "";
  };
  assert.match(
    await reasonWith("logs:*"),
    /^ResourceInitializationError: unable to pull secrets or registry auth: .*unable to retrieve ecr registry auth: .*ecr:GetAuthorizationToken on resource: \*/,
  );
  assert.match(
    await reasonWith("ecr:GetAuthorizationToken"),
    /^CannotPullContainerError: pull image manifest .*\/v2\/web\/manifests\/1: 403 Forbidden$/,
  );
  const options = {
    "awslogs-group": "/ecs/web",
    "awslogs-region": SCOPE.region,
    "awslogs-stream-prefix": "a",
  };
  const logConfiguration = { logDriver: "awslogs", options };
  assert.match(
    await reasonWith("ecr:*", { logConfiguration }),
    /^ResourceInitializationError: failed to validate logger args: .*AccessDeniedException: .*logs:CreateLogStream on resource: .*:log-group:\/ecs\/web:log-stream:a\/web\/.* : exit status 1$/,
  );
  assert.equal(await reasonWith("*", { logConfiguration }), "");
});

test("a private registry is asked with the login of its secret", async () => {
  const container = { ...WEB, repositoryCredentials: { credentialsParameter: SECRET } };
  const world = createTaskWorld([container], { definition: { executionRoleArn: EXECUTION } });
  addRole(world, "*");
  world.secrets.set(SECRET, JSON.stringify({ username: "u" }));
  await started(world);
  assert.match(world.task().stoppedReason ?? "", /asm fetching password: AuthorizationData is malformed/);
  assert.ok(!JSON.stringify(world.task()).includes('"u"'));
});
