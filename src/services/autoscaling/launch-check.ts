import type { AutoScalingGroup } from "../../model/autoscaling/records.ts";
import { planGroupLaunch } from "../../store/group-launch.ts";
import type { HandlerContext } from "../operation.ts";
import { invalidLaunchTemplate } from "./errors.ts";

/**
 * Auto Scaling tries a launch template before it takes it. A launch configuration shows at its first launch what is
 * wrong with it, and so does a subnet that is full. Throws ValidationError.
 */
export function checkLaunch(
  group: AutoScalingGroup,
  { store, random, clock, settings }: HandlerContext,
): void {
  if (group.launchConfigurationName !== undefined) return;
  const planned = planGroupLaunch(store, group, group.subnetIds[0], {
    random,
    now: clock.now(),
    publicPool: settings.publicPool,
  });
  if (planned.ok || planned.failure.code.startsWith("Insufficient")) return;
  throw invalidLaunchTemplate(planned.failure.message);
}
