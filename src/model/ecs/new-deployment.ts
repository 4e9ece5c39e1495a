/** A deployment as CreateService, UpdateService and rollbacks begin it. */
import type { Random } from "../../lib/random.ts";
import { arn } from "../arn.ts";
import type { Deployment, DeploymentSpec, Service } from "./records.ts";

const SERVICE_DEPLOYMENT_ID_LENGTH = 21;
const SERVICE_DEPLOYMENT_ID_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

/**
 * The service revision carries the digits of the deployment's id: Terraform finds the service deployment by them.
 * `now` in milliseconds since the epoch.
 */
export function newDeployment(
  service: Service,
  clusterName: string,
  spec: DeploymentSpec,
  sourceServiceRevisionArns: readonly string[],
  random: Random,
  now: number,
): Deployment {
  const digits = random.digits(19);
  const path = `${clusterName}/${service.name}`;
  const deploymentToken = random.text(SERVICE_DEPLOYMENT_ID_LENGTH, SERVICE_DEPLOYMENT_ID_ALPHABET);
  return {
    account: service.account,
    region: service.region,
    id: `ecs-svc/${digits}`,
    serviceArn: service.arn,
    serviceDeploymentArn: arn("ecs", service, `service-deployment/${path}/${deploymentToken}`),
    serviceRevisionArn: arn("ecs", service, `service-revision/${path}/${digits}`),
    sourceServiceRevisionArns,
    spec,
    status: "PRIMARY",
    rolloutState: "IN_PROGRESS",
    rolloutStateReason: `ECS deployment ecs-svc/${digits} in progress.`,
    failedTasks: 0,
    createdAt: now,
    updatedAt: now,
  };
}

/** Whether an update changes what tasks are, not only how many (API reference, UpdateService). */
export function needsNewDeployment(before: DeploymentSpec, after: DeploymentSpec, force: boolean): boolean {
  return force || canonical(before) !== canonical(after);
}

/** Text that is equal for equal values, whatever the order of keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === "object" && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}
