/** One event to one target. */
import type { Target } from "@aws-sdk/client-eventbridge";
import type { Clock } from "../../lib/clock.ts";
import { parseArn } from "../../model/arn.ts";
import type { EventRule, PendingEvent } from "../../model/events/records.ts";
import { mayRole } from "../../store/iam-access.ts";
import type { StoreReader } from "../../store/store.ts";
import { eventBuses } from "../../store/tables/events.ts";
import { deliverToTask, type RunTask } from "./ecs-task.ts";
import { deliverToLogGroup, type EventLogs } from "./log-group.ts";

export type Delivery =
  | { readonly kind: "delivered" }
  /** Another bus is to take it. */
  | { readonly kind: "forwarded"; readonly busArn: string }
  /** As long as the user changes nothing: EventBridge does not try it again. */
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "failed"; readonly reason: unknown };

export interface DeliveryDependencies {
  readonly store: StoreReader;
  readonly logs: EventLogs;
  readonly runTask: RunTask;
  readonly clock: Clock;
}

export async function deliver(
  dependencies: DeliveryDependencies,
  pending: PendingEvent,
  rule: EventRule,
  target: Target,
): Promise<Delivery> {
  const service = parseArn(target.Arn ?? "")?.service;
  try {
    switch (service) {
      case "logs":
        return deliverToLogGroup(dependencies, pending, rule, target);
      case "events":
        return forward(dependencies, pending, rule, target);
      case "ecs":
        return await deliverToTask(dependencies.runTask, pending, rule, target);
      default:
        return {
          kind: "refused",
          reason: `events go to log groups, event buses and ECS tasks only, not to ${target.Arn}`,
        };
    }
  } catch (error) {
    return { kind: "failed", reason: error };
  }
}

/** To another bus of the account, by the target's role. Never further: what came from a bus stays. */
function forward(
  { store }: DeliveryDependencies,
  { event, forwardedBy }: PendingEvent,
  rule: EventRule,
  target: Target,
): Delivery {
  const busArn = target.Arn ?? "";
  if (forwardedBy !== undefined) {
    return { kind: "refused", reason: "an event that came from another event bus is not sent to a third" };
  }
  if (!busArn.endsWith(":event-bus/default") && store.get(eventBuses, busArn) === undefined) {
    return { kind: "refused", reason: `there is no event bus ${busArn}` };
  }
  const verdict = mayRole(
    store,
    { roleArn: target.RoleArn ?? "", service: "events.amazonaws.com", sessionName: event.id },
    {
      action: "events:PutEvents",
      resource: busArn,
      context: new Map([
        ["aws:sourcearn", [rule.arn]],
        ["aws:sourceaccount", [rule.account]],
        ["events:source", [event.source]],
        ["events:detail-type", [event["detail-type"]]],
      ]),
    },
  );
  return verdict.allowed ? { kind: "forwarded", busArn } : { kind: "refused", reason: verdict.reason };
}
