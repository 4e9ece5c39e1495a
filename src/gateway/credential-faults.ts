/** How each protocol tells that a request's credentials, or its caller's permissions, are not enough. */
import { CodedError } from "../services/operation.ts";
import type { CredentialFault } from "./faults.ts";
import type { ServiceModel } from "./service-model.ts";

type Style = "json" | "ec2" | "xml";

function styleOf(model: ServiceModel): Style {
  if (model.protocolId.includes("Json")) return "json";
  return model.protocolId.includes("ec2") ? "ec2" : "xml";
}

const INVALID = "The security token included in the request is invalid.";
const EXPIRED = "The security token included in the request is expired";
const WRONG_SIGNATURE =
  "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";

export function credentialError(model: ServiceModel, fault: CredentialFault): CodedError {
  const style = styleOf(model);
  if (style === "ec2") {
    return fault.kind === "expired-token" || fault.kind === "expired-signature"
      ? new CodedError("RequestExpired", "Request has expired.", 400)
      : new CodedError("AuthFailure", "AWS was not able to validate the provided access credentials", 401);
  }
  const json = style === "json";
  const status = json ? 400 : 403;
  switch (fault.kind) {
    case "unknown-key":
      return new CodedError(json ? "UnrecognizedClientException" : "InvalidClientTokenId", INVALID, status);
    case "expired-token":
      return new CodedError(json ? "ExpiredTokenException" : "ExpiredToken", EXPIRED, status);
    case "wrong-signature":
    case "expired-signature":
    case "early-signature":
      return new CodedError(
        json ? "InvalidSignatureException" : "SignatureDoesNotMatch",
        signatureText(fault),
        status,
      );
  }
}

const SKEW_MINUTES = 15;

function signatureText({ kind, times }: CredentialFault): string {
  if (times === undefined || kind === "wrong-signature") return WRONG_SIGNATURE;
  const sign = kind === "expired-signature" ? -1 : 1;
  const now = compact(times.now);
  const bound = compact(times.now + sign * SKEW_MINUTES * 60_000);
  return kind === "expired-signature"
    ? `Signature expired: ${times.signedAt} is now earlier than ${bound} (${now} - ${SKEW_MINUTES} min.)`
    : `Signature not yet current: ${times.signedAt} is still later than ${bound} (${now} + ${SKEW_MINUTES} min.)`;
}

/** `20261121T070000Z`. */
function compact(at: number): string {
  return new Date(at).toISOString().replace(/[-:]|\.\d+/g, "");
}

/** @param message `User: … is not authorized to perform: …` */
export function accessDenied(model: ServiceModel, message: string): CodedError {
  switch (styleOf(model)) {
    case "json":
      return new CodedError("AccessDeniedException", message, 400);
    case "ec2":
      return new CodedError(
        "UnauthorizedOperation",
        `You are not authorized to perform this operation. ${message}`,
        403,
      );
    case "xml":
      return new CodedError("AccessDenied", message, 403);
  }
}
