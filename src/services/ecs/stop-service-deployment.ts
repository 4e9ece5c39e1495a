/** StopServiceDeployment: rolls an ongoing deployment back to the one that completed last. */
import type * as wire from "@aws-sdk/client-ecs";
import { lastCompleted, rollBack } from "../../model/ecs/deployment.ts";
import { rollingBack, withEvent } from "../../model/ecs/service-events.ts";
import { deploymentsOf } from "../../store/services.ts";
import { deployments, serviceEvents, services } from "../../store/tables/ecs.ts";
import type { HandlerContext } from "../operation.ts";
import { invalidParameter, serviceDeploymentNotFound, serviceDeploymentOver } from "./errors.ts";

/**
 * Throws ServiceDeploymentNotFoundException; ConflictException when the deployment is over; and
 * InvalidParameterException when there is nothing to go back to.
 */
export function stopServiceDeployment(
  input: wire.StopServiceDeploymentRequest,
  context: HandlerContext,
): { serviceDeploymentArn: string } {
  const { store, scope, clock, random } = context;
  const arn = input.serviceDeploymentArn ?? "";
  if ((input.stopType ?? "ROLLBACK") !== "ROLLBACK") {
    throw invalidParameter("stopType should be one of [ROLLBACK]");
  }
  const [deployment] = store.where(deployments, "serviceDeployment", arn);
  const service = deployment === undefined ? undefined : store.get(services, deployment.serviceArn);
  if (
    deployment?.account !== scope.account ||
    deployment.region !== scope.region ||
    service === undefined ||
    service.status === "INACTIVE"
  ) {
    throw serviceDeploymentNotFound();
  }
  if (deployment.status !== "PRIMARY" || deployment.rolloutState !== "IN_PROGRESS") {
    throw serviceDeploymentOver(arn);
  }
  const target = lastCompleted(deploymentsOf(store, service), deployment);
  if (target === undefined) {
    throw invalidParameter("The service has no completed service deployment to roll back to.");
  }
  const now = clock.now();
  const rolledBack = rollBack(deployment, target, "Service deployment rolled back by user.", now);
  const event = { id: random.uuid(), createdAt: now, message: rollingBack(service.name, target.id) };
  store.transaction((tx) => {
    tx.put(deployments, rolledBack.failed);
    tx.put(deployments, rolledBack.target);
    tx.put(services, { ...service, spec: target.spec });
    tx.put(serviceEvents, withEvent(store.get(serviceEvents, service.arn), service, event));
  });
  return { serviceDeploymentArn: arn };
}
