/** From an exception to what the protocol says on the wire. The three kinds of failure meet here. */
import type { Log } from "../lib/log.ts";
import { CodedError } from "../services/operation.ts";
import { GatewayFault } from "./faults.ts";
import type { WireError } from "./protocols/protocol.ts";
import type { ServiceModel } from "./service-model.ts";

/** Modelled exceptions keep their code and members; anything else is a bug, logged, and answered as internal. */
export function wireErrorOf(model: ServiceModel, error: unknown, log: Log): WireError {
  if (error instanceof CodedError || error instanceof GatewayFault) {
    return {
      code: error.code,
      message: error.message,
      httpStatus: error.httpStatus,
      fault: error.httpStatus >= 500 ? "server" : "client",
      members: error instanceof CodedError ? error.members : {},
    };
  }
  const modelled = error instanceof Error ? model.errors.get(error.name) : undefined;
  if (error instanceof Error && modelled !== undefined) {
    const given = new Map(Object.entries(error));
    const members: Record<string, unknown> = {};
    for (const [name] of modelled.schema.structIterator()) {
      const value = name.toLowerCase() === "message" ? error.message : given.get(name);
      if (value !== undefined) members[name] = value;
    }
    const fault = given.get("$fault") === "server" ? "server" : "client";
    return {
      code: modelled.queryCode ?? error.name,
      message: error.message,
      httpStatus: modelled.httpStatus ?? (fault === "server" ? 500 : 400),
      fault,
      members,
    };
  }
  log.error("a request failed on a bug of Berth", { error });
  return {
    code: model.errors.has("ServerException") ? "ServerException" : "InternalFailure",
    message: "Berth failed on this request; its log tells why (./berth logs)",
    httpStatus: 500,
    fault: "server",
    members: {},
  };
}
