/** Names of parameters, and the selectors behind them (Systems Manager guide, "Parameter name requirements"). */
import { arn, parseArn } from "../arn.ts";
import type { Scope } from "../scope.ts";

/** `x` and `/x` are one parameter: they have one ARN. */
export function parameterArn(scope: Scope, name: string): string {
  return arn("ssm", scope, `parameter/${name.replace(/^\//, "")}`);
}

export interface ParameterReference {
  readonly name: string;
  /** What follows the colon: a version or a label. */
  readonly selector?: string | undefined;
}

/** Of `name`, `name:3`, `name:label`, or an ARN with or without one. */
export function parseReference(text: string): ParameterReference {
  const resource = parseArn(text)?.resource;
  const local = resource?.startsWith("parameter/") ? resource.slice("parameter".length) : text;
  const colon = local.indexOf(":");
  if (colon < 0) return { name: local };
  return { name: local.slice(0, colon), selector: local.slice(colon + 1) };
}

/** As a path compares: `x` is `/x`. */
export function qualified(name: string): string {
  return name.startsWith("/") ? name : `/${name}`;
}

/** Whether a name is below a path: directly, or at any depth. */
export function isBelow(name: string, path: string, recursive: boolean): boolean {
  const prefix = path.endsWith("/") ? path : `${path}/`;
  const full = qualified(name);
  if (!full.startsWith(prefix)) return false;
  return recursive || !full.slice(prefix.length).includes("/");
}
