/** Certificate records as DescribeCertificate and ListCertificates show them. */
import type * as wire from "@aws-sdk/client-acm";
import type { Certificate } from "../../model/acm/records.ts";
import { baseDomain, validationRecordOf } from "../../model/acm/validation.ts";
import type { StoreReader } from "../../store/store.ts";
import { listeners } from "../../store/tables/elb.ts";
import { readKeyAlgorithm } from "./key-algorithms.ts";

const KEY_USAGES: readonly wire.KeyUsageName[] = ["DIGITAL_SIGNATURE", "KEY_ENCIPHERMENT"];
const EXTENDED_KEY_USAGES: readonly { readonly Name: wire.ExtendedKeyUsageName; readonly OID: string }[] = [
  { Name: "TLS_WEB_SERVER_AUTHENTICATION", OID: "1.3.6.1.5.5.7.3.1" },
  { Name: "TLS_WEB_CLIENT_AUTHENTICATION", OID: "1.3.6.1.5.5.7.3.2" },
];

/** The local parts of the addresses that ACM writes to for email validation. */
const MAILBOXES = ["administrator", "hostmaster", "postmaster", "webmaster", "admin"];

/** The load balancers whose listeners use the certificate. */
export function usersOf(store: StoreReader, certificate: Certificate): string[] {
  const arns = store
    .where(listeners, "certificate", certificate.arn)
    .map((listener) => listener.loadBalancerArn);
  return [...new Set(arns)].sort();
}

/** An imported certificate whose time is over; issued ones are renewed. */
function statusOf(certificate: Certificate, now: number): wire.CertificateStatus {
  const isOver = certificate.notAfter !== undefined && certificate.notAfter < now;
  return certificate.status === "ISSUED" && isOver ? "EXPIRED" : certificate.status;
}

export function describeCertificate(
  store: StoreReader,
  certificate: Certificate,
  now: number,
): wire.CertificateDetail {
  const keyAlgorithm = readKeyAlgorithm(certificate.keyAlgorithm);
  const inUseBy = usersOf(store, certificate);
  const isIssued = certificate.certificatePem !== undefined;
  return {
    CertificateArn: certificate.arn,
    DomainName: certificate.domainName,
    SubjectAlternativeNames: [...certificate.subjectAlternativeNames],
    ...(certificate.type === "AMAZON_ISSUED"
      ? { DomainValidationOptions: describeValidations(certificate) }
      : {}),
    ...(certificate.serial === undefined ? {} : { Serial: certificate.serial }),
    Subject: `CN=${certificate.domainName}`,
    ...describeTimes(certificate),
    // What is known of issued ones; an imported one's issuer is whoever it is.
    ...(certificate.type === "AMAZON_ISSUED"
      ? { Issuer: "Amazon", SignatureAlgorithm: "SHA256WITHRSA" }
      : {}),
    Status: statusOf(certificate, now),
    ...(keyAlgorithm === undefined ? {} : { KeyAlgorithm: keyAlgorithm }),
    InUseBy: inUseBy,
    Type: certificate.type,
    KeyUsages: isIssued ? KEY_USAGES.map((Name) => ({ Name })) : [],
    ExtendedKeyUsages: isIssued ? EXTENDED_KEY_USAGES.map((usage) => ({ ...usage })) : [],
    RenewalEligibility: renewalEligibility(certificate, inUseBy.length > 0),
    Options: {
      CertificateTransparencyLoggingPreference: certificate.certificateTransparencyLogging,
      Export: "DISABLED",
    },
  };
}

/** One for each name; names of the same base domain share the record. */
function describeValidations(certificate: Certificate): wire.DomainValidation[] {
  return certificate.subjectAlternativeNames.map((name) => {
    const record = validationRecordOf(certificate, name);
    const common = {
      DomainName: name,
      ValidationDomain: name,
      ValidationStatus: validationStatus(certificate, record?.validated ?? false),
      ValidationMethod: certificate.validationMethod,
    };
    if (certificate.validationMethod === "EMAIL") {
      return { ...common, ValidationEmails: MAILBOXES.map((mailbox) => `${mailbox}@${baseDomain(name)}`) };
    }
    if (record === undefined) return common;
    return { ...common, ResourceRecord: { Name: record.name, Type: "CNAME", Value: record.value } };
  });
}

function validationStatus(certificate: Certificate, validated: boolean): wire.DomainStatus {
  if (validated || certificate.status === "ISSUED") return "SUCCESS";
  return certificate.status === "PENDING_VALIDATION" ? "PENDING_VALIDATION" : "FAILED";
}

function renewalEligibility(certificate: Certificate, isUsed: boolean): wire.RenewalEligibility {
  return certificate.type === "AMAZON_ISSUED" && certificate.status === "ISSUED" && isUsed
    ? "ELIGIBLE"
    : "INELIGIBLE";
}

function describeTimes(certificate: Certificate) {
  const { issuedAt, importedAt, notBefore, notAfter } = certificate;
  return {
    CreatedAt: new Date(certificate.createdAt),
    ...(issuedAt === undefined ? {} : { IssuedAt: new Date(issuedAt) }),
    ...(importedAt === undefined ? {} : { ImportedAt: new Date(importedAt) }),
    ...(notBefore === undefined ? {} : { NotBefore: new Date(notBefore) }),
    ...(notAfter === undefined ? {} : { NotAfter: new Date(notAfter) }),
  };
}

/** How many names a summary shows. */
const SUMMARY_NAMES = 100;

export function summarizeCertificate(
  store: StoreReader,
  certificate: Certificate,
  now: number,
): wire.CertificateSummary {
  const keyAlgorithm = readKeyAlgorithm(certificate.keyAlgorithm);
  const isUsed = usersOf(store, certificate).length > 0;
  const isIssued = certificate.certificatePem !== undefined;
  return {
    CertificateArn: certificate.arn,
    DomainName: certificate.domainName,
    SubjectAlternativeNameSummaries: certificate.subjectAlternativeNames.slice(0, SUMMARY_NAMES),
    HasAdditionalSubjectAlternativeNames: certificate.subjectAlternativeNames.length > SUMMARY_NAMES,
    Status: statusOf(certificate, now),
    Type: certificate.type,
    ...(keyAlgorithm === undefined ? {} : { KeyAlgorithm: keyAlgorithm }),
    KeyUsages: isIssued ? [...KEY_USAGES] : [],
    ExtendedKeyUsages: isIssued ? EXTENDED_KEY_USAGES.map((usage) => usage.Name) : [],
    ExportOption: "DISABLED",
    InUse: isUsed,
    RenewalEligibility: renewalEligibility(certificate, isUsed),
    ...describeTimes(certificate),
  };
}
