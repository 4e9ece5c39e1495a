import assert from "node:assert/strict";
import { test } from "node:test";
import type * as wire from "@aws-sdk/client-ecs";
import type { Service } from "../../model/ecs/records.ts";
import { deployments, services } from "../../store/tables/ecs.ts";
import { deregisterTaskDefinition } from "./describe-task-definition.ts";
import {
  client,
  createWeb,
  type EcsTestContext,
  ecsContext,
  FOREIGN_GROUP,
  FOREIGN_SUBNET,
  fault,
  GROUP,
  invalid,
  putRegistries,
  putTargetGroup,
  REGISTRY,
  registerWeb,
  SRV_REGISTRY,
  SUBNET,
  TARGET_GROUP,
  unsupported,
} from "./testing.ts";
import { deleteService } from "./update-service.ts";

const ARN = "arn:aws:ecs:ap-northeast-1:000000000000:service/main/web";

function refuses(
  change: Partial<wire.CreateServiceRequest>,
  error: { name: string; message: string | RegExp },
  context: EcsTestContext = ecsContext(),
): void {
  assert.throws(() => createWeb(context, change), error);
  assert.equal(context.store.list(services).length, 0, "a refused request changes nothing");
}

function setStatus({ store }: EcsTestContext, status: Service["status"]): void {
  const service = store.get(services, ARN) ?? assert.fail("no service");
  store.transaction((tx) => tx.put(services, { ...service, status }));
}

test("a service is ACTIVE at once, with a PRIMARY deployment that is in progress", () => {
  const service = createWeb(ecsContext());
  assert.equal(service.serviceArn, ARN);
  assert.equal(service.clusterArn, "arn:aws:ecs:ap-northeast-1:000000000000:cluster/main");
  assert.equal(
    service.taskDefinition,
    "arn:aws:ecs:ap-northeast-1:000000000000:task-definition/web:1",
    "always the full ARN",
  );
  assert.deepEqual([service.status, service.desiredCount, service.runningCount], ["ACTIVE", 2, 0]);
  assert.deepEqual(
    [
      service.schedulingStrategy,
      service.launchType,
      service.propagateTags,
      service.availabilityZoneRebalancing,
    ],
    ["REPLICA", "FARGATE", "NONE", "ENABLED"],
  );
  assert.deepEqual([service.platformVersion, service.platformFamily], ["LATEST", "Linux"]);
  assert.equal(service.enableExecuteCommand, false);
  assert.deepEqual(service.deploymentController, { type: "ECS" });
  assert.deepEqual(service.deploymentConfiguration, {
    deploymentCircuitBreaker: {
      enable: false,
      rollback: false,
      resetOnHealthyTask: true,
      thresholdConfiguration: { type: "BOUNDED_PERCENT", value: 50 },
    },
    maximumPercent: 200,
    minimumHealthyPercent: 100,
    strategy: "ROLLING",
    bakeTimeInMinutes: 0,
  });
  const [deployment] = service.deployments ?? [];
  assert.match(deployment?.id ?? "", /^ecs-svc\/\d{19}$/);
  assert.deepEqual([deployment?.status, deployment?.rolloutState], ["PRIMARY", "IN_PROGRESS"]);
  assert.equal(deployment?.rolloutStateReason, `ECS deployment ${deployment?.id} in progress.`);
  assert.match(service.currentServiceDeployment ?? "", /:service-deployment\/main\/web\/[A-Za-z0-9_-]{21}$/);
});

test("the service revision has the number of the deployment", () => {
  const { deployments: [deployment] = [], currentServiceRevisions: [revision] = [] } = createWeb(
    ecsContext(),
  );
  assert.equal(revision?.arn?.split("/").at(-1), deployment?.id?.split("/").at(-1));
});

test("the network configuration must fit the network mode, and be there", () => {
  const awsvpc = (change: object) => ({
    networkConfiguration: { awsvpcConfiguration: { subnets: [SUBNET], ...change } },
  });
  refuses(
    { networkConfiguration: undefined },
    invalid("Network Configuration must be provided when networkMode 'awsvpc' is specified."),
  );
  refuses(awsvpc({ subnets: [] }), invalid("subnets can not be empty."));
  refuses(awsvpc({ subnets: Array(17).fill(SUBNET) }), invalid("subnets can have at most 16 items."));
  refuses(
    awsvpc({ securityGroups: Array(6).fill(GROUP) }),
    invalid("securityGroups can have at most 5 items."),
  );
  refuses(
    awsvpc({ subnets: ["subnet-x"] }),
    invalid(
      "Error retrieving subnet information for [subnet-x]: The subnet ID 'subnet-x' does not exist (ErrorCode: InvalidSubnetID.NotFound)",
    ),
  );
  refuses(
    awsvpc({ securityGroups: ["sg-x"] }),
    invalid(
      "Error retrieving security group information for [sg-x]: The security group 'sg-x' does not exist (ErrorCode: InvalidGroup.NotFound)",
    ),
  );
  refuses(
    awsvpc({ securityGroups: [FOREIGN_GROUP] }),
    invalid(
      `Security group ${FOREIGN_GROUP} does not appear to belong to the same VPC as the input subnets.`,
    ),
  );
  refuses(
    awsvpc({ subnets: [SUBNET, FOREIGN_SUBNET] }),
    invalid("All specified subnets must be from the same VPC."),
  );
  const context = ecsContext();
  registerWeb(context, { family: "bridge", networkMode: "bridge", requiresCompatibilities: ["EC2"] });
  refuses(
    { taskDefinition: "bridge", launchType: "EC2" },
    invalid("Network Configuration is not valid for the given networkMode of this task definition."),
    context,
  );
  refuses(
    { ...awsvpc({ assignPublicIp: "ENABLED" }), launchType: "EC2" },
    invalid("Assign public IP is not supported for this launch type."),
  );
});

test("the target group must have a load balancer, type ip, and a container port of the definition", () => {
  const withTarget = (change: Partial<wire.LoadBalancer> = {}) => ({
    loadBalancers: [{ targetGroupArn: TARGET_GROUP, containerName: "app", containerPort: 80, ...change }],
  });
  const context = ecsContext();
  putTargetGroup(context, { inUse: false });
  refuses(
    withTarget(),
    invalid(
      `The target group with targetGroupArn ${TARGET_GROUP} does not have an associated load balancer.`,
    ),
    context,
  );
  refuses(
    withTarget({ containerName: "x" }),
    invalid("The container x does not exist in the task definition."),
    context,
  );
  refuses(
    withTarget({ containerPort: 8080 }),
    invalid("The container app did not have a container port 8080 defined."),
    context,
  );
  refuses(
    withTarget({ loadBalancerName: "classic" }),
    invalid("loadBalancerName and targetGroupArn cannot both be specified"),
    context,
  );
  refuses(
    withTarget({ loadBalancerName: "classic", targetGroupArn: undefined }),
    invalid("Classic Load Balancers are not supported with Fargate"),
    context,
  );
  refuses(
    { ...withTarget(), role: "ecsServiceRole" },
    invalid("You cannot specify an IAM role for services that require a service linked role."),
    context,
  );
  putTargetGroup(context, { inUse: true, targetType: "instance" });
  refuses(
    withTarget(),
    invalid(
      `The provided target group ${TARGET_GROUP} has target type instance, which is incompatible with the awsvpc network mode specified in the task definition.`,
    ),
    context,
  );
  putTargetGroup(context, { inUse: true });
  const service = createWeb(context, withTarget());
  assert.deepEqual(service.loadBalancers, [
    { targetGroupArn: TARGET_GROUP, containerName: "app", containerPort: 80 },
  ]);
  assert.equal(service.healthCheckGracePeriodSeconds, 0);
});

test("service registries: one, there, with a port only where the record has one", () => {
  const context = ecsContext();
  putRegistries(context);
  const withRegistry = (...serviceRegistries: wire.ServiceRegistry[]) => ({ serviceRegistries });
  refuses(
    withRegistry({ registryArn: REGISTRY }, { registryArn: SRV_REGISTRY }),
    invalid("service registries can have at most 1 items"),
    context,
  );
  const namespace = "arn:aws:servicediscovery:ap-northeast-1:000000000000:namespace/ns-1";
  refuses(
    withRegistry({ registryArn: namespace }),
    invalid(`The format of the supplied service registry ARN is invalid: ${namespace}.`),
    context,
  );
  for (const surplus of [{ containerName: "app", containerPort: 80 }, { port: 80 }]) {
    refuses(
      withRegistry({ registryArn: REGISTRY, ...surplus }),
      invalid(
        `The values specified for serviceRegistries do not require a value for '${"port" in surplus ? "Port" : "containerPort"}'. Remove the value and retry. Registry: ${REGISTRY}`,
      ),
      context,
    );
  }
  refuses(
    withRegistry({ registryArn: SRV_REGISTRY, port: 80, containerName: "app", containerPort: 80 }),
    invalid(
      "Specify a value for either 'port' or the 'containerName' and 'containerPort' combination, but not both. Remove one and retry.",
    ),
    context,
  );
  const service = createWeb(context, withRegistry({ registryArn: REGISTRY }));
  assert.deepEqual(service.serviceRegistries, [{ registryArn: REGISTRY }]);
});

test("launch type, strategy and platform version must agree", () => {
  refuses(
    { capacityProviderStrategy: [{ capacityProvider: "FARGATE", weight: 1 }] },
    invalid(
      "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.",
    ),
  );
  refuses(
    { launchType: "EC2", platformVersion: "1.4.0" },
    invalid("The platform version must be null when specifying an EC2 launch type"),
  );
  refuses(
    { platformVersion: "9.9.9" },
    fault("PlatformUnknownException", "The specified platform version doesn't exist."),
  );
  refuses(
    { placementStrategy: [{ type: "random" }] },
    invalid("Placement strategies are not supported with FARGATE launch type."),
  );
  refuses(
    { placementConstraints: [{ type: "distinctInstance" }] },
    invalid("Placement constraints are not supported with FARGATE launch type."),
  );
  const context = ecsContext();
  registerWeb(context, { family: "odd", requiresCompatibilities: [], cpu: "512", memory: "717" });
  refuses(
    { taskDefinition: "odd" },
    invalid("Task definition does not support launch_type FARGATE."),
    context,
  );
});

test("the deployment configuration must leave room to deploy", () => {
  const configured = (deploymentConfiguration: wire.DeploymentConfiguration) => ({ deploymentConfiguration });
  refuses(configured({ minimumHealthyPercent: 101 }), invalid("minimumHealthyPercent must be at most 100"));
  refuses(configured({ maximumPercent: 99 }), invalid("maximumPercent must be at least 100"));
  refuses(
    configured({ minimumHealthyPercent: 100, maximumPercent: 100 }),
    invalid("Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments."),
  );
});

test("what Berth cannot do yet is refused by name, never taken as if it were done", () => {
  refuses({ launchType: "EXTERNAL" }, unsupported(/launch type EXTERNAL/));
  refuses({ deploymentController: { type: "CODE_DEPLOY" } }, unsupported(/CODE_DEPLOY/));
  refuses({ deploymentConfiguration: { strategy: "BLUE_GREEN" } }, unsupported(/BLUE_GREEN/));
  refuses(
    { deploymentConfiguration: { alarms: { alarmNames: ["a"], enable: true, rollback: true } } },
    unsupported(/alarms/),
  );
  refuses({ serviceConnectConfiguration: { enabled: true } }, unsupported(/Service Connect/));
  const context = ecsContext();
  registerWeb(context, {
    family: "files",
    containerDefinitions: [
      { name: "app", image: "nginx", environmentFiles: [{ type: "s3", value: "arn:aws:s3:::b/k" }] },
      { name: "side", image: "nginx", credentialSpecs: ["credentialspec:a"] },
    ],
    volumes: [
      {
        name: "v",
        fsxWindowsFileServerVolumeConfiguration: {
          fileSystemId: "fs-1",
          rootDirectory: "/",
          authorizationConfig: { credentialsParameter: "a", domain: "d" },
        },
      },
    ],
  });
  refuses(
    { taskDefinition: "files" },
    unsupported(/fsxWindowsFileServerVolumeConfiguration \(volume v\), credentialSpecs \(container side\)/),
    context,
  );
});

test("words that are none of the choices are refused", () => {
  // The wire lets any text through for a choice.
  const given = (change: object) => change as Partial<wire.CreateServiceRequest>;
  refuses(given({ launchType: "MOON" }), invalid("launch type should be one of [EC2,FARGATE,EXTERNAL]"));
  refuses(
    given({ propagateTags: "ALL" }),
    invalid("propagateTags should be one of [TASK_DEFINITION,SERVICE,NONE]"),
  );
  refuses(
    given({ schedulingStrategy: "X" }),
    invalid("schedulingStrategy should be one of [REPLICA,DAEMON]"),
  );
  refuses(
    given({ networkConfiguration: { awsvpcConfiguration: { subnets: [SUBNET], assignPublicIp: "yes" } } }),
    invalid("assignPublicIp should be one of [ENABLED,DISABLED]"),
  );
});

test("ECS Exec needs a task role", () => {
  refuses(
    { enableExecuteCommand: true },
    invalid(
      "The service couldn't be created because a valid taskRoleArn is not being used. Specify a valid task role in your task definition and try again.",
    ),
  );
  const context = ecsContext();
  registerWeb(context, { taskRoleArn: "arn:aws:iam::000000000000:role/tasks" });
  assert.equal(createWeb(context, { enableExecuteCommand: true }).enableExecuteCommand, true);
});

test("names and task definitions that are not there are refused in ECS's words", () => {
  refuses(
    { serviceName: "bad name" },
    invalid("ServiceName must match ^[a-zA-Z0-9\\-_]{1,255}$, but was bad name"),
  );
  refuses({ cluster: "nope" }, fault("ClusterNotFoundException", "Cluster not found."));
  refuses({ taskDefinition: "nope" }, client("TaskDefinition not found."));
  const context = ecsContext();
  deregisterTaskDefinition({ taskDefinition: "web:1" }, context);
  refuses({ taskDefinition: "web:1" }, client("TaskDefinition is inactive"), context);
});

test("the same request again returns the service; another of its name is no idempotent one", () => {
  const context = ecsContext();
  const first = createWeb(context);
  assert.deepEqual(createWeb(context), first);
  assert.throws(
    () => createWeb(context, { desiredCount: 3 }),
    invalid("Creation of service was not idempotent."),
  );
  assert.equal(context.store.list(deployments).length, 1);
});

test("a name is free again when its service is INACTIVE, not while it drains", () => {
  const context = ecsContext();
  const before = createWeb(context);
  deleteService({ cluster: "main", service: "web", force: true }, context);
  assert.throws(() => createWeb(context), invalid("Unable to Start a service that is still Draining."));
  setStatus(context, "INACTIVE");
  context.clock.advance(1000);
  const after = createWeb(context);
  assert.equal(after.status, "ACTIVE");
  assert.notEqual(after.deployments?.[0]?.id, before.deployments?.[0]?.id);
  assert.equal(after.deployments?.length, 1, "nothing of the former service is left");
});
