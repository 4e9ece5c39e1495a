/** Task definitions and services: one service up to step 4, two in step 5. */
import { createHash } from "node:crypto";
import {
  type ContainerDefinition,
  CreateServiceCommand,
  type CreateServiceRequest,
  DeleteServiceCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  type ECSClient,
  RegisterTaskDefinitionCommand,
  type Service,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs";
import { CLUSTER, LOG_GROUP, NAME, present, until } from "./clients.ts";
import type { Step } from "./steps.ts";

/** Of a task definition: what it was made from. */
const DIGEST_TAG = "made-from";

export const SERVICE = `${NAME}-service`;
export const NGINX_SERVICE = `${NAME}-nginx-service`;
export const GUNICORN_SERVICE = `${NAME}-gunicorn-service`;

export interface ServiceParts {
  readonly registry: string;
  readonly region: string;
  readonly executionRoleArn: string;
  readonly subnetId: string;
  readonly taskGroup: string;
  readonly gunicornGroup: string;
  readonly targetGroupArns: { readonly instance: string; readonly ip: string };
}

/** Steps 1 to 4. A service keeps its kind of targets: another network mode is another service. */
export async function ensureOneService(ecs: ECSClient, step: Step, parts: ServiceParts): Promise<void> {
  await removeService(ecs, NGINX_SERVICE);
  await removeService(ecs, GUNICORN_SERVICE);
  const bridge = step.network === "bridge";
  const gunicorn = gunicornContainer(parts);
  const taskDefinition = await register(ecs, NAME, step.network, parts, [
    nginxContainer(parts, step),
    // nginx first: it gets 172.17.0.2, and gunicorn 172.17.0.3.
    { ...gunicorn, dependsOn: [{ containerName: "nginx", condition: "START" }] },
  ]);
  const existing = await findService(ecs, SERVICE);
  const isBridge = existing !== undefined && existing.networkConfiguration === undefined;
  if (existing !== undefined && isBridge === bridge) {
    await ecs.send(
      new UpdateServiceCommand({
        cluster: CLUSTER,
        service: SERVICE,
        taskDefinition,
        desiredCount: step.tasks,
      }),
    );
    return;
  }
  await removeService(ecs, SERVICE);
  await ecs.send(
    new CreateServiceCommand({
      cluster: CLUSTER,
      serviceName: SERVICE,
      taskDefinition,
      desiredCount: step.tasks,
      launchType: "EC2",
      // The old task goes before the new one comes: on a t2.micro only one has an interface (awsvpc), and only one at
      // a time has 172.17.0.3 (bridge).
      deploymentConfiguration: { minimumHealthyPercent: 0, maximumPercent: 100 },
      loadBalancers: [
        {
          targetGroupArn: bridge ? parts.targetGroupArns.instance : parts.targetGroupArns.ip,
          containerName: "nginx",
          containerPort: 80,
        },
      ],
      ...(bridge ? {} : interfaceOf(parts.subnetId, parts.taskGroup)),
    }),
  );
}

/** Step 5. */
export async function ensureTwoServices(
  ecs: ECSClient,
  step: Step,
  parts: ServiceParts,
  registryArn: string,
): Promise<void> {
  await removeService(ecs, SERVICE);
  const nginx = await register(ecs, `${NAME}-nginx`, "awsvpc", parts, [nginxContainer(parts, step)]);
  const gunicorn = await register(ecs, `${NAME}-gunicorn`, "awsvpc", parts, [
    { ...gunicornContainer(parts), portMappings: [{ containerPort: 8000, hostPort: 8000 }] },
  ]);
  await ensureService(ecs, {
    serviceName: GUNICORN_SERVICE,
    taskDefinition: gunicorn,
    serviceRegistries: [{ registryArn }],
    ...interfaceOf(parts.subnetId, parts.gunicornGroup),
  });
  await ensureService(ecs, {
    serviceName: NGINX_SERVICE,
    taskDefinition: nginx,
    loadBalancers: [{ targetGroupArn: parts.targetGroupArns.ip, containerName: "nginx", containerPort: 80 }],
    ...interfaceOf(parts.subnetId, parts.taskGroup),
  });
}

export async function scaleService(ecs: ECSClient, service: string, desiredCount: number): Promise<void> {
  await ecs.send(new UpdateServiceCommand({ cluster: CLUSTER, service, desiredCount }));
}

function nginxContainer(parts: ServiceParts, step: Step): ContainerDefinition {
  return {
    name: "nginx",
    image: `${parts.registry}/ecs-django-nginx:${step.conf}`,
    memory: 128,
    essential: true,
    // Bridge: Docker chooses a free port of the instance. awsvpc: the port of the task's own interface.
    portMappings: [{ containerPort: 80, hostPort: step.network === "bridge" ? 0 : 80 }],
    logConfiguration: logConfiguration(parts),
  };
}

function gunicornContainer(parts: ServiceParts): ContainerDefinition {
  return {
    name: "gunicorn",
    image: `${parts.registry}/ecs-django-gunicorn:latest`,
    memory: 256,
    essential: true,
    logConfiguration: logConfiguration(parts),
  };
}

function logConfiguration({ region }: ServiceParts): NonNullable<ContainerDefinition["logConfiguration"]> {
  return {
    logDriver: "awslogs",
    options: { "awslogs-group": LOG_GROUP, "awslogs-region": region, "awslogs-stream-prefix": "ecs" },
  };
}

function interfaceOf(subnet: string, group: string): Pick<CreateServiceRequest, "networkConfiguration"> {
  return { networkConfiguration: { awsvpcConfiguration: { subnets: [subnet], securityGroups: [group] } } };
}

async function register(
  ecs: ECSClient,
  family: string,
  networkMode: "bridge" | "awsvpc",
  { executionRoleArn }: ServiceParts,
  containerDefinitions: ContainerDefinition[],
): Promise<string> {
  // As Terraform: the same again is no new revision, and so no new deployment.
  const digest = createHash("sha256")
    .update(JSON.stringify([networkMode, executionRoleArn, containerDefinitions]))
    .digest("hex");
  const latest = await ecs
    .send(new DescribeTaskDefinitionCommand({ taskDefinition: family, include: ["TAGS"] }))
    .catch(() => undefined);
  if (latest?.tags?.some(({ key, value }) => key === DIGEST_TAG && value === digest)) {
    return present(latest.taskDefinition?.taskDefinitionArn, "taskDefinitionArn");
  }
  const { taskDefinition } = await ecs.send(
    new RegisterTaskDefinitionCommand({
      family,
      requiresCompatibilities: ["EC2"],
      networkMode,
      executionRoleArn,
      containerDefinitions,
      tags: [{ key: DIGEST_TAG, value: digest }],
    }),
  );
  return present(taskDefinition?.taskDefinitionArn, "taskDefinitionArn");
}

async function ensureService(
  ecs: ECSClient,
  request: Omit<CreateServiceRequest, "cluster" | "desiredCount" | "launchType">,
): Promise<void> {
  const { serviceName: service = "", taskDefinition } = request;
  if ((await findService(ecs, service)) !== undefined) {
    await ecs.send(new UpdateServiceCommand({ cluster: CLUSTER, service, taskDefinition, desiredCount: 1 }));
    return;
  }
  await ecs.send(
    new CreateServiceCommand({ ...request, cluster: CLUSTER, desiredCount: 1, launchType: "EC2" }),
  );
}

async function findService(ecs: ECSClient, name: string): Promise<Service | undefined> {
  const { services } = await ecs.send(new DescribeServicesCommand({ cluster: CLUSTER, services: [name] }));
  return services?.find(({ status }) => status === "ACTIVE");
}

async function removeService(ecs: ECSClient, service: string): Promise<void> {
  if ((await findService(ecs, service)) === undefined) return;
  await ecs.send(new DeleteServiceCommand({ cluster: CLUSTER, service, force: true }));
  await until(`${service} is gone`, 180, async () => {
    const { services } = await ecs.send(
      new DescribeServicesCommand({ cluster: CLUSTER, services: [service] }),
    );
    return services?.[0]?.status !== "DRAINING";
  });
}
