/** The condition keys of a request ("AWS global condition context keys", and each service's own). */
import type { RequestContext } from "../model/iam/policy/patterns.ts";
import type { Session } from "../model/iam/records.ts";
import type { Tag } from "../model/tags.ts";
import type { Actor } from "../store/iam-actors.ts";
import type { Keys } from "./actions/action.ts";

/** Of the HTTP request. */
export interface RequestFacts {
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly region: string;
  readonly sourceIp?: string | undefined;
  readonly userAgent?: string | undefined;
  readonly secureTransport: boolean;
}

export interface GivenTags {
  readonly tags: readonly Tag[];
  /** Keys alone, of tags that are taken away. */
  readonly keys: readonly string[];
}

export function globalKeys(actor: Actor, request: RequestFacts): Keys {
  const { account, facts, session } = actor;
  return {
    "aws:CurrentTime": new Date(request.now).toISOString().replace(/\.\d+Z$/, "Z"),
    "aws:EpochTime": Math.floor(request.now / 1000),
    "aws:RequestedRegion": request.region,
    "aws:SecureTransport": request.secureTransport,
    "aws:SourceIp": request.sourceIp,
    "aws:UserAgent": request.userAgent,
    "aws:PrincipalAccount": account,
    "aws:PrincipalArn": facts.arn,
    "aws:PrincipalType": principalType(session),
    "aws:PrincipalIsAWSService": false,
    "aws:ViaAWSService": false,
    "aws:userid": actor.userId,
    "aws:username": actor.userName,
    "aws:SourceIdentity": session?.sourceIdentity,
    "aws:TokenIssueTime":
      session === undefined ? undefined : new Date(session.issuedAt).toISOString().replace(/\.\d+Z$/, "Z"),
    "aws:MultiFactorAuthPresent": session === undefined ? undefined : false,
    ...Object.fromEntries(actor.tags.map(({ key, value }) => [`aws:PrincipalTag/${key}`, value])),
  };
}

/** "AWS global condition context keys", `aws:PrincipalType`. */
export function principalType(session: Session | undefined): string {
  if (session === undefined) return "User";
  if (session.of.kind === "role") return "AssumedRole";
  return session.of.federatedName === undefined ? "User" : "FederatedUser";
}

/** The tags that the request gives or takes away. */
export function requestTagKeys({ tags, keys }: GivenTags): Keys {
  const all = [...new Set([...tags.map(({ key }) => key), ...keys])];
  return {
    "aws:TagKeys": all.length === 0 ? undefined : all,
    ...Object.fromEntries(tags.map(({ key, value }) => [`aws:RequestTag/${key}`, value])),
  };
}

/** The tags that the resource has, under the global name and the service's. */
export function resourceTagKeys(service: string, tags: readonly Tag[]): Keys {
  return Object.fromEntries(
    tags.flatMap(({ key, value }) => [
      [`aws:ResourceTag/${key}`, value],
      [`${service}:ResourceTag/${key}`, value],
    ]),
  );
}

/** Later ones win. Keys are matched without regard to case. */
export function contextOf(...parts: readonly Keys[]): RequestContext {
  const context = new Map<string, readonly string[]>();
  for (const part of parts) {
    for (const [key, value] of Object.entries(part)) {
      if (value === undefined) continue;
      context.set(key.toLowerCase(), typeof value === "object" ? value : [String(value)]);
    }
  }
  return context;
}
