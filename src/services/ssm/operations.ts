import type * as sdk from "@aws-sdk/client-ssm";
import { constraintViolation, memberPath, NOT_NULL } from "../constraint-messages.ts";
import type { OperationsOf, ServiceFaults } from "../operation.ts";
import { deleteParameter, deleteParameters } from "./delete-parameters.ts";
import { describeParameters } from "./describe-parameters.ts";
import { validation } from "./errors.ts";
import { getParameter, getParameterHistory, getParameters, getParametersByPath } from "./get-parameters.ts";
import { labelParameterVersion, unlabelParameterVersion } from "./labels.ts";
import { putParameter } from "./put-parameter.ts";
import { resumeSession, terminateSession } from "./sessions.ts";
import { addTagsToResource, listTagsForResource, removeTagsFromResource } from "./tags.ts";

export const operations = {
  AddTagsToResource: addTagsToResource,
  DeleteParameter: deleteParameter,
  DeleteParameters: deleteParameters,
  DescribeParameters: describeParameters,
  GetParameter: getParameter,
  GetParameterHistory: getParameterHistory,
  GetParameters: getParameters,
  GetParametersByPath: getParametersByPath,
  LabelParameterVersion: labelParameterVersion,
  ListTagsForResource: listTagsForResource,
  PutParameter: putParameter,
  RemoveTagsFromResource: removeTagsFromResource,
  ResumeSession: resumeSession,
  TerminateSession: terminateSession,
  UnlabelParameterVersion: unlabelParameterVersion,
} satisfies Partial<OperationsOf<typeof sdk>>;

export const faults: ServiceFaults = {
  invalidInput(fault) {
    if (fault.kind === "malformed") return validation(fault.message);
    return validation(constraintViolation(null, memberPath(fault.member), NOT_NULL));
  },
};
