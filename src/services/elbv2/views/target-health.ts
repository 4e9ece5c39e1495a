import type * as wire from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Target, TargetGroup } from "../../../model/elb/records.ts";
import type { StoreReader } from "../../../store/store.ts";
import {
  invalidState,
  isTargetGroupInUse,
  NOT_IN_USE,
  REGISTRATION_IN_PROGRESS,
} from "../../../store/targets.ts";
import { findSubnetOfAddress } from "../targets.ts";

export function describeTargetHealth(
  store: StoreReader,
  group: TargetGroup,
  target: Target,
): wire.TargetHealthDescription {
  const health = shownHealth(store, target);
  return {
    Target: describeTarget(store, group, target),
    HealthCheckPort: healthCheckPort(group, target.port),
    TargetHealth: {
      State: health.state,
      // The reason is one of AWS's codes wherever it is written.
      ...(health.reason === undefined ? {} : { Reason: health.reason as wire.TargetHealthReasonEnum }),
      ...(health.description === undefined ? {} : { Description: health.description }),
    },
  };
}

/** For a target that was asked about and is not registered. */
export function describeUnregistered(
  group: TargetGroup,
  targetId: string,
  port: number,
): wire.TargetHealthDescription {
  return {
    Target: { Id: targetId, Port: port },
    HealthCheckPort: healthCheckPort(group, port),
    TargetHealth: {
      State: "unused",
      Reason: "Target.NotRegistered",
      Description: "Target is not registered to the target group",
    },
  };
}

/**
 * What is stored is what the load balancer last saw. Whether anything forwards to the group is known here, and
 * counts at once.
 */
function shownHealth(store: StoreReader, target: Target): Target["health"] {
  if (target.deregisteredAt !== undefined) return target.health;
  if (!isTargetGroupInUse(store, target.targetGroupArn)) return NOT_IN_USE;
  const invalid = invalidState(store, target.targetId);
  if (invalid !== undefined) return invalid;
  return target.health.reason === NOT_IN_USE.reason ? REGISTRATION_IN_PROGRESS : target.health;
}

function describeTarget(store: StoreReader, group: TargetGroup, target: Target): wire.TargetDescription {
  const zone =
    target.availabilityZone ?? findSubnetOfAddress(store, group.vpcId, target.targetId)?.availabilityZone;
  return {
    Id: target.targetId,
    Port: target.port,
    ...(zone === undefined ? {} : { AvailabilityZone: zone }),
  };
}

function healthCheckPort(group: TargetGroup, targetPort: number): string {
  return group.healthCheck.port === "traffic-port" ? String(targetPort) : group.healthCheck.port;
}
