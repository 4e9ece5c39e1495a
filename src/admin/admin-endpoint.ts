/**
 * `/_berth/…`: what the command line asks a running Berth. Reads only: it changes nothing, and is no AWS API.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { isBefore } from "../model/ecs/task-status.ts";
import { countTasks, tasksOfService } from "../store/services.ts";
import type { StoreReader } from "../store/store.ts";
import { networkInterfaces, vpcs } from "../store/tables/ec2.ts";
import { services, taskDefinitions, tasks } from "../store/tables/ecs.ts";
import { listenerRules, listeners, loadBalancers, targets } from "../store/tables/elb.ts";
import { reportInstances } from "./instance-report.ts";
import { type ReadTrail, reportTrail } from "./trail-report.ts";

export interface AdminOptions {
  readonly store: StoreReader;
  readonly version: string;
  readonly publicPool: string;
  readonly installation: string;
  readonly startedAt: number;
  /** What a client outside every VPC gets for a name; undefined when Berth has no such name. */
  resolvePublicName(name: string): readonly string[] | undefined;
  /** Which statements decide; undefined when there is no such principal. */
  explainAccess(question: AccessQuestion): object | undefined;
  /** Calls that were answered, newest first. */
  readonly readTrail: ReadTrail;
  /** Milliseconds since the epoch; runs ahead where time is simulated. */
  now(): number;
}

export interface AccessQuestion {
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  readonly context: Readonly<Record<string, string>>;
}

export interface StatusReport {
  readonly version: string;
  readonly processId: number;
  readonly installation: string;
  readonly startedAt: string;
  readonly publicPool: string;
  readonly vpcs: readonly { readonly id: string; readonly cidr: string; readonly interfaces: number }[];
  readonly loadBalancers: readonly {
    readonly name: string;
    readonly dnsName: string;
    readonly state: string;
    readonly healthyTargets: number;
  }[];
  readonly services: readonly {
    readonly name: string;
    readonly cluster: string;
    readonly status: string;
    readonly desired: number;
    readonly running: number;
    readonly pending: number;
  }[];
  readonly tasks: readonly TaskReport[];
}

export interface TaskReport {
  readonly id: string;
  readonly arn: string;
  readonly group: string;
  readonly cluster: string;
  readonly definition: string;
  readonly lastStatus: string;
  readonly address?: string | undefined;
  readonly containers: readonly {
    readonly name: string;
    readonly lastStatus: string;
    readonly runtimeId?: string | undefined;
    readonly essential: boolean;
  }[];
}

export async function handleAdmin(
  request: IncomingMessage,
  response: ServerResponse,
  options: AdminOptions,
): Promise<void> {
  const url = new URL(request.url ?? "/", "http://berth");
  request.resume();
  if (request.method !== "GET") return answer(response, 405, { error: "only GET is answered here" });
  switch (url.pathname) {
    case "/_berth/status":
      return answer(response, 200, reportStatus(options));
    case "/_berth/resolve": {
      const name = url.searchParams.get("name") ?? "";
      const addresses = options.resolvePublicName(name);
      return addresses === undefined
        ? answer(response, 404, { error: `no public name ${name} on this Berth` })
        : answer(response, 200, { name, addresses });
    }
    case "/_berth/explain-iam": {
      const question = accessQuestion(url.searchParams);
      const explanation = options.explainAccess(question);
      return explanation === undefined
        ? answer(response, 404, { error: `no principal ${question.principal} on this Berth` })
        : answer(response, 200, explanation);
    }
    case "/_berth/instances":
      return answer(response, 200, { instances: reportInstances(options.store) });
    case "/_berth/trail":
      return answer(response, 200, reportTrail(options.readTrail, url.searchParams, options.now()));
    case "/_berth/tasks":
      return answer(response, 200, { tasks: reportTasks(options.store) });
    default:
      return answer(response, 404, { error: `nothing at ${url.pathname}` });
  }
}

function accessQuestion(query: URLSearchParams): AccessQuestion {
  return {
    principal: query.get("principal") ?? "",
    action: query.get("action") ?? "",
    resource: query.get("resource") ?? "*",
    // `key=value`; values may hold further equals signs.
    context: Object.fromEntries(
      query.getAll("context").map((entry) => {
        const [key = "", ...value] = entry.split("=");
        return [key, value.join("=")];
      }),
    ),
  };
}

function answer(response: ServerResponse, status: number, value: object): void {
  const body = JSON.stringify(value);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": String(Buffer.byteLength(body)),
  });
  response.end(body);
}

function reportStatus(options: AdminOptions): StatusReport {
  const { store } = options;
  return {
    version: options.version,
    processId: process.pid,
    installation: options.installation,
    startedAt: new Date(options.startedAt).toISOString(),
    publicPool: options.publicPool,
    vpcs: store.list(vpcs).map((vpc) => ({
      id: vpc.vpcId,
      cidr: vpc.cidrBlock,
      interfaces: store.count(networkInterfaces, "vpc", vpc.vpcId),
    })),
    loadBalancers: store.list(loadBalancers).map((loadBalancer) => ({
      name: loadBalancer.name,
      dnsName: loadBalancer.dnsName,
      state: loadBalancer.state,
      healthyTargets: targetGroupsOf(store, loadBalancer.arn)
        .flatMap((arn) => store.where(targets, "targetGroup", arn))
        .filter((target) => target.health.state === "healthy").length,
    })),
    services: store
      .list(services)
      .filter((service) => service.status !== "INACTIVE")
      .map((service) => ({
        name: service.name,
        cluster: lastPart(service.clusterArn),
        status: service.status,
        desired: service.desiredCount,
        running: countTasks(tasksOfService(store, service.arn)).running,
        pending: countTasks(tasksOfService(store, service.arn)).pending,
      })),
    tasks: reportTasks(store),
  };
}

/** Groups that its listeners and rules forward to. */
function targetGroupsOf(store: StoreReader, loadBalancerArn: string): string[] {
  const own = store.where(listeners, "loadBalancer", loadBalancerArn);
  const actions = own.flatMap((listener) => [
    ...listener.defaultActions,
    ...store.where(listenerRules, "listener", listener.arn).flatMap((rule) => rule.actions),
  ]);
  const arns = actions.flatMap((action) =>
    action.kind === "forward" ? action.targetGroups.map((group) => group.targetGroupArn) : [],
  );
  return [...new Set(arns)];
}

function reportTasks(store: StoreReader): TaskReport[] {
  return store
    .list(tasks)
    .filter((task) => isBefore(task.lastStatus, "STOPPED"))
    .map((task) => ({
      id: task.taskId,
      arn: task.arn,
      group: task.group,
      cluster: lastPart(task.clusterArn),
      definition: store.get(taskDefinitions, task.taskDefinitionArn)?.arn ?? task.taskDefinitionArn,
      lastStatus: task.lastStatus,
      address: task.attachment?.privateIpv4Address,
      containers: task.containers.map(({ name, lastStatus, runtimeId, essential }) => ({
        name,
        lastStatus,
        runtimeId,
        essential,
      })),
    }));
}

function lastPart(arn: string): string {
  return arn.split("/").at(-1) ?? arn;
}
