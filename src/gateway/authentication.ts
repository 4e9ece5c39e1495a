/**
 * Who calls, from where: the access key and the region of the request's credential scope. Signatures are not
 * verified: any key is the operator's (IAM is stored, not enforced).
 */
import type { Scope } from "../model/scope.ts";
import type { Caller } from "../services/operation.ts";
import type { WireRequest } from "./protocols/protocol.ts";

export interface Credential {
  readonly accessKeyId: string;
  readonly region: string;
  /** The service of the scope, for example `ecs`. */
  readonly signingName: string;
}

/** From `Authorization: AWS4-HMAC-SHA256 Credential=…`, or of a presigned URL. */
export function findCredential(request: WireRequest): Credential | undefined {
  const header = /Credential=([^,\s]+)/.exec(request.headers["authorization"] ?? "")?.[1];
  const text = header ?? request.query.get("X-Amz-Credential") ?? "";
  const parts = text.split("/");
  if (parts.length !== 5 || parts[4] !== "aws4_request") return undefined;
  const [accessKeyId = "", , region = "", signingName = ""] = parts;
  if (accessKeyId === "" || !/^[a-z0-9-]{1,40}$/.test(region)) return undefined;
  return { accessKeyId, region, signingName };
}

export const DEFAULT_ACCOUNT = "000000000000";

/** The account is the access key itself when that is 12 digits. */
export function scopeOf(credential: Credential): Scope {
  const account = /^\d{12}$/.test(credential.accessKeyId) ? credential.accessKeyId : DEFAULT_ACCOUNT;
  return { account, region: credential.region };
}

export function callerOf(credential: Credential): Caller {
  const { account } = scopeOf(credential);
  return {
    accessKeyId: credential.accessKeyId,
    arn: `arn:aws:iam::${account}:user/berth`,
    userId: "AIDABERTHOPERATOR0000",
  };
}
