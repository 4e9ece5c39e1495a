/** Systems Manager's nouns as Berth keeps them. */
import type * as wire from "@aws-sdk/client-ssm";
import type { Scope } from "../scope.ts";
import type { Tag } from "../tags.ts";

/** All kept versions of one parameter; AWS's public ones (`/aws/service/…`) are computed. */
export interface Parameter extends Scope {
  readonly arn: string;
  /** As given, with the leading slash if it has one. */
  readonly name: string;
  readonly tier: wire.ParameterTier;
  /** Newest last; at most 100. */
  readonly versions: readonly ParameterVersion[];
  readonly policies?: string | undefined;
  readonly tags: readonly Tag[];
}

export interface ParameterVersion {
  readonly version: number;
  readonly type: wire.ParameterType;
  /** Of a SecureString: sealed (AES-256-GCM) with the key of the state directory; else as given. */
  readonly value: string;
  readonly keyId?: string | undefined;
  readonly dataType: string;
  readonly description?: string | undefined;
  readonly allowedPattern?: string | undefined;
  readonly labels: readonly string[];
  readonly lastModifiedAt: number;
  readonly lastModifiedBy: string;
}
