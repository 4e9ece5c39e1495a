import type * as wire from "@aws-sdk/client-acm";
import type { Certificate } from "../../model/acm/records.ts";
import { baseDomain, newValidationRecords } from "../../model/acm/validation.ts";
import { arn } from "../../model/arn.ts";
import { certificates } from "../../store/tables/acm.ts";
import type { HandlerContext } from "../operation.ts";
import { checkCount, checkDomainName, checkIdempotencyToken, oneOf, requireMember } from "./constraints.ts";
import { invalidDomainValidationOptions, invalidParameter } from "./errors.ts";
import { KEY_ALGORITHMS } from "./key-algorithms.ts";
import { readTags } from "./tags.ts";

/** Those that ACM issues with; others can only be imported. */
const REQUESTABLE_KEY_ALGORITHMS: readonly string[] = ["RSA_2048", "EC_prime256v1", "EC_secp384r1"];
const MOST_ALTERNATIVE_NAMES = 100;
/** The common name's limit in RFC 5280. */
const LONGEST_FIRST_NAME = 64;
/** How long a repetition with the same token answers the same certificate. */
const IDEMPOTENCY_MS = 60 * 60 * 1000;

type Settings = Pick<
  Certificate,
  | "domainName"
  | "subjectAlternativeNames"
  | "validationMethod"
  | "keyAlgorithm"
  | "certificateTransparencyLogging"
  | "idempotencyToken"
  | "tags"
>;

/** Writes a certificate that waits for its validation records to appear in DNS. */
export function requestCertificate(
  input: wire.RequestCertificateRequest,
  context: HandlerContext,
): wire.RequestCertificateResponse {
  const { store, scope, clock, random } = context;
  const settings = readSettings(input);
  const repeated = findRepeated(context, settings);
  if (repeated !== undefined) return { CertificateArn: repeated.arn };
  const certificate: Certificate = {
    ...scope,
    ...settings,
    arn: arn("acm", scope, `certificate/${random.uuid()}`),
    type: "AMAZON_ISSUED",
    status: "PENDING_VALIDATION",
    validationRecords: newValidationRecords(scope.account, settings.subjectAlternativeNames),
    createdAt: clock.now(),
  };
  store.transaction((tx) => tx.put(certificates, certificate));
  return { CertificateArn: certificate.arn };
}

function readSettings(input: wire.RequestCertificateRequest): Settings {
  const domainName = requireMember(input.DomainName, "domainName");
  checkDomainName(domainName, "domainName");
  const alternatives = input.SubjectAlternativeNames ?? [];
  checkCount(alternatives.length, "subjectAlternativeNames", 0, MOST_ALTERNATIVE_NAMES);
  for (const [index, name] of alternatives.entries()) {
    checkDomainName(name, `subjectAlternativeNames.${index + 1}.member`);
  }
  checkIdempotencyToken(input.IdempotencyToken);
  const method = oneOf(input.ValidationMethod, "validationMethod", ["EMAIL", "DNS", "HTTP"]) ?? "EMAIL";
  const keyAlgorithm = oneOf(input.KeyAlgorithm, "keyAlgorithm", KEY_ALGORITHMS) ?? "RSA_2048";
  if (method === "HTTP") {
    throw invalidParameter("HTTP validation is only available for certificates that CloudFront manages.");
  }
  if (!REQUESTABLE_KEY_ALGORITHMS.includes(keyAlgorithm)) {
    throw invalidParameter(`The key algorithm ${keyAlgorithm} is not supported for requested certificates.`);
  }
  if (domainName.length > LONGEST_FIRST_NAME) {
    throw invalidDomainValidationOptions(
      `The first domain name can be no longer than ${LONGEST_FIRST_NAME} characters.`,
    );
  }
  refuseUnsupported(input);
  checkValidationDomains(input.DomainValidationOptions ?? [], [domainName, ...alternatives]);
  const logging = oneOf(
    input.Options?.CertificateTransparencyLoggingPreference,
    "options.certificateTransparencyLoggingPreference",
    ["ENABLED", "DISABLED"],
  );
  return {
    domainName,
    subjectAlternativeNames: [...new Set([domainName, ...alternatives])],
    validationMethod: method,
    keyAlgorithm,
    certificateTransparencyLogging: logging ?? "ENABLED",
    ...(input.IdempotencyToken === undefined ? {} : { idempotencyToken: input.IdempotencyToken }),
    tags: readTags(input.Tags),
  };
}

function refuseUnsupported(input: wire.RequestCertificateRequest): void {
  if (input.CertificateAuthorityArn !== undefined) {
    throw invalidParameter("Berth does not support certificates of a private certificate authority.");
  }
  if (input.ManagedBy !== undefined) {
    throw invalidParameter("Berth does not support certificates that CloudFront manages.");
  }
  if (input.Options?.Export === "ENABLED") {
    throw invalidParameter("Berth does not support exportable certificates.");
  }
}

/** The domain that validates a name must be the name itself or a domain above it. */
function checkValidationDomains(
  options: readonly wire.DomainValidationOption[],
  names: readonly string[],
): void {
  for (const { DomainName = "", ValidationDomain = "" } of options) {
    const base = baseDomain(DomainName);
    const isAbove = base === ValidationDomain || base.endsWith(`.${ValidationDomain}`);
    if (!names.includes(DomainName) || !isAbove) {
      throw invalidDomainValidationOptions(
        `The validation domain '${ValidationDomain}' is not valid for the domain '${DomainName}'.`,
      );
    }
  }
}

function findRepeated(context: HandlerContext, settings: Settings): Certificate | undefined {
  if (settings.idempotencyToken === undefined) return undefined;
  const { store, scope, clock } = context;
  return store
    .where(certificates, "scope", `${scope.account}/${scope.region}`)
    .find(
      (certificate) =>
        certificate.idempotencyToken === settings.idempotencyToken &&
        certificate.domainName === settings.domainName &&
        certificate.subjectAlternativeNames.join() === settings.subjectAlternativeNames.join() &&
        clock.now() - certificate.createdAt < IDEMPOTENCY_MS,
    );
}
