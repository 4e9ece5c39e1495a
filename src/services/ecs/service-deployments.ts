/** Service deployments and service revisions: a deployment seen as history. */
import type * as wire from "@aws-sdk/client-ecs";
import type { Service } from "../../model/ecs/records.ts";
import { deployments, services, taskDefinitions } from "../../store/tables/ecs.ts";
import type { HandlerContext } from "../operation.ts";
import { page } from "../page.ts";
import { readMaxResults } from "./constraints.ts";
import { invalidParameter, invalidToken } from "./errors.ts";
import { requireKnownCluster, requireService } from "./resolve.ts";
import {
  describeServiceDeployment,
  describeServiceRevision,
  serviceDeploymentStatus,
} from "./views/service.ts";

export function listServiceDeployments(
  input: wire.ListServiceDeploymentsRequest,
  context: HandlerContext,
): wire.ListServiceDeploymentsResponse {
  const { store } = context;
  const cluster = requireKnownCluster(context, input.cluster ?? clusterOf(input.service));
  const service = requireService(context, cluster, input.service);
  const { after, before } = input.createdAt ?? {};
  const found = store
    .where(deployments, "service", service.arn)
    .filter((deployment) => after === undefined || deployment.createdAt > after.getTime())
    .filter((deployment) => before === undefined || deployment.createdAt < before.getTime())
    .filter(
      (deployment) => !input.status?.length || input.status.includes(serviceDeploymentStatus(deployment)),
    );
  const { items, nextToken } = page(found, {
    token: input.nextToken,
    limit: readMaxResults(input.maxResults, 20),
    // Newest first.
    key: (deployment) => `${String(9e15 - deployment.createdAt)}|${deployment.id}`,
    invalidToken,
  });
  return {
    serviceDeployments: items.map((deployment) => ({
      serviceDeploymentArn: deployment.serviceDeploymentArn,
      serviceArn: service.arn,
      clusterArn: service.clusterArn,
      createdAt: new Date(deployment.createdAt),
      startedAt: new Date(deployment.createdAt),
      ...(deployment.finishedAt === undefined ? {} : { finishedAt: new Date(deployment.finishedAt) }),
      targetServiceRevisionArn: deployment.serviceRevisionArn,
      status: serviceDeploymentStatus(deployment),
      statusReason: deployment.rolloutStateReason,
    })),
    ...(nextToken === undefined ? {} : { nextToken }),
  };
}

function clusterOf(service: string | undefined): string | undefined {
  return /:service\/([^/]+)\//.exec(service ?? "")?.[1];
}

export function describeServiceDeployments(
  input: wire.DescribeServiceDeploymentsRequest,
  context: HandlerContext,
): wire.DescribeServiceDeploymentsResponse {
  const { store } = context;
  const found: wire.ServiceDeployment[] = [];
  const failures: wire.Failure[] = [];
  for (const arn of readArns(input.serviceDeploymentArns)) {
    const [deployment] = store.where(deployments, "serviceDeployment", arn);
    const service = deployment === undefined ? undefined : findOwn(context, deployment.serviceArn);
    if (deployment === undefined || service === undefined) failures.push({ arn, reason: "MISSING" });
    else found.push(describeServiceDeployment(store, service, deployment));
  }
  return { serviceDeployments: found, failures };
}

export function describeServiceRevisions(
  input: wire.DescribeServiceRevisionsRequest,
  context: HandlerContext,
): wire.DescribeServiceRevisionsResponse {
  const { store } = context;
  const found: wire.ServiceRevision[] = [];
  const failures: wire.Failure[] = [];
  for (const arn of readArns(input.serviceRevisionArns)) {
    const [deployment] = store.where(deployments, "serviceRevision", arn);
    const service = deployment === undefined ? undefined : findOwn(context, deployment.serviceArn);
    if (deployment === undefined || service === undefined) {
      failures.push({ arn, reason: "MISSING" });
      continue;
    }
    const definition = store.get(taskDefinitions, deployment.spec.taskDefinitionArn);
    const { imageDigests } = deployment;
    found.push({
      ...describeServiceRevision(service, deployment),
      containerImages: (definition?.definition.containerDefinitions ?? []).map(({ name = "", image }) => ({
        containerName: name,
        image,
        ...(imageDigests?.[name] === undefined ? {} : { imageDigest: imageDigests[name] }),
      })),
    });
  }
  return { serviceRevisions: found, failures };
}

function readArns(arns: readonly string[] | undefined): readonly string[] {
  if (arns === undefined || arns.length === 0) throw invalidParameter("The list of ARNs cannot be empty.");
  if (arns.length > 20) throw invalidParameter("The list of ARNs can have at most 20 items.");
  return arns;
}

function findOwn({ store, scope }: HandlerContext, serviceArn: string): Service | undefined {
  const service = store.get(services, serviceArn);
  return service?.account === scope.account && service.region === scope.region ? service : undefined;
}
