/** The instance profile of an instance, as an association. Its id follows from the two. */
import { createHash } from "node:crypto";
import type * as wire from "@aws-sdk/client-ec2";
import { isGoing } from "../../model/ec2/instance-state.ts";
import type { Instance } from "../../model/ec2/records.ts";
import { instances } from "../../store/tables/ec2.ts";
import { instanceProfiles } from "../../store/tables/iam.ts";
import type { HandlerContext } from "../operation.ts";
import { page } from "../page.ts";
import { invalidNextToken, invalidParameterValue, missingParameter } from "./errors.ts";
import { filtered } from "./filters.ts";
import {
  instanceNotUsable,
  profileAssociationExists,
  profileAssociationNotFound,
} from "./instance-errors.ts";
import { listInScope, requireInstance } from "./resolve.ts";
import { describeInstanceProfile } from "./views/instance.ts";

export function describeIamInstanceProfileAssociations(
  input: wire.DescribeIamInstanceProfileAssociationsRequest,
  context: HandlerContext,
): wire.DescribeIamInstanceProfileAssociationsResult {
  const ids = input.AssociationIds ?? [];
  const all = listInScope(context, instances).filter(
    (instance) => instance.iamInstanceProfileArn !== undefined && instance.state !== "terminated",
  );
  const chosen = ids.length === 0 ? all : ids.map((id) => requireAssociated(context, id));
  const { items, nextToken } = page(
    filtered(chosen, input.Filters, {
      "instance-id": (instance) => instance.instanceId,
      state: stateOf,
    }),
    {
      token: input.NextToken,
      limit: input.MaxResults ?? 1000,
      key: (instance) => instance.instanceId,
      invalidToken: invalidNextToken,
    },
  );
  return {
    IamInstanceProfileAssociations: items.map((instance) => describeAssociation(context, instance)),
    NextToken: nextToken,
  };
}

export function associateIamInstanceProfile(
  input: wire.AssociateIamInstanceProfileRequest,
  context: HandlerContext,
): wire.AssociateIamInstanceProfileResult {
  const instance = requireInstance(context, input.InstanceId);
  const iamInstanceProfileArn = requireProfileArn(context, input.IamInstanceProfile);
  if (isGoing(instance)) throw instanceNotUsable(instance.instanceId, "running, stopped");
  if (instance.iamInstanceProfileArn !== undefined) throw profileAssociationExists(instance.instanceId);
  const changed = { ...instance, iamInstanceProfileArn };
  context.store.transaction((tx) => tx.put(instances, changed));
  return { IamInstanceProfileAssociation: describeAssociation(context, changed, "associating") };
}

export function disassociateIamInstanceProfile(
  input: wire.DisassociateIamInstanceProfileRequest,
  context: HandlerContext,
): wire.DisassociateIamInstanceProfileResult {
  const instance = requireAssociated(context, input.AssociationId);
  context.store.transaction((tx) => tx.put(instances, { ...instance, iamInstanceProfileArn: undefined }));
  return { IamInstanceProfileAssociation: describeAssociation(context, instance, "disassociating") };
}

export function replaceIamInstanceProfileAssociation(
  input: wire.ReplaceIamInstanceProfileAssociationRequest,
  context: HandlerContext,
): wire.ReplaceIamInstanceProfileAssociationResult {
  const instance = requireAssociated(context, input.AssociationId);
  const changed = {
    ...instance,
    iamInstanceProfileArn: requireProfileArn(context, input.IamInstanceProfile),
  };
  context.store.transaction((tx) => tx.put(instances, changed));
  return { IamInstanceProfileAssociation: describeAssociation(context, changed, "associating") };
}

function associationId({ instanceId, iamInstanceProfileArn = "" }: Instance): string {
  const digest = createHash("sha256").update(`${instanceId} ${iamInstanceProfileArn}`).digest("hex");
  return `iip-assoc-${digest.slice(0, 17)}`;
}

function stateOf(instance: Instance): wire.IamInstanceProfileAssociationState {
  return isGoing(instance) ? "disassociating" : "associated";
}

function describeAssociation(
  context: HandlerContext,
  instance: Instance,
  state = stateOf(instance),
): wire.IamInstanceProfileAssociation {
  return {
    AssociationId: associationId(instance),
    InstanceId: instance.instanceId,
    IamInstanceProfile: describeInstanceProfile(context.store, instance),
    State: state,
  };
}

function requireAssociated(context: HandlerContext, id: string | undefined): Instance {
  if (!id) throw missingParameter("AssociationId");
  const instance = listInScope(context, instances).find(
    (one) =>
      one.iamInstanceProfileArn !== undefined && one.state !== "terminated" && associationId(one) === id,
  );
  if (instance === undefined) throw profileAssociationNotFound(id);
  return instance;
}

function requireProfileArn(
  { store, scope }: HandlerContext,
  given: wire.IamInstanceProfileSpecification | undefined,
): string {
  const name = given?.Name || given?.Arn?.split("/").at(-1);
  if (!name) throw missingParameter("IamInstanceProfile");
  const profile = store.get(instanceProfiles, `${scope.account}/${name}`);
  if (profile !== undefined && (!given?.Arn || given.Arn === profile.arn)) return profile.arn;
  throw invalidParameterValue(
    given?.Arn
      ? `Value (${given.Arn}) for parameter iamInstanceProfile.arn is invalid. Invalid IAM Instance Profile ARN`
      : `Value (${name}) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name`,
  );
}
