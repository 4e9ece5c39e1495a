/** From what a request names (a short name, an id or an ARN) to the record, within the caller's account and region. */
import { parseArn } from "../../model/arn.ts";
import type {
  CapacityProvider,
  Cluster,
  ContainerInstance,
  Service,
  Task,
  TaskDefinition,
} from "../../model/ecs/records.ts";
import { inScope, type Scope } from "../../model/scope.ts";
import {
  capacityProviders,
  clusters,
  containerInstances,
  services,
  taskDefinitions,
  tasks,
} from "../../store/tables/ecs.ts";
import type { HandlerContext } from "../operation.ts";
import {
  clusterInactive,
  clusterNotFound,
  containerInstanceMissing,
  invalidParameter,
  serviceNotFound,
  taskDefinitionInactive,
  taskDefinitionNotFound,
} from "./errors.ts";

type Context = Pick<HandlerContext, "store" | "scope">;

export function clusterArn(context: Context, name: string): string {
  return `arn:aws:ecs:${context.scope.region}:${context.scope.account}:cluster/${name}`;
}

/** `nameOrArn` absent means the cluster `default`. */
export function findCluster({ store, scope }: Context, nameOrArn: string | undefined): Cluster | undefined {
  const text = nameOrArn === undefined || nameOrArn === "" ? "default" : nameOrArn;
  const arn = text.startsWith("arn:") ? text : clusterArn({ store, scope }, text);
  const cluster = store.get(clusters, arn);
  return cluster !== undefined && inScope(cluster, scope) ? cluster : undefined;
}

/** Also one that is inactive: what was in it can still be looked at. Throws ClusterNotFoundException. */
export function requireKnownCluster(context: Context, nameOrArn: string | undefined): Cluster {
  const cluster = findCluster(context, nameOrArn);
  if (cluster === undefined) throw clusterNotFound();
  return cluster;
}

/** An ACTIVE cluster. Throws ClusterNotFoundException. */
export function requireCluster(context: Context, nameOrArn: string | undefined): Cluster {
  const cluster = requireKnownCluster(context, nameOrArn);
  if (cluster.status !== "ACTIVE") throw clusterInactive();
  return cluster;
}

export function findService(context: Context, cluster: Cluster, nameOrArn: string): Service | undefined {
  const arn = nameOrArn.startsWith("arn:")
    ? nameOrArn
    : cluster.arn.replace(":cluster/", ":service/").concat(`/${nameOrArn}`);
  const service = context.store.get(services, arn);
  return service?.clusterArn === cluster.arn ? service : undefined;
}

/** Throws ServiceNotFoundException. */
export function requireService(context: Context, cluster: Cluster, nameOrArn: string | undefined): Service {
  const service = findService(context, cluster, nameOrArn ?? "");
  if (service === undefined) throw serviceNotFound();
  return service;
}

/** An ARN, or what can be the id of a task. Throws InvalidParameterException. */
export function checkTaskId(idOrArn: string): void {
  if (idOrArn.startsWith("arn:") || idOrArn.length === 32 || idOrArn.length === 36) return;
  throw invalidParameter("taskId length should be one of [32,36]");
}

export function findTask(context: Context, cluster: Cluster, idOrArn: string): Task | undefined {
  if (idOrArn.startsWith("arn:")) {
    const task = context.store.get(tasks, idOrArn);
    return task?.clusterArn === cluster.arn ? task : undefined;
  }
  return context.store.where(tasks, "taskId", idOrArn).find((task) => task.clusterArn === cluster.arn);
}

/** `family`, `family:revision` or an ARN; a family alone means its newest ACTIVE revision. */
export function findTaskDefinition(context: Context, text: string): TaskDefinition | undefined {
  const { store, scope } = context;
  const name = text.startsWith("arn:") ? parseArn(text)?.resource.replace(/^task-definition\//, "") : text;
  if (name === undefined) return undefined;
  const [family = "", revision] = name.split(":");
  if (revision === undefined) return newestActive(context, family);
  const arn = `arn:aws:ecs:${scope.region}:${scope.account}:task-definition/${family}:${revision}`;
  return text.startsWith("arn:") && text !== arn ? undefined : store.get(taskDefinitions, arn);
}

function newestActive({ store, scope }: Context, family: string): TaskDefinition | undefined {
  return store
    .where(taskDefinitions, "family", `${scope.account}/${scope.region}/${family}`)
    .filter((definition) => definition.status === "ACTIVE")
    .sort((a, b) => b.revision - a.revision)[0];
}

/** One that new tasks may use. Throws ClientException. */
export function requireActiveTaskDefinition(context: Context, text: string | undefined): TaskDefinition {
  const definition = findTaskDefinition(context, text ?? "");
  if (definition === undefined) throw taskDefinitionNotFound();
  if (definition.status !== "ACTIVE") throw taskDefinitionInactive();
  return definition;
}

export function capacityProviderArn({ account, region }: Scope, name: string): string {
  return `arn:aws:ecs:${region}:${account}:capacity-provider/${name}`;
}

export function capacityProviderName(nameOrArn: string): string {
  return nameOrArn.replace(/^arn:[^/]*:capacity-provider\//, "");
}

/** Also one that was deleted and is not forgotten yet. */
export function findCapacityProvider(
  { store, scope }: Context,
  nameOrArn: string,
): CapacityProvider | undefined {
  return store.get(capacityProviders, capacityProviderArn(scope, capacityProviderName(nameOrArn)));
}

export function containerInstanceArn(cluster: Cluster, idOrArn: string): string {
  return idOrArn.startsWith("arn:")
    ? idOrArn
    : `${cluster.arn.replace(":cluster/", ":container-instance/")}/${idOrArn}`;
}

/** Also one that was deregistered and is not forgotten yet. */
export function findContainerInstance(
  { store }: Context,
  cluster: Cluster,
  idOrArn: string,
): ContainerInstance | undefined {
  const instance = store.get(containerInstances, containerInstanceArn(cluster, idOrArn));
  return instance?.clusterArn === cluster.arn ? instance : undefined;
}

/** One that is registered. Throws ClientException. */
export function requireContainerInstance(
  context: Context,
  cluster: Cluster,
  idOrArn: string | undefined,
): ContainerInstance {
  const text = idOrArn ?? "";
  const instance = findContainerInstance(context, cluster, text);
  if (instance === undefined || instance.status === "INACTIVE") {
    throw containerInstanceMissing(text.split("/").at(-1) ?? text);
  }
  return instance;
}
