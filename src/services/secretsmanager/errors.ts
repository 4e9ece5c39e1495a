/** Every error that Secrets Manager answers with: one function a message. */
import * as wire from "@aws-sdk/client-secrets-manager";
import { CodedError } from "../operation.ts";

const $metadata = {};

export function validation(message: string): CodedError {
  return new CodedError("ValidationException", message);
}

export function invalidParameter(message: string): Error {
  return new wire.InvalidParameterException({ message, $metadata });
}

export function invalidRequest(message: string): Error {
  return new wire.InvalidRequestException({ message, $metadata });
}

export function invalidName(): CodedError {
  return validation(
    "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!",
  );
}

export function tokenMissing(): Error {
  return invalidRequest("You must provide a ClientRequestToken value. We recommend a UUID-type value.");
}

export function tokenLength(): Error {
  return invalidParameter("ClientRequestToken must be 32-64 characters long.");
}

export function tokenInUse(token: string, arn: string): Error {
  return resourceExists(
    `You can't use ClientRequestToken ${token} because that value is already in use for a version of secret ${arn}.`,
  );
}

export function secretExists(name: string): Error {
  return resourceExists(`The operation failed because the secret ${name} already exists.`);
}

function resourceExists(message: string): Error {
  return new wire.ResourceExistsException({ message, $metadata });
}

export function nameAwaitsDeletion(): Error {
  return invalidRequest(
    "You can't create this secret because a secret with this name is already scheduled for deletion.",
  );
}

export function markedForDeletion(): Error {
  return invalidRequest("You can't perform this operation on the secret because it was marked for deletion.");
}

export function alreadyScheduled(): Error {
  return invalidRequest(
    "You can't perform this operation on the secret because it was already scheduled for deletion.",
  );
}

export function secretNotFound(): Error {
  return notFound("Secrets Manager can't find the specified secret.");
}

export function valueNotFound(which: { readonly stage: string } | { readonly versionId: string }): Error {
  return notFound(
    `Secrets Manager can't find the specified secret value for ${
      "stage" in which ? `staging label: ${which.stage}` : `VersionId: ${which.versionId}`
    }`,
  );
}

function notFound(message: string): Error {
  return new wire.ResourceNotFoundException({ message, $metadata });
}

export function stageElsewhere(): Error {
  return invalidRequest("You provided a VersionStage that is not associated to the provided VersionId.");
}

export function noValue(): Error {
  return invalidRequest("You must provide either SecretString or SecretBinary.");
}

export function twoValues(): Error {
  return invalidParameter("You can't specify both SecretString and SecretBinary.");
}

export function recoveryWindow(): Error {
  return invalidParameter("The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).");
}

export function forceAndWindow(): Error {
  return invalidParameter(
    "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
  );
}

export function noSuchVersion(versionId: string): Error {
  return invalidParameter(`Not a valid version: ${versionId}`);
}

export function stageNotThere(stage: string, versionId: string): Error {
  return invalidParameter(`Version stage ${stage} not found in version ${versionId}`);
}

export function stageTaken(stage: string, versionId: string): Error {
  return invalidParameter(
    `The parameter RemoveFromVersionId can't be empty. Staging label ${stage} is currently attached to version ` +
      `${versionId}, so you must explicitly reference that version in RemoveFromVersionId.`,
  );
}

export function currentStays(): Error {
  return invalidParameter(
    "You can only move staging label AWSCURRENT to a different secret version. It can’t be completely removed.",
  );
}

/** Text of the API reference's list of errors. */
export function tooMany(what: string): Error {
  return new wire.LimitExceededException({
    message: `The request failed because it would exceed one of the Secrets Manager quotas: ${what}.`,
    $metadata,
  });
}

/** Text of the API reference's list of errors. */
export function invalidToken(): Error {
  return new wire.InvalidNextTokenException({ message: "The NextToken value is invalid.", $metadata });
}

export function malformedPolicy(message: string): Error {
  return new wire.MalformedPolicyDocumentException({ message, $metadata });
}

export function publicPolicy(): Error {
  return new wire.PublicPolicyException({
    message: "You can't attach a resource-based policy that allows broad access to the secret.",
    $metadata,
  });
}

export function notHonoured(what: string): Error {
  return invalidRequest(`Berth does not have ${what}; docs/behaviour.md tells what it does.`);
}
