/** One AWS request from bytes to bytes: credential → route → decode → handler → encode. */
import type { Log } from "../lib/log.ts";
import type { Scope } from "../model/scope.ts";
import { type Caller, CodedError, type HandlerContext } from "../services/operation.ts";
import type { AccessControl } from "./access-control.ts";
import { type Authenticated, authenticate, findCredential } from "./authentication.ts";
import { type CallNotes, type CallRecorder, report } from "./call-recorder.ts";
import { accessDenied, credentialError, credentialMissing } from "./credential-faults.ts";
import { wireErrorOf } from "./error-response.ts";
import { CredentialFault, GatewayFault, MalformedInput, notBuilt } from "./faults.ts";
import type { WireRequest, WireResponse } from "./protocols/protocol.ts";
import { findMissingMember } from "./protocols/shape.ts";
import { escapeXml } from "./protocols/xml.ts";
import { route } from "./route.ts";
import type { CatalogEntry, LoadedService } from "./service-catalog.ts";

export interface GatewayOptions {
  readonly catalog: readonly CatalogEntry[];
  readonly log: Log;
  readonly access: AccessControl;
  readonly recorder?: CallRecorder | undefined;
  newRequestId(): string;
  /** The time that clients sign by, in milliseconds since the epoch. */
  signedAt(): number;
  /** Builds what a handler gets. */
  context(scope: Scope, caller: Caller, requestId: string, log: Log): HandlerContext;
}

export type RequestHandler = (request: WireRequest) => Promise<WireResponse>;

export function createRequestHandler(options: GatewayOptions): RequestHandler {
  return async (request) => {
    const requestId = options.newRequestId();
    const credential = findCredential(request);
    const target = route(options.catalog, request, credential);
    if (target.kind === "unknown") {
      const fault = notBuilt(target.service, target.operation);
      return target.style === "json" ? jsonFault(fault, requestId) : xmlFault(fault, requestId);
    }
    const incoming = { entry: target.entry, request, requestId, accessKeyId: credential?.accessKeyId };
    return handle(options, incoming, ({ model }) => {
      if (credential === undefined) throw credentialMissing(model);
      const { access } = options;
      const { id: service, signingName } = target.entry;
      return authenticate(request, credential, { access, service, signingName, now: options.signedAt() });
    });
  };
}

/** For requests that Berth makes itself, in the name of a role: whose they are is known, and nothing is signed. */
export function createTrustedHandler(
  options: GatewayOptions,
): (entry: CatalogEntry, request: WireRequest, whose: Authenticated) => Promise<WireResponse> {
  return (entry, request, whose) => {
    const { accessKeyId } = whose.caller;
    return handle(options, { entry, request, requestId: options.newRequestId(), accessKeyId }, () => whose);
  };
}

interface Incoming {
  readonly entry: CatalogEntry;
  readonly request: WireRequest;
  readonly requestId: string;
  readonly accessKeyId: string | undefined;
}

/** `identify` throws when the credentials are not good. */
async function handle(
  options: GatewayOptions,
  { entry, request, requestId, accessKeyId }: Incoming,
  identify: (service: LoadedService) => Authenticated,
): Promise<WireResponse> {
  const service = await entry.load();
  const log = options.log.with({ requestId, service: entry.id });
  const notes: CallNotes = {};
  try {
    const { scope, caller } = identify(service);
    Object.assign(notes, { scope, caller });
    const context = options.context(scope, caller, requestId, log);
    return await answer(service, entry.id, request, context, options.access, notes);
  } catch (thrown) {
    if (thrown instanceof CredentialFault && thrown.whose !== undefined) {
      Object.assign(notes, thrown.whose, { operation: operationOf(service, request) });
    }
    const error = thrown instanceof CredentialFault ? credentialError(service.model, thrown) : thrown;
    const wireError = wireErrorOf(service.model, error, log);
    const told = { code: wireError.code, reason: wireError.message };
    if (thrown instanceof CredentialFault || accessKeyId === undefined) {
      // Whoever tries keys is told of, by the address that it came from.
      const address = request.source?.address;
      log.warn("request refused: no good credentials", { ...told, address, accessKeyId });
    } else log.debug("request refused", told);
    notes.error = wireError;
    return service.protocol.encodeError(service.model, wireError, requestId);
  } finally {
    if (options.recorder !== undefined) {
      const call = { service: entry.id, model: service.model, requestId };
      report(options.recorder, call, request, notes);
    }
  }
}

function operationOf({ protocol, model }: LoadedService, request: WireRequest): string | undefined {
  try {
    return protocol.operationName(model, request);
  } catch {
    return undefined;
  }
}

async function answer(
  service: LoadedService,
  serviceId: string,
  request: WireRequest,
  context: HandlerContext,
  access: AccessControl,
  notes: CallNotes,
): Promise<WireResponse> {
  const { model, protocol } = service;
  const name = readInput(service, "", () => protocol.operationName(model, request));
  const operation = name === undefined ? undefined : model.operations.get(name);
  if (name === undefined || operation === undefined) throw unknownOperation(service, name);
  notes.operation = name;
  const handler = Object.hasOwn(service.operations, name) ? service.operations[name] : undefined;
  if (handler === undefined) throw notBuilt(model.id, name);
  const input = readInput(service, name, () => protocol.decode(model, operation, request));
  notes.input = input;
  const missing = findMissingMember(operation.input, input);
  if (missing !== undefined) {
    throw service.faults.invalidInput({ kind: "missing", member: missing, operation: name });
  }
  const refusal = access.refusal(context.caller, {
    scope: context.scope,
    service: serviceId,
    operation: name,
    input,
    request: { sourceIp: request.source?.address, userAgent: request.headers["user-agent"] },
  });
  if (refusal !== undefined) {
    context.log.info("request denied", { operation: name, caller: context.caller.arn, reason: refusal });
    notes.denied = true;
    throw accessDenied(model, refusal);
  }
  if (input["DryRun"] === true) {
    throw new CodedError("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412);
  }
  context.log.debug("request", { operation: name });
  // The decoder has just made the input by the operation's own schema: the one place where types are regained.
  const output = await handler(input as never, context);
  notes.output = output;
  return protocol.encode(model, operation, output, context.requestId);
}

function readInput<T>(service: LoadedService, operation: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof MalformedInput)) throw error;
    throw service.faults.invalidInput({ kind: "malformed", message: error.message, operation });
  }
}

function unknownOperation(service: LoadedService, name: string | undefined): GatewayFault {
  const shown = name ?? "(none)";
  return service.model.protocolId.includes("Json")
    ? new GatewayFault("UnknownOperationException", `Unknown operation ${shown}`, 400)
    : new GatewayFault("InvalidAction", `The action ${shown} is not valid for this web service.`, 400);
}

export function jsonFault(fault: GatewayFault, requestId: string): WireResponse {
  return {
    status: fault.httpStatus,
    headers: { "content-type": "application/x-amz-json-1.1", "x-amzn-requestid": requestId },
    body: JSON.stringify({ __type: fault.code, message: fault.message }),
  };
}

export function xmlFault(fault: GatewayFault, requestId: string): WireResponse {
  return {
    status: fault.httpStatus,
    headers: { "content-type": "text/xml", "x-amzn-requestid": requestId },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<ErrorResponse><Error><Type>Sender</Type><Code>${escapeXml(fault.code)}</Code><Message>${escapeXml(fault.message)}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
  };
}
