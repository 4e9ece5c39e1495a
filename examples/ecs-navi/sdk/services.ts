/** Task definitions and services. */
import {
  type ContainerDefinition,
  CreateServiceCommand,
  type ECSClient,
  RegisterTaskDefinitionCommand,
} from "@aws-sdk/client-ecs";

export async function registerTaskDefinitions(
  ecs: ECSClient,
  registry: string,
  roleArn: string,
  region: string,
): Promise<{ backend: string; proxy: string }> {
  const container = (name: string, image: string, log: string, port?: number): ContainerDefinition => ({
    name,
    image: `${registry}/${image}:latest`,
    ...(port === undefined ? {} : { portMappings: [{ containerPort: port }] }),
    logConfiguration: {
      logDriver: "awslogs",
      options: {
        "awslogs-group": `/ecs/${log}`,
        "awslogs-region": region,
        "awslogs-stream-prefix": `ecs-${log}`,
      },
    },
  });
  const register = async (family: string, containerDefinitions: ContainerDefinition[]) => {
    const { taskDefinition } = await ecs.send(
      new RegisterTaskDefinitionCommand({
        family,
        requiresCompatibilities: ["FARGATE"],
        networkMode: "awsvpc",
        cpu: "256",
        memory: "512",
        taskRoleArn: roleArn,
        executionRoleArn: roleArn,
        containerDefinitions,
      }),
    );
    return taskDefinition?.taskDefinitionArn ?? "";
  };
  return {
    // Containers of one task talk over localhost: nginx passes to php-fpm at 127.0.0.1:9000.
    backend: await register("ecs-navi-nginx-task", [
      container("nginx", "ecs-navi-nginx", "nginx", 80),
      container("api", "ecs-navi-api", "api"),
    ]),
    proxy: await register("ecs-navi-nginx-proxy-task", [
      container("nginx", "ecs-navi-nginx-proxy", "nginx-proxy", 80),
    ]),
  };
}

export interface ServiceParts {
  readonly name: string;
  readonly taskDefinition: string;
  readonly desiredCount: number;
  readonly subnets: string[];
  readonly securityGroup: string;
  readonly targetGroupArn: string;
  readonly registryArn: string;
}

export async function createService(ecs: ECSClient, parts: ServiceParts): Promise<void> {
  await ecs.send(
    new CreateServiceCommand({
      cluster: "ecs-navi-cluster",
      serviceName: parts.name,
      taskDefinition: parts.taskDefinition,
      desiredCount: parts.desiredCount,
      launchType: "FARGATE",
      enableExecuteCommand: true,
      networkConfiguration: {
        awsvpcConfiguration: { subnets: parts.subnets, securityGroups: [parts.securityGroup] },
      },
      loadBalancers: [{ targetGroupArn: parts.targetGroupArn, containerName: "nginx", containerPort: 80 }],
      serviceRegistries: [{ registryArn: parts.registryArn }],
    }),
  );
}
