/** Certificates and security policies of HTTPS listeners. */
import type * as wire from "@aws-sdk/client-elastic-load-balancing-v2";
import { parseArn } from "../../model/arn.ts";
import { DEFAULT_SSL_POLICY, findSslPolicy } from "../../model/elb/ssl-policies.ts";
import { inScope } from "../../model/scope.ts";
import { certificates } from "../../store/tables/acm.ts";
import type { HandlerContext } from "../operation.ts";
import {
  certificateNotFound,
  invalidConfiguration,
  operationNotPermitted,
  sslPolicyNotFound,
  unsupportedCertificate,
  validationError,
} from "./errors.ts";

/** An issued or imported certificate's ARN. Throws ValidationError, CertificateNotFound, UnsupportedCertificate. */
export function requireCertificate(context: HandlerContext, arn: string | undefined): string {
  const text = arn ?? "";
  const parts = parseArn(text);
  const isCertificate = parts?.service === "acm" && parts.resource.startsWith("certificate/");
  if (!isCertificate && parts?.service !== "iam")
    throw validationError(`Certificate ARN '${text}' is not valid`);
  const certificate = context.store.get(certificates, text);
  if (certificate === undefined || !inScope(certificate, context.scope)) throw certificateNotFound(text);
  if (certificate.status !== "ISSUED") throw unsupportedCertificate(text);
  return text;
}

/** The default certificate of a listener: exactly one. */
export function readDefaultCertificate(
  context: HandlerContext,
  certificates: readonly wire.Certificate[] | undefined,
): string {
  const [first, ...others] = certificates ?? [];
  if (first === undefined) throw validationError("A certificate must be specified for HTTPS listeners");
  if (others.length > 0) {
    throw invalidConfiguration(
      "You must provide a list containing exactly one certificate if the listener protocol is HTTPS.",
    );
  }
  if (first.IsDefault !== undefined) {
    throw validationError("You cannot set the isDefault parameter for a certificate");
  }
  return requireCertificate(context, first.CertificateArn);
}

export function readSslPolicy(name: string | undefined): string {
  const wanted = name ?? DEFAULT_SSL_POLICY;
  if (findSslPolicy(wanted) === undefined) throw sslPolicyNotFound(wanted);
  return wanted;
}

type TlsInput = Pick<
  wire.CreateListenerInput,
  "Certificates" | "SslPolicy" | "MutualAuthentication" | "AlpnPolicy"
>;

/** A listener that does not speak TLS takes none of its settings. */
export function refuseTlsSettings(input: TlsInput, protocol: string): void {
  if ((input.Certificates ?? []).length > 0) {
    throw validationError(`A certificate cannot be specified for ${protocol} listeners`);
  }
  if (input.SslPolicy !== undefined) {
    throw validationError(`An SSL policy cannot be specified for ${protocol} listeners`);
  }
}

/** What Berth's listeners do not do. */
export function refuseUnsupportedSettings(input: TlsInput): void {
  const mode = input.MutualAuthentication?.Mode;
  if (mode !== undefined && mode !== "off") {
    throw operationNotPermitted("Berth does not support mutual authentication on listeners");
  }
  if ((input.AlpnPolicy ?? []).some((policy) => policy !== "None")) {
    throw operationNotPermitted("Berth does not support ALPN policies, which only TLS listeners have");
  }
}
