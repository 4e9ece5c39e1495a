import assert from "node:assert/strict";
import { test } from "node:test";
import type * as wire from "@aws-sdk/client-ecs";
import { compatibilitiesOf, findTaskDefinitionFault } from "./task-definition-rules.ts";

type Request = wire.RegisterTaskDefinitionRequest;
type Container = wire.ContainerDefinition;

const ROLE = "arn:aws:iam::000000000000:role/tasks";
const APP: Container = { name: "app", image: "nginx", memory: 128 };

/** A definition without faults, changed. */
function fargate(change: Partial<Request> = {}, container: Partial<Container> = {}): Request {
  return {
    family: "web",
    networkMode: "awsvpc",
    requiresCompatibilities: ["FARGATE"],
    cpu: "256",
    memory: "512",
    executionRoleArn: ROLE,
    containerDefinitions: [{ ...APP, ...container }],
    ...change,
  };
}

function bridge(change: Partial<Request> = {}, container: Partial<Container> = {}): Request {
  return { family: "web", containerDefinitions: [{ ...APP, ...container }], ...change };
}

function awsvpc(container: Partial<Container>): Request {
  return bridge({ networkMode: "awsvpc" }, container);
}

function two(first: Partial<Container>, second: Partial<Container>, change: Partial<Request> = {}): Request {
  return bridge({
    containerDefinitions: [
      { ...APP, ...first },
      { ...APP, name: "side", ...second },
    ],
    ...change,
  });
}

const sizes = (cpu: string, memory: string) => fargate({ cpu, memory });
const efs = (configuration: Partial<wire.EFSVolumeConfiguration>) =>
  bridge({ volumes: [{ name: "v", efsVolumeConfiguration: { fileSystemId: "fs-1", ...configuration } }] });
const healthCheck = (change: Partial<wire.HealthCheck>) =>
  bridge({}, { healthCheck: { command: ["CMD", "true"], ...change } });
const awslogs = (options: Record<string, string>) =>
  fargate({}, { logConfiguration: { logDriver: "awslogs", options } });
const LOGS = { "awslogs-group": "/ecs/web", "awslogs-region": "ap-northeast-1" };

const FAULTS: readonly (readonly [Request, string])[] = [
  [bridge({ family: "a b" }), "Family contains invalid characters."],
  [bridge({ containerDefinitions: [] }), "Container list cannot be empty"],
  [bridge({}, { name: "" }), "Container.name should not be null or empty."],
  [bridge({}, { image: undefined }), "Container.image should not be null or empty."],
  [bridge({}, { image: "a b" }), "Container.image contains invalid characters"],
  [two({}, { name: "app" }), "Container names must be unique within a task definition"],
  [bridge({}, { essential: false }), "Task definition doesn't have any essential container"],

  [
    awsvpc({ portMappings: [{ containerPort: 80, hostPort: 8080 }] }),
    "When networkMode=awsvpc, the host ports and container ports in port mappings must match.",
  ],
  [
    bridge({ networkMode: "host" }, { portMappings: [{ containerPort: 80, hostPort: 8080 }] }),
    "When networkMode=host, the host ports and container ports in port mappings must match.",
  ],
  [fargate({ networkMode: "bridge" }), "Fargate only supports network mode ‘awsvpc’."],
  [awsvpc({ links: ["x"] }), "Links are not supported when networkMode=awsvpc"],
  [awsvpc({ hostname: "x" }), "hostname is not supported on container when networkMode=awsvpc"],
  [
    awsvpc({ extraHosts: [{ hostname: "a", ipAddress: "1.2.3.4" }] }),
    "Extra hosts are not supported on container when networkMode=awsvpc",
  ],
  [awsvpc({ dnsServers: ["1.1.1.1"] }), "DNS servers are not supported on container when networkMode=awsvpc"],
  [
    awsvpc({ disableNetworking: true }),
    "Disable Networking is not supported on container when networkMode=awsvpc",
  ],
  [
    two(
      { portMappings: [{ containerPort: 8085 }] },
      { portMappings: [{ containerPort: 8085 }] },
      { networkMode: "awsvpc" },
    ),
    "TCP container port '8085' is used multiple times in task when networkMode=awsvpc.",
  ],
  [
    awsvpc({
      portMappings: [
        { containerPort: 80, name: "http" },
        { containerPort: 81, name: "http" },
      ],
    }),
    "When networkMode=awsvpc, port mapping name is already used",
  ],
  [bridge({ networkMode: "host" }, { links: ["app"] }), "Links are not supported when networkMode=host"],
  [bridge({ networkMode: "none" }, { links: ["app"] }), "Links are not supported when networkMode=none"],
  [
    two(
      { portMappings: [{ containerPort: 80, hostPort: 3000 }] },
      { portMappings: [{ containerPort: 81, hostPort: 3000 }] },
    ),
    "TCP host port '3000' is mapped multiple times in task.",
  ],
  [
    two(
      { portMappings: [{ containerPort: 53, protocol: "udp" }] },
      { portMappings: [{ containerPort: 53, protocol: "udp" }] },
      { networkMode: "host" },
    ),
    "UDP host port '53' is mapped multiple times in task.",
  ],
  [bridge({}, { portMappings: [{ hostPort: 80 }] }), "Invalid 'containerPort' setting for container 'app'."],
  [
    bridge({}, { portMappings: [{ containerPort: 80, hostPort: 70_000 }] }),
    "Invalid 'hostPort' setting for container 'app'.",
  ],
  [
    bridge({ networkMode: "host" }, { portMappings: [{ containerPortRange: "80-90" }] }),
    "Invalid 'containerPortRange' setting for container 'app'.",
  ],
  [
    bridge({ placementConstraints: [{ type: "distinctInstance" as "memberOf" }] }),
    "constraint.type 'distinctInstance' is not supported.",
  ],
  [
    bridge({ placementConstraints: [{ type: "memberOf", expression: "nonsense" }] }),
    "memberOf expression 'nonsense' is invalid.",
  ],
  [
    bridge({}, { portMappings: [{ containerPort: 80, containerPortRange: "80-90" }] }),
    "Invalid port mapping for container 'app', cannot specify both single port and port range.",
  ],
  [
    bridge({}, { portMappings: [{ containerPortRange: "90-80" }] }),
    "Invalid 'containerPortRange' setting for container 'app'.",
  ],

  [fargate({ cpu: undefined }), "Fargate requires that 'cpu' be defined at the task level."],
  [fargate({ memory: undefined }), "Fargate requires that 'memory' be defined at the task level."],
  [
    sizes("4096", "4096"),
    "No Fargate configuration exists for given values: 4096 CPU, 4096 memory. See the Amazon ECS documentation for the valid values.",
  ],
  [
    bridge({ cpu: "64" }),
    "Invalid 'cpu' setting for task. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.",
  ],
  [
    bridge({}, { memory: undefined }),
    "Invalid setting for container 'app'. At least one of 'memory' or 'memoryReservation' must be specified.",
  ],
  [
    bridge({}, { memory: 100, memoryReservation: 200 }),
    "Invalid setting for container 'app'. 'memory' must be greater than or equal to 'memoryReservation'",
  ],
  [fargate({}, { memory: 1024 }), "The 'memory' setting for container 'app' is greater than for the task"],
  [
    fargate({}, { cpu: 512 }),
    "The sum of all container 'cpu' values cannot be greater than the task-level 'cpu' value",
  ],
  [fargate({ ephemeralStorage: { sizeInGiB: 20 } }), "EphemeralStorage size should be at least 21"],
  [fargate({ ephemeralStorage: { sizeInGiB: 201 } }), "EphemeralStorage size should be at most 200"],
  [
    bridge({ requiresCompatibilities: ["EC2"], ephemeralStorage: { sizeInGiB: 30 } }),
    "Tasks using the EC2 launch type do not support EphemeralStorage",
  ],

  [
    bridge({}, { dependsOn: [{ containerName: "nope", condition: "START" }] }),
    "Cannot depend on container + 'nope' because it does not exist",
  ],
  [
    two({ dependsOn: [{ containerName: "side", condition: "SUCCESS" }] }, {}),
    "A dependency container with SUCCESS or COMPLETE condition cannot be an essential container",
  ],
  [
    two({ dependsOn: [{ containerName: "side", condition: "HEALTHY" }] }, {}),
    "A dependency container with HEALTHY condition must have health check configured",
  ],
  [
    two(
      { dependsOn: [{ containerName: "side", condition: "START" }] },
      { dependsOn: [{ containerName: "app", condition: "START" }] },
    ),
    "Container dependsOn contains a cycle",
  ],
  [bridge({}, { mountPoints: [{ sourceVolume: "nope" }] }), "Unknown volume 'nope'."],
  [
    bridge({ volumes: [{ name: "v", configuredAtLaunch: true }] }),
    "Volumes [v] are not referenced by any of the containers",
  ],
  [
    bridge({}, { volumesFrom: [{ sourceContainer: "x" }] }),
    "Invalid 'volumesFrom' setting. Unknown container: 'x'",
  ],
  [
    efs({ authorizationConfig: { iam: "ENABLED" } }),
    "EFS IAM authorization requires TransitEncryption to be enabled",
  ],
  [efs({ fileSystemId: "../../../../etc" }), "Invalid file system ID: ../../../../etc"],
  [efs({ authorizationConfig: { accessPointId: "../x" } }), "Invalid access point ID: ../x"],
  [bridge({ volumes: [{ name: "../x" }] }), "volume.name contains invalid characters."],
  [bridge({ volumes: [{}] }), "volume.name contains invalid characters."],
  [
    bridge({
      volumes: [{ name: "v", host: { sourcePath: "/a" }, efsVolumeConfiguration: { fileSystemId: "fs-1" } }],
    }),
    "When the volume parameter is specified, only one volume configuration type should be used.",
  ],
  [efs({ transitEncryptionPort: 2049 }), "TransitEncryptionPort requires that TransitEncryption is enabled"],
  [
    efs({
      transitEncryption: "ENABLED",
      authorizationConfig: { accessPointId: "fsap-1" },
      rootDirectory: "/x",
    }),
    'When using an EFS access point, the root directory must either be set to "/" or be omitted',
  ],
  [
    healthCheck({ interval: 301 }),
    "Health check interval must be less than or equal to the maximum allowed value 300 for container 'app'",
  ],
  [
    healthCheck({ retries: 11 }),
    "Health check retries must be less than or equal to the maximum allowed value 10 for container 'app'",
  ],
  [
    healthCheck({ interval: 1 }),
    "Health check interval must be greater than or equal to the minimum allowed value 5 for container 'app'",
  ],
  [
    bridge({}, { restartPolicy: { enabled: true, restartAttemptPeriod: 59 } }),
    "The 'restartAttemptPeriod' setting for container 'app' must be between 60 and 1800.",
  ],
  [
    bridge({}, { ulimits: [{ name: "nofile", softLimit: 2, hardLimit: 1 }] }),
    "Soft limit exceeds hard limit for ulimit nofile",
  ],
  [
    bridge(
      {},
      { environmentFiles: Array.from({ length: 11 }, () => ({ value: "arn:aws:s3:::b/e.env", type: "s3" })) },
    ),
    "The maximum number of environment files was exceeded. Specify ten or less and try again",
  ],
  [bridge({}, { environmentFiles: [{ value: "e.env", type: "s3" }] }), "Invalid arn syntax"],
  [
    bridge({}, { secrets: [{ name: "A", valueFrom: "a" }] }),
    "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'",
  ],
  [awslogs({ "awslogs-region": "us-east-1" }), "Log driver awslogs requires options: awslogs-group"],
  [awslogs({}), "Log driver awslogs requires options: awslogs-group, awslogs-region"],
  [
    bridge({}, { logConfiguration: { logDriver: "awsfirelens" } }),
    "When awsfirelens log driver is specified in log configuration, a firelens configuration object must be specified",
  ],

  [
    fargate({}, { linuxParameters: { devices: [{ hostPath: "/dev/kvm" }] } }),
    "Fargate compatible task definitions do not support devices",
  ],
  [
    fargate({}, { dockerSecurityOptions: ["no-new-privileges"] }),
    "Fargate compatible task definitions do not support dockerSecurityOptions",
  ],
  [
    fargate({ volumes: [{ name: "v", dockerVolumeConfiguration: {} }] }),
    "Fargate compatible task definitions do not support dockerVolumeConfiguration",
  ],
  [
    fargate({ volumes: [{ name: "v", host: { sourcePath: "/x" } }] }),
    "Fargate compatible task definitions do not support sourcePath",
  ],
  [fargate({ ipcMode: "task" }), "Fargate compatible task definitions do not support ipcMode"],
  [
    fargate({}, { linuxParameters: { maxSwap: 1 } }),
    "Fargate compatible task definitions do not support maxSwap",
  ],
  [
    fargate({}, { linuxParameters: { sharedMemorySize: 64 } }),
    "Fargate compatible task definitions do not support sharedMemorySize",
  ],
  [
    fargate({ placementConstraints: [{ type: "memberOf", expression: "x" }] }),
    "Fargate compatible task definitions do not support constraints",
  ],
  [fargate({}, { privileged: true }), "Fargate requires that the 'privileged' setting be 'false'"],
  [
    fargate({}, { resourceRequirements: [{ type: "GPU", value: "1" }] }),
    "Tasks using the Fargate launch type do not support GPU resource requirements",
  ],
  [
    fargate({ pidMode: "host" }),
    "Tasks using the Fargate launch type do not support pidMode 'host'. The supported value for pidMode is 'task'.",
  ],
  [
    fargate({}, { linuxParameters: { capabilities: { add: ["NET_ADMIN"] } } }),
    "NET_ADMIN is not allowed on Fargate.",
  ],
  [
    fargate({}, { logConfiguration: { logDriver: "syslog" } }),
    "syslog is not a valid log driver. Must be one of [awslogs, splunk, awsfirelens]",
  ],
  [
    fargate({ executionRoleArn: undefined }, { logConfiguration: { logDriver: "awslogs", options: LOGS } }),
    "Fargate requires task definition to have execution role ARN to support log driver awslogs.",
  ],
  [awslogs(LOGS), "Fargate requires log configuration options to include awslogs-stream-prefix"],
  [
    fargate(
      { executionRoleArn: undefined },
      { image: "000000000000.dkr.ecr.ap-northeast-1.amazonaws.com/web:1" },
    ),
    "Fargate requires task definition to have execution role ARN to support ECR images.",
  ],
  [
    bridge({ inferenceAccelerators: [{ deviceName: "d", deviceType: "t" }] }),
    "Unsupported field 'inferenceAccelerators'",
  ],
  [
    bridge({ proxyConfiguration: { containerName: "app" } }),
    "APPMESH proxy configuration is only supported in networkMode=awsvpc",
  ],
  [fargate({ proxyConfiguration: { containerName: "x" } }), "Proxy container [x] does not exist"],
  [fargate({ proxyConfiguration: { containerName: "app" } }), "Ingress port not found"],
  [bridge({ taskRoleArn: "arn:aws:iam::1:user/x" }), "Role is not valid"],
];

for (const [request, message] of FAULTS) {
  test(`RegisterTaskDefinition refuses: ${message}`, () => {
    assert.equal(findTaskDefinitionFault(request), message);
  });
}

test("definitions without faults pass", () => {
  assert.equal(findTaskDefinitionFault(fargate()), undefined);
  assert.equal(findTaskDefinitionFault(bridge()), undefined);
  assert.equal(findTaskDefinitionFault(awslogs({ ...LOGS, "awslogs-stream-prefix": "web" })), undefined);
  assert.equal(
    findTaskDefinitionFault(fargate({ cpu: "1 vCPU", memory: "2 GB", taskRoleArn: "tasks" })),
    undefined,
  );
  assert.equal(
    findTaskDefinitionFault(awsvpc({ portMappings: [{ containerPort: 80, hostPort: 0 }] })),
    undefined,
    "hostPort 0 is no host port",
  );
});

test("Fargate offers these sizes and no others", () => {
  const offered = (cpu: number, memory: number) =>
    findTaskDefinitionFault(sizes(String(cpu), String(memory))) === undefined;
  assert.ok(offered(256, 2048) && !offered(256, 3072));
  assert.ok(offered(512, 4096) && !offered(512, 512));
  assert.ok(offered(1024, 8192) && !offered(1024, 9216));
  assert.ok(offered(2048, 16_384) && !offered(2048, 3072));
  assert.ok(offered(4096, 30_720) && !offered(4096, 31_744));
  assert.ok(offered(8192, 20_480) && !offered(8192, 18_432));
  assert.ok(offered(16_384, 122_880) && !offered(16_384, 36_864));
});

test("a definition is compatible with Fargate when it could have required it", () => {
  const unasked = { requiresCompatibilities: undefined };
  assert.deepEqual(compatibilitiesOf(fargate(unasked)), ["EC2", "FARGATE", "MANAGED_INSTANCES"]);
  assert.deepEqual(compatibilitiesOf(fargate(unasked, { privileged: true })), ["EC2", "MANAGED_INSTANCES"]);
  assert.deepEqual(compatibilitiesOf(fargate({ ...unasked, cpu: "512", memory: "717" })), [
    "EC2",
    "MANAGED_INSTANCES",
  ]);
  assert.deepEqual(compatibilitiesOf(bridge()), ["EXTERNAL", "EC2"]);
});
