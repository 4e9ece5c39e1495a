import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import type * as wire from "@aws-sdk/client-acm";
import type { Certificate } from "../../model/acm/records.ts";
import { arn } from "../../model/arn.ts";
import { certificates } from "../../store/tables/acm.ts";
import type { HandlerContext } from "../operation.ts";
import { requireMember } from "./constraints.ts";
import { invalidParameter, validationException } from "./errors.ts";
import { keyAlgorithmOf } from "./key-algorithms.ts";
import { requireCertificate } from "./resolve.ts";
import { readTags } from "./tags.ts";

type Imported = Pick<
  Certificate,
  | "domainName"
  | "subjectAlternativeNames"
  | "keyAlgorithm"
  | "notBefore"
  | "notAfter"
  | "serial"
  | "certificatePem"
  | "chainPem"
  | "privateKeyPem"
>;

/** A new certificate, or with an ARN another content for one that was imported before. */
export function importCertificate(
  input: wire.ImportCertificateRequest,
  context: HandlerContext,
): wire.ImportCertificateResponse {
  const { store, scope, clock, random } = context;
  const replaced =
    input.CertificateArn === undefined ? undefined : requireCertificate(context, input.CertificateArn);
  if (replaced !== undefined && replaced.type !== "IMPORTED") {
    throw validationException(`Certificate ${replaced.arn} was not imported, and cannot be imported again.`);
  }
  if (replaced !== undefined && (input.Tags ?? []).length > 0) {
    throw invalidParameter("Tagging is not permitted on re-import.");
  }
  const imported = readImported(input, clock.now());
  const certificate: Certificate = {
    ...scope,
    arn: replaced?.arn ?? arn("acm", scope, `certificate/${random.uuid()}`),
    type: "IMPORTED",
    validationMethod: "DNS",
    status: "ISSUED",
    validationRecords: [],
    createdAt: replaced?.createdAt ?? clock.now(),
    importedAt: clock.now(),
    certificateTransparencyLogging: "DISABLED",
    tags: replaced?.tags ?? readTags(input.Tags),
    ...imported,
  };
  store.transaction((tx) => tx.put(certificates, certificate));
  return { CertificateArn: certificate.arn };
}

function readImported(input: wire.ImportCertificateRequest, now: number): Imported {
  const certificatePem = textOf(requireMember(input.Certificate, "certificate"));
  const certificate = parseCertificate(certificatePem);
  const notBefore = Date.parse(certificate.validFrom);
  const notAfter = Date.parse(certificate.validTo);
  if (notAfter < now) throw validationException("The certificate has expired, is not valid.");
  if (notBefore > now) throw validationException("The certificate is not in effect yet, is not valid.");
  const privateKey = parsePrivateKey(textOf(requireMember(input.PrivateKey, "privateKey")));
  if (!certificate.checkPrivateKey(privateKey)) {
    throw validationException("The private key does not match the certificate.");
  }
  const keyAlgorithm = keyAlgorithmOf(certificate.publicKey);
  if (keyAlgorithm === undefined) {
    throw validationException("The certificate's key algorithm is not supported.");
  }
  const chainPem = input.CertificateChain === undefined ? undefined : textOf(input.CertificateChain);
  if (chainPem !== undefined) checkChain(chainPem);
  const names = namesOf(certificate);
  return {
    domainName: names[0] ?? "",
    subjectAlternativeNames: names,
    keyAlgorithm,
    notBefore,
    notAfter,
    serial: (certificate.serialNumber.toLowerCase().match(/../g) ?? []).join(":"),
    certificatePem,
    ...(chainPem === undefined ? {} : { chainPem }),
    privateKeyPem: String(privateKey.export({ type: "pkcs8", format: "pem" })),
  };
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("utf8");
}

function parseCertificate(pem: string): X509Certificate {
  const parsed = pem.includes("-----BEGIN CERTIFICATE-----")
    ? tryParse(() => new X509Certificate(pem))
    : undefined;
  if (parsed === undefined) {
    throw validationException("The certificate is not PEM-encoded or is not valid.");
  }
  return parsed;
}

function parsePrivateKey(pem: string): KeyObject {
  const parsed = tryParse(() => createPrivateKey(pem));
  if (parsed === undefined) {
    throw validationException("The private key is not PEM-encoded or is not valid.");
  }
  return parsed;
}

function checkChain(pem: string): void {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
  const valid = blocks.length > 0 && blocks.every((block) => tryParse(() => new X509Certificate(block)));
  if (!valid) throw validationException("The certificate chain is not PEM-encoded or is not valid.");
}

function tryParse<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}

/** The common name first, where there is one, then the alternative names. */
function namesOf(certificate: X509Certificate): string[] {
  const commonName = /^CN=(.+)$/m.exec(certificate.subject)?.[1];
  const alternatives = (certificate.subjectAltName ?? "")
    .split(", ")
    .filter((entry) => entry.startsWith("DNS:"))
    .map((entry) => entry.slice("DNS:".length));
  return [...new Set([...(commonName === undefined ? [] : [commonName]), ...alternatives])];
}
