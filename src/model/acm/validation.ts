/** DNS validation: the CNAME that shows that a requester controls a domain. */
import { createHash } from "node:crypto";
import type { Certificate } from "./records.ts";

export type ValidationRecord = Certificate["validationRecords"][number];

/** `*.example.com` and `example.com` are one domain to validate. */
export function baseDomain(domainName: string): string {
  return domainName.startsWith("*.") ? domainName.slice(2) : domainName;
}

/**
 * One CNAME for each distinct base domain. As on AWS, it is the same for every certificate that an account
 * requests for the domain: `_<32 hex>.<domain>.` → `_<32 hex>.<10 letters>.acm-validations.aws.`.
 */
export function newValidationRecords(account: string, domainNames: readonly string[]): ValidationRecord[] {
  const domains = [...new Set(domainNames.map((name) => baseDomain(name).toLowerCase()))];
  return domains.map((domainName) => {
    const digest = createHash("sha256").update(`${account}/${domainName}`).digest("hex");
    const target = createHash("sha256").update(`${account}/${domainName}/value`).digest();
    return {
      domainName,
      name: `_${digest.slice(0, 32)}.${domainName}.`,
      value: `_${digest.slice(32)}.${letters(target, 10)}.acm-validations.aws.`,
      validated: false,
    };
  });
}

/** The record that validates one of a certificate's names. */
export function validationRecordOf(
  certificate: Pick<Certificate, "validationRecords">,
  domainName: string,
): ValidationRecord | undefined {
  const base = baseDomain(domainName).toLowerCase();
  return certificate.validationRecords.find((record) => record.domainName === base);
}

function letters(bytes: Uint8Array, count: number): string {
  const alphabet = "abcdefghijklmnopqrstuvwxyz";
  return [...bytes.subarray(0, count)].map((byte) => alphabet.charAt(byte % alphabet.length)).join("");
}
