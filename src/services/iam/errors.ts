/** Every error that IAM answers with: one function a message. */
import * as wire from "@aws-sdk/client-iam";
import { CodedError } from "../operation.ts";

const $metadata = {};

/** A value that breaks a constraint of the model: IAM answers it under a code that its SDK does not model. */
export function validationError(message: string): Error {
  return new CodedError("ValidationError", message);
}

export function noSuchEntity(message: string): Error {
  return new wire.NoSuchEntityException({ message, $metadata });
}

function deleteConflict(message: string): Error {
  return new wire.DeleteConflictException({ message, $metadata });
}

function alreadyExists(message: string): Error {
  return new wire.EntityAlreadyExistsException({ message, $metadata });
}

export function invalidInput(message: string): Error {
  return new wire.InvalidInputException({ message, $metadata });
}

export function limitExceeded(message: string): Error {
  return new wire.LimitExceededException({ message, $metadata });
}

export function malformedPolicyDocument(message: string): Error {
  return new wire.MalformedPolicyDocumentException({ message, $metadata });
}

export function roleNotFound(roleName: string): Error {
  return noSuchEntity(`The role with name ${roleName} cannot be found.`);
}

export function roleExists(roleName: string): Error {
  return alreadyExists(`Role with name ${roleName} already exists.`);
}

export function roleHasProfiles(): Error {
  return deleteConflict("Cannot delete entity, must remove roles from instance profile first.");
}

export function roleHasAttachedPolicies(): Error {
  return deleteConflict("Cannot delete entity, must detach all policies first.");
}

export function roleHasInlinePolicies(): Error {
  return deleteConflict("Cannot delete entity, must delete policies first.");
}

export function protectedRole(roleName: string): Error {
  return new wire.UnmodifiableEntityException({
    message: `Cannot perform the operation on the protected role '${roleName}' - this role is only modifiable by AWS`,
    $metadata,
  });
}

export function serviceRoleNameTaken(roleName: string): Error {
  return invalidInput(
    `Service role name ${roleName} has been taken in this account, please try a different suffix.`,
  );
}

export function deletionTaskNotFound(taskId: string): Error {
  return noSuchEntity(`Deletion task with id ${taskId} cannot be found.`);
}

export function rolePolicyNotFound(policyName: string): Error {
  return noSuchEntity(`The role policy with name ${policyName} cannot be found.`);
}

export function policyNotFound(policyArn: string): Error {
  return noSuchEntity(`Policy ${policyArn} was not found.`);
}

export function policyNotAttachable(policyArn: string): Error {
  return noSuchEntity(`Policy ${policyArn} does not exist or is not attachable.`);
}

export function policyExists(policyName: string): Error {
  return alreadyExists(`A policy called ${policyName} already exists. Duplicate names are not allowed.`);
}

export function policyVersionNotFound(policyArn: string, versionId: string): Error {
  return noSuchEntity(`Policy ${policyArn} version ${versionId} does not exist or is not attachable.`);
}

export function policyAttached(): Error {
  return deleteConflict("Cannot delete a policy attached to entities.");
}

export function policyHasVersions(): Error {
  return deleteConflict(
    "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
  );
}

export function defaultVersion(): Error {
  return deleteConflict("Cannot delete the default version of a policy.");
}

export function instanceProfileNotFound(name: string): Error {
  return noSuchEntity(`Instance Profile ${name} cannot be found.`);
}

export function instanceProfileExists(name: string): Error {
  return alreadyExists(`Instance Profile ${name} already exists.`);
}

export function userExists(name: string): Error {
  return alreadyExists(`User with name ${name} already exists.`);
}

export function deleteConflictOf(remedy: string): Error {
  return deleteConflict(`Cannot delete entity, must ${remedy} first.`);
}

export function userMustBeNamed(): Error {
  return validationError("Must specify userName when calling with non-User credentials");
}

export function userPolicyNotFound(policyName: string): Error {
  return noSuchEntity(`The user policy with name ${policyName} cannot be found.`);
}

export function accessKeyNotFound(accessKeyId: string): Error {
  return noSuchEntity(`The Access Key with id ${accessKeyId} cannot be found.`);
}

export function userNotFound(name: string): Error {
  return noSuchEntity(`The user with name ${name} cannot be found.`);
}
