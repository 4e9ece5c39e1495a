/** Reading, listing and deleting certificates, and the small changes to them. */
import type * as wire from "@aws-sdk/client-acm";
import type { Certificate } from "../../model/acm/records.ts";
import { certificates } from "../../store/tables/acm.ts";
import type { HandlerContext } from "../operation.ts";
import { checkDomainName, oneOf, requireMember } from "./constraints.ts";
import {
  certificateInUse,
  invalidDomainValidationOptions,
  invalidParameter,
  invalidState,
  requestInProgress,
  validationException,
} from "./errors.ts";
import { requireCertificate } from "./resolve.ts";
import { describeCertificate as describe, usersOf } from "./views.ts";

export function describeCertificate(
  input: wire.DescribeCertificateRequest,
  context: HandlerContext,
): wire.DescribeCertificateResponse {
  const certificate = requireCertificate(context, input.CertificateArn);
  return { Certificate: describe(context.store, certificate, context.clock.now()) };
}

/** Throws ResourceInUseException while a listener uses it. */
export function deleteCertificate(input: wire.DeleteCertificateRequest, context: HandlerContext): object {
  const certificate = requireCertificate(context, input.CertificateArn);
  if (usersOf(context.store, certificate).length > 0) {
    throw certificateInUse(certificate.arn, context.scope);
  }
  context.store.transaction((tx) => tx.delete(certificates, certificate.arn));
  return {};
}

/** The certificate and its chain, as PEM; never the key. */
export function getCertificate(
  input: wire.GetCertificateRequest,
  context: HandlerContext,
): wire.GetCertificateResponse {
  const certificate = requireCertificate(context, input.CertificateArn);
  if (certificate.certificatePem === undefined) throw requestInProgress(certificate.arn);
  return {
    Certificate: certificate.certificatePem,
    ...(certificate.chainPem === undefined ? {} : { CertificateChain: certificate.chainPem }),
  };
}

export function updateCertificateOptions(
  input: wire.UpdateCertificateOptionsRequest,
  context: HandlerContext,
): object {
  const certificate = requireCertificate(context, input.CertificateArn);
  const options = requireMember(input.Options, "options");
  const logging = oneOf(
    options.CertificateTransparencyLoggingPreference,
    "options.certificateTransparencyLoggingPreference",
    ["ENABLED", "DISABLED"],
  );
  if (options.Export === "ENABLED") throw invalidParameter("Berth does not support exportable certificates.");
  if (certificate.type === "IMPORTED") {
    throw invalidState(`The options of certificate ${certificate.arn} cannot be changed: it was imported.`);
  }
  if (logging === undefined) return {};
  const changed: Certificate = { ...certificate, certificateTransparencyLogging: logging };
  context.store.transaction((tx) => tx.put(certificates, changed));
  return {};
}

/** For certificates of a private authority, of which there are none; others are renewed without being asked. */
export function renewCertificate(input: wire.RenewCertificateRequest, context: HandlerContext): object {
  const certificate = requireCertificate(context, input.CertificateArn);
  throw validationException(`Certificate ARN: ${certificate.arn} is not a private certificate`);
}

/** No mail is ever sent, so that a certificate validated by email stays pending, as one that nobody approves. */
export function resendValidationEmail(
  input: wire.ResendValidationEmailRequest,
  context: HandlerContext,
): object {
  const certificate = requireCertificate(context, input.CertificateArn);
  const domain = requireMember(input.Domain, "domain");
  checkDomainName(domain, "domain");
  checkDomainName(requireMember(input.ValidationDomain, "validationDomain"), "validationDomain");
  if (certificate.status !== "PENDING_VALIDATION" || certificate.validationMethod !== "EMAIL") {
    throw invalidState(`Certificate ${certificate.arn} is not waiting for validation by email.`);
  }
  if (!certificate.subjectAlternativeNames.includes(domain)) {
    throw invalidDomainValidationOptions(`The domain '${domain}' is not in certificate ${certificate.arn}.`);
  }
  return {};
}
