import type * as wire from "@aws-sdk/client-elastic-load-balancing-v2";
import {
  type HealthCheck,
  type HealthCheckChoices,
  healthCheckProblem,
} from "../../model/elb/health-checks.ts";
import type { TargetGroup } from "../../model/elb/records.ts";
import { checkLength, checkRange, oneOf } from "./constraints.ts";
import { validationError } from "./errors.ts";

export const PROTOCOLS = [
  "HTTP",
  "HTTPS",
  "TCP",
  "TLS",
  "UDP",
  "TCP_UDP",
  "GENEVE",
  "QUIC",
  "TCP_QUIC",
] as const;

type HealthCheckInput = Pick<
  wire.ModifyTargetGroupInput,
  | "HealthCheckProtocol"
  | "HealthCheckPort"
  | "HealthCheckPath"
  | "HealthCheckEnabled"
  | "HealthCheckIntervalSeconds"
  | "HealthCheckTimeoutSeconds"
  | "HealthyThresholdCount"
  | "UnhealthyThresholdCount"
  | "Matcher"
>;

/** What the caller chose, each value within its bounds. Throws ValidationError. */
export function readHealthCheck(
  input: HealthCheckInput,
  group: Pick<TargetGroup, "targetType" | "protocolVersion">,
): HealthCheckChoices {
  checkRange(input.HealthCheckIntervalSeconds, "healthCheckIntervalSeconds", 5, 300);
  checkRange(input.HealthCheckTimeoutSeconds, "healthCheckTimeoutSeconds", 2, 120);
  checkRange(input.HealthyThresholdCount, "healthyThresholdCount", 2, 10);
  checkRange(input.UnhealthyThresholdCount, "unhealthyThresholdCount", 2, 10);
  checkLength(input.HealthCheckPath, "healthCheckPath", 1, 1024);
  if (input.HealthCheckEnabled === false) {
    throw validationError(
      `Health check enabled must be true for target groups with target type '${group.targetType}'`,
    );
  }
  const isGrpc = group.protocolVersion === "GRPC";
  if (isGrpc && input.Matcher?.HttpCode !== undefined) {
    throw validationError(
      "You can only specify a gRPC code for a target group with the protocol version 'GRPC'",
    );
  }
  if (!isGrpc && input.Matcher?.GrpcCode !== undefined) {
    throw validationError(
      "You can only specify a gRPC code for a target group with the protocol version 'GRPC'",
    );
  }
  return {
    protocol: oneOf(input.HealthCheckProtocol, "healthCheckProtocol", PROTOCOLS),
    port: input.HealthCheckPort,
    path: input.HealthCheckPath,
    intervalSeconds: input.HealthCheckIntervalSeconds,
    timeoutSeconds: input.HealthCheckTimeoutSeconds,
    healthyThresholdCount: input.HealthyThresholdCount,
    unhealthyThresholdCount: input.UnhealthyThresholdCount,
    matcher: isGrpc ? input.Matcher?.GrpcCode : input.Matcher?.HttpCode,
  };
}

/** Throws ValidationError when the settings do not go together. */
export function checkHealthCheck(
  group: Pick<TargetGroup, "protocol" | "protocolVersion">,
  check: HealthCheck,
): void {
  const problem = healthCheckProblem(group, check);
  if (problem !== undefined) throw validationError(problem);
}
