/** EventBridge's nouns as Berth keeps them. Targets are the user's own words. */
import type * as wire from "@aws-sdk/client-eventbridge";
import type { Scope } from "../scope.ts";
import type { Tag } from "../tags.ts";

export interface EventBus extends Scope {
  readonly arn: string;
  /** `default` is there without a record; it has one when it has tags or a description. */
  readonly name: string;
  readonly description?: string | undefined;
  readonly creationTime: number;
  readonly lastModifiedTime: number;
  readonly tags: readonly Tag[];
}

export interface EventRule extends Scope {
  readonly arn: string;
  readonly name: string;
  readonly eventBusName: string;
  readonly eventBusArn: string;
  /** JSON, as it was given. */
  readonly eventPattern?: string | undefined;
  /** As it was given: `rate(5 minutes)`, `cron(0 12 * * ? *)`. */
  readonly scheduleExpression?: string | undefined;
  /** When the schedule was set, or the rule enabled again: a rate counts from here. */
  readonly scheduledSince?: number | undefined;
  /** The time of the schedule that the rule ran for last. */
  readonly lastScheduledAt?: number | undefined;
  readonly state: "ENABLED" | "DISABLED";
  readonly description?: string | undefined;
  readonly roleArn?: string | undefined;
  readonly createdBy: string;
  readonly targets: readonly wire.Target[];
  readonly tags: readonly Tag[];
}

/** An event as it goes over the bus (EventBridge user guide, "AWS service event structure"). */
export interface Event {
  readonly version: "0";
  readonly id: string;
  readonly "detail-type": string;
  readonly source: string;
  readonly account: string;
  /** ISO 8601, in whole seconds. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: object;
}

/** An event that a bus has taken and whose targets do not have it yet. */
export interface PendingEvent {
  readonly busArn: string;
  readonly event: Event;
  /** The ARN of the rule of another bus that sent it: rules do not send it on to a third. */
  readonly forwardedBy?: string | undefined;
  /** The ARN of the rule whose schedule it comes from: it goes to that rule's targets alone. */
  readonly scheduledBy?: string | undefined;
  /** After a first attempt that did not reach every target. */
  readonly retry?: DeliveryRetry | undefined;
}

export interface DeliveryRetry {
  /** Of the first attempt. */
  readonly since: number;
  /** When the next attempt is due. */
  readonly at: number;
  /** Retries so far. */
  readonly attempts: number;
  /** That do not have the event yet. */
  readonly targets: readonly TargetReference[];
}

export interface TargetReference {
  readonly ruleArn: string;
  readonly targetId: string;
}
