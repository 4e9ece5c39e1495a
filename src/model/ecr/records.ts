import type { Scope } from "../scope.ts";
import type { Tag } from "../tags.ts";

export interface Repository extends Scope {
  readonly arn: string;
  readonly repositoryName: string;
  readonly imageTagMutability: "MUTABLE" | "IMMUTABLE";
  readonly scanOnPush: boolean;
  readonly encryptionType: string;
  readonly lifecyclePolicyText?: string | undefined;
  readonly policyText?: string | undefined;
  readonly createdAt: number;
  readonly tags: readonly Tag[];
}

/** A manifest in a repository: key `<repository arn>|<digest>`. Written by the registry and by PutImage. */
export interface Image {
  readonly repositoryArn: string;
  /** `sha256:…` of the manifest. */
  readonly digest: string;
  readonly mediaType: string;
  readonly manifest: string;
  readonly imageTags: readonly string[];
  readonly sizeBytes: number;
  readonly pushedAt: number;
  readonly lastPulledAt?: number | undefined;
}
