/** Every error that Elastic Load Balancing v2 answers with: one function a message. */
import * as wire from "@aws-sdk/client-elastic-load-balancing-v2";
import type { ResourceKind } from "../../model/elb/names.ts";
import { CodedError } from "../operation.ts";

const $metadata = {};

/** `ValidationError` is in no model, yet it is what most wrong input is answered with. */
export function validationError(message: string): CodedError {
  return new CodedError("ValidationError", message);
}

const KIND_WORDS: Readonly<Record<ResourceKind, string>> = {
  "load-balancer": "load balancer",
  "target-group": "target group",
  listener: "listener",
  rule: "listener rule",
};

/** Also for ARNs of other accounts, regions and services. */
export function invalidArn(arn: string, kind: ResourceKind): CodedError {
  return validationError(`'${arn}' is not a valid ${KIND_WORDS[kind]} ARN`);
}

export function loadBalancerNotFound(arn: string): Error {
  return new wire.LoadBalancerNotFoundException({ message: `Load balancer '${arn}' not found`, $metadata });
}

export function loadBalancersNotFound(namesOrArns: readonly string[]): Error {
  return new wire.LoadBalancerNotFoundException({
    message: `Load balancers '[${namesOrArns.join(", ")}]' not found`,
    $metadata,
  });
}

export function targetGroupsNotFound(arn: string): Error {
  return new wire.TargetGroupNotFoundException({ message: `Target groups '${arn}' not found`, $metadata });
}

export function oneOrMoreTargetGroupsNotFound(): Error {
  return new wire.TargetGroupNotFoundException({ message: "One or more target groups not found", $metadata });
}

export function listenerNotFound(arn: string): Error {
  return new wire.ListenerNotFoundException({ message: `Listener '${arn}' not found`, $metadata });
}

export function oneOrMoreListenersNotFound(): Error {
  return new wire.ListenerNotFoundException({ message: "One or more listeners not found", $metadata });
}

export function oneOrMoreRulesNotFound(): Error {
  return new wire.RuleNotFoundException({ message: "One or more rules not found", $metadata });
}

export function duplicateLoadBalancerName(name: string): Error {
  return new wire.DuplicateLoadBalancerNameException({
    message: `A load balancer with the same name '${name}' exists, but with different settings`,
    $metadata,
  });
}

export function duplicateTargetGroupName(name: string): Error {
  return new wire.DuplicateTargetGroupNameException({
    message: `A target group with the same name '${name}' exists, but with different settings`,
    $metadata,
  });
}

export function duplicateListener(loadBalancerArn: string): Error {
  return new wire.DuplicateListenerException({
    message: `A listener already exists on this port for this load balancer '${loadBalancerArn}'`,
    $metadata,
  });
}

export function priorityInUse(priority: number): Error {
  return new wire.PriorityInUseException({
    message: `Priority '${priority}' is currently in use`,
    $metadata,
  });
}

export function targetGroupInUse(arn: string): Error {
  return new wire.ResourceInUseException({
    message: `Target group '${arn}' is currently in use by a listener or a rule`,
    $metadata,
  });
}

export function targetGroupAssociationLimit(arns: readonly string[]): Error {
  return new wire.TargetGroupAssociationLimitException({
    message: `The following target groups cannot be associated with more than one load balancer: ${arns.join(", ")}`,
    $metadata,
  });
}

export function deletionProtected(arn: string): Error {
  return operationNotPermitted(
    `Load balancer '${arn}' cannot be deleted because deletion protection is enabled`,
  );
}

export function operationNotPermitted(message: string): Error {
  return new wire.OperationNotPermittedException({ message, $metadata });
}

export function invalidConfiguration(message: string): Error {
  return new wire.InvalidConfigurationRequestException({ message, $metadata });
}

export function invalidAction(message: string): Error {
  return new wire.InvalidLoadBalancerActionException({ message, $metadata });
}

export function subnetNotFound(subnetId: string): Error {
  return new wire.SubnetNotFoundException({ message: `The subnet ID '${subnetId}' is not valid`, $metadata });
}

export function invalidSubnet(message: string): Error {
  return new wire.InvalidSubnetException({ message, $metadata });
}

export function noInternetGateway(vpcId: string): Error {
  return invalidSubnet(`VPC ${vpcId} has no internet gateway`);
}

export function allocationIdNotFound(allocationId: string): Error {
  return new wire.AllocationIdNotFoundException({
    message: `The allocation ID '${allocationId}' is not valid`,
    $metadata,
  });
}

export function invalidTarget(message: string): Error {
  return new wire.InvalidTargetException({ message, $metadata });
}

export function unsupportedProtocol(message: string): Error {
  return new wire.UnsupportedProtocolException({ message, $metadata });
}

export function incompatibleProtocols(targetGroupArn: string, listener: string, targetGroup: string): Error {
  return new wire.IncompatibleProtocolsException({
    message: `The listener and its associated target group '${targetGroupArn}' have incompatible protocols: '${listener}' and '${targetGroup}'`,
    $metadata,
  });
}

export function certificateNotFound(arn: string): Error {
  return new wire.CertificateNotFoundException({ message: `Certificate '${arn}' not found`, $metadata });
}

/** What a listener says to a certificate that is not issued (yet): real, though it is in no model. */
export function unsupportedCertificate(arn: string): CodedError {
  return new CodedError(
    "UnsupportedCertificate",
    `The certificate '${arn}' must have a fully-qualified domain name, a supported signature, and a supported key size.`,
  );
}

export function sslPolicyNotFound(name: string): Error {
  return new wire.SSLPolicyNotFoundException({ message: `SSL policy '${name}' not found`, $metadata });
}

export function duplicateTagKeys(): Error {
  return new wire.DuplicateTagKeysException({ message: "A tag key was specified more than once", $metadata });
}

export function tooManyTags(): Error {
  return new wire.TooManyTagsException({
    message: "You've reached the limit on the number of tags for this resource",
    $metadata,
  });
}

export function tooManyLoadBalancers(): Error {
  return new wire.TooManyLoadBalancersException({
    message: "You've reached the limit on the number of load balancers for your AWS account",
    $metadata,
  });
}

export function tooManyTargetGroups(): Error {
  return new wire.TooManyTargetGroupsException({
    message: "You've reached the limit on the number of target groups for your AWS account",
    $metadata,
  });
}

export function tooManyListeners(): Error {
  return new wire.TooManyListenersException({
    message: "You've reached the limit on the number of listeners per load balancer",
    $metadata,
  });
}

export function tooManyRules(): Error {
  return new wire.TooManyRulesException({
    message: "You've reached the limit on the number of rules per load balancer",
    $metadata,
  });
}

export function tooManyTargets(): Error {
  return new wire.TooManyTargetsException({
    message: "You've reached the limit on the number of targets",
    $metadata,
  });
}

export function tooManyCertificates(): Error {
  return new wire.TooManyCertificatesException({
    message: "You've reached the limit on the number of certificates per load balancer",
    $metadata,
  });
}

export function tooManyUniqueTargetGroups(): Error {
  return new wire.TooManyUniqueTargetGroupsPerLoadBalancerException({
    message:
      "You've reached the limit on the number of unique target groups per load balancer across all listeners",
    $metadata,
  });
}
