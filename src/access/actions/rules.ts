/** The rules of every service, by the id that the gateway and IAM know it by. */
import { acmActions } from "./acm.ts";
import type { ActionRule, AnyActionRules } from "./action.ts";
import { autoScalingActions } from "./autoscaling.ts";
import { cloudTrailActions } from "./cloudtrail.ts";
import { ec2Actions } from "./ec2.ts";
import { ecrActions } from "./ecr.ts";
import { ecsActions } from "./ecs.ts";
import { elbv2Actions } from "./elbv2.ts";
import { eventsActions } from "./events.ts";
import { iamActions } from "./iam.ts";
import { logsActions } from "./logs.ts";
import { route53Actions } from "./route53.ts";
import { s3Actions } from "./s3.ts";
import { secretsManagerActions } from "./secretsmanager.ts";
import { serviceDiscoveryActions } from "./servicediscovery.ts";
import { ssmActions } from "./ssm.ts";
import { stsActions } from "./sts.ts";

const RULES: Readonly<Record<string, AnyActionRules>> = {
  acm: acmActions,
  autoscaling: autoScalingActions,
  cloudtrail: cloudTrailActions,
  ec2: ec2Actions,
  ecr: ecrActions,
  ecs: ecsActions,
  elasticloadbalancing: elbv2Actions,
  events: eventsActions,
  iam: iamActions,
  logs: logsActions,
  route53: route53Actions,
  s3: s3Actions,
  secretsmanager: secretsManagerActions,
  servicediscovery: serviceDiscoveryActions,
  ssm: ssmActions,
  sts: stsActions,
};

/** Undefined for an operation that has none: a test refuses that for what is implemented. */
export function findRule(service: string, operation: string): ActionRule<never> | undefined {
  const rules = RULES[service];
  return rules !== undefined && Object.hasOwn(rules, operation) ? rules[operation] : undefined;
}
