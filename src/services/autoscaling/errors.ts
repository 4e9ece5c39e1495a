/** Every error that Auto Scaling answers with. `ValidationError` is in no model, yet it is what wrong input gets. */
import * as wire from "@aws-sdk/client-auto-scaling";
import { CodedError } from "../operation.ts";

const $metadata = {};

export function validationError(message: string): CodedError {
  return new CodedError("ValidationError", message);
}

export function groupNotFound(name: string): CodedError {
  return validationError(`AutoScalingGroup name not found - AutoScalingGroup ${name} not found`);
}

export function groupAlreadyExists(name: string): Error {
  return new wire.AlreadyExistsFault({
    message: `AutoScalingGroup by this name already exists - A group with the name ${name} already exists`,
    $metadata,
  });
}

export function groupHasInstances(): Error {
  return new wire.ResourceInUseFault({
    message:
      "You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still in the group.",
    $metadata,
  });
}

export function groupIsScaling(): Error {
  return new wire.ScalingActivityInProgressFault({
    message:
      "You cannot delete an AutoScalingGroup while there are scaling activities in progress for that group.",
    $metadata,
  });
}

/** While it is being deleted. */
export function activityInProgress(activityId: string): Error {
  return new wire.ScalingActivityInProgressFault({
    message: `Scaling activity ${activityId} is in progress and blocks this action`,
    $metadata,
  });
}

export function launchConfigurationNotFound(name: string): CodedError {
  return validationError(
    `Launch configuration name not found - A launch configuration with the name: ${name} does not exist`,
  );
}

/** DeleteLaunchConfiguration words it so. */
export function noLaunchConfigurationToDelete(name: string): CodedError {
  return validationError(`Launch configuration name not found - Launch configuration ${name} not found`);
}

export function launchConfigurationAlreadyExists(name: string): Error {
  return new wire.AlreadyExistsFault({
    message: `Launch Configuration by this name already exists - A launch configuration already exists with the name ${name}`,
    $metadata,
  });
}

export function launchConfigurationInUse(name: string, groupName: string): Error {
  return new wire.ResourceInUseFault({
    message: `Cannot delete launch configuration ${name} because it is attached to AutoScalingGroup ${groupName}`,
    $metadata,
  });
}

export function invalidLaunchTemplate(reason: string): CodedError {
  return validationError(`You must use a valid fully-formed launch template. ${reason}`);
}

export function noManagedInstance(instanceId: string): CodedError {
  return validationError(`Instance Id not found - No managed instance found for instance ID: ${instanceId}`);
}

export function notPartOfGroup(instanceId: string, groupName: string): CodedError {
  return validationError(`The instance ${instanceId} is not part of Auto Scaling group ${groupName}.`);
}

export function minimumReached(minSize: number): CodedError {
  return validationError(
    `Currently, desiredSize equals minSize (${minSize}). Terminating instance without replacement will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.`,
  );
}

export function noHook(name: string, groupName: string): CodedError {
  return validationError(`No Lifecycle Hook found with name '${name}' for group '${groupName}'`);
}

export function noLifecycleAction(token: string | undefined, instanceId: string | undefined): CodedError {
  return validationError(
    token === undefined
      ? `No active Lifecycle Action found with instance ID ${instanceId ?? ""}`
      : `No active Lifecycle Action found with token ${token}`,
  );
}

export function invalidTargetGroups(): CodedError {
  return validationError("Provided Target Groups may not be valid. Please ensure they exist and try again.");
}

export function invalidLoadBalancers(): CodedError {
  return validationError("Provided Load Balancers may not be valid. Please ensure they exist and try again.");
}

export function invalidNextToken(): Error {
  return new wire.InvalidNextToken({ message: "The token is not valid.", $metadata });
}

/** What Berth does not do is refused by name rather than kept and never done. */
export function notSupported(what: string): CodedError {
  return validationError(`Berth does not support ${what}`);
}
