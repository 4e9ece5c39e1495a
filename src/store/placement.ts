/** Placing a task on the container instances of a cluster, as they are at this moment (in a transaction: with its writes). */
import type { Random } from "../lib/random.ts";
import type { NewTask } from "../model/ecs/new-task.ts";
import { capacityOf } from "../model/ecs/placement/capacity.ts";
import {
  type Expression,
  matchesQuery as matches,
  parseClusterQuery,
} from "../model/ecs/placement/cluster-query.ts";
import { type Candidate, type Demand, fits, isAllowed, unmetBy } from "../model/ecs/placement/fit.ts";
import { NO_LOAD } from "../model/ecs/placement/load.ts";
import { needsOf } from "../model/ecs/placement/needs.ts";
import type { PlacementFailure, PlacementOutcome, PlacementRequest } from "../model/ecs/placement/outcome.ts";
import { chooseInstance } from "../model/ecs/placement/strategy.ts";
import type { ContainerInstance } from "../model/ecs/records.ts";
import { loadOf, loadsOf } from "./instance-usage.ts";
import type { StoreReader } from "./store.ts";
import type { ViewDefinition } from "./table.ts";
import { subnets } from "./tables/ec2.ts";
import { containerInstances } from "./tables/ecs.ts";

/** By cluster ARN, its instances in the order of their ARNs; a cluster whose instances changed is left out. */
type SortedInstances = Map<string, readonly ContainerInstance[]>;

const sortedInstances: ViewDefinition<ContainerInstance, SortedInstances> = {
  name: "sorted-container-instances",
  table: containerInstances,
  create: () => new Map(),
  follow: (view, before, after) => {
    const clusterArn = (after ?? before)?.clusterArn;
    if (clusterArn !== undefined) view.delete(clusterArn);
  },
};

/** In the order of their ARNs, so that the same random numbers give the same choice whatever was written last. */
export function instancesOfCluster(store: StoreReader, clusterArn: string): readonly ContainerInstance[] {
  const view = store.view(sortedInstances);
  const known =
    view.get(clusterArn) ??
    store.where(containerInstances, "cluster", clusterArn).sort((a, b) => (a.arn < b.arn ? -1 : 1));
  view.set(clusterArn, known);
  return known;
}

/**
 * Only ACTIVE instances are looked at. When none will do there is one failure for each, the closest first: the one
 * with the fewest things in its way, among equals the first by ARN.
 */
export function placeTask(store: StoreReader, request: PlacementRequest, random: Random): PlacementOutcome {
  const pool = candidatesFor(store, request);
  if (pool.length === 0) return { kind: "no-instances" };
  const demand = demandOf(store, request);
  if (demand === undefined) return refuse(pool, () => ["MemberOf placement constraint unsatisfied"]);
  const fitting = pool.filter((candidate) => fits(candidate, demand));
  const chosen = chooseInstance(request.placementStrategy, pool, fitting, request.group, random);
  if (chosen !== undefined) return { kind: "placed", containerInstance: chosen.instance };
  return refuse(pool, (candidate) => unmetBy(candidate, demand));
}

function candidatesFor(store: StoreReader, request: PlacementRequest): Candidate[] {
  const { capacityProviderName, among } = request;
  const loads = loadsOf(store);
  const candidates: Candidate[] = [];
  for (const instance of instancesOfCluster(store, request.clusterArn)) {
    if (instance.status !== "ACTIVE") continue;
    if (capacityProviderName !== undefined && instance.capacityProviderName !== capacityProviderName)
      continue;
    if (among !== undefined && !among(instance)) continue;
    candidates.push({ instance, capacity: capacityOf(instance), load: loads.get(instance.arn) ?? NO_LOAD });
  }
  return candidates;
}

/** Constraints are kept as they were given, so that each is read once. */
const expressions = new WeakMap<object, ReturnType<typeof parseClusterQuery>>();

/** Undefined when an expression cannot be read: handlers refuse such ones, so that nothing matches it. */
function demandOf(store: StoreReader, request: PlacementRequest): Demand | undefined {
  const { definition, networkConfiguration } = request;
  const constraints = [
    ...request.placementConstraints,
    ...(definition.definition.placementConstraints ?? []),
  ];
  const memberOf: Expression[] = [];
  for (const constraint of constraints) {
    if (constraint.type !== "memberOf") continue;
    const parsed = expressions.get(constraint) ?? parseClusterQuery(constraint.expression ?? "");
    expressions.set(constraint, parsed);
    if (!parsed.ok) return undefined;
    memberOf.push(parsed.value);
  }
  const subnetIds = networkConfiguration?.awsvpcConfiguration?.subnets;
  return {
    needs: needsOf(definition, request.overrides),
    attributes: definition.requiresAttributes.map(({ name = "", value }) =>
      value === undefined ? name : `${name}=${value}`,
    ),
    zones:
      subnetIds === undefined
        ? undefined
        : new Set(subnetIds.map((id) => store.get(subnets, id)?.availabilityZone ?? "")),
    memberOf,
    distinctInstance: constraints.some(({ type }) => type === "distinctInstance"),
    group: request.group,
  };
}

function refuse(
  pool: readonly Candidate[],
  reasonsOf: (candidate: Candidate) => readonly PlacementFailure["reason"][],
): PlacementOutcome {
  const rated = pool.flatMap((candidate) => {
    const reasons = reasonsOf(candidate);
    const [reason] = reasons;
    if (reason === undefined) return [];
    return [{ containerInstanceArn: candidate.instance.arn, reason, count: reasons.length }];
  });
  return {
    kind: "refused",
    failures: rated
      .sort((a, b) => a.count - b.count)
      .map(({ containerInstanceArn, reason }) => ({ containerInstanceArn, reason })),
  };
}

/** The ACTIVE instances that `memberOf` constraints allow, whatever else is in the way. */
export function instancesAllowedBy(store: StoreReader, request: PlacementRequest): ContainerInstance[] {
  const demand = demandOf(store, request);
  if (demand === undefined) return [];
  return candidatesFor(store, request)
    .filter((candidate) => isAllowed(candidate, demand))
    .map(({ instance }) => instance);
}

/** Whether nothing is in the way of the task there. */
export function canTake(store: StoreReader, request: PlacementRequest, instance: ContainerInstance): boolean {
  const demand = demandOf(store, request);
  const load = loadOf(store, instance.arn);
  return demand !== undefined && fits({ instance, capacity: capacityOf(instance), load }, demand);
}

/** Whether a container instance, with the tasks that it has now, is among those that a cluster query asks for. */
export function matchesQuery(store: StoreReader, query: Expression, instance: ContainerInstance): boolean {
  return matches(query, { instance, load: loadOf(store, instance.arn) });
}

/** What a new task takes from the instance that it was placed on. */
export function onInstance(
  store: StoreReader,
  instance: ContainerInstance,
  networkConfiguration: NewTask["networkConfiguration"],
): Pick<NewTask, "containerInstanceArn" | "subnetIds"> {
  const { availabilityZone } = capacityOf(instance);
  const subnetIds = networkConfiguration?.awsvpcConfiguration?.subnets?.filter(
    (id) => store.get(subnets, id)?.availabilityZone === availabilityZone,
  );
  return { containerInstanceArn: instance.arn, subnetIds };
}
