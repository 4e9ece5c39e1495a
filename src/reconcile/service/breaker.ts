/** The deployment circuit breaker: counts what failed, gives up, and goes back. */
import { circuitBreakerThreshold, rollingBackReason } from "../../model/ecs/deployment.ts";
import type { Deployment } from "../../model/ecs/records.ts";
import * as say from "../../model/ecs/service-events.ts";
import type { AssessedTask } from "./assess.ts";
import { type Draft, primaryOf } from "./draft.ts";
import { findRollbackTarget, type Judgement, judgeTasks } from "./failures.ts";
import type { ServiceSnapshot } from "./snapshot.ts";

/** Takes the ends and recoveries of tasks into account, and trips the breaker when they are too many. */
export function judgeEnds(snapshot: ServiceSnapshot, live: readonly AssessedTask[], draft: Draft): void {
  const primary = primaryOf(draft);
  const judgement = judgeTasks(
    snapshot.service,
    primary?.id,
    snapshot.tasks,
    live,
    draft.progress,
    draft.now,
  );
  const { progress } = draft;
  const { onceHealthy, judgedStops, launchFailures } = judgement;
  if (
    onceHealthy !== progress.onceHealthy ||
    judgedStops !== progress.judgedStops ||
    launchFailures !== progress.launchFailures
  ) {
    draft.progress = { ...progress, onceHealthy, judgedStops, launchFailures };
  }
  for (const deployment of draft.deployments.values()) countFailures(deployment, judgement, draft);
  tripBreaker(draft);
}

function countFailures(deployment: Deployment, judgement: Judgement, draft: Draft): void {
  const reset =
    judgement.recovered.has(deployment.id) &&
    draft.service.deploymentConfiguration.deploymentCircuitBreaker?.resetOnHealthyTask !== false;
  const failedTasks = (reset ? 0 : deployment.failedTasks) + (judgement.failed.get(deployment.id) ?? 0);
  if (failedTasks === deployment.failedTasks) return;
  draft.deployments.set(deployment.id, { ...deployment, failedTasks, updatedAt: draft.now });
}

/** A deployment that is complete, or has failed, is no longer watched. */
function tripBreaker(draft: Draft): void {
  const { service, now } = draft;
  const breaker = service.deploymentConfiguration.deploymentCircuitBreaker;
  const primary = primaryOf(draft);
  if (service.status !== "ACTIVE" || breaker?.enable !== true || primary?.rolloutState !== "IN_PROGRESS")
    return;
  if (primary.failedTasks < circuitBreakerThreshold(draft.desired, service.deploymentConfiguration)) return;
  const target =
    breaker.rollback === true
      ? findRollbackTarget(service, primary, [...draft.deployments.values()])
      : undefined;
  draft.steps.push({ kind: "say", message: say.deploymentFailed(service.name, primary.id) });
  draft.deployments.set(primary.id, {
    ...primary,
    status: target === undefined ? "PRIMARY" : "ACTIVE",
    rolloutState: "FAILED",
    rolloutStateReason: "ECS deployment circuit breaker: tasks failed to start.",
    updatedAt: now,
    finishedAt: now,
    ...(target === undefined ? {} : { rollback: { toDeploymentId: target.id, startedAt: now } }),
  });
  if (target === undefined) return;
  // The deployment itself comes back, with the tasks that it still has, not a copy of it.
  draft.deployments.set(target.id, {
    ...target,
    status: "PRIMARY",
    rolloutState: "IN_PROGRESS",
    rolloutStateReason: rollingBackReason(target.id),
    failedTasks: 0,
    updatedAt: now,
  });
  draft.service = { ...service, spec: target.spec };
  draft.steps.push({ kind: "say", message: say.rollingBack(service.name, target.id) });
}
