/** Secrets Manager's nouns as Berth keeps them. */
import type { Scope } from "../scope.ts";
import type { Tag } from "../tags.ts";

export interface Secret extends Scope {
  /** Ends in a hyphen and six random characters. */
  readonly arn: string;
  readonly name: string;
  readonly description?: string | undefined;
  readonly kmsKeyId?: string | undefined;
  /** Newest last. */
  readonly versions: readonly SecretVersion[];
  /** JSON, as it was given. */
  readonly policy?: string | undefined;
  readonly createdAt: number;
  readonly lastChangedAt: number;
  /** Midnight of the day, UTC. */
  readonly lastAccessedAt?: number | undefined;
  /** When it is scheduled to be deleted; from then on it is as if it were gone. */
  readonly deletionAt?: number | undefined;
  readonly tags: readonly Tag[];
}

export interface SecretVersion {
  /** 32 to 64 characters, the client's token. */
  readonly versionId: string;
  readonly kind: "string" | "binary";
  /** Sealed (AES-256-GCM) with the key of the state directory; what is binary was base64 before. */
  readonly value: string;
  /** Staging labels; none on a deprecated version. */
  readonly stages: readonly string[];
  readonly createdAt: number;
  readonly lastAccessedAt?: number | undefined;
}
