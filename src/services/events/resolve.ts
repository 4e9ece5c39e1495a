/** Buses and rules by what a caller names them with. */
import { arn, parseArn } from "../../model/arn.ts";
import type { EventBus, EventRule } from "../../model/events/records.ts";
import type { Scope } from "../../model/scope.ts";
import { busArn } from "../../store/event-bus.ts";
import { findRoleByArn, mayServiceAssume } from "../../store/iam-access.ts";
import { eventBuses, eventRules } from "../../store/tables/events.ts";
import type { HandlerContext } from "../operation.ts";
import { checkLength, readBusReference, requireName } from "./constraints.ts";
import { busNotFound, invalidArn, roleNotAssumable, ruleNotFound } from "./errors.ts";

/** A bus of the caller's account and region. */
export interface FoundBus {
  readonly name: string;
  readonly arn: string;
  /** `default` may have none. */
  readonly record?: EventBus | undefined;
}

/** By name or ARN; undefined for one of another account or region, too. */
export function findBus({ store, scope }: HandlerContext, reference: string): FoundBus | undefined {
  const name = reference.includes(":event-bus/") ? (reference.split(":event-bus/")[1] ?? "") : reference;
  const own = busArn(scope, name);
  if (reference !== name && reference !== own) return undefined;
  const record = store.get(eventBuses, own);
  return record === undefined && name !== "default" ? undefined : { name, arn: own, record };
}

/** Throws ValidationException or ResourceNotFoundException. */
export function requireBus(
  context: HandlerContext,
  reference: string | undefined,
  path = "eventBusName",
): FoundBus {
  const read = readBusReference(reference, path);
  const bus = findBus(context, read);
  if (bus === undefined) throw busNotFound(read.split(":event-bus/").at(-1) ?? read);
  return bus;
}

/** Rules of the bus `default` do not name it. */
export function ruleArn(scope: Scope, busName: string, name: string): string {
  return arn("events", scope, busName === "default" ? `rule/${name}` : `rule/${busName}/${name}`);
}

export function findRule(
  { store, scope }: HandlerContext,
  bus: FoundBus,
  name: string,
): EventRule | undefined {
  return store.get(eventRules, ruleArn(scope, bus.name, name));
}

/** Throws ValidationException or ResourceNotFoundException. */
export function requireRule(
  context: HandlerContext,
  busReference: string | undefined,
  ruleName: string | undefined,
  path: "name" | "rule",
): EventRule {
  const name = requireName(ruleName, path);
  const bus = requireBus(context, busReference);
  const rule = findRule(context, bus, name);
  if (rule === undefined) throw ruleNotFound(name, bus.name);
  return rule;
}

/** What tags hang on. Throws ValidationException or ResourceNotFoundException. */
export function requireTagged(
  context: HandlerContext,
  resourceArn: string,
): { readonly kind: "bus"; readonly bus: FoundBus } | { readonly kind: "rule"; readonly rule: EventRule } {
  checkLength(resourceArn, "resourceARN", 1, 1600);
  const parts = parseArn(resourceArn);
  if (parts?.service !== "events") throw invalidArn(resourceArn);
  const [kind, ...names] = parts.resource.split("/");
  const own = parts.account === context.scope.account && parts.region === context.scope.region;
  if (kind === "event-bus") {
    const name = names.join("/");
    const bus = own ? findBus(context, name) : undefined;
    if (bus === undefined) throw busNotFound(name);
    return { kind: "bus", bus };
  }
  const name = names.at(-1) ?? "";
  if (kind !== "rule" || name === "") throw invalidArn(resourceArn);
  const busName = names.slice(0, -1).join("/") || "default";
  const rule = own ? context.store.get(eventRules, ruleArn(context.scope, busName, name)) : undefined;
  if (rule === undefined) throw ruleNotFound(name, busName);
  return { kind, rule };
}

/** Throws ValidationException unless EventBridge may assume the role. */
export function checkRole({ store }: HandlerContext, roleArn: string, path: string): void {
  checkLength(roleArn, path, 1, 1600);
  const role = findRoleByArn(store, roleArn);
  if (role === undefined || !mayServiceAssume(role, "events.amazonaws.com")) throw roleNotAssumable(roleArn);
}
