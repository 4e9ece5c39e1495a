import type * as wire from "@aws-sdk/client-elastic-load-balancing-v2";
import { isKnownTargetGroupAttribute, targetGroupAttributes } from "../../model/elb/attributes.ts";
import type { TargetGroup } from "../../model/elb/records.ts";
import { targetGroups } from "../../store/tables/elb.ts";
import type { HandlerContext } from "../operation.ts";
import { describeAttributes, readAttributes } from "./attributes.ts";
import { invalidConfiguration } from "./errors.ts";
import { requireTargetGroup } from "./resolve.ts";

export function describeTargetGroupAttributes(
  input: wire.DescribeTargetGroupAttributesInput,
  context: HandlerContext,
): wire.DescribeTargetGroupAttributesOutput {
  return { Attributes: shown(requireTargetGroup(context, input.TargetGroupArn)) };
}

export function modifyTargetGroupAttributes(
  input: wire.ModifyTargetGroupAttributesInput,
  context: HandlerContext,
): wire.ModifyTargetGroupAttributesOutput {
  const group = requireTargetGroup(context, input.TargetGroupArn);
  checkStickinessType(group, input.Attributes);
  const changes = readAttributes(input.Attributes, {
    noun: "Target group",
    attributes: targetGroupAttributes(group),
    isKnown: isKnownTargetGroupAttribute,
    unsupportedBy: `target groups with the ${group.protocol} protocol`,
  });
  const changed: TargetGroup = { ...group, attributes: { ...group.attributes, ...changes } };
  checkCombination(changed);
  context.store.transaction((tx) => tx.put(targetGroups, changed));
  return { Attributes: shown(changed) };
}

const STICKINESS_TYPES = ["lb_cookie", "app_cookie", "source_ip"];

/** A type that exists, but not for this protocol, has an error of its own. */
function checkStickinessType(
  group: TargetGroup,
  changes: readonly wire.TargetGroupAttribute[] | undefined,
): void {
  const type = changes?.find((change) => change.Key === "stickiness.type")?.Value;
  const rule = targetGroupAttributes(group).find((attribute) => attribute.key === "stickiness.type")?.rule;
  if (type === undefined || rule?.kind !== "choice") return;
  if (STICKINESS_TYPES.includes(type) && !rule.choices.includes(type)) {
    throw invalidConfiguration(
      `Stickiness type '${type}' is not supported for target groups with the ${group.protocol} protocol`,
    );
  }
}

function checkCombination({ attributes }: TargetGroup): void {
  const isSticky = attributes["stickiness.enabled"] === "true";
  if (
    isSticky &&
    attributes["stickiness.type"] === "app_cookie" &&
    !attributes["stickiness.app_cookie.cookie_name"]
  ) {
    throw invalidConfiguration(
      "You must set an application cookie name to enable stickiness of type 'app_cookie'",
    );
  }
  const algorithm = attributes["load_balancing.algorithm.type"];
  const slowStart = attributes["slow_start.duration_seconds"] ?? "0";
  if (slowStart !== "0" && algorithm !== undefined && algorithm !== "round_robin") {
    throw invalidConfiguration(`Slow start mode is not supported with the '${algorithm}' algorithm`);
  }
  if (attributes["load_balancing.algorithm.anomaly_mitigation"] === "on" && algorithm !== "weighted_random") {
    throw invalidConfiguration("Anomaly mitigation is only supported with the 'weighted_random' algorithm");
  }
}

function shown(group: TargetGroup): wire.TargetGroupAttribute[] {
  return describeAttributes(targetGroupAttributes(group), group.attributes);
}
