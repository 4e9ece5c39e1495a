/**
 * Account settings: their names, values and defaults (Amazon ECS developer guide, "Account settings"). Berth keeps
 * them; `awsvpcTrunking` has its effect on instances that register, `containerInsights` on the settings of new clusters.
 */
import type * as wire from "@aws-sdk/client-ecs";

export type SettingName = wire.SettingName;

interface SettingRule {
  /** In force while nobody sets another. */
  readonly fallback: string;
  readonly values: readonly string[];
}

const SWITCH = ["enabled", "disabled"];
const LONG_ARN: SettingRule = { fallback: "enabled", values: SWITCH };

const RULES: Readonly<Record<wire.SettingName, SettingRule>> = {
  serviceLongArnFormat: LONG_ARN,
  taskLongArnFormat: LONG_ARN,
  containerInstanceLongArnFormat: LONG_ARN,
  awsvpcTrunking: { fallback: "disabled", values: SWITCH },
  containerInsights: { fallback: "disabled", values: ["enabled", "disabled", "enhanced"] },
  fargateFIPSMode: { fallback: "disabled", values: SWITCH },
  tagResourceAuthorization: { fallback: "on", values: ["on", "off"] },
  fargateTaskRetirementWaitPeriod: { fallback: "7", values: ["0", "7", "14"] },
  guardDutyActivate: { fallback: "off", values: ["on", "off"] },
  defaultLogDriverMode: { fallback: "non-blocking", values: ["blocking", "non-blocking"] },
  fargateEventWindows: { fallback: "disabled", values: SWITCH },
};

// The names are the keys of a record of all of them.
export const SETTING_NAMES = Object.keys(RULES) as readonly wire.SettingName[];

export function findSettingName(text: string): wire.SettingName | undefined {
  return SETTING_NAMES.find((name) => name === text);
}

export function defaultSetting(name: wire.SettingName): string {
  return RULES[name].fallback;
}

/** Why the value cannot be set; undefined when it can. */
export function findSettingFault(name: wire.SettingName, value: string): string | undefined {
  const { values } = RULES[name];
  if (!values.includes(value)) return `${name} should be one of [${values.join(",")}]`;
  if (RULES[name] === LONG_ARN && value === "disabled") {
    return "You can no longer disable Long Arn settings";
  }
  return undefined;
}

/** GuardDuty's is the service's to change. */
export function settingType(name: wire.SettingName): wire.SettingType {
  return name === "guardDutyActivate" ? "aws_managed" : "user";
}
