import type * as wire from "@aws-sdk/client-elastic-load-balancing-v2";
import type { TargetGroup } from "../../../model/elb/records.ts";
import type { StoreReader } from "../../../store/store.ts";
import { loadBalancersOfTargetGroup } from "../../../store/targets.ts";

export function describeTargetGroup(store: StoreReader, group: TargetGroup): wire.TargetGroup {
  const check = group.healthCheck;
  return {
    TargetGroupArn: group.arn,
    TargetGroupName: group.name,
    Protocol: group.protocol,
    Port: group.port,
    VpcId: group.vpcId,
    // The record keeps the protocol as text; it was one of the enum's when it was stored.
    HealthCheckProtocol: check.protocol as wire.ProtocolEnum,
    HealthCheckPort: check.port,
    HealthCheckEnabled: check.enabled,
    HealthCheckIntervalSeconds: check.intervalSeconds,
    HealthCheckTimeoutSeconds: check.timeoutSeconds,
    HealthyThresholdCount: check.healthyThresholdCount,
    UnhealthyThresholdCount: check.unhealthyThresholdCount,
    ...(check.path === undefined ? {} : { HealthCheckPath: check.path }),
    ...(check.matcher === undefined
      ? {}
      : {
          Matcher:
            group.protocolVersion === "GRPC" ? { GrpcCode: check.matcher } : { HttpCode: check.matcher },
        }),
    LoadBalancerArns: loadBalancersOfTargetGroup(store, group.arn),
    TargetType: group.targetType,
    ...(group.protocolVersion === undefined ? {} : { ProtocolVersion: group.protocolVersion }),
    IpAddressType: "ipv4",
  };
}
