/**
 * Which of the container instances that would do is taken (Amazon ECS developer guide, "Use strategies to define
 * Amazon ECS task placement"). Strategies apply in their order: each leaves the best of what the one before left.
 */
import type * as wire from "@aws-sdk/client-ecs";
import type { Random } from "../../../lib/random.ts";
import { attributeOf } from "./capacity.ts";
import type { Candidate } from "./fit.ts";

/** Of a service, and of RunTask, that names none (API reference, CreateService). */
export const DEFAULT_STRATEGY: readonly wire.PlacementStrategy[] = [
  { type: "spread", field: "attribute:ecs.availability-zone" },
  { type: "spread", field: "instanceId" },
];

/**
 * @param pool all instances on which the group's tasks are counted
 * @param fitting those of them that are to choose from; at least one
 */
export function chooseInstance(
  strategies: readonly wire.PlacementStrategy[],
  pool: readonly Candidate[],
  fitting: readonly Candidate[],
  group: string,
  random: Random,
): Candidate | undefined {
  let left = fitting;
  for (const { type, field = "" } of strategies.length > 0 ? strategies : DEFAULT_STRATEGY) {
    if (left.length === 1) break;
    if (type === "spread") left = leastSpread(left, pool, field, group);
    else if (type === "binpack") left = lowest(left, (candidate) => remaining(candidate, field));
    else break;
  }
  return left.length <= 1 ? left[0] : left[random.below(left.length)];
}

/** What an instance has left of `cpu` or `memory`. */
export function remaining({ capacity, load }: Omit<Candidate, "instance">, field: string): number {
  return field.toLowerCase() === "cpu" ? capacity.cpu - load.cpu : capacity.memory - load.memory;
}

function leastSpread(
  left: readonly Candidate[],
  pool: readonly Candidate[],
  field: string,
  group: string,
): Candidate[] {
  const held = ({ load }: Candidate): number => load.groups.get(group) ?? 0;
  if (field === "instanceId" || field === "host") return lowest(left, held);
  const inValue = new Map<string | undefined, number>();
  const valueIn = spreadValue(field);
  for (const candidate of pool) {
    const count = held(candidate);
    if (count === 0) continue;
    const value = valueIn(candidate);
    inValue.set(value, (inValue.get(value) ?? 0) + count);
  }
  return lowest(left, (candidate) => inValue.get(valueIn(candidate)) ?? 0);
}

/** Instances without the attribute count as one value of their own. */
export function spreadValue(
  field: string,
): (candidate: Pick<Candidate, "instance" | "capacity">) => string | undefined {
  if (field === "instanceId" || field === "host") return ({ instance }) => instance.arn;
  const name = field.replace(/^attribute:/, "");
  if (name === "ecs.availability-zone") return ({ capacity }) => capacity.availabilityZone;
  return ({ instance }) => attributeOf(instance, name);
}

function lowest(candidates: readonly Candidate[], measure: (candidate: Candidate) => number): Candidate[] {
  let best = Number.POSITIVE_INFINITY;
  let found: Candidate[] = [];
  for (const candidate of candidates) {
    const value = measure(candidate);
    if (value < best) {
      best = value;
      found = [candidate];
    } else if (value === best) {
      found.push(candidate);
    }
  }
  return found;
}
