/** What the two stories of django-bridge look at: by Terraform and by the AWS CLI. */
import assert from "node:assert/strict";
import { FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { DescribeInstancesCommand, type Instance } from "@aws-sdk/client-ec2";
import { CreateRepositoryCommand, GetAuthorizationTokenCommand } from "@aws-sdk/client-ecr";
import {
  DescribeContainerInstancesCommand,
  DescribeServicesCommand,
  DescribeTasksCommand,
  ListContainerInstancesCommand,
  ListTasksCommand,
  type Service,
  type Task,
} from "@aws-sdk/client-ecs";
import { buildImages, pushImages } from "../../src/cli/demo/build.ts";
import { DJANGO_IMAGES } from "../../src/cli/demo/django-images.ts";
import { present, type TestBerth, until } from "./harness.ts";
import { addressOf } from "./tasks.ts";

export const CLUSTER = "ecs-django-cluster";
export const SERVICE = "ecs-django-service";
export const LOG_GROUP = "/ecs/ecs-django";

/** Built where the engine does not have them, and pushed into this Berth's ECR. */
export async function pushDjangoImages({ ecr, port }: TestBerth): Promise<void> {
  await buildImages(DJANGO_IMAGES);
  const uris = new Map<string, string>();
  for (const repositoryName of new Set(DJANGO_IMAGES.images.map(({ repository }) => repository))) {
    const { repository } = await ecr.send(new CreateRepositoryCommand({ repositoryName }));
    uris.set(repositoryName, present(repository?.repositoryUri, "repositoryUri"));
  }
  const { authorizationData } = await ecr.send(new GetAuthorizationTokenCommand({}));
  const token = Buffer.from(authorizationData?.[0]?.authorizationToken ?? "", "base64").toString();
  pushImages(DJANGO_IMAGES, `127.0.0.1:${port}`, uris, token.slice("AWS:".length));
}

/** What the Django page tells about itself. */
export interface Facts {
  readonly hostname: string;
  readonly addresses: string;
  readonly "asked by": string;
  readonly "X-Forwarded-For": string;
}

/** By curl from the host through the load balancer; undefined unless it answers 200. */
export async function getPage(berth: TestBerth, url: string, path: string): Promise<string | undefined> {
  const { exitCode, stdout } = await berth.command(["curl", "-sf", "-m", "5", new URL(path, url).href]);
  return exitCode === 0 ? stdout : undefined;
}

export function untilPage(berth: TestBerth, url: string, path: string): Promise<string> {
  return until(`http 200 for ${path}`, 90, () => getPage(berth, url, path));
}

export async function untilFacts(berth: TestBerth, url: string): Promise<Facts> {
  return JSON.parse(await untilPage(berth, url, "/where"));
}

/** Addresses that answer by turns: those of the last answers, when there are so many. */
export async function untilHosts(berth: TestBerth, url: string, count: number): Promise<string[]> {
  const answers: string[] = [];
  await until(`${count} hosts answer`, 90, async () => {
    const page = await getPage(berth, url, "/where");
    if (page !== undefined) {
      const facts: Facts = JSON.parse(page);
      answers.push(facts.addresses);
    }
    return answers.length >= ROUNDS * count && new Set(answers.slice(-ROUNDS * count)).size === count;
  });
  return [...new Set(answers.slice(-ROUNDS * count))].sort();
}

/** A target that is about to go may still answer once. */
const ROUNDS = 4;

/** The service's tasks, as many as they are meant to be, and none else answer. Returns their addresses. */
export async function untilTasksAnswer(
  berth: TestBerth,
  url: string,
  count: number,
  name = SERVICE,
): Promise<string[]> {
  return until(`the ${count} tasks of ${name} answer`, 120, async () => {
    const addresses = (await untilRunning(berth, count, name)).map(addressOf).sort();
    const hosts = await untilHosts(berth, url, count);
    return hosts.join() === addresses.join() && addresses;
  });
}

export async function describeService({ ecs }: TestBerth, name = SERVICE): Promise<Service> {
  const { services } = await ecs.send(new DescribeServicesCommand({ cluster: CLUSTER, services: [name] }));
  return present(services?.[0], `service ${name}`);
}

export async function untilRunning(berth: TestBerth, count: number, name = SERVICE): Promise<Task[]> {
  return until(`${name} runs ${count} tasks`, 180, async () => {
    const { runningCount, deployments } = await describeService(berth, name);
    if (runningCount !== count || deployments?.length !== 1) return undefined;
    const tasks = await listTasks(berth, name, "RUNNING");
    return tasks.length === count && tasks.every(({ lastStatus }) => lastStatus === "RUNNING") && tasks;
  });
}

export async function listTasks(
  { ecs }: TestBerth,
  serviceName: string,
  desiredStatus: "RUNNING" | "STOPPED",
): Promise<Task[]> {
  const { taskArns = [] } = await ecs.send(
    new ListTasksCommand({ cluster: CLUSTER, serviceName, desiredStatus }),
  );
  if (taskArns.length === 0) return [];
  const { tasks = [] } = await ecs.send(new DescribeTasksCommand({ cluster: CLUSTER, tasks: taskArns }));
  return tasks;
}

/** Those of the example that run. */
export async function listInstances({ ec2 }: TestBerth): Promise<Instance[]> {
  const { Reservations = [] } = await ec2.send(
    new DescribeInstancesCommand({
      Filters: [
        { Name: "instance-state-name", Values: ["running"] },
        { Name: "tag:Name", Values: ["ecs-django*"] },
      ],
    }),
  );
  return Reservations.flatMap(({ Instances = [] }) => Instances);
}

export async function requireOneInstance(berth: TestBerth): Promise<Instance> {
  const instances = await listInstances(berth);
  assert.equal(instances.length, 1);
  return present(instances[0], "instance");
}

/** Container name → address with prefix, as `docker network inspect bridge` on the instance shows it. */
export async function inspectBridge(berth: TestBerth, instanceId: string): Promise<Map<string, string>> {
  const { exitCode, stdout, stderr } = await berth.command(["instance", "network", instanceId, "bridge"]);
  assert.equal(exitCode, 0, stderr);
  const [bridge]: readonly {
    readonly Name: string;
    readonly Containers: Readonly<Record<string, { readonly Name: string; readonly IPv4Address: string }>>;
  }[] = JSON.parse(stdout);
  assert.equal(bridge?.Name, "bridge");
  return new Map(
    Object.values(bridge.Containers).map((container) => [container.Name, container.IPv4Address]),
  );
}

/** Step 1: nginx at .2, gunicorn at .3, as in the article. */
export async function assertBridgeAddresses(berth: TestBerth): Promise<void> {
  const { InstanceId = "" } = await requireOneInstance(berth);
  const containers = [...(await inspectBridge(berth, InstanceId))];
  const shownAs = (container: string) =>
    containers.find(([name]) =>
      new RegExp(`^ecs-ecs-django-\\d+-${container}-[0-9a-f]{20}$`).test(name),
    )?.[1];
  assert.equal(shownAs("nginx"), "172.17.0.2/16", JSON.stringify(containers));
  assert.equal(shownAs("gunicorn"), "172.17.0.3/16", JSON.stringify(containers));
}

/** Step 1b: a task stops because nginx does not know the name. */
export async function assertUnknownUpstream(berth: TestBerth, taskDefinition?: string): Promise<void> {
  const task = await until("a task has stopped by itself", 120, async () =>
    (await listTasks(berth, SERVICE, "STOPPED")).find(
      ({ stopCode, taskDefinitionArn }) =>
        stopCode === "EssentialContainerExited" &&
        (taskDefinition === undefined || taskDefinitionArn === taskDefinition),
    ),
  );
  assert.equal(task.stoppedReason, "Essential container in task exited");
  assert.equal(task.containers?.find(({ name }) => name === "nginx")?.exitCode, 1);
  const line = await until("nginx's last words are in the log", 30, async () => {
    const { events } = await berth.logs.send(
      new FilterLogEventsCommand({ logGroupName: LOG_GROUP, filterPattern: '"host not found"' }),
    );
    return events?.[0]?.message;
  });
  assert.match(line, /\[emerg\].*host not found in upstream "gunicorn:8000"/);
}

/** Step 3: to the letter. */
export async function assertRefusedForInterfaces(berth: TestBerth): Promise<void> {
  const { containerInstanceArns } = await berth.ecs.send(
    new ListContainerInstancesCommand({ cluster: CLUSTER, status: "ACTIVE" }),
  );
  const { containerInstances } = await berth.ecs.send(
    new DescribeContainerInstancesCommand({ cluster: CLUSTER, containerInstances: containerInstanceArns }),
  );
  const id = present(
    containerInstances?.[0]?.containerInstanceArn?.split("/").at(-1),
    "containerInstanceArn",
  );
  const text =
    `(service ${SERVICE}) was unable to place a task because no container instance met all of its requirements. ` +
    `The closest matching (container-instance ${id}) encountered error "RESOURCE:ENI". For more information, see the ` +
    "Troubleshooting section of the Amazon ECS Developer Guide.";
  await until("the service says so", 60, async () => {
    const { events } = await describeService(berth);
    return events?.some(({ message }) => message === text);
  }).catch(async (error: unknown) => {
    const { events } = await describeService(berth);
    assert.deepEqual(
      events?.slice(0, 3).map(({ message }) => message),
      [text],
      String(error),
    );
  });
  const { runningCount, desiredCount } = await describeService(berth);
  assert.deepEqual({ runningCount, desiredCount }, { runningCount: 1, desiredCount: 2 });
}

/** How many interfaces each instance of the example has, by type. */
export async function interfaceCounts(berth: TestBerth): Promise<string[]> {
  const instances = await listInstances(berth);
  return instances
    .map(({ InstanceType, NetworkInterfaces = [] }) => `${InstanceType}: ${NetworkInterfaces.length}`)
    .sort();
}
