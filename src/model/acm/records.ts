import type { Scope } from "../scope.ts";
import type { Tag } from "../tags.ts";

/** A certificate of Berth's own authority. The private key is kept by `reconcile/certificates` outside the view. */
export interface Certificate extends Scope {
  readonly arn: string;
  readonly domainName: string;
  /** Includes the domain itself, first. */
  readonly subjectAlternativeNames: readonly string[];
  readonly type: "AMAZON_ISSUED" | "IMPORTED";
  readonly validationMethod: "DNS" | "EMAIL";
  readonly keyAlgorithm: string;
  readonly status: "PENDING_VALIDATION" | "ISSUED" | "FAILED" | "VALIDATION_TIMED_OUT";
  /** One CNAME per distinct base domain. */
  readonly validationRecords: readonly {
    readonly domainName: string;
    readonly name: string;
    readonly value: string;
    readonly validated: boolean;
  }[];
  readonly idempotencyToken?: string | undefined;
  readonly createdAt: number;
  readonly issuedAt?: number | undefined;
  readonly importedAt?: number | undefined;
  readonly notBefore?: number | undefined;
  readonly notAfter?: number | undefined;
  readonly serial?: string | undefined;
  /** PEM. Present once issued or imported. */
  readonly certificatePem?: string | undefined;
  readonly chainPem?: string | undefined;
  /** PEM, PKCS #8. Never shown by any operation but ExportCertificate, never logged. */
  readonly privateKeyPem?: string | undefined;
  readonly certificateTransparencyLogging: "ENABLED" | "DISABLED";
  readonly tags: readonly Tag[];
}
