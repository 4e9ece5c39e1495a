/** What can be wrong with a request before any service sees it; each protocol gives it its own form. */
import type { Scope } from "../model/scope.ts";
import type { Caller } from "../services/operation.ts";

export class GatewayFault extends Error {
  readonly code: string;
  readonly httpStatus: number;

  constructor(code: string, message: string, httpStatus: number) {
    super(message);
    this.code = code;
    this.httpStatus = httpStatus;
  }
}

/** The decoded input does not have the type that the service's model gives it. */
export class MalformedInput extends Error {}

export function notBuilt(service: string, operation: string): GatewayFault {
  return new GatewayFault(
    "NotImplemented",
    `Berth does not implement ${service}:${operation}. docs/coverage.md lists what it implements; please open an issue for what you miss.`,
    400,
  );
}

/** Of a request whose key is known, although its credentials do not hold. */
export interface KeyOwner {
  readonly scope: Scope;
  readonly caller: Caller;
}

export type CredentialProblem =
  | "unknown-key"
  | "expired-token"
  | "wrong-signature"
  /** Signed for another service than the one that is asked. */
  | "wrong-service"
  /** S3: some of the headers that count are not signed. */
  | "unsigned-headers"
  | "expired-signature"
  | "early-signature";

/** The credentials do not hold; each protocol has its own code for it. */
export class CredentialFault extends Error {
  readonly kind: CredentialProblem;
  /** `signedAt` as the request has it, `now` in milliseconds since the epoch. */
  readonly times?: { readonly signedAt: string; readonly now: number } | undefined;
  readonly whose?: KeyOwner | undefined;
  /** Whether the signature is that of a URL. */
  readonly presigned?: boolean | undefined;
  /** Signing names: the one of the credential's scope, and the one that it should have. */
  readonly services?: { readonly given: string; readonly meant: string } | undefined;

  constructor(
    kind: CredentialProblem,
    details: {
      readonly times?: { readonly signedAt: string; readonly now: number };
      readonly whose?: KeyOwner | undefined;
      readonly presigned?: boolean | undefined;
      readonly services?: { readonly given: string; readonly meant: string } | undefined;
    } = {},
  ) {
    super(kind);
    this.kind = kind;
    this.times = details.times;
    this.whose = details.whose;
    this.presigned = details.presigned;
    this.services = details.services;
  }
}
