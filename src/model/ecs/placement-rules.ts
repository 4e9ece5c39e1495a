/**
 * Which placement constraints and strategies are well formed (API reference, PlacementConstraint, PlacementStrategy
 * and TaskDefinitionPlacementConstraint).
 */
import type * as wire from "@aws-sdk/client-ecs";
import { parseClusterQuery } from "./placement/cluster-query.ts";

const MOST_CONSTRAINTS = 10;
const MOST_STRATEGIES = 5;

/** ECS's message for the first fault. */
export function findPlacementFault(
  constraints: readonly wire.PlacementConstraint[],
  strategies: readonly wire.PlacementStrategy[],
): string | undefined {
  if (constraints.length > MOST_CONSTRAINTS) return `Maximum number of constraints is ${MOST_CONSTRAINTS}.`;
  if (strategies.length > MOST_STRATEGIES) return `Maximum number of strategies is ${MOST_STRATEGIES}.`;
  for (const constraint of constraints) {
    const fault = findConstraintFault(constraint, ["distinctInstance", "memberOf"]);
    if (fault !== undefined) return fault;
  }
  return strategies.map(findStrategyFault).find((fault) => fault !== undefined);
}

/** A task definition says only what its tasks need of an instance, not how they lie to each other. */
export function findDefinitionPlacementFault(
  constraints: readonly wire.TaskDefinitionPlacementConstraint[],
): string | undefined {
  if (constraints.length > MOST_CONSTRAINTS) return `Maximum number of constraints is ${MOST_CONSTRAINTS}.`;
  return constraints
    .map((constraint) => findConstraintFault(constraint, ["memberOf"]))
    .find((fault) => fault !== undefined);
}

function findConstraintFault(
  { type, expression }: wire.PlacementConstraint | wire.TaskDefinitionPlacementConstraint,
  types: readonly string[],
): string | undefined {
  if (type === undefined || !types.includes(type)) return `constraint.type '${type}' is not supported.`;
  if (type === "distinctInstance") {
    return expression === undefined ? undefined : "distinctInstance expression should not be specified.";
  }
  if (expression === undefined || expression === "") return "memberOf expression should be specified.";
  return parseClusterQuery(expression).ok ? undefined : `memberOf expression '${expression}' is invalid.`;
}

function findStrategyFault({ type, field }: wire.PlacementStrategy): string | undefined {
  switch (type) {
    case "random":
      return field === undefined ? undefined : "random field should not be specified.";
    case "spread":
      return field !== undefined && /^(?:instanceId|host|attribute:[a-zA-Z0-9_./\\-]{1,128})$/.test(field)
        ? undefined
        : `spread field '${field}' is invalid.`;
    case "binpack":
      return field !== undefined && /^(?:cpu|memory)$/i.test(field)
        ? undefined
        : `binpack field '${field}' is invalid.`;
    default:
      return `strategy.type '${type}' is not supported.`;
  }
}
