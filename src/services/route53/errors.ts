/** Every error that Route 53 answers with: one function a message. */
import * as wire from "@aws-sdk/client-route-53";
import { CodedError } from "../operation.ts";

const $metadata = {};

export function invalidInput(message: string): Error {
  return new wire.InvalidInput({ message, $metadata });
}

export function noSuchHostedZone(id: string): Error {
  return new wire.NoSuchHostedZone({ message: `No hosted zone found with ID: ${id}`, $metadata });
}

export function noSuchChange(id: string): Error {
  return new wire.NoSuchChange({ message: `Could not find resource with ID: ${id}`, $metadata });
}

export function noSuchHealthCheck(id: string): Error {
  return new wire.NoSuchHealthCheck({ message: `A health check with id ${id} does not exist.`, $metadata });
}

export function noSuchDelegationSet(id: string): Error {
  return new wire.NoSuchDelegationSet({ message: `No delegation set found with ID: ${id}`, $metadata });
}

export function invalidDomainName(message: string): Error {
  return new wire.InvalidDomainName({ message, $metadata });
}

export function hostedZoneAlreadyExists(): Error {
  return new wire.HostedZoneAlreadyExists({
    message: "A hosted zone has already been created with the specified caller reference.",
    $metadata,
  });
}

export function hostedZoneNotEmpty(): Error {
  return new wire.HostedZoneNotEmpty({
    message: "The specified hosted zone contains non-required resource record sets and so cannot be deleted.",
    $metadata,
  });
}

/** Also for a VPC of another account, without an authorisation. */
export function invalidVpcId(vpcId: string, region: string): Error {
  return new wire.InvalidVPCId({
    message: `The VPC ${vpcId} in region ${region} that you provided is not authorized to make the association.`,
    $metadata,
  });
}

export function conflictingDomainExists(message: string): Error {
  return new wire.ConflictingDomainExists({ message, $metadata });
}

export function publicZoneVpcAssociation(): Error {
  return new wire.PublicZoneVPCAssociation({
    message:
      "You're trying to associate a VPC with a public hosted zone. Amazon Route 53 doesn't support associating a VPC with a public hosted zone.",
    $metadata,
  });
}

export function lastVpcAssociation(): Error {
  return new wire.LastVPCAssociation({
    message:
      "The VPC that you're trying to disassociate from the private hosted zone is the last VPC that is associated with the hosted zone. Amazon Route 53 doesn't support disassociating the last VPC from a hosted zone.",
    $metadata,
  });
}

export function vpcAssociationNotFound(): Error {
  return new wire.VPCAssociationNotFound({
    message: "The specified VPC and hosted zone are not currently associated.",
    $metadata,
  });
}

export function invalidPaginationToken(): Error {
  return new wire.InvalidPaginationToken({
    message: "The value that you specified to get the second or subsequent page of results is invalid.",
    $metadata,
  });
}

/** All that is wrong with a batch, in one message, in brackets. */
export function invalidChangeBatch(messages: readonly string[]): Error {
  return new wire.InvalidChangeBatch({
    message: `[${messages.join(", ")}]`,
    messages: [...messages],
    $metadata,
  });
}

/** Zones of Cloud Map, and what is in them, are changed through Cloud Map alone. */
export function managedByCloudMap(zoneId: string, namespaceArn: string): CodedError {
  return new CodedError(
    "AccessDenied",
    `The resource hostedzone/${zoneId} can only be managed through AWS Cloud Map (${namespaceArn})`,
    403,
  );
}
