/** Health check settings of target groups: defaults and bounds (Elastic Load Balancing user guide, "Health checks"). */
import { isApplicationProtocol } from "./attributes.ts";
import type { TargetGroup } from "./records.ts";

export type HealthCheck = TargetGroup["healthCheck"];

export interface HealthCheckChoices {
  readonly protocol?: string | undefined;
  readonly port?: string | undefined;
  readonly path?: string | undefined;
  readonly intervalSeconds?: number | undefined;
  readonly timeoutSeconds?: number | undefined;
  readonly healthyThresholdCount?: number | undefined;
  readonly unhealthyThresholdCount?: number | undefined;
  readonly matcher?: string | undefined;
}

type Group = Pick<TargetGroup, "protocol" | "protocolVersion">;

/** The settings of a new target group: what the caller chose, else the defaults for its protocol. */
export function newHealthCheck(group: Group, choices: HealthCheckChoices): HealthCheck {
  const protocol = choices.protocol ?? (isApplicationProtocol(group.protocol) ? "HTTP" : "TCP");
  return completed(group, {
    ...choices,
    protocol,
    port: choices.port ?? "traffic-port",
    intervalSeconds: choices.intervalSeconds ?? 30,
    timeoutSeconds: choices.timeoutSeconds ?? defaultTimeoutSeconds(group, protocol),
    healthyThresholdCount: choices.healthyThresholdCount ?? 5,
    unhealthyThresholdCount: choices.unhealthyThresholdCount ?? 2,
  });
}

/** ModifyTargetGroup: settings that the caller does not name stay. */
export function changedHealthCheck(
  group: Group,
  before: HealthCheck,
  choices: HealthCheckChoices,
): HealthCheck {
  return completed(group, {
    protocol: choices.protocol ?? before.protocol,
    port: choices.port ?? before.port,
    path: choices.path ?? before.path,
    intervalSeconds: choices.intervalSeconds ?? before.intervalSeconds,
    timeoutSeconds: choices.timeoutSeconds ?? before.timeoutSeconds,
    healthyThresholdCount: choices.healthyThresholdCount ?? before.healthyThresholdCount,
    unhealthyThresholdCount: choices.unhealthyThresholdCount ?? before.unhealthyThresholdCount,
    matcher: choices.matcher ?? before.matcher,
  });
}

function completed(
  group: Group,
  settings: Omit<HealthCheck, "enabled" | "path" | "matcher"> & Pick<HealthCheckChoices, "path" | "matcher">,
): HealthCheck {
  const { path, matcher, ...rest } = settings;
  if (settings.protocol === "TCP") return { enabled: true, ...rest };
  return {
    enabled: true,
    ...rest,
    path: path ?? (group.protocolVersion === "GRPC" ? "/AWS.ALB/healthcheck" : "/"),
    matcher: matcher ?? defaultMatcher(group),
  };
}

function defaultTimeoutSeconds(group: Group, protocol: string): number {
  if (protocol === "TCP") return 10;
  if (isApplicationProtocol(group.protocol)) return 5;
  return protocol === "HTTP" ? 6 : 10;
}

function defaultMatcher(group: Group): string {
  if (group.protocolVersion === "GRPC") return "12";
  return isApplicationProtocol(group.protocol) ? "200" : "200-399";
}

/** HTTP status codes that count as success for a group, or gRPC ones. */
export function matcherBounds(group: Group): { readonly minimum: number; readonly maximum: number } {
  if (group.protocolVersion === "GRPC") return { minimum: 0, maximum: 99 };
  return { minimum: 200, maximum: isApplicationProtocol(group.protocol) ? 499 : 599 };
}

/** `200`, `200,202`, `200-299` or a mixture, as ranges; undefined when the text is none of these. */
export function parseMatcher(
  text: string,
): readonly { readonly from: number; readonly to: number }[] | undefined {
  const ranges: { from: number; to: number }[] = [];
  for (const part of text.split(",")) {
    const match = /^(\d{1,3})(?:-(\d{1,3}))?$/.exec(part);
    if (match === null) return undefined;
    const from = Number(match[1]);
    const to = match[2] === undefined ? from : Number(match[2]);
    if (to < from) return undefined;
    ranges.push({ from, to });
  }
  return ranges;
}

/** What is wrong with the settings taken together, as AWS words it; undefined when nothing is. */
export function healthCheckProblem(group: Group, check: HealthCheck): string | undefined {
  const application = isApplicationProtocol(group.protocol);
  const allowed = application ? ["HTTPS", "HTTP"] : ["HTTPS", "HTTP", "TCP"];
  if (!allowed.includes(check.protocol)) {
    return `Health check protocol '${check.protocol}' must be one of '${allowed.join(", ")}'`;
  }
  if (check.port !== "traffic-port" && !isPort(check.port)) {
    return `Health check port '${check.port}' must be 'traffic-port' or a number between '1-65535' inclusive`;
  }
  if (check.path !== undefined && !check.path.startsWith("/")) {
    return `Health check path '${check.path}' must begin with a '/' character`;
  }
  if (application && check.timeoutSeconds >= check.intervalSeconds) {
    return `Health check timeout '${check.timeoutSeconds}' must be smaller than the interval '${check.intervalSeconds}'`;
  }
  if (check.timeoutSeconds > check.intervalSeconds) {
    return `Health check timeout '${check.timeoutSeconds}' must be smaller than or equal to the interval '${check.intervalSeconds}'`;
  }
  return check.matcher === undefined ? undefined : matcherProblem(group, check.matcher);
}

function matcherProblem(group: Group, matcher: string): string | undefined {
  const kind = group.protocolVersion === "GRPC" ? "gRPC" : "HTTP";
  const { minimum, maximum } = matcherBounds(group);
  const ranges = parseMatcher(matcher);
  const valid = ranges?.every((range) => range.from >= minimum && range.to <= maximum);
  if (valid) return undefined;
  return `Health check matcher ${kind} code '${matcher}' must be within '${minimum}-${maximum}' inclusive`;
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
}
