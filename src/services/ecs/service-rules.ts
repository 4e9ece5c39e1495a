/**
 * What CreateService and UpdateService refuse, in ECS's words: InvalidParameterException, and
 * UnsupportedFeatureException for what Berth does not have yet.
 */
import type * as wire from "@aws-sdk/client-ecs";
import type { TaskDefinition } from "../../model/ecs/records.ts";
import { inScope } from "../../model/scope.ts";
import { discoveryServices } from "../../store/tables/cloudmap.ts";
import { targetGroups } from "../../store/tables/elb.ts";
import { isTargetGroupInUse } from "../../store/targets.ts";
import type { HandlerContext } from "../operation.ts";
import { invalidParameter, unsupportedFeature } from "./errors.ts";

export function readDeploymentConfiguration(
  given: wire.DeploymentConfiguration | undefined,
  before: wire.DeploymentConfiguration | undefined,
  daemon: boolean,
): wire.DeploymentConfiguration {
  const strategy = given?.strategy ?? "ROLLING";
  refuseUnbuiltDeployment(given, strategy);
  const merged = {
    maximumPercent: daemon ? 100 : 200,
    minimumHealthyPercent: daemon ? 0 : 100,
    ...before,
    ...given,
    strategy,
    bakeTimeInMinutes: given?.bakeTimeInMinutes ?? before?.bakeTimeInMinutes ?? 0,
  };
  const breaker = given?.deploymentCircuitBreaker ?? before?.deploymentCircuitBreaker;
  const { maximumPercent = 200, minimumHealthyPercent = 100 } = merged;
  if (minimumHealthyPercent > 100) throw invalidParameter("minimumHealthyPercent must be at most 100");
  if (minimumHealthyPercent < 0) throw invalidParameter("minimumHealthyPercent must be at least 0");
  if (daemon && maximumPercent > 100) {
    throw invalidParameter(
      "The daemon scheduling strategy does not support values above 100 for maximumPercent",
    );
  }
  if (maximumPercent < 100) throw invalidParameter("maximumPercent must be at least 100");
  if (maximumPercent === 100 && minimumHealthyPercent === 100) {
    throw invalidParameter(
      "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.",
    );
  }
  return {
    ...merged,
    deploymentCircuitBreaker: {
      resetOnHealthyTask: true,
      thresholdConfiguration: { type: "BOUNDED_PERCENT", value: 50 },
      ...breaker,
      enable: breaker?.enable ?? false,
      rollback: breaker?.rollback ?? false,
    },
  };
}

/** Container names and ports exist, target groups exist, fit the network mode and hang on a load balancer. */
export function checkLoadBalancers(
  context: HandlerContext,
  definition: TaskDefinition,
  launchType: wire.LaunchType,
  loadBalancers: readonly wire.LoadBalancer[],
): void {
  if (loadBalancers.length > 5) throw invalidParameter("load balancers can have at most 5 items.");
  for (const { loadBalancerName, targetGroupArn, containerName, containerPort } of loadBalancers) {
    if (loadBalancerName !== undefined && targetGroupArn !== undefined) {
      throw invalidParameter("loadBalancerName and targetGroupArn cannot both be specified");
    }
    if (targetGroupArn === undefined) {
      if (launchType !== "FARGATE") throw notYet("Classic Load Balancers");
      throw invalidParameter("Classic Load Balancers are not supported with Fargate");
    }
    checkContainerPort(definition, containerName, containerPort);
    const group = context.store.get(targetGroups, targetGroupArn);
    if (group === undefined || !inScope(group, context.scope)) {
      throw invalidParameter(`The specified target group does not exist. ${targetGroupArn}`);
    }
    const mode = definition.definition.networkMode ?? "bridge";
    if (group.targetType !== (mode === "awsvpc" ? "ip" : "instance")) {
      throw invalidParameter(
        `The provided target group ${targetGroupArn} has target type ${group.targetType}, which is incompatible with the ${mode} network mode specified in the task definition.`,
      );
    }
    if (!isTargetGroupInUse(context.store, targetGroupArn)) {
      throw invalidParameter(
        `The target group with targetGroupArn ${targetGroupArn} does not have an associated load balancer.`,
      );
    }
  }
}

function checkContainerPort(
  definition: TaskDefinition,
  containerName: string | undefined,
  containerPort: number | undefined,
): void {
  const container = definition.definition.containerDefinitions?.find(({ name }) => name === containerName);
  if (container === undefined) {
    throw invalidParameter(`The container ${containerName} does not exist in the task definition.`);
  }
  if (!container.portMappings?.some((mapping) => mapping.containerPort === containerPort)) {
    throw invalidParameter(
      `The container ${containerName} did not have a container port ${containerPort} defined.`,
    );
  }
}

export function checkServiceRegistries(
  context: HandlerContext,
  definition: TaskDefinition,
  registries: readonly wire.ServiceRegistry[],
): void {
  if (registries.length > 1) throw invalidParameter("service registries can have at most 1 items");
  for (const { registryArn, containerName, containerPort, port } of registries) {
    const id = /^arn:aws[a-z-]*:servicediscovery:[^:]*:[^:]*:service\/([^/]+)$/.exec(registryArn ?? "")?.[1];
    if (id === undefined) {
      throw invalidParameter(`The format of the supplied service registry ARN is invalid: ${registryArn}.`);
    }
    if (port !== undefined && (containerName !== undefined || containerPort !== undefined)) {
      throw invalidParameter(
        "Specify a value for either 'port' or the 'containerName' and 'containerPort' combination, but not both. Remove one and retry.",
      );
    }
    const service = context.store.get(discoveryServices, id);
    if (service === undefined || !inScope(service, context.scope)) {
      throw invalidParameter(`Service registry ${registryArn} does not exist.`);
    }
    const types = service.dnsConfig?.dnsRecords.map(({ type }) => type) ?? [];
    if (definition.definition.networkMode !== "awsvpc") {
      if (containerName !== undefined && containerPort !== undefined) {
        checkContainerPort(definition, containerName, containerPort);
        continue;
      }
      throw invalidParameter(
        "When specifying 'host' or 'bridge' for networkMode, values for 'containerName' and 'containerPort' must be specified from the task definition.",
      );
    }
    if (types.includes("SRV")) {
      if (port === undefined) checkContainerPort(definition, containerName, containerPort);
    } else {
      const surplus = containerPort !== undefined ? "containerPort" : port !== undefined ? "Port" : undefined;
      if (surplus === undefined) continue;
      throw invalidParameter(
        `The values specified for serviceRegistries do not require a value for '${surplus}'. Remove the value and retry. Registry: ${registryArn}`,
      );
    }
  }
}

export function refuseUnbuilt(input: {
  readonly serviceConnectConfiguration?: wire.ServiceConnectConfiguration | undefined;
  readonly volumeConfigurations?: readonly wire.ServiceVolumeConfiguration[] | undefined;
  readonly vpcLatticeConfigurations?: readonly wire.VpcLatticeConfiguration[] | undefined;
  readonly deploymentController?: wire.DeploymentController | undefined;
}): void {
  if (input.serviceConnectConfiguration?.enabled === true) throw notYet("Service Connect");
  if (input.volumeConfigurations?.length) throw notYet("volumes configured at launch");
  if (input.vpcLatticeConfigurations?.length) throw notYet("VPC Lattice");
  const controller = input.deploymentController?.type;
  if (controller !== undefined && controller !== "ECS")
    throw notYet(`the deployment controller ${controller}`);
}

function notYet(what: string): Error {
  return unsupportedFeature(`Berth does not implement ${what} yet.`);
}

function refuseUnbuiltDeployment(
  given: wire.DeploymentConfiguration | undefined,
  strategy: wire.DeploymentStrategy,
): void {
  if (strategy !== "ROLLING") throw notYet(`the deployment strategy ${strategy} (it implements ROLLING)`);
  if (given?.alarms?.enable === true) throw notYet("roll-back by alarms");
  if (given?.lifecycleHooks?.length) throw notYet("deployment lifecycle hooks");
  if ((given?.bakeTimeInMinutes ?? 0) > 0) throw notYet("bake time");
  if (given?.earlySuccessCriteria?.enable === true) throw notYet("early success criteria of deployments");
}
