/** What the django-bridge demo looks at, and how it shows that. */
import { spawnSync } from "node:child_process";
import { request } from "node:http";
import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { DescribeInstancesCommand, EC2Client, type Instance } from "@aws-sdk/client-ec2";
import {
  DescribeServicesCommand,
  DescribeTasksCommand,
  ECSClient,
  ListTasksCommand,
  type Service,
  type Task,
} from "@aws-sdk/client-ecs";
import {
  DescribeLoadBalancersCommand,
  ElasticLoadBalancingV2Client,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Config } from "../../config.ts";
import { CommandFailure, print, table } from "../output.ts";
import { lookUpPublicName } from "../status.ts";
import type { clientSettings } from "./environment.ts";

const CLUSTER = "ecs-django-cluster";
export const SERVICE = "ecs-django-service";
export const NGINX_SERVICE = "ecs-django-nginx-service";
export const GUNICORN_SERVICE = "ecs-django-gunicorn-service";
const LOG_GROUP = "/ecs/ecs-django";

/** What is there, by the AWS APIs and through the load balancer. */
export class DjangoView {
  readonly #config: Config;
  readonly #ecs: ECSClient;
  readonly #ec2: EC2Client;
  readonly #elb: ElasticLoadBalancingV2Client;
  readonly #logs: CloudWatchLogsClient;

  constructor(config: Config, settings: ReturnType<typeof clientSettings>) {
    this.#config = config;
    this.#ecs = new ECSClient(settings);
    this.#ec2 = new EC2Client(settings);
    this.#elb = new ElasticLoadBalancingV2Client(settings);
    this.#logs = new CloudWatchLogsClient(settings);
  }

  async untilRunning(name: string, count: number): Promise<void> {
    await until(`${name} runs ${count} tasks`, 180, async () => {
      const { runningCount, deployments = [] } = await this.#describe(name);
      return runningCount === count && deployments.length === 1 ? true : undefined;
    });
  }

  async showCounts(name: string): Promise<void> {
    const { runningCount, desiredCount } = await this.#describe(name);
    print(`${name}: ${runningCount} of ${desiredCount} tasks run`);
  }

  /** `docker network inspect bridge`, on the instance. */
  async showBridge(): Promise<void> {
    for (const { InstanceId = "" } of await this.#instances()) {
      print(
        `\n-- ./berth instance network ${InstanceId} bridge     (docker network inspect bridge on the instance)`,
      );
      print(berth(this.#config, ["instance", "network", InstanceId, "bridge"]).trim());
    }
  }

  async showPage(): Promise<void> {
    const { host, body } = await this.#untilAnswered("/where");
    print(`\n-- curl http://${host}/where\n${body}`);
  }

  async showStaticFile(): Promise<void> {
    const { host, body } = await this.#untilAnswered("/static/style.css");
    print(`\n-- curl http://${host}/static/style.css     (nginx's own file)\n${body.trim()}`);
  }

  async showHosts(count: number): Promise<void> {
    const hosts = new Map<string, string>();
    await until(`${count} hosts answer`, 90, async () => {
      const answer = await this.#get("/where").catch(() => undefined);
      if (answer?.status === 200) {
        const { hostname, addresses } = JSON.parse(answer.body);
        hosts.set(String(hostname), String(addresses));
      }
      return hosts.size >= count ? true : undefined;
    });
    print(`\n-- who answers at /where\n${table([...hosts])}`);
  }

  /** The network interfaces of the instances; that at device index 0 is the instance's own. */
  async showInterfaces(): Promise<void> {
    for (const { InstanceId, InstanceType, NetworkInterfaces = [] } of await this.#instances()) {
      print(`\n-- ${InstanceId} (${InstanceType}) has ${NetworkInterfaces.length} network interfaces`);
      const rows = NetworkInterfaces.map(({ Attachment, PrivateIpAddress = "" }) => [
        `device index ${Attachment?.DeviceIndex ?? "?"}`,
        PrivateIpAddress,
        Attachment?.DeviceIndex === 0 ? "the instance's own" : "a task's",
      ]);
      print(table(rows));
    }
  }

  async showStoppedTask(): Promise<void> {
    const task = await until("a task has stopped", 120, async () =>
      (await this.#stoppedTasks()).find(({ stopCode }) => stopCode === "EssentialContainerExited"),
    );
    print(`\n-- aws ecs describe-tasks\nstoppedReason: ${task.stoppedReason}`);
    for (const { name, exitCode, reason } of task.containers ?? []) {
      print(`${name}: exit code ${exitCode ?? "-"}${reason === undefined ? "" : `, ${reason}`}`);
    }
    const line = await until("nginx's last words", 30, async () => {
      const { events = [] } = await this.#logs.send(
        new FilterLogEventsCommand({ logGroupName: LOG_GROUP, filterPattern: '"host not found"' }),
      );
      return events[0]?.message;
    });
    print(`-- aws logs filter-log-events --log-group-name ${LOG_GROUP}\n${line}`);
  }

  async showEvent(pattern: RegExp): Promise<void> {
    const message = await until("the service tells why", 120, async () => {
      const { events = [] } = await this.#describe(SERVICE);
      return events.find((event) => pattern.test(event.message ?? ""))?.message;
    });
    print(`\n-- aws ecs describe-services: the event\n${message}`);
  }

  async #describe(name: string): Promise<Service> {
    const { services } = await this.#ecs.send(
      new DescribeServicesCommand({ cluster: CLUSTER, services: [name] }),
    );
    const service = services?.[0];
    if (service === undefined) throw new CommandFailure(`there is no service ${name}; see ./berth status`);
    return service;
  }

  async #stoppedTasks(): Promise<Task[]> {
    const { taskArns = [] } = await this.#ecs.send(
      new ListTasksCommand({ cluster: CLUSTER, serviceName: SERVICE, desiredStatus: "STOPPED" }),
    );
    if (taskArns.length === 0) return [];
    const { tasks = [] } = await this.#ecs.send(
      new DescribeTasksCommand({ cluster: CLUSTER, tasks: taskArns }),
    );
    return tasks;
  }

  async #instances(): Promise<Instance[]> {
    const Filters = [
      { Name: "instance-state-name", Values: ["running"] },
      { Name: "tag:Name", Values: ["ecs-django*"] },
    ];
    const { Reservations = [] } = await this.#ec2.send(new DescribeInstancesCommand({ Filters }));
    return Reservations.flatMap(({ Instances = [] }) => Instances);
  }

  #untilAnswered(path: string): Promise<Answer> {
    return until(`http 200 for ${path}`, 90, async () => {
      const answer = await this.#get(path).catch(() => undefined);
      return answer?.status === 200 ? answer : undefined;
    });
  }

  /** Through the load balancer, by its name, as a client on the internet asks. */
  async #get(path: string): Promise<Answer> {
    const { LoadBalancers } = await this.#elb.send(
      new DescribeLoadBalancersCommand({ Names: ["ecs-django"] }),
    );
    const host = LoadBalancers?.[0]?.DNSName ?? "";
    const [address = ""] = await lookUpPublicName(this.#config.stateDirectory, host);
    return ask(address, host, path);
  }
}

interface Answer {
  readonly status: number;
  readonly host: string;
  readonly body: string;
}

function ask(address: string, host: string, path: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: address, path, headers: { host }, timeout: 5000 }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (chunk) => {
        body += String(chunk);
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, host, body }));
      response.on("error", reject);
    });
    outgoing.on("timeout", () => outgoing.destroy(new Error("no answer within 5 s")));
    outgoing.on("error", reject);
    outgoing.end();
  });
}

/** Another command of ours, as a user runs it. */
function berth(config: Config, [name = "", ...rest]: readonly string[]): string {
  const program = new URL("../../../berth", import.meta.url).pathname;
  const parameters = [name, ...rest, "--state-dir", config.stateDirectory];
  const { status, stdout, stderr } = spawnSync(program, parameters, { encoding: "utf8" });
  if (status !== 0) throw new CommandFailure(`berth ${name} ${rest.join(" ")} failed: ${stderr.trim()}`);
  return stdout;
}

async function until<T>(what: string, mostSeconds: number, check: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + mostSeconds * 1000;
  while (Date.now() < deadline) {
    const value = await check();
    if (value !== undefined) return value;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  throw new CommandFailure(`waited ${mostSeconds} s in vain: ${what}; see ./berth status and ./berth logs`);
}
