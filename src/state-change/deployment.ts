/** ECS Deployment State Change (developer guide, "Amazon ECS service deployment state change events"). */
import { rollingBackReason } from "../model/ecs/deployment.ts";
import type { Deployment } from "../model/ecs/records.ts";
import type { StoreReader } from "../store/store.ts";
import { services } from "../store/tables/ecs.ts";
import type { Announcement } from "./announce.ts";

/** Nothing when the deployment goes on as it went. */
export function announceDeployment(
  store: StoreReader,
  before: Deployment | undefined,
  after: Deployment | undefined,
): readonly Announcement[] {
  if (after === undefined) return [];
  if (returnsAtOnce(before, after)) {
    const rolloutStateReason = rollingBackReason(after.id);
    return [{ ...after, rolloutState: "IN_PROGRESS" as const, rolloutStateReason }, after].map((state) =>
      announcement(store, state),
    );
  }
  return before?.rolloutState === after.rolloutState ? [] : [announcement(store, after)];
}

/** Rolled back to, with all of its tasks still there: it is complete again in the transaction that begins it. */
function returnsAtOnce(before: Deployment | undefined, after: Deployment): boolean {
  return before?.status === "ACTIVE" && after.status === "PRIMARY" && after.rolloutState === "COMPLETED";
}

function announcement(store: StoreReader, deployment: Deployment): Announcement {
  const { id, serviceArn, rolloutState, rolloutStateReason, updatedAt } = deployment;
  return {
    source: "aws.ecs",
    detailType: "ECS Deployment State Change",
    resources: [serviceArn],
    detail: () => ({
      eventType: rolloutState === "FAILED" ? "ERROR" : "INFO",
      eventName: `SERVICE_DEPLOYMENT_${rolloutState}`,
      clusterArn: store.get(services, serviceArn)?.clusterArn,
      deploymentId: id,
      updatedAt: new Date(updatedAt),
      reason: rolloutStateReason,
    }),
  };
}
