import type * as wire from "@aws-sdk/client-elastic-load-balancing-v2";
import {
  initialAttributes,
  isApplicationProtocol,
  targetGroupAttributes,
} from "../../model/elb/attributes.ts";
import { newHealthCheck } from "../../model/elb/health-checks.ts";
import { targetGroupArn } from "../../model/elb/names.ts";
import type { TargetGroup } from "../../model/elb/records.ts";
import { inScope } from "../../model/scope.ts";
import { vpcs } from "../../store/tables/ec2.ts";
import { targetGroups } from "../../store/tables/elb.ts";
import type { HandlerContext } from "../operation.ts";
import { checkPort, oneOf, requireMember } from "./constraints.ts";
import {
  duplicateTargetGroupName,
  operationNotPermitted,
  tooManyTargetGroups,
  unsupportedProtocol,
  validationError,
} from "./errors.ts";
import { checkHealthCheck, PROTOCOLS, readHealthCheck } from "./health-check-input.ts";
import { checkTargetGroupName } from "./names.ts";
import { scopeKey } from "./resolve.ts";
import { readTags, sameTags } from "./tags.ts";
import { describeTargetGroup } from "./views/target-group.ts";

/** In an account and region. */
const MOST_TARGET_GROUPS = 3000;

type Settings = Omit<TargetGroup, "arn" | "createdTime" | "attributes">;

/** A repetition with the same settings answers what is there. */
export function createTargetGroup(
  input: wire.CreateTargetGroupInput,
  context: HandlerContext,
): wire.CreateTargetGroupOutput {
  const { store, scope, random, clock } = context;
  const settings = readSettings(input, context);
  const all = store.where(targetGroups, "scope", scopeKey(context));
  const existing = all.find((group) => group.name === settings.name);
  if (existing !== undefined) {
    if (!isSame(existing, settings)) throw duplicateTargetGroupName(settings.name);
    return { TargetGroups: [describeTargetGroup(store, existing)] };
  }
  if (all.length >= MOST_TARGET_GROUPS) throw tooManyTargetGroups();
  const group: TargetGroup = {
    ...settings,
    arn: targetGroupArn(scope, settings.name, random.hex(16)),
    attributes: initialAttributes(targetGroupAttributes(settings)),
    createdTime: clock.now(),
  };
  store.transaction((tx) => tx.put(targetGroups, group));
  return { TargetGroups: [describeTargetGroup(store, group)] };
}

function readSettings(input: wire.CreateTargetGroupInput, context: HandlerContext): Settings {
  const name = requireMember(input.Name, "name");
  checkTargetGroupName(name);
  const targetType = oneOf(input.TargetType, "targetType", ["instance", "ip", "lambda", "alb"]) ?? "instance";
  if (targetType === "lambda" || targetType === "alb") {
    throw operationNotPermitted(`Berth does not support target groups with target type '${targetType}'`);
  }
  if (oneOf(input.IpAddressType, "ipAddressType", ["ipv4", "ipv6"]) === "ipv6") {
    throw operationNotPermitted("Berth does not support target groups with IP address type 'ipv6'");
  }
  const protocol = readProtocol(input.Protocol);
  if (input.Port === undefined) throw validationError("A port must be specified");
  checkPort(input.Port);
  const vpcId = readVpc(input.VpcId, context);
  const protocolVersion = readProtocolVersion(input.ProtocolVersion, protocol);
  const group = { protocol, protocolVersion, targetType };
  const healthCheck = newHealthCheck(group, readHealthCheck(input, group));
  checkHealthCheck(group, healthCheck);
  return {
    ...context.scope,
    name,
    targetType,
    protocol,
    ...(protocolVersion === undefined ? {} : { protocolVersion }),
    port: input.Port,
    vpcId,
    healthCheck,
    tags: readTags(input.Tags),
  };
}

/** Application load balancers' protocols, and TCP. Throws ValidationError or UnsupportedProtocol. */
function readProtocol(value: string | undefined): "HTTP" | "HTTPS" | "TCP" {
  const protocol = oneOf(value, "protocol", PROTOCOLS);
  if (protocol === undefined) throw validationError("A protocol must be specified");
  if (protocol === "HTTP" || protocol === "HTTPS" || protocol === "TCP") return protocol;
  throw unsupportedProtocol(`Berth does not support target groups with the ${protocol} protocol`);
}

function readVpc(vpcId: string | undefined, context: HandlerContext): string {
  if (vpcId === undefined) throw validationError("A VPC ID must be specified");
  const vpc = context.store.get(vpcs, vpcId);
  if (vpc === undefined || !inScope(vpc, context.scope)) {
    throw validationError(`The VPC ID '${vpcId}' is not found`);
  }
  return vpcId;
}

function readProtocolVersion(value: string | undefined, protocol: string): TargetGroup["protocolVersion"] {
  const version = oneOf(value, "protocolVersion", ["HTTP1", "HTTP2", "GRPC"]);
  if (isApplicationProtocol(protocol)) return version ?? "HTTP1";
  if (version === undefined) return undefined;
  throw validationError(
    `A protocol version cannot be specified for target groups with the ${protocol} protocol`,
  );
}

function isSame(existing: TargetGroup, settings: Settings): boolean {
  return (
    existing.protocol === settings.protocol &&
    existing.protocolVersion === settings.protocolVersion &&
    existing.port === settings.port &&
    existing.vpcId === settings.vpcId &&
    existing.targetType === settings.targetType &&
    sameHealthCheck(existing.healthCheck, settings.healthCheck) &&
    sameTags(existing.tags, settings.tags)
  );
}

function sameHealthCheck(a: TargetGroup["healthCheck"], b: TargetGroup["healthCheck"]): boolean {
  return (
    a.protocol === b.protocol &&
    a.port === b.port &&
    a.path === b.path &&
    a.intervalSeconds === b.intervalSeconds &&
    a.timeoutSeconds === b.timeoutSeconds &&
    a.healthyThresholdCount === b.healthyThresholdCount &&
    a.unhealthyThresholdCount === b.unhealthyThresholdCount &&
    a.matcher === b.matcher
  );
}
