/** One AWS request from bytes to bytes: credential → route → decode → handler → encode. */
import type { Log } from "../lib/log.ts";
import type { Scope } from "../model/scope.ts";
import { type Caller, CodedError, type HandlerContext } from "../services/operation.ts";
import type { AccessControl } from "./access-control.ts";
import { authenticate, findCredential } from "./authentication.ts";
import { accessDenied, credentialError } from "./credential-faults.ts";
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
    const service = await target.entry.load();
    const log = options.log.with({ requestId, service: target.entry.id });
    try {
      if (credential === undefined) {
        throw new CodedError("MissingAuthenticationToken", "Request is missing Authentication Token", 403);
      }
      const { scope, caller } = authenticate(request, credential, {
        access: options.access,
        service: target.entry.id,
        now: options.signedAt(),
      });
      const context = options.context(scope, caller, requestId, log);
      return await answer(service, target.entry.id, request, context, options.access);
    } catch (thrown) {
      const error = thrown instanceof CredentialFault ? credentialError(service.model, thrown) : thrown;
      const wireError = wireErrorOf(service.model, error, log);
      log.debug("request refused", { code: wireError.code, message: wireError.message });
      return service.protocol.encodeError(service.model, wireError, requestId);
    }
  };
}

async function answer(
  service: LoadedService,
  serviceId: string,
  request: WireRequest,
  context: HandlerContext,
  access: AccessControl,
): Promise<WireResponse> {
  const { model, protocol } = service;
  const name = readInput(service, "", () => protocol.operationName(model, request));
  const operation = name === undefined ? undefined : model.operations.get(name);
  if (name === undefined || operation === undefined) throw unknownOperation(service, name);
  const handler = Object.hasOwn(service.operations, name) ? service.operations[name] : undefined;
  if (handler === undefined) throw notBuilt(model.id, name);
  const input = readInput(service, name, () => protocol.decode(model, operation, request));
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
    throw accessDenied(model, refusal);
  }
  if (input["DryRun"] === true) {
    throw new CodedError("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412);
  }
  context.log.debug("request", { operation: name });
  // The decoder has just made the input by the operation's own schema: the one place where types are regained.
  const output = await handler(input as never, context);
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
