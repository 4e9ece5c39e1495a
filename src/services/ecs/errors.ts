/** Every error that ECS answers with: one function a message, texts as the service gives them. */
import * as wire from "@aws-sdk/client-ecs";

const $metadata = {};

export function clientException(message: string): wire.ClientException {
  return new wire.ClientException({ message, $metadata });
}

export function invalidParameter(message: string): wire.InvalidParameterException {
  return new wire.InvalidParameterException({ message, $metadata });
}

export function clusterNotFound(): wire.ClusterNotFoundException {
  return new wire.ClusterNotFoundException({ message: "Cluster not found.", $metadata });
}

export function clusterInactive(): wire.ClusterNotFoundException {
  return new wire.ClusterNotFoundException({ message: "The referenced cluster was inactive.", $metadata });
}

export function serviceNotFound(): wire.ServiceNotFoundException {
  return new wire.ServiceNotFoundException({ message: "Service not found.", $metadata });
}

export function serviceNotActive(): wire.ServiceNotActiveException {
  return new wire.ServiceNotActiveException({ message: "Service was not ACTIVE.", $metadata });
}

export function taskNotFound(): wire.InvalidParameterException {
  return invalidParameter("The referenced task was not found.");
}

/** To ExecuteCommand; also while the task or the agent in its container does not run (yet). */
export function executeCommandNotEnabled(): wire.InvalidParameterException {
  return invalidParameter(
    "The execute command failed because execute command was not enabled when the task was run or the execute command agent isn’t running. Wait and try again or run a new task with execute command enabled and try again.",
  );
}

export function targetNotConnected(): wire.TargetNotConnectedException {
  return new wire.TargetNotConnectedException({
    message: "The execute command failed due to an internal error. Try again later.",
    $metadata,
  });
}

export function sessionLimitReached(most: number): wire.ClientException {
  return clientException(
    `Unable to start new execute sessions because the maximum session limit of ${most} has been reached.`,
  );
}

export function unsupportedFeature(message: string): wire.UnsupportedFeatureException {
  return new wire.UnsupportedFeatureException({ message, $metadata });
}

export function taskDefinitionUnhonoured(settings: readonly string[]): wire.UnsupportedFeatureException {
  return unsupportedFeature(
    `Berth does not honour these settings of the task definition yet and runs nothing in their place: ${settings.join(", ")}.`,
  );
}

export function taskDefinitionNotFound(): wire.ClientException {
  return clientException("TaskDefinition not found.");
}

export function taskDefinitionInactive(): wire.ClientException {
  return clientException("TaskDefinition is inactive");
}

export function unableToDescribeTaskDefinition(): wire.ClientException {
  return clientException("Unable to describe task definition.");
}

export function clusterContainsServices(): Error {
  return new wire.ClusterContainsServicesException({
    message: "The Cluster cannot be deleted while Services are active.",
    $metadata,
  });
}

export function clusterContainsTasks(): Error {
  return new wire.ClusterContainsTasksException({
    message: "The Cluster cannot be deleted while Tasks are active.",
    $metadata,
  });
}

export function clusterContainsContainerInstances(): Error {
  return new wire.ClusterContainsContainerInstancesException({
    message: "The Cluster cannot be deleted while Container Instances are active or draining.",
    $metadata,
  });
}

export function capacityProviderMissing(): Error {
  return clientException(
    "The specified capacity provider does not exist. Specify a valid name or ARN and try again.",
  );
}

/** To PutClusterCapacityProviders and CreateCluster. */
export function capacityProviderNotFound(): Error {
  return invalidParameter(
    "The specified capacity provider was not found. Specify a valid capacity provider and try again",
  );
}

export function capacityProviderInUse(): Error {
  return new wire.ResourceInUseException({
    message: "The specified capacity provider is in use and cannot be removed.",
    $metadata,
  });
}

export function containerInstanceMissing(containerInstanceId: string): wire.ClientException {
  return clientException(`Referenced container instance ${containerInstanceId} not found.`);
}

/** To an agent that comes back under an ARN that is no longer one. */
export function containerInstanceNotRegistered(containerInstanceId: string): wire.ClientException {
  return clientException(`Referenced container instance ${containerInstanceId} not registered.`);
}

export function missingVersion(): Error {
  return new wire.MissingVersionException({
    message:
      "Amazon ECS is unable to determine the current version of the Amazon ECS container agent on the container instance and does not have enough information to proceed with an update.",
    $metadata,
  });
}

export function noUpdateAvailable(): Error {
  return new wire.NoUpdateAvailableException({
    message: "There is no update available for your container agent.",
    $metadata,
  });
}

export function targetNotFound(targetId: string): Error {
  return new wire.TargetNotFoundException({ message: `Could not find ${targetId}`, $metadata });
}

export function attributeLimitExceeded(): Error {
  return new wire.AttributeLimitExceededException({
    message: "The maximum number of custom attributes has been exceeded for the container instance.",
    $metadata,
  });
}

export function idempotencyConflict(resourceIds: readonly string[]): Error {
  return new wire.ConflictException({
    message: "The provided clientToken was already used with different parameters.",
    resourceIds: [...resourceIds],
    $metadata,
  });
}

export function resourceNotFound(): Error {
  return new wire.ResourceNotFoundException({ message: "The specified resource wasn't found.", $metadata });
}

export function namespaceNotFound(): Error {
  return new wire.NamespaceNotFoundException({
    message: "The specified namespace wasn't found.",
    $metadata,
  });
}

export function serviceDeploymentNotFound(): Error {
  return new wire.ServiceDeploymentNotFoundException({
    message: "The specified service deployment was not found.",
    $metadata,
  });
}

export function serviceDeploymentOver(arn: string): Error {
  return new wire.ConflictException({
    message: "The service deployment is not in progress.",
    resourceIds: [arn],
    $metadata,
  });
}

export function platformUnknown(): Error {
  return new wire.PlatformUnknownException({
    message: "The specified platform version doesn't exist.",
    $metadata,
  });
}

export function platformIncompatible(): Error {
  return new wire.PlatformTaskDefinitionIncompatibilityException({
    message: "The specified platform does not satisfy the task definition’s required capabilities.",
    $metadata,
  });
}

export function invalidToken(): wire.InvalidParameterException {
  return invalidParameter("Invalid token.");
}

export function subnetMissing(subnetId: string): wire.InvalidParameterException {
  return invalidParameter(
    `Error retrieving subnet information for [${subnetId}]: The subnet ID '${subnetId}' does not exist (ErrorCode: InvalidSubnetID.NotFound)`,
  );
}

export function securityGroupMissing(groupId: string): wire.InvalidParameterException {
  return invalidParameter(
    `Error retrieving security group information for [${groupId}]: The security group '${groupId}' does not exist (ErrorCode: InvalidGroup.NotFound)`,
  );
}
