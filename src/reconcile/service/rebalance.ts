/**
 * Availability Zone rebalancing (Amazon ECS developer guide, "Balancing an Amazon ECS service across Availability
 * Zones"): new tasks in the zones that have fewest, then as many less in those that have most once the new ones are
 * healthy. It begins when everything else about the service is done, and ends when anything else begins.
 */
import type { Service, ServiceProgress } from "../../model/ecs/records.ts";
import * as say from "../../model/ecs/service-events.ts";
import { type AssessedTask, isWanted } from "./assess.ts";
import { type Draft, primaryOf } from "./draft.ts";
import { pickSurplus } from "./scale.ts";

export type Rebalancing = NonNullable<ServiceProgress["rebalancing"]>;

/** Tasks beyond the desired count that rebalancing started and whose counterparts are not stopped yet. */
export function extraTasks(live: readonly AssessedTask[], { rebalancing }: ServiceProgress): AssessedTask[] {
  return live.filter(({ task }) => isWanted(task) && rebalancing?.started.includes(task.taskId) === true);
}

/** To be called first: what was begun is given up when the service is not what it was. */
export function giveUpRebalancing(draft: Draft): void {
  const { progress, service } = draft;
  if (progress.rebalancing === undefined) return;
  if (mayRebalance(draft) && progress.rebalancing.desiredCount === service.desiredCount) return;
  draft.progress = { ...progress, rebalancing: undefined };
  draft.steps.push({ kind: "say", message: say.stoppedRebalancing(service.name) });
}

/**
 * @param zones where the tasks of the service may be
 * @param room how many more tasks maximumPercent allows
 */
export function rebalance(
  live: readonly AssessedTask[],
  zones: readonly string[],
  room: number,
  draft: Draft,
): void {
  if (!mayRebalance(draft) || draft.steps.some(({ kind }) => kind !== "say")) return;
  const tasks = live.filter(({ task }) => isWanted(task));
  if (tasks.some((assessed) => assessed.condition.kind !== "healthy" || zoneOf(assessed) === undefined))
    return;
  const extra = extraTasks(live, draft.progress);
  if (extra.length > 0) stopCounterparts(tasks, extra, draft);
  else if (tasks.length === draft.service.desiredCount) startInPoorest(tasks, zones, room, draft);
}

function mayRebalance(draft: Draft): boolean {
  const { service } = draft;
  return isRebalanced(service) && primaryOf(draft)?.rolloutState === "COMPLETED";
}

export function isRebalanced(service: Service): boolean {
  return (
    service.status === "ACTIVE" &&
    service.schedulingStrategy === "REPLICA" &&
    service.availabilityZoneRebalancing === "ENABLED"
  );
}

function stopCounterparts(
  tasks: readonly AssessedTask[],
  extra: readonly AssessedTask[],
  draft: Draft,
): void {
  const { service } = draft;
  const left = tasks.filter((assessed) => !extra.includes(assessed));
  const victims: AssessedTask[] = [];
  for (let i = 0; i < extra.length; i++) {
    const staying = tasks.filter((assessed) => !victims.includes(assessed));
    const counts = countByZone(staying, []);
    const most = Math.max(...counts.values());
    const richest = left.filter(
      (assessed) =>
        assessed.guarded !== true &&
        !victims.includes(assessed) &&
        counts.get(zoneOf(assessed) ?? "") === most,
    );
    victims.push(...pickSurplus(richest, 1));
  }
  const reason = `Scaling activity initiated by (deployment ${primaryOf(draft)?.id ?? "unknown"})`;
  for (const { task } of victims) draft.steps.push({ kind: "stop", task, reason });
  for (const [zone, there] of Map.groupBy(victims, (assessed) => zoneOf(assessed) ?? "")) {
    const ids = there.map(({ task }) => task.taskId);
    draft.steps.push({ kind: "say", message: say.stoppedToRebalance(service.name, zone, ids) });
  }
  const { rebalancing } = draft.progress;
  if (rebalancing !== undefined) {
    draft.progress = { ...draft.progress, rebalancing: { ...rebalancing, started: [] } };
  }
}

function startInPoorest(
  tasks: readonly AssessedTask[],
  zones: readonly string[],
  room: number,
  draft: Draft,
): void {
  const { service, progress } = draft;
  const counts = countByZone(tasks, zones);
  const spread = [...counts].map(([zone, count]) => ({ zone, count }));
  const poorest = spread
    .filter(({ zone }) => zones.includes(zone))
    .reduce((a, b) => (b.count < a.count ? b : a), { zone: "", count: Number.POSITIVE_INFINITY });
  const most = Math.max(...counts.values());
  if (most - poorest.count <= 1 || poorest.zone === "") {
    if (progress.rebalancing === undefined) return;
    draft.progress = { ...progress, rebalancing: undefined };
    draft.steps.push({ kind: "say", message: say.isBalanced(service.name, spread) });
    return;
  }
  const primary = primaryOf(draft);
  const missing = Math.floor(tasks.length / counts.size) - poorest.count;
  const count = Math.min(room, Math.max(1, missing));
  if (count < 1 || primary === undefined) return;
  if (progress.rebalancing === undefined) {
    draft.progress = { ...progress, rebalancing: { desiredCount: service.desiredCount, started: [] } };
    draft.steps.push({ kind: "say", message: say.isNotBalanced(service.name, spread) });
  }
  draft.steps.push({
    kind: "start",
    deploymentId: primary.id,
    count,
    replacing: 0,
    zone: poorest.zone,
  });
}

/** In the order of their names; zones without tasks count too. */
function countByZone(tasks: readonly AssessedTask[], zones: readonly string[]): Map<string, number> {
  const names = new Set([...zones, ...tasks.map((assessed) => zoneOf(assessed) ?? "")]);
  const counts = new Map([...names].sort().map((zone) => [zone, 0]));
  for (const assessed of tasks) {
    const zone = zoneOf(assessed) ?? "";
    counts.set(zone, (counts.get(zone) ?? 0) + 1);
  }
  return counts;
}

function zoneOf({ task, host }: AssessedTask): string | undefined {
  return host?.zone ?? task.availabilityZone;
}
