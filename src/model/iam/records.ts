/** IAM's nouns. Global per account. Policies are stored as given; `policy/` evaluates them. */
import type { Tag } from "../tags.ts";

export interface Role {
  readonly account: string;
  readonly arn: string;
  readonly roleName: string;
  /** `AROA…`. */
  readonly roleId: string;
  readonly path: string;
  readonly assumeRolePolicyDocument: string;
  readonly description?: string | undefined;
  readonly maxSessionDurationSeconds: number;
  readonly permissionsBoundaryArn?: string | undefined;
  readonly inlinePolicies: readonly { readonly policyName: string; readonly policyDocument: string }[];
  readonly attachedPolicyArns: readonly string[];
  readonly createDate: number;
  readonly tags: readonly Tag[];
}

export interface Policy {
  readonly account: string;
  readonly arn: string;
  readonly policyName: string;
  /** `ANPA…`. */
  readonly policyId: string;
  readonly path: string;
  readonly description?: string | undefined;
  readonly versions: readonly {
    readonly versionId: string;
    readonly document: string;
    readonly isDefault: boolean;
    readonly createDate: number;
  }[];
  /** The number of the next version: those of deleted ones are never given again. */
  readonly nextVersion?: number | undefined;
  readonly createDate: number;
  readonly updateDate: number;
  readonly tags: readonly Tag[];
}

export interface InstanceProfile {
  readonly account: string;
  readonly arn: string;
  readonly instanceProfileName: string;
  readonly instanceProfileId: string;
  readonly path: string;
  readonly roleNames: readonly string[];
  readonly createDate: number;
  readonly tags: readonly Tag[];
}

export interface User {
  readonly account: string;
  readonly arn: string;
  readonly userName: string;
  /** `AIDA…`. */
  readonly userId: string;
  readonly path: string;
  readonly permissionsBoundaryArn?: string | undefined;
  readonly inlinePolicies: readonly { readonly policyName: string; readonly policyDocument: string }[];
  readonly attachedPolicyArns: readonly string[];
  readonly createDate: number;
  readonly tags: readonly Tag[];
}

export interface AccessKey {
  /** `AKIA…`. */
  readonly accessKeyId: string;
  readonly account: string;
  readonly userName: string;
  /** The secret, sealed with the installation's key and bound to the key's id. */
  readonly sealedSecret: string;
  readonly status: "Active" | "Inactive";
  readonly createDate: number;
  readonly lastUsed?: { readonly at: number; readonly service: string; readonly region: string } | undefined;
}

/** Temporary credentials: of AssumeRole, of GetSessionToken, of GetFederationToken, of a task, of an instance. */
export interface Session {
  /** `ASIA…`. */
  readonly accessKeyId: string;
  readonly account: string;
  /** Whose permissions it has. */
  readonly of: RoleSession | UserSession;
  /**
   * `arn:aws:sts::A:assumed-role/<role>/<session>`, `arn:aws:sts::A:federated-user/<name>`; of a user's own session the
   * user's ARN.
   */
  readonly arn: string;
  /** The secret, sealed with the installation's key and bound to the key's id. */
  readonly sealedSecret: string;
  /** SHA-256 of the session token, hexadecimal. */
  readonly tokenDigest: string;
  /** Documents that limit the session. */
  readonly sessionPolicies: readonly string[];
  readonly sessionPolicyArns: readonly string[];
  readonly sessionTags: readonly Tag[];
  /** Of `sessionTags`: those that go on to the next role that the session assumes. */
  readonly transitiveTagKeys: readonly string[];
  readonly sourceIdentity?: string | undefined;
  /** Task or instance that the credentials are for: they end with it. */
  readonly issuedFor?: string | undefined;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

export interface RoleSession {
  readonly kind: "role";
  readonly roleName: string;
  /** A role that was deleted and made again is another one: its old sessions end. */
  readonly roleId: string;
  readonly sessionName: string;
}

export interface UserSession {
  readonly kind: "user";
  readonly userName: string;
  readonly userId: string;
  /** Of GetFederationToken: who has it. The session's policies alone say what of the user's permissions it has. */
  readonly federatedName?: string | undefined;
}
