/** How each protocol tells that a request's credentials, or its caller's permissions, are not enough. */
import { CodedError } from "../services/operation.ts";
import type { CredentialFault } from "./faults.ts";
import type { ServiceModel } from "./service-model.ts";

type Style = "json" | "ec2" | "s3" | "xml";

function styleOf(model: ServiceModel): Style {
  if (model.id === "s3") return "s3";
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
  if (style === "s3") return objectCredentialError(fault);
  const json = style === "json";
  const status = json ? 400 : 403;
  switch (fault.kind) {
    case "unknown-key":
      return new CodedError(json ? "UnrecognizedClientException" : "InvalidClientTokenId", INVALID, status);
    case "expired-token":
      return new CodedError(json ? "ExpiredTokenException" : "ExpiredToken", EXPIRED, status);
    case "wrong-signature":
    case "wrong-service":
    case "unsigned-headers":
    case "expired-signature":
    case "early-signature":
      return new CodedError(
        json ? "InvalidSignatureException" : "SignatureDoesNotMatch",
        signatureText(fault),
        status,
      );
  }
}

/** No credentials at all. */
export function credentialMissing(model: ServiceModel): CodedError {
  return styleOf(model) === "s3"
    ? new CodedError("AccessDenied", "Access Denied", 403)
    : new CodedError("MissingAuthenticationToken", "Request is missing Authentication Token", 403);
}

/** S3's own words (API reference, "List of error codes"). */
function objectCredentialError({ kind, presigned, services }: CredentialFault): CodedError {
  switch (kind) {
    case "unknown-key":
      return new CodedError(
        "InvalidAccessKeyId",
        "The AWS Access Key Id you provided does not exist in our records.",
        403,
      );
    case "expired-token":
      return new CodedError("ExpiredToken", "The provided token has expired.", 400);
    case "wrong-signature":
      return new CodedError(
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
        403,
      );
    case "wrong-service":
      return new CodedError(
        "AuthorizationHeaderMalformed",
        `The authorization header is malformed; incorrect service "${services?.given}". This endpoint belongs to "s3".`,
        400,
      );
    case "unsigned-headers":
      return new CodedError(
        "AccessDenied",
        "There were headers present in the request which were not signed",
        403,
      );
    case "expired-signature":
    case "early-signature":
      if (presigned !== true)
        return new CodedError(
          "RequestTimeTooSkewed",
          "The difference between the request time and the current time is too large.",
          403,
        );
      return kind === "expired-signature"
        ? new CodedError("AccessDenied", "Request has expired", 403)
        : new CodedError("AccessDenied", "Request is not valid yet", 403);
  }
}

const SKEW_MINUTES = 15;

function signatureText({ kind, times, services }: CredentialFault): string {
  if (services !== undefined) return `Credential should be scoped to correct service: '${services.meant}'. `;
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
    case "s3":
    case "xml":
      return new CodedError("AccessDenied", message, 403);
  }
}
