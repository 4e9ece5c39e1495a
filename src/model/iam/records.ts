/** IAM's nouns. Global per account. Policies are stored as given; nothing evaluates them yet. */
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
