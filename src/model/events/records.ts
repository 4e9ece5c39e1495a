/** EventBridge's nouns as Berth keeps them. Targets are the user's own words. */
import type * as wire from "@aws-sdk/client-eventbridge";
import type { Scope } from "../scope.ts";
import type { Tag } from "../tags.ts";

export interface EventBus extends Scope {
  readonly arn: string;
  /** `default` is there without a record. */
  readonly name: string;
  readonly description?: string | undefined;
  readonly creationTime: number;
  readonly tags: readonly Tag[];
}

export interface EventRule extends Scope {
  readonly arn: string;
  readonly name: string;
  readonly eventBusName: string;
  /** JSON, as it was given. */
  readonly eventPattern?: string | undefined;
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
