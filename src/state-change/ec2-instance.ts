/** EC2 Instance State-change Notification (EC2 user guide, "State change events for your instances"). */
import { arn } from "../model/arn.ts";
import type { Instance } from "../model/ec2/records.ts";
import type { Announcement } from "./announce.ts";

/** Undefined when its state did not change. */
export function announceInstance(
  before: Instance | undefined,
  after: Instance | undefined,
): Announcement | undefined {
  if (after === undefined || before?.state === after.state) return undefined;
  return {
    source: "aws.ec2",
    detailType: "EC2 Instance State-change Notification",
    resources: [arn("ec2", after, `instance/${after.instanceId}`)],
    detail: () => ({ "instance-id": after.instanceId, state: after.state }),
  };
}
