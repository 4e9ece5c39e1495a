/**
 * Every error that the EC2 operations answer with, one function a message. The SDK models no EC2 exceptions, so
 * all are `CodedError`s. Codes: "Error codes for the Amazon EC2 API"; texts as EC2 words them where known.
 */
import { CodedError } from "../operation.ts";

export function missingParameter(name: string): CodedError {
  return new CodedError("MissingParameter", `The request must contain the parameter ${name}`);
}

export function missingParameterText(message: string): CodedError {
  return new CodedError("MissingParameter", message);
}

export function invalidParameterValue(message: string): CodedError {
  return new CodedError("InvalidParameterValue", message);
}

export function invalidParameterCombination(message: string): CodedError {
  return new CodedError("InvalidParameterCombination", message);
}

export function unsupportedOperation(message: string): CodedError {
  return new CodedError("UnsupportedOperation", message);
}

/** Something about what AWS runs for the caller (NAT gateways, load balancers, tasks) that is not theirs to change. */
export function notPermittedToAccess(): CodedError {
  return new CodedError("AuthFailure", "You do not have permission to access the specified resource.");
}

export function multipleAttributes(names: readonly string[]): CodedError {
  return invalidParameterCombination(
    `Fields for multiple attribute types specified: ${[...names].sort().join(", ")}`,
  );
}

export function noAttributes(): CodedError {
  return invalidParameterCombination("No attributes specified.");
}

export function unknownAttribute(value: string): CodedError {
  return invalidParameterValue(`Value (${value}) for parameter attribute is invalid. Unknown attribute.`);
}

export function idempotentParameterMismatch(): CodedError {
  return new CodedError(
    "IdempotentParameterMismatch",
    "The client token was used in an earlier request with different parameters.",
  );
}

// Listing.

export function invalidFilter(name: string): CodedError {
  return invalidParameterValue(`The filter '${name}' is invalid`);
}

export function filterLimitExceeded(): CodedError {
  return new CodedError(
    "FilterLimitExceeded",
    "The maximum number of filter values specified on a single call is 200",
  );
}

export function maxResultsTooSmall(value: number, minimum: number): CodedError {
  return invalidParameterValue(
    `Value ( ${value} ) for parameter maxResults is invalid. Expecting a value greater than ${minimum}.`,
  );
}

export function maxResultsTooLarge(value: number, maximum: number): CodedError {
  return invalidParameterValue(
    `Value ( ${value} ) for parameter maxResults is invalid. Expecting a value smaller than or equal to ${maximum}.`,
  );
}

export function maxResultsWithIds(idParameter: string): CodedError {
  return invalidParameterCombination(
    `The parameter ${idParameter} cannot be used with the parameter maxResults`,
  );
}

export function invalidNextToken(): CodedError {
  return new CodedError("InvalidNextToken", "The specified NextToken is not valid.");
}

// VPCs, subnets, gateways, route tables.

export function invalidCidrBlock(cidr: string, parameter = "cidrBlock"): CodedError {
  return invalidParameterValue(
    `Value (${cidr}) for parameter ${parameter} is invalid. This is not a valid CIDR block.`,
  );
}

export function invalidVpcRange(cidr: string): CodedError {
  return new CodedError("InvalidVpc.Range", `The CIDR '${cidr}' is invalid.`);
}

export function unsupportedTenancy(tenancy: string): CodedError {
  return new CodedError("UnsupportedTenancy", `The tenancy value ${tenancy} is not supported.`);
}

export function invalidSubnetRange(cidr: string): CodedError {
  return new CodedError("InvalidSubnet.Range", `The CIDR '${cidr}' is invalid.`);
}

export function invalidSubnetConflict(cidr: string): CodedError {
  return new CodedError("InvalidSubnet.Conflict", `The CIDR '${cidr}' conflicts with another subnet`);
}

export function invalidAvailabilityZone(
  value: string,
  parameter: string,
  zones: readonly string[],
): CodedError {
  return invalidParameterValue(
    `Value (${value}) for parameter ${parameter} is invalid. Subnets can currently only be created in the following availability zones: ${zones.join(", ")}.`,
  );
}

/** `noun` is `vpc`, `subnet`, `internetGateway`, `routeTable`. */
export function hasDependencies(noun: string, id: string): CodedError {
  return new CodedError("DependencyViolation", `The ${noun} '${id}' has dependencies and cannot be deleted.`);
}

export function gatewayAlreadyAttached(internetGatewayId: string, vpcId: string): CodedError {
  return new CodedError(
    "Resource.AlreadyAssociated",
    `resource ${internetGatewayId} is already attached to network ${vpcId}`,
  );
}

export function networkHasGateway(vpcId: string): CodedError {
  return invalidParameterValue(`Network ${vpcId} already has an internet gateway attached`);
}

export function gatewayNotAttached(internetGatewayId: string, vpcId: string): CodedError {
  return new CodedError(
    "Gateway.NotAttached",
    `resource ${internetGatewayId} is not attached to network ${vpcId}`,
  );
}

export function networkHasMappedAddresses(vpcId: string): CodedError {
  return new CodedError(
    "DependencyViolation",
    `Network ${vpcId} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.`,
  );
}

export function differentNetworks(routeTableId: string, noun: string, id: string): CodedError {
  return invalidParameterValue(`route table ${routeTableId} and ${noun} ${id} belong to different networks`);
}

export function routeAlreadyExists(destination: string): CodedError {
  return new CodedError("RouteAlreadyExists", `The route identified by ${destination} already exists.`);
}

export function routeNotFound(destination: string, routeTableId: string): CodedError {
  return new CodedError(
    "InvalidRoute.NotFound",
    `no route with destination-cidr-block ${destination} in route table ${routeTableId}`,
  );
}

export function noRouteToReplace(destination: string): CodedError {
  return invalidParameterValue(
    `There is no route defined for '${destination}' in the route table. Use CreateRoute instead.`,
  );
}

export function destinationInsideVpc(destination: string): CodedError {
  return invalidParameterValue(
    `The destination CIDR block ${destination} is equal to or more specific than one of this VPC's CIDR blocks. This route can target only an interface or an instance.`,
  );
}

export function localRouteOnlyForVpc(destination: string): CodedError {
  return invalidParameterValue(`cannot create a local route for destination ${destination}`);
}

export function cannotRemoveLocalRoute(destination: string, routeTableId: string): CodedError {
  return invalidParameterValue(`cannot remove local route ${destination} in route table ${routeTableId}`);
}

export function associationConflict(routeTableId: string): CodedError {
  return new CodedError(
    "Resource.AlreadyAssociated",
    `the specified association for route table ${routeTableId} conflicts with an existing association`,
  );
}

export function cannotDisassociateMain(associationId: string): CodedError {
  return invalidParameterValue(`cannot disassociate the main route table association ${associationId}`);
}

// Elastic IP addresses and NAT gateways.

export function addressNotFound(publicIp: string): CodedError {
  return new CodedError("InvalidAddress.NotFound", `Address '${publicIp}' not found.`);
}

export function insufficientAddressCapacity(): CodedError {
  return new CodedError(
    "InsufficientAddressCapacity",
    "Not enough available addresses to satisfy your minimum request.",
  );
}

export function addressInUse(address: string): CodedError {
  return new CodedError("InvalidIPAddress.InUse", `Address ${address} is in use.`);
}

export function networkWithoutGateway(vpcId: string): CodedError {
  return new CodedError("Gateway.NotAttached", `Network ${vpcId} is not attached to any internet gateway`);
}

export function addressAlreadyAssociated(allocationId: string, associationId: string): CodedError {
  return new CodedError(
    "Resource.AlreadyAssociated",
    `resource ${allocationId} is already associated with associate-id ${associationId}`,
  );
}

// Network interfaces.

export function interfaceInUse(networkInterfaceId: string): CodedError {
  return invalidParameterValue(`Network interface '${networkInterfaceId}' is currently in use.`);
}

/** Attachments that load balancers and NAT gateways hold. */
export function managedAttachment(): CodedError {
  return new CodedError("OperationNotPermitted", "You are not allowed to manage 'ela-attach' attachments.");
}

export function addressOutsideSubnet(): CodedError {
  return invalidParameterValue("Address does not fall within the subnet's address range");
}

export function addressReserved(): CodedError {
  return invalidParameterValue("Address is in subnet's reserved address range");
}

export function insufficientFreeAddresses(): CodedError {
  return new CodedError(
    "InsufficientFreeAddressesInSubnet",
    "The specified subnet does not have enough free addresses to satisfy the request.",
  );
}

export function groupAndSubnetDiffer(groupId: string, subnetId: string): CodedError {
  return new CodedError(
    "InvalidParameter",
    `Security group ${groupId} and subnet ${subnetId} belong to different networks.`,
  );
}

export function tooManyGroupsPerInterface(): CodedError {
  return new CodedError(
    "SecurityGroupsPerInterfaceLimitExceeded",
    "The maximum number of security groups per interface has been reached.",
  );
}
