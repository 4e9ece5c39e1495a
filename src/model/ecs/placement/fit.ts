/**
 * Whether a task may go on a container instance (Amazon ECS developer guide, "How Amazon ECS places tasks on container
 * instances"; the reasons are those of "API failure reasons").
 */
import type { ContainerInstance } from "../records.ts";
import type { InstanceCapacity } from "./capacity.ts";
import { type Expression, matchesQuery } from "./cluster-query.ts";
import type { InstanceLoad } from "./load.ts";
import type { TaskNeeds } from "./needs.ts";
import type { PlacementReason } from "./outcome.ts";

/** Static host ports of an instance at most, those that it keeps for itself included (API reference, PortMapping). */
const MOST_PORTS = 100;

export interface Candidate {
  readonly instance: ContainerInstance;
  readonly capacity: InstanceCapacity;
  readonly load: InstanceLoad;
}

export interface Demand {
  readonly needs: TaskNeeds;
  /** `name` or `name=value`. */
  readonly attributes: readonly string[];
  /** The Availability Zones of the subnets that the task may use; undefined without subnets. */
  readonly zones: ReadonlySet<string> | undefined;
  readonly memberOf: readonly Expression[];
  readonly distinctInstance: boolean;
  readonly group: string;
}

interface Check {
  readonly reason: PlacementReason;
  holds(candidate: Candidate, demand: Demand): boolean;
}

/** In the order in which reasons are told: resources first, as placement looks at them first. */
const CHECKS: readonly Check[] = [
  {
    reason: "RESOURCE:CPU",
    holds: ({ capacity, load }, { needs }) => load.cpu + needs.cpu <= capacity.cpu,
  },
  {
    reason: "RESOURCE:MEMORY",
    holds: ({ capacity, load }, { needs }) => load.memory + needs.memory <= capacity.memory,
  },
  { reason: "RESOURCE:PORTS", holds: hasPorts },
  {
    reason: "RESOURCE:GPU",
    holds: ({ capacity, load }, { needs }) => load.gpus + needs.gpus <= capacity.gpus.length,
  },
  {
    reason: "RESOURCE:ENI",
    holds: ({ capacity, load }, { needs }) =>
      !needs.ownInterface || load.interfaces < capacity.taskInterfaces,
  },
  { reason: "AGENT", holds: ({ instance }) => instance.agentConnected },
  {
    reason: "ATTRIBUTE",
    holds: ({ capacity }, { attributes }) => attributes.every((name) => capacity.attributes.has(name)),
  },
  {
    reason: "LOCATION",
    holds: ({ capacity }, { zones }) => zones === undefined || zones.has(capacity.availabilityZone ?? ""),
  },
  {
    reason: "MemberOf placement constraint unsatisfied",
    holds: isAllowed,
  },
  {
    reason: "DistinctInstance placement constraint unsatisfied",
    holds: ({ load }, { distinctInstance, group }) => !distinctInstance || !load.groups.has(group),
  },
];

export function fits(candidate: Candidate, demand: Demand): boolean {
  for (const check of CHECKS) if (!check.holds(candidate, demand)) return false;
  return true;
}

/** Whether the `memberOf` constraints hold. */
export function isAllowed(candidate: Candidate, { memberOf }: Demand): boolean {
  return memberOf.every((expression) => matchesQuery(expression, candidate));
}

/** Everything that is in the way. */
export function unmetBy(candidate: Candidate, demand: Demand): PlacementReason[] {
  return CHECKS.filter((check) => !check.holds(candidate, demand)).map(({ reason }) => reason);
}

function hasPorts({ capacity, load }: Candidate, { needs }: Demand): boolean {
  const { portsTcp, portsUdp } = needs;
  if (portsTcp.length + portsUdp.length === 0) return true;
  const taken = capacity.portsTcp.length + capacity.portsUdp.length + load.portsTcp.size + load.portsUdp.size;
  return (
    taken + portsTcp.length + portsUdp.length <= MOST_PORTS &&
    !portsTcp.some((port) => load.portsTcp.has(port) || capacity.portsTcp.includes(port)) &&
    !portsUdp.some((port) => load.portsUdp.has(port) || capacity.portsUdp.includes(port))
  );
}
