/** Where the gateway reports each call that it answered. What becomes of it, it is not told. */
import type { Scope } from "../model/scope.ts";
import type { Caller } from "../services/operation.ts";
import type { WireRequest } from "./protocols/protocol.ts";
import { type RecordedParameters, recordedRequest, recordedResponse } from "./recorded-parameters.ts";
import type { ServiceModel } from "./service-model.ts";

export interface CallRecorder {
  /** Returns at once. Never throws. */
  record(call: RecordedCall): void;
}

export interface RecordedCall {
  /** As the gateway's catalogue names it: `ecs`. */
  readonly service: string;
  readonly operation: string;
  readonly scope: Scope;
  readonly caller: Caller;
  readonly requestId: string;
  readonly sourceIp?: string | undefined;
  readonly userAgent?: string | undefined;
  /** As decoded; absent when it could not be decoded or was never looked at. */
  readonly input?: Readonly<Record<string, unknown>> | undefined;
  readonly output?: object | undefined;
  readonly error?: CallError | undefined;
  /** For people to read: without secrets. To be called when there is time for it. */
  readonly request: () => RecordedParameters;
  readonly response: () => RecordedParameters;
}

export interface CallError {
  readonly code: string;
  readonly message: string;
  readonly fault: "client" | "server";
  /** IAM said no. */
  readonly denied: boolean;
}

/** What is known of a call so far; filled in on its way through the gateway. */
export interface CallNotes {
  scope?: Scope;
  caller?: Caller;
  operation?: string;
  input?: Readonly<Record<string, unknown>>;
  output?: object;
  denied?: boolean;
  error?: Omit<CallError, "denied">;
}

/** Calls of nobody (unknown keys) and of operations that AWS does not have are in nobody's history. */
export function report(
  recorder: CallRecorder,
  {
    service,
    model,
    requestId,
  }: { readonly service: string; readonly model: ServiceModel; readonly requestId: string },
  request: WireRequest,
  notes: CallNotes,
): void {
  const { scope, caller, operation, input, output, error, denied = false } = notes;
  const described = operation === undefined ? undefined : model.operations.get(operation);
  if (scope === undefined || caller === undefined || described === undefined) return;
  recorder.record({
    service,
    operation: described.name,
    scope,
    caller,
    requestId,
    sourceIp: request.source?.address,
    userAgent: request.headers["user-agent"],
    input,
    output,
    error: error === undefined ? undefined : { ...error, denied },
    request: () => recordedRequest(model, described, input),
    response: () => recordedResponse(model, described, output, requestId),
  });
}
