/** Who calls, from where: the access key and the region of the request's credential scope, and the signature. */
import type { Scope } from "../model/scope.ts";
import type { Caller } from "../services/operation.ts";
import type { AccessControl } from "./access-control.ts";
import { CredentialFault } from "./faults.ts";
import type { WireRequest } from "./protocols/protocol.ts";
import { readSignature, verifySignature } from "./signature.ts";
import { isPresignedV2, verifyV2 } from "./signature-v2.ts";

export interface Credential {
  readonly accessKeyId: string;
  readonly region: string;
  /** The service of the scope, for example `ecs`. */
  readonly signingName: string;
}

/** From `Authorization: AWS4-HMAC-SHA256 Credential=…`, or of a presigned URL. */
export function findCredential(request: WireRequest): Credential | undefined {
  if (isPresignedV2(request)) {
    // It names no region: a bucket is found without one.
    const accessKeyId = request.query.get("AWSAccessKeyId") ?? "";
    return accessKeyId === "" ? undefined : { accessKeyId, region: "us-east-1", signingName: "s3" };
  }
  const header = /Credential=([^,\s]+)/.exec(request.headers["authorization"] ?? "")?.[1];
  const text = header ?? request.query.get("X-Amz-Credential") ?? "";
  const parts = text.split("/");
  if (parts.length !== 5 || parts[4] !== "aws4_request") return undefined;
  const [accessKeyId = "", , region = "", signingName = ""] = parts;
  if (accessKeyId === "" || !/^[a-z0-9-]{1,40}$/.test(region)) return undefined;
  return { accessKeyId, region, signingName };
}

export interface Authenticated {
  readonly scope: Scope;
  readonly caller: Caller;
}

/**
 * Throws CredentialFault: an unknown key, a wrong or expired token, a wrong or old signature. Keys that Berth did not
 * issue are the operator's, and their signatures cannot be verified.
 * @param service as the catalogue names it; `now` is in milliseconds since the epoch
 */
export function authenticate(
  request: WireRequest,
  { accessKeyId, region, signingName: given }: Credential,
  {
    access,
    service,
    signingName: meant,
    now,
  }: {
    readonly access: AccessControl;
    readonly service: string;
    /** Of the service that is asked. */
    readonly signingName: string;
    readonly now: number;
  },
): Authenticated {
  const signature = readSignature(request);
  const isV2 = isPresignedV2(request);
  const tokenOfUrl = isV2 ? request.query.get("x-amz-security-token") : signature?.sessionToken;
  const found = access.identify({
    accessKeyId,
    sessionToken: tokenOfUrl ?? request.headers["x-amz-security-token"],
    issuedKeysOnly: request.source?.issuedKeysOnly,
    service,
  });
  if (found.kind === "unknown-key") throw new CredentialFault(found.kind);
  const whose =
    found.actor === undefined || found.principal === undefined
      ? undefined
      : authenticated(found.actor, found.principal, accessKeyId, region);
  if (found.kind === "expired-token" || whose === undefined) {
    throw new CredentialFault("expired-token", { whose });
  }
  // What is signed for one service is no key to another: a presigned URL of S3 signs neither operation nor body.
  if (found.secret !== undefined && (given !== meant || (isV2 && meant !== "s3"))) {
    throw new CredentialFault("wrong-service", { whose, services: { given, meant } });
  }
  if (isV2) {
    const verdict = verifyV2(request, found.secret, now);
    if (verdict === "wrong") throw new CredentialFault("wrong-signature", { whose });
    if (verdict !== "valid") throw new CredentialFault("expired-signature", { whose, presigned: true });
  } else if (found.secret !== undefined) {
    // The credential that was looked up is the one whose signature counts.
    const scope = `/${region}/${given}/aws4_request`;
    if (signature?.accessKeyId !== accessKeyId || !signature.scope.endsWith(scope))
      throw new CredentialFault("wrong-signature", { whose });
    const verdict = verifySignature(request, signature, found.secret, now);
    if (verdict === "wrong") throw new CredentialFault("wrong-signature", { whose });
    if (verdict === "unsigned-headers") throw new CredentialFault(verdict, { whose });
    if (verdict !== "valid") {
      const kind = verdict === "expired" ? "expired-signature" : "early-signature";
      const presigned = signature.expiresSeconds !== undefined;
      throw new CredentialFault(kind, { times: { signedAt: signature.date, now }, whose, presigned });
    }
  }
  return whose;
}

function authenticated(
  { account, arn, userId }: { readonly account: string; readonly arn: string; readonly userId: string },
  principal: Caller["principal"],
  accessKeyId: string,
  region: string,
): Authenticated {
  return { scope: { account, region }, caller: { accessKeyId, arn, userId, principal } };
}
