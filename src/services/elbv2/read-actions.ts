/** The actions of a listener or rule, checked by themselves; `forwarding.ts` checks the groups they name. */
import type * as wire from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Action, Listener } from "../../model/elb/records.ts";
import { checkLength, checkPattern, checkRange, oneOf, requireMember } from "./constraints.ts";
import { invalidAction, operationNotPermitted, validationError } from "./errors.ts";

const ACTION_TYPES = [
  "forward",
  "authenticate-oidc",
  "authenticate-cognito",
  "redirect",
  "fixed-response",
  "jwt-validation",
] as const;
const MOST_TARGET_GROUPS = 5;
const LONGEST_STICKINESS_SECONDS = 604_800;
const CONTENT_TYPES = ["text/html", "application/json", "application/javascript", "text/css", "text/plain"];

export interface ActionContext {
  /** `defaultActions` or `actions`: how error texts call the list. */
  readonly path: string;
  readonly listenerProtocol: Listener["protocol"];
}

/** Exactly one action. Throws ValidationError, InvalidLoadBalancerAction or OperationNotPermitted. */
export function readActions(actions: readonly wire.Action[] | undefined, context: ActionContext): Action[] {
  if (actions === undefined || actions.length === 0) throw validationError("An action must be specified");
  const read = actions.map((action, index) =>
    readAction(action, `${context.path}.${index + 1}.member`, context),
  );
  const [first, second] = read;
  if (first !== undefined && second !== undefined) {
    throw invalidAction(
      first.kind === second.kind
        ? `You cannot specify multiple actions of the following type: '${first.kind}'`
        : "You can only specify one of the following action types: 'forward', 'redirect', 'fixed-response'",
    );
  }
  return read;
}

function readAction(action: wire.Action, path: string, context: ActionContext): Action {
  const type = oneOf(requireMember(action.Type, `${path}.type`), `${path}.type`, ACTION_TYPES);
  checkRange(action.Order, `${path}.order`, 1, 50_000);
  const isNetwork = context.listenerProtocol !== "HTTP" && context.listenerProtocol !== "HTTPS";
  if (isNetwork && type !== "forward") {
    throw invalidAction(`The action type '${type}' is not valid with network load balancer`);
  }
  const order = action.Order === undefined ? {} : { order: action.Order };
  switch (type) {
    case "forward":
      return { ...readForward(action), ...order };
    case "fixed-response":
      return { ...readFixedResponse(action.FixedResponseConfig, path), ...order };
    case "redirect":
      return { ...readRedirect(action.RedirectConfig, path, context), ...order };
    default:
      throw operationNotPermitted(`Berth does not support actions of type '${type}'`);
  }
}

function readForward(action: wire.Action): Extract<Action, { kind: "forward" }> {
  const groups = action.ForwardConfig?.TargetGroups ?? [];
  const named = action.TargetGroupArn;
  if (
    named !== undefined &&
    groups.length > 0 &&
    (groups.length > 1 || groups[0]?.TargetGroupArn !== named)
  ) {
    throw validationError(
      "You can specify only one target group in the forward configuration if you also specify a target group ARN, and it must be the same target group",
    );
  }
  const targetGroups = groups.length > 0 ? groups.map(readWeighted) : [{ targetGroupArn: named ?? "" }];
  if (targetGroups.some((group) => group.targetGroupArn === "")) {
    throw validationError("A target group ARN must be specified");
  }
  if (targetGroups.length > MOST_TARGET_GROUPS) {
    throw invalidAction(`You can specify at most '${MOST_TARGET_GROUPS}' target groups in a forward action`);
  }
  if (new Set(targetGroups.map((group) => group.targetGroupArn)).size !== targetGroups.length) {
    throw invalidAction("A target group can be specified only once in a forward action");
  }
  const stickiness = readStickiness(action.ForwardConfig?.TargetGroupStickinessConfig);
  return { kind: "forward", targetGroups, ...(stickiness === undefined ? {} : { stickiness }) };
}

function readWeighted(group: wire.TargetGroupTuple) {
  if (group.Weight !== undefined && (group.Weight < 0 || group.Weight > 999)) {
    throw validationError(`Target group weight '${group.Weight}' must be between '0-999' inclusive`);
  }
  return {
    targetGroupArn: group.TargetGroupArn ?? "",
    ...(group.Weight === undefined ? {} : { weight: group.Weight }),
  };
}

function readStickiness(config: wire.TargetGroupStickinessConfig | undefined) {
  if (config === undefined) return undefined;
  const enabled = config.Enabled ?? false;
  const durationSeconds = config.DurationSeconds;
  if (enabled && durationSeconds === undefined) {
    throw validationError("Target group stickiness duration must be specified when stickiness is enabled");
  }
  if (
    durationSeconds !== undefined &&
    (durationSeconds < 1 || durationSeconds > LONGEST_STICKINESS_SECONDS)
  ) {
    throw validationError(
      `Target group stickiness duration '${durationSeconds}' must be between '1-${LONGEST_STICKINESS_SECONDS}' inclusive`,
    );
  }
  return { enabled, ...(durationSeconds === undefined ? {} : { durationSeconds }) };
}

function readFixedResponse(
  config: wire.FixedResponseActionConfig | undefined,
  path: string,
): Extract<Action, { kind: "fixed-response" }> {
  const at = `${path}.fixedResponseConfig`;
  if (config === undefined) {
    throw validationError(
      "A fixed response configuration must be specified for action type 'fixed-response'",
    );
  }
  const statusCode = requireMember(config.StatusCode, `${at}.statusCode`);
  checkPattern(statusCode, `${at}.statusCode`, /^(2|4|5)\d\d$/);
  checkLength(config.MessageBody, `${at}.messageBody`, 0, 1024);
  if (config.ContentType !== undefined && !CONTENT_TYPES.includes(config.ContentType)) {
    throw invalidAction(
      `The ContentType must be one of:${CONTENT_TYPES.map((type) => `'${type}'`).join(", ")}`,
    );
  }
  return {
    kind: "fixed-response",
    statusCode,
    ...(config.ContentType === undefined ? {} : { contentType: config.ContentType }),
    ...(config.MessageBody === undefined ? {} : { messageBody: config.MessageBody }),
  };
}

const UNCHANGED = {
  protocol: "#{protocol}",
  host: "#{host}",
  port: "#{port}",
  path: "/#{path}",
  query: "#{query}",
} as const;

function readRedirect(
  config: wire.RedirectActionConfig | undefined,
  path: string,
  context: ActionContext,
): Extract<Action, { kind: "redirect" }> {
  const at = `${path}.redirectConfig`;
  if (config === undefined) {
    throw validationError("A redirect configuration must be specified for action type 'redirect'");
  }
  const statusCode = oneOf(config.StatusCode, `${at}.statusCode`, ["HTTP_301", "HTTP_302"]);
  const target = {
    protocol: config.Protocol ?? UNCHANGED.protocol,
    host: config.Host ?? UNCHANGED.host,
    port: config.Port ?? UNCHANGED.port,
    path: config.Path ?? UNCHANGED.path,
    query: config.Query ?? UNCHANGED.query,
  };
  checkPattern(target.protocol, `${at}.protocol`, /^(HTTPS?|#\{protocol\})$/);
  checkLength(target.host, `${at}.host`, 1, 128);
  checkLength(target.path, `${at}.path`, 1, 128);
  checkLength(target.query, `${at}.query`, 0, 128);
  checkRedirectTarget(target, context);
  return { kind: "redirect", ...target, statusCode: requireMember(statusCode, `${at}.statusCode`) };
}

interface RedirectTarget {
  readonly protocol: string;
  readonly host: string;
  readonly port: string;
  readonly path: string;
}

function checkRedirectTarget(target: RedirectTarget, context: ActionContext): void {
  const { protocol, host, port, path } = target;
  if (port !== UNCHANGED.port && !(/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535)) {
    throw invalidAction(
      "The Port parameter must be a number between 1 and 65535, or the placeholder '#{port}'",
    );
  }
  if (!path.startsWith("/") || !placeholdersAreValid(path, ["host", "port", "path"])) {
    throw invalidAction(
      "The Path parameter must be a valid path, should start with a '/', and may contain up to one of each of these placeholders: '#{path}', '#{host}', '#{port}'",
    );
  }
  if (!placeholdersAreValid(host, ["host"])) {
    throw invalidAction(
      "The Host parameter must be a valid host name, and may contain the placeholder '#{host}'",
    );
  }
  if (protocol === "HTTP" && context.listenerProtocol === "HTTPS") {
    throw invalidAction("You cannot redirect HTTPS to HTTP");
  }
  const sameProtocol = protocol === UNCHANGED.protocol || protocol === context.listenerProtocol;
  const isLoop =
    sameProtocol && host === UNCHANGED.host && port === UNCHANGED.port && path === UNCHANGED.path;
  if (isLoop) throw invalidAction("The redirect configuration is not valid because it creates a loop");
}

function placeholdersAreValid(text: string, allowed: readonly string[]): boolean {
  const used = [...text.matchAll(/#\{([^}]*)\}/g)].map((match) => match[1] ?? "");
  return used.every((name) => allowed.includes(name)) && new Set(used).size === used.length;
}
