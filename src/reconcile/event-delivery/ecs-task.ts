/** An event that runs a task, in the name of the target's role. */
import { createHash } from "node:crypto";
import type { EcsParameters, Target } from "@aws-sdk/client-eventbridge";
import type { Result } from "../../lib/result.ts";
import { parseArn } from "../../model/arn.ts";
import { targetInput } from "../../model/events/input.ts";
import type { EventRule, PendingEvent } from "../../model/events/records.ts";
import type { Scope } from "../../model/scope.ts";
import type { Delivery } from "./deliver.ts";

/** ECS's RunTask, as the role may do it; resolves with its answer. */
export type RunTask = (call: TaskCall) => Promise<Result<unknown, TaskFailure>>;

export interface TaskCall {
  readonly scope: Scope;
  readonly roleArn: string;
  readonly sessionName: string;
  readonly ruleArn: string;
  /** JSON as RunTask takes it; ECS is to check it. */
  readonly request: object;
}

export interface TaskFailure {
  /** The fault is not the caller's. */
  readonly retryable: boolean;
  readonly reason: string;
}

/** ECS took no more when EventBridge began to name its rules. */
const STARTED_BY_CHARACTERS = 36;
const OVERRIDES = [
  "containerOverrides",
  "cpu",
  "memory",
  "taskRoleArn",
  "executionRoleArn",
  "ephemeralStorage",
  "inferenceAcceleratorOverrides",
] as const;

export async function deliverToTask(
  runTask: RunTask,
  pending: PendingEvent,
  rule: EventRule,
  target: Target,
): Promise<Delivery> {
  const { Arn: clusterArn = "", EcsParameters: parameters, RoleArn: roleArn = "" } = target;
  const parts = parseArn(clusterArn);
  if (parameters === undefined || parts === undefined) {
    return { kind: "refused", reason: "the target names no task definition" };
  }
  const overrides = overridesOf(targetInput(target, pending.event, rule.arn));
  if (overrides === undefined) return { kind: "refused", reason: "the input is no JSON object" };
  const run = await runTask({
    scope: { account: parts.account, region: parts.region },
    roleArn,
    // AWS's are 32 hexadecimal digits, too.
    sessionName: digest([rule.arn, target.Id ?? ""]).slice(0, 32),
    ruleArn: rule.arn,
    request: {
      ...requestOf(parameters),
      cluster: clusterArn,
      ...(Object.keys(overrides).length === 0 ? {} : { overrides }),
      startedBy: `events-rule/${rule.name}`.slice(0, STARTED_BY_CHARACTERS),
      clientToken: tokenOf(pending, rule, target),
    },
  });
  if (run.ok) {
    const reason = placementFailure(run.value);
    return reason === undefined ? { kind: "delivered" } : { kind: "refused", reason };
  }
  return { kind: run.failure.retryable ? "failed" : "refused", reason: run.failure.reason };
}

/** Always the same for this event at this target: a delivery that Berth did not live to note runs no second task. */
function tokenOf({ busArn, event, forwardedBy }: PendingEvent, rule: EventRule, target: Target): string {
  return digest([busArn, event.id, forwardedBy ?? "", rule.arn, target.Id ?? ""]);
}

function digest(parts: readonly string[]): string {
  return createHash("sha256").update(parts.join("\n")).digest("hex");
}

/** Of an event that no input replaces nothing is left: ECS takes the members that it knows. */
function overridesOf(input: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(input);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    return Object.fromEntries(
      OVERRIDES.flatMap((name) => {
        const member: unknown = Reflect.get(value, name);
        return member === undefined ? [] : [[name, member]];
      }),
    );
  } catch {
    return undefined;
  }
}

/** RunTask answers well when it finds no place for a task, and EventBridge is content with that. */
function placementFailure(answer: unknown): string | undefined {
  const failures: unknown =
    typeof answer === "object" && answer !== null ? Reflect.get(answer, "failures") : undefined;
  return Array.isArray(failures) && failures.length > 0
    ? `RunTask tells failures: ${JSON.stringify(failures)}`
    : undefined;
}

function requestOf(parameters: EcsParameters): object {
  const vpc = parameters.NetworkConfiguration?.awsvpcConfiguration;
  return {
    taskDefinition: parameters.TaskDefinitionArn,
    count: parameters.TaskCount ?? 1,
    launchType: parameters.LaunchType,
    platformVersion: parameters.PlatformVersion,
    group: parameters.Group,
    capacityProviderStrategy: parameters.CapacityProviderStrategy,
    placementConstraints: parameters.PlacementConstraints,
    placementStrategy: parameters.PlacementStrategy,
    propagateTags: parameters.PropagateTags,
    referenceId: parameters.ReferenceId,
    enableECSManagedTags: parameters.EnableECSManagedTags,
    enableExecuteCommand: parameters.EnableExecuteCommand,
    tags: parameters.Tags?.map(({ Key, Value }) => ({ key: Key, value: Value })),
    ...(vpc === undefined
      ? {}
      : {
          networkConfiguration: {
            awsvpcConfiguration: {
              subnets: vpc.Subnets,
              securityGroups: vpc.SecurityGroups,
              assignPublicIp: vpc.AssignPublicIp,
            },
          },
        }),
  };
}
