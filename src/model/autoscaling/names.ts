/** ARNs and keys of Amazon EC2 Auto Scaling. */
import { arn } from "../arn.ts";
import type { Scope } from "../scope.ts";

/** As the table of groups, and the indexes of what belongs to one, are keyed. */
export function groupKey(scope: Scope, name: string): string {
  return `${scope.account}/${scope.region}|${name}`;
}

export function groupArn(scope: Scope, uuid: string, name: string): string {
  return arn("autoscaling", scope, `autoScalingGroup:${uuid}:autoScalingGroupName/${name}`);
}

export function launchConfigurationArn(scope: Scope, uuid: string, name: string): string {
  return arn("autoscaling", scope, `launchConfiguration:${uuid}:launchConfigurationName/${name}`);
}

export function scalingPolicyArn(scope: Scope, uuid: string, groupName: string, name: string): string {
  return arn(
    "autoscaling",
    scope,
    `scalingPolicy:${uuid}:autoScalingGroupName/${groupName}:policyName/${name}`,
  );
}

/** The name in a group's ARN, or the text itself: most operations take either. */
export function groupNameOf(nameOrArn: string): string {
  return /:autoScalingGroupName\/(.+)$/.exec(nameOrArn)?.[1] ?? nameOrArn;
}

/** Of the service-linked role that a group uses when none is named. */
export function defaultServiceLinkedRole(account: string): string {
  return `arn:aws:iam::${account}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling`;
}
