/** Rules of an event bus. */
import type * as wire from "@aws-sdk/client-eventbridge";
import { checkPattern } from "../../model/events/pattern-check.ts";
import type { EventRule } from "../../model/events/records.ts";
import { parseSchedule } from "../../model/events/schedule.ts";
import { eventRules } from "../../store/tables/events.ts";
import type { HandlerContext } from "../operation.ts";
import { page } from "../page.ts";
import { checkLength, oneOf, readLimit, readTags, requireMember, requireName } from "./constraints.ts";
import {
  invalidPattern,
  invalidSchedule,
  invalidToken,
  limitExceeded,
  ruleHasTargets,
  scheduleNeedsDefaultBus,
  unsupported,
  validation,
} from "./errors.ts";
import { checkRole, type FoundBus, findRule, requireBus, requireRule, ruleArn } from "./resolve.ts";

const STATES = ["ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"] as const;
/** EventBridge quotas: of a bus. */
const MOST_RULES = 300;

/** What is not given is not kept; targets and tags stay. */
export function putRule(input: wire.PutRuleRequest, context: HandlerContext): wire.PutRuleResponse {
  const name = requireName(input.Name, "name");
  checkLength(input.EventPattern, "eventPattern", 0, 4096);
  checkLength(input.ScheduleExpression, "scheduleExpression", 0, 256);
  checkLength(input.Description, "description", 0, 512);
  const state = readState(input.State);
  const tags = readTags(input.Tags);
  const bus = requireBus(context, input.EventBusName);
  checkTrigger(input, bus);
  if (input.RoleArn !== undefined) checkRole(context, input.RoleArn, "roleArn");
  const known = findRule(context, bus, name);
  if (known === undefined && context.store.count(eventRules, "bus", bus.arn) >= MOST_RULES) {
    throw limitExceeded();
  }
  const { account, region } = context.scope;
  const rule: EventRule = {
    account,
    region,
    arn: ruleArn(context.scope, bus.name, name),
    name,
    eventBusName: bus.name,
    eventBusArn: bus.arn,
    eventPattern: input.EventPattern || undefined,
    ...scheduleOf(known, { scheduleExpression: input.ScheduleExpression || undefined, state }, context),
    state,
    description: input.Description || undefined,
    roleArn: input.RoleArn,
    createdBy: account,
    targets: known?.targets ?? [],
    tags: known?.tags ?? tags,
  };
  context.store.transaction((tx) => tx.put(eventRules, rule));
  return { RuleArn: rule.arn };
}

/** One that is not there is no error. */
export function deleteRule(input: wire.DeleteRuleRequest, context: HandlerContext): object {
  const name = requireName(input.Name, "name");
  const rule = findRule(context, requireBus(context, input.EventBusName), name);
  if (rule === undefined) return {};
  if (rule.targets.length > 0) throw ruleHasTargets();
  context.store.transaction((tx) => tx.delete(eventRules, rule.arn));
  return {};
}

export function describeRule(
  input: wire.DescribeRuleRequest,
  context: HandlerContext,
): wire.DescribeRuleResponse {
  const rule = requireRule(context, input.EventBusName, input.Name, "name");
  return { ...viewRule(rule), CreatedBy: rule.createdBy };
}

export function enableRule(input: wire.EnableRuleRequest, context: HandlerContext): object {
  return setState(input, context, "ENABLED");
}

export function disableRule(input: wire.DisableRuleRequest, context: HandlerContext): object {
  return setState(input, context, "DISABLED");
}

export function listRules(input: wire.ListRulesRequest, context: HandlerContext): wire.ListRulesResponse {
  const { NamePrefix: prefix = "" } = input;
  const bus = requireBus(context, input.EventBusName);
  const rules = context.store.where(eventRules, "bus", bus.arn).filter(({ name }) => name.startsWith(prefix));
  const { items, nextToken } = page(rules, pageOf(input));
  return { Rules: items.map(viewRule), ...(nextToken === undefined ? {} : { NextToken: nextToken }) };
}

export function listRuleNamesByTarget(
  input: wire.ListRuleNamesByTargetRequest,
  context: HandlerContext,
): wire.ListRuleNamesByTargetResponse {
  const arn = requireMember(input.TargetArn, "targetArn");
  checkLength(arn, "targetArn", 1, 1600);
  const bus = requireBus(context, input.EventBusName);
  const rules = context.store
    .where(eventRules, "bus", bus.arn)
    .filter(({ targets }) => targets.some((target) => target.Arn === arn));
  const { items, nextToken } = page(rules, pageOf(input));
  return {
    RuleNames: items.map(({ name }) => name),
    ...(nextToken === undefined ? {} : { NextToken: nextToken }),
  };
}

function pageOf(input: { readonly NextToken?: string | undefined; readonly Limit?: number | undefined }) {
  return {
    token: input.NextToken,
    limit: readLimit(input.Limit),
    key: ({ name }: EventRule) => name,
    invalidToken,
  };
}

function readState(value: string | undefined): EventRule["state"] {
  const state = oneOf(value, "state", STATES) ?? "ENABLED";
  if (state === "ENABLED" || state === "DISABLED") return state;
  throw unsupported(`the rule state ${state}`);
}

/** Throws ValidationException or InvalidEventPatternException. */
function checkTrigger(
  { EventPattern: pattern, ScheduleExpression: schedule }: wire.PutRuleRequest,
  bus: FoundBus,
): void {
  if (!pattern && !schedule) {
    throw validation("Parameter(s) EventPattern or ScheduleExpression must be specified.");
  }
  if (schedule) {
    if (bus.name !== "default") throw scheduleNeedsDefaultBus();
    if (parseSchedule(schedule) === undefined) throw invalidSchedule();
  }
  const problem = pattern ? checkPattern(pattern) : undefined;
  if (problem !== undefined) throw invalidPattern(problem);
}

/** A rate begins anew when the expression changes and when the rule is enabled, and with no other change. */
function scheduleOf(
  known: EventRule | undefined,
  { scheduleExpression, state }: Pick<EventRule, "scheduleExpression" | "state">,
  { clock }: HandlerContext,
): Pick<EventRule, "scheduleExpression" | "scheduledSince" | "lastScheduledAt"> {
  if (scheduleExpression === undefined) return {};
  const goesOn =
    known?.scheduleExpression === scheduleExpression && (known.state === "ENABLED" || state === "DISABLED");
  return {
    scheduleExpression,
    scheduledSince: goesOn ? known.scheduledSince : clock.now(),
    lastScheduledAt: known?.lastScheduledAt,
  };
}

function setState(
  input: { readonly Name: string | undefined; readonly EventBusName?: string | undefined },
  context: HandlerContext,
  state: EventRule["state"],
): object {
  const rule = requireRule(context, input.EventBusName, input.Name, "name");
  const schedule = scheduleOf(rule, { scheduleExpression: rule.scheduleExpression, state }, context);
  context.store.transaction((tx) => tx.put(eventRules, { ...rule, ...schedule, state }));
  return {};
}

function viewRule(rule: EventRule): wire.Rule {
  return {
    Name: rule.name,
    Arn: rule.arn,
    ...(rule.eventPattern === undefined ? {} : { EventPattern: rule.eventPattern }),
    ...(rule.scheduleExpression === undefined ? {} : { ScheduleExpression: rule.scheduleExpression }),
    State: rule.state,
    ...(rule.description === undefined ? {} : { Description: rule.description }),
    ...(rule.roleArn === undefined ? {} : { RoleArn: rule.roleArn }),
    EventBusName: rule.eventBusName,
  };
}
