import type * as wire from "@aws-sdk/client-auto-scaling";
import { PROCESSES } from "../../model/autoscaling/processes.ts";
import { TERMINATION_POLICIES } from "../../model/autoscaling/termination.ts";
import { autoScalingGroups, launchConfigurations } from "../../store/tables/autoscaling.ts";
import type { HandlerContext } from "../operation.ts";
import { scopeKey } from "./resolve.ts";

/** The quotas that AWS gives every account (Auto Scaling user guide, "Quotas"). */
export function describeAccountLimits(
  _input: object,
  context: HandlerContext,
): wire.DescribeAccountLimitsAnswer {
  return {
    MaxNumberOfAutoScalingGroups: 500,
    MaxNumberOfLaunchConfigurations: 200,
    NumberOfAutoScalingGroups: context.store.count(autoScalingGroups, "scope", scopeKey(context)),
    NumberOfLaunchConfigurations: context.store.count(launchConfigurations, "scope", scopeKey(context)),
  };
}

export function describeTerminationPolicyTypes(): wire.DescribeTerminationPolicyTypesAnswer {
  return { TerminationPolicyTypes: [...TERMINATION_POLICIES] };
}

export function describeScalingProcessTypes(): wire.ProcessesType {
  return { Processes: [...PROCESSES].sort().map((ProcessName) => ({ ProcessName })) };
}

export function describeAdjustmentTypes(): wire.DescribeAdjustmentTypesAnswer {
  return {
    AdjustmentTypes: ["ChangeInCapacity", "ExactCapacity", "PercentChangeInCapacity"].map(
      (AdjustmentType) => ({ AdjustmentType }),
    ),
  };
}

export function describeAutoScalingNotificationTypes(): wire.DescribeAutoScalingNotificationTypesAnswer {
  return {
    AutoScalingNotificationTypes: [
      "autoscaling:EC2_INSTANCE_LAUNCH",
      "autoscaling:EC2_INSTANCE_LAUNCH_ERROR",
      "autoscaling:EC2_INSTANCE_TERMINATE",
      "autoscaling:EC2_INSTANCE_TERMINATE_ERROR",
      "autoscaling:TEST_NOTIFICATION",
    ],
  };
}
