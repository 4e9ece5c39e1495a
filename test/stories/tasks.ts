/** Tasks and services of the test image, and what is run inside them. */
import {
  type ContainerDefinition,
  CreateServiceCommand,
  DescribeServicesCommand,
  DescribeTasksCommand,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  RunTaskCommand,
  type Service,
  type Task,
} from "@aws-sdk/client-ecs";
import { type Finished, present, run, type TestBerth, until } from "./harness.ts";

export const CLUSTER = "stories";

/** One container, `web`. `name` is also what its server calls itself. */
export async function registerTask(
  { ecs, image }: TestBerth,
  name: string,
  more: Partial<ContainerDefinition> = {},
): Promise<string> {
  const { taskDefinition } = await ecs.send(
    new RegisterTaskDefinitionCommand({
      family: name,
      requiresCompatibilities: ["FARGATE"],
      networkMode: "awsvpc",
      cpu: "256",
      memory: "512",
      executionRoleArn: "arn:aws:iam::000000000000:role/stories",
      containerDefinitions: [
        {
          name: "web",
          image,
          portMappings: [{ containerPort: 80 }],
          environment: [{ name: "NAME", value: name }],
          stopTimeout: 2,
          ...more,
        },
      ],
    }),
  );
  return present(taskDefinition?.taskDefinitionArn, "taskDefinitionArn");
}

export interface Place {
  readonly subnet: string;
  readonly securityGroup: string;
}

function configurationOf({ subnet, securityGroup }: Place) {
  return { awsvpcConfiguration: { subnets: [subnet], securityGroups: [securityGroup] } };
}

export async function startTask({ ecs }: TestBerth, taskDefinition: string, place: Place): Promise<string> {
  const { tasks, failures } = await ecs.send(
    new RunTaskCommand({
      cluster: CLUSTER,
      taskDefinition,
      launchType: "FARGATE",
      networkConfiguration: configurationOf(place),
    }),
  );
  return present(tasks?.[0]?.taskArn, `taskArn (${JSON.stringify(failures)})`);
}

export async function createService(
  { ecs }: TestBerth,
  serviceName: string,
  taskDefinition: string,
  place: Place,
  more: {
    readonly desiredCount?: number;
    readonly registryArn?: string;
    readonly targetGroupArn?: string;
  } = {},
): Promise<void> {
  await ecs.send(
    new CreateServiceCommand({
      cluster: CLUSTER,
      serviceName,
      taskDefinition,
      desiredCount: more.desiredCount ?? 1,
      launchType: "FARGATE",
      networkConfiguration: configurationOf(place),
      ...(more.registryArn === undefined ? {} : { serviceRegistries: [{ registryArn: more.registryArn }] }),
      ...(more.targetGroupArn === undefined
        ? {}
        : {
            loadBalancers: [{ targetGroupArn: more.targetGroupArn, containerName: "web", containerPort: 80 }],
          }),
    }),
  );
}

export async function describeService({ ecs }: TestBerth, name: string): Promise<Service> {
  const { services } = await ecs.send(new DescribeServicesCommand({ cluster: CLUSTER, services: [name] }));
  return present(services?.[0], `service ${name}`);
}

/** As the ServicesStable waiter has it, asked more often. Returns the running tasks. */
export function untilSteady(berth: TestBerth, name: string, count: number): Promise<Task[]> {
  return until(`service ${name} is steady at ${count}`, 60, async () => {
    const service = await describeService(berth, name);
    if (service.deployments?.length !== 1 || service.runningCount !== count) return undefined;
    const tasks = await tasksOf(berth, name);
    return tasks.length === count && tasks.every((task) => task.lastStatus === "RUNNING") && tasks;
  });
}

export async function tasksOf(
  { ecs }: TestBerth,
  serviceName: string,
  desiredStatus: "RUNNING" | "STOPPED" = "RUNNING",
): Promise<Task[]> {
  const { taskArns = [] } = await ecs.send(
    new ListTasksCommand({ cluster: CLUSTER, serviceName, desiredStatus }),
  );
  if (taskArns.length === 0) return [];
  const { tasks } = await ecs.send(new DescribeTasksCommand({ cluster: CLUSTER, tasks: taskArns }));
  return tasks ?? [];
}

export async function describeTask({ ecs }: TestBerth, taskArn: string): Promise<Task> {
  const { tasks } = await ecs.send(new DescribeTasksCommand({ cluster: CLUSTER, tasks: [taskArn] }));
  return present(tasks?.[0], `task ${taskArn}`);
}

export function untilStatus(berth: TestBerth, taskArn: string, status: string): Promise<Task> {
  return until(`task ${taskArn} is ${status}`, 60, async () => {
    const task = await describeTask(berth, taskArn);
    if (status !== "STOPPED" && task.lastStatus === "STOPPED") {
      throw new Error(`the task stopped: ${task.stoppedReason}`);
    }
    return task.lastStatus === status && task;
  });
}

export function addressOf(task: Task): string {
  const details = task.attachments?.[0]?.details ?? [];
  return present(details.find(({ name }) => name === "privateIPv4Address")?.value, "privateIPv4Address");
}

export async function runtimeIdOf(berth: TestBerth, taskArn: string, container: string): Promise<string> {
  const { containers } = await describeTask(berth, taskArn);
  return present(containers?.find(({ name }) => name === container)?.runtimeId, "runtimeId");
}

/** In the container itself, by the engine. */
export async function runInTask(
  berth: TestBerth,
  taskArn: string,
  container: string,
  command: readonly string[],
): Promise<Finished> {
  const runtimeId = await runtimeIdOf(berth, taskArn, container);
  return run("docker", ["exec", runtimeId, ...command], { timeoutMs: 30_000 });
}

/** The addresses that nslookup prints inside a task, sorted. */
export async function lookUp(berth: TestBerth, taskArn: string, name: string): Promise<string[]> {
  const { stdout } = await runInTask(berth, taskArn, "web", ["nslookup", "-type=a", name]);
  // The first two lines tell the server.
  const answer = stdout.slice(stdout.indexOf("\n\n"));
  return [...answer.matchAll(/^Address:\s+([\d.]+)$/gm)].map(([, address = ""]) => address).sort();
}

/** HTTP from inside a task: what the server answers; exit code 1 where nobody does within two seconds. */
export async function getFromTask(
  berth: TestBerth,
  taskArn: string,
  address: string,
  path = "/",
): Promise<Finished> {
  const finished = await runInTask(berth, taskArn, "web", [
    "sh",
    "-c",
    `printf 'GET ${path} HTTP/1.0\\r\\n\\r\\n' | nc -w 2 ${address} 80`,
  ]);
  return { ...finished, stdout: finished.stdout.split("\r\n\r\n")[1] ?? "" };
}
