/** Roles that a service defines and the account only keeps. */
import type * as wire from "@aws-sdk/client-iam";
import type { Role } from "../../model/iam/records.ts";
import { roles } from "../../store/tables/iam.ts";
import type { HandlerContext } from "../operation.ts";
import { readDescription, requireMember } from "./constraints.ts";
import { deletionTaskNotFound, invalidInput, roleNotFound, serviceRoleNameTaken } from "./errors.ts";
import { entityArn, findRole, isServiceLinked, newId, requireRole } from "./resolve.ts";
import { describeRole } from "./views/entities.ts";

interface ServiceRole {
  readonly name: string;
  readonly policyArn: string;
}

/** "AWS services that work with IAM": the ones around ECS, with the names that they give their roles. */
const SERVICE_ROLES: Readonly<Record<string, ServiceRole>> = {
  "ecs.amazonaws.com": serviceRole("ECS", "AmazonECSServiceRolePolicy"),
  "elasticloadbalancing.amazonaws.com": serviceRole(
    "ElasticLoadBalancing",
    "AWSElasticLoadBalancingServiceRolePolicy",
  ),
  "ecs.application-autoscaling.amazonaws.com": serviceRole(
    "ApplicationAutoScaling_ECSService",
    "AWSApplicationAutoscalingECSServicePolicy",
  ),
  "autoscaling.amazonaws.com": serviceRole("AutoScaling", "AutoScalingServiceRolePolicy"),
  "replication.ecr.amazonaws.com": serviceRole("ECRReplication", "ECRReplicationServiceRolePolicy"),
};

function serviceRole(suffix: string, policyName: string): ServiceRole {
  return {
    name: `AWSServiceRoleFor${suffix}`,
    policyArn: `arn:aws:iam::aws:policy/aws-service-role/${policyName}`,
  };
}

export function createServiceLinkedRole(
  input: wire.CreateServiceLinkedRoleRequest,
  context: HandlerContext,
): wire.CreateServiceLinkedRoleResponse {
  const service = requireMember(input.AWSServiceName, "AWSServiceName");
  const known = Object.hasOwn(SERVICE_ROLES, service) ? SERVICE_ROLES[service] : undefined;
  if (known === undefined) {
    throw invalidInput(`Service Linked Role is not supported for the service ${service} on this system`);
  }
  if (input.CustomSuffix !== undefined && service !== "autoscaling.amazonaws.com") {
    throw invalidInput(`Custom suffix is not allowed for ${service}`);
  }
  const roleName = known.name + (input.CustomSuffix === undefined ? "" : `_${input.CustomSuffix}`);
  if (findRole(context, roleName) !== undefined) throw serviceRoleNameTaken(roleName);
  const path = `/aws-service-role/${service}/`;
  const role: Role = {
    account: context.scope.account,
    arn: entityArn(context, "role", path, roleName),
    roleName,
    roleId: newId(context, "AROA"),
    path,
    assumeRolePolicyDocument: JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Action: ["sts:AssumeRole"], Effect: "Allow", Principal: { Service: [service] } }],
    }),
    description: readDescription(input.Description),
    maxSessionDurationSeconds: 3600,
    inlinePolicies: [],
    attachedPolicyArns: [known.policyArn],
    createDate: context.clock.now(),
    tags: [],
  };
  context.store.transaction((tx) => tx.put(roles, role));
  const { RoleLastUsed: _unused, MaxSessionDuration: _none, ...shown } = describeRole(role);
  return { Role: shown };
}

/** Nothing holds such a role here, so the deletion that AWS makes in the background is done at once. */
export function deleteServiceLinkedRole(
  input: wire.DeleteServiceLinkedRoleRequest,
  context: HandlerContext,
): wire.DeleteServiceLinkedRoleResponse {
  const role = requireRole(context, input.RoleName);
  if (!isServiceLinked(role)) throw roleNotFound(role.roleName);
  context.store.transaction((tx) => tx.delete(roles, `${role.account}/${role.roleName}`));
  return { DeletionTaskId: `task${role.path}${role.roleName}/${context.random.uuid()}` };
}

export function getServiceLinkedRoleDeletionStatus(
  input: wire.GetServiceLinkedRoleDeletionStatusRequest,
  _context: HandlerContext,
): wire.GetServiceLinkedRoleDeletionStatusResponse {
  const taskId = requireMember(input.DeletionTaskId, "DeletionTaskId");
  if (!/^task\/aws-service-role\/[^/]+\/[^/]+\/[0-9a-f-]{36}$/.test(taskId)) {
    throw deletionTaskNotFound(taskId);
  }
  return { Status: "SUCCEEDED" };
}
