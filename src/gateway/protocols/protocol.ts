/** A wire protocol, seen from the server: bytes to typed input, output or error to bytes. Knows no service. */
import type { OperationModel, ServiceModel } from "../service-model.ts";

export interface WireRequest {
  readonly method: string;
  /** Path without the query, still percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
  readonly source?: RequestSource | undefined;
}

/** Where a request comes from. */
export interface RequestSource {
  readonly address?: string | undefined;
  /** From a task or an instance: keys that Berth did not issue, which are the operator's, are refused. */
  readonly issuedKeysOnly?: boolean | undefined;
}

export interface WireResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** A stream comes with its length in the headers. */
  readonly body: string | Uint8Array | AsyncIterable<Uint8Array>;
}

export interface WireError {
  /** As this protocol's clients know it: for Query protocols the model's query error code. */
  readonly code: string;
  readonly message: string;
  readonly httpStatus: number;
  readonly fault: "client" | "server";
  /** Further members of the modelled error. */
  readonly members: Readonly<Record<string, unknown>>;
}

export interface Protocol {
  /** Name of the operation that the request asks for; undefined when it names none. */
  operationName(model: ServiceModel, request: WireRequest): string | undefined;
  /** Throws MalformedInput. */
  decode(model: ServiceModel, operation: OperationModel, request: WireRequest): Record<string, unknown>;
  encode(model: ServiceModel, operation: OperationModel, output: object, requestId: string): WireResponse;
  encodeError(model: ServiceModel, error: WireError, requestId: string): WireResponse;
}
