/** What the EC2 operations on instances, launch templates, images and key pairs answer with when they refuse. */
import type { InstanceType } from "../../model/ec2/instance-types.ts";
import { CodedError } from "../operation.ts";

export function incorrectInstanceState(
  instanceId: string,
  verb: "started" | "stopped" | "rebooted",
): CodedError {
  return new CodedError(
    "IncorrectInstanceState",
    `The instance '${instanceId}' is not in a state from which it can be ${verb}.`,
  );
}

export function instanceNotStopped(instanceId: string): CodedError {
  return new CodedError(
    "IncorrectInstanceState",
    `The instance '${instanceId}' is not in the 'stopped' state.`,
  );
}

export function instanceNotUsable(instanceId: string, states: string): CodedError {
  return new CodedError("IncorrectState", `Instance '${instanceId}' is not '${states}'.`);
}

export function terminationProtected(instanceId: string): CodedError {
  return new CodedError(
    "OperationNotPermitted",
    `The instance '${instanceId}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.`,
  );
}

export function stopProtected(instanceId: string): CodedError {
  return new CodedError(
    "OperationNotPermitted",
    `The instance '${instanceId}' may not be stopped. Modify its 'disableApiStop' instance attribute and try again.`,
  );
}

/** In the words of DescribeInstanceTypes; RunInstances says `Invalid value '…' for InstanceType.`. */
export function instanceTypesNotFound(names: readonly string[]): CodedError {
  return new CodedError(
    "InvalidInstanceType",
    `The following supplied instance types do not exist: [${names.join(", ")}]`,
  );
}

export function imagesNotFound(ids: readonly string[]): CodedError {
  const list = ids.join(", ");
  return new CodedError(
    "InvalidAMIID.NotFound",
    ids.length === 1 ? `The image id '[${list}]' does not exist` : `The image ids '[${list}]' do not exist`,
  );
}

export function imageMalformed(id: string): CodedError {
  return new CodedError("InvalidAMIID.Malformed", `Invalid id: "${id}" (expecting "ami-...")`);
}

// Network interfaces of instances.

export function indexTaken(instanceId: string, deviceIndex: number): CodedError {
  return new CodedError(
    "InvalidParameterValue",
    `Instance '${instanceId}' already has an interface attached at device index '${deviceIndex}'.`,
  );
}

export function attachmentLimitExceeded(count: number, type: InstanceType): CodedError {
  return new CodedError(
    "AttachmentLimitExceeded",
    `Interface count ${count} exceeds the limit for ${type.name}`,
  );
}

export function differentZones(): CodedError {
  return new CodedError(
    "InvalidParameterCombination",
    "You may not attach a network interface to an instance if they are not in the same availability zone",
  );
}

export function primaryInterfaceStays(): CodedError {
  return new CodedError(
    "OperationNotPermitted",
    "The network interface at device index 0 and networkCard index 0 cannot be detached.",
  );
}

export function severalInterfaces(instanceId: string): CodedError {
  return new CodedError(
    "InvalidInstanceID",
    `There are multiple interfaces attached to instance '${instanceId}'. Please specify an interface ID for the operation instead.`,
  );
}

// Instance profiles.

export function profileAssociationExists(instanceId: string): CodedError {
  return new CodedError("IncorrectState", `There is an existing association for instance ${instanceId}`);
}

export function profileAssociationNotFound(associationId: string): CodedError {
  return new CodedError(
    "InvalidAssociationID.NotFound",
    `An invalid association-id of '${associationId}' was given`,
  );
}

// Key pairs.

export function keyPairDuplicate(): CodedError {
  return new CodedError("InvalidKeyPair.Duplicate", "The keypair already exists");
}

export function keyPairsNotFound(names: readonly string[]): CodedError {
  return new CodedError(
    "InvalidKeyPair.NotFound",
    names.length === 1
      ? `The key pair '${names[0]}' does not exist`
      : `The key pairs '${names.join(", ")}' do not exist`,
  );
}

export function keyFormat(): CodedError {
  return new CodedError("InvalidKey.Format", "Key is not in valid OpenSSH public key format");
}

// Launch templates.

export function launchTemplateNameTaken(): CodedError {
  return new CodedError(
    "InvalidLaunchTemplateName.AlreadyExistsException",
    "Launch template name already in use.",
  );
}

export function launchTemplateNameMalformed(): CodedError {
  return new CodedError(
    "InvalidLaunchTemplateName.MalformedException",
    "A launch template name must be between 3 and 128 characters, and may contain letters, numbers, and the following characters: - ( ) . / _.",
  );
}

export function launchTemplateIdNotFound(id: string): CodedError {
  return new CodedError(
    "InvalidLaunchTemplateId.NotFound",
    `The specified launch template, with template ID ${id}, does not exist.`,
  );
}

export function launchTemplateNameNotFound(name: string): CodedError {
  return new CodedError(
    "InvalidLaunchTemplateName.NotFoundException",
    `The specified launch template, with template name ${name}, does not exist.`,
  );
}

export function launchTemplateVersionNotFound(version: string, id: string): CodedError {
  return new CodedError(
    "InvalidLaunchTemplateId.VersionNotFound",
    `Could not find the specified version ${version} for the launch template with ID ${id}.`,
  );
}

export function launchTemplateVersionMalformed(): CodedError {
  return new CodedError(
    "InvalidParameterValue",
    "Invalid launch template version: either '$Default', '$Latest', or a numeric version are allowed.",
  );
}
