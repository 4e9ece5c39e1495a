import type * as sdk from "@aws-sdk/client-sts";
import { constraintViolation, memberPath, NOT_NULL } from "../constraint-messages.ts";
import { CodedError, type OperationsOf, type ServiceFaults } from "../operation.ts";
import { assumeRole } from "./assume-role.ts";
import { getCallerIdentity } from "./get-caller-identity.ts";
import { getFederationToken } from "./get-federation-token.ts";
import { getAccessKeyInfo, getSessionToken } from "./get-session-token.ts";

export const operations = {
  AssumeRole: assumeRole,
  GetAccessKeyInfo: getAccessKeyInfo,
  GetCallerIdentity: getCallerIdentity,
  GetFederationToken: getFederationToken,
  GetSessionToken: getSessionToken,
} satisfies Partial<OperationsOf<typeof sdk>>;

export const faults: ServiceFaults = {
  invalidInput(fault) {
    if (fault.kind === "malformed") return new CodedError("MalformedInput", fault.message);
    return new CodedError("ValidationError", constraintViolation(null, memberPath(fault.member), NOT_NULL));
  },
};
