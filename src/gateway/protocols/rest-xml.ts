/** REST with XML bodies (Route 53): method and path name the operation, members bind to path, query, header or body. */
import type { NormalizedSchema } from "@smithy/core/schema";
import { MalformedInput } from "../faults.ts";
import type { OperationModel, ServiceModel } from "../service-model.ts";
import type { Protocol, WireRequest } from "./protocol.ts";
import { readXml } from "./rest-members.ts";
import { readTextValue } from "./shape.ts";
import { encodeMembers, escapeXml, XML_DECLARATION } from "./xml.ts";

export const restXmlProtocol: Protocol = {
  operationName: (model, request) => match(model, request)?.operation.name,

  decode(model, operation, request) {
    const input: Record<string, unknown> = {};
    const labels = match(model, request)?.labels ?? new Map<string, string>();
    const body = readXml(operation.input, request.body);
    for (const [name, member] of operation.input.isUnitSchema() ? [] : operation.input.structIterator()) {
      const text = boundText(name, member, labels, request);
      const value = text === undefined ? body[name] : readTextValue(member, text, name);
      if (value !== undefined) input[name] = value;
    }
    return input;
  },

  encode(model, operation, output, requestId) {
    const headers: Record<string, string> = {
      "content-type": "text/xml",
      "x-amzn-requestid": requestId,
    };
    const members: Record<string, unknown> = { ...output };
    for (const [name, member] of operation.output.isUnitSchema() ? [] : operation.output.structIterator()) {
      const header = member.getMergedTraits()["httpHeader"];
      if (header === undefined) continue;
      if (members[name] !== undefined) headers[String(header).toLowerCase()] = String(members[name]);
      delete members[name];
    }
    const root = operation.output.isUnitSchema() ? `${operation.name}Response` : operation.output.getName();
    return {
      status: operation.http?.status ?? 200,
      headers,
      body: `${XML_DECLARATION}<${root} xmlns="${model.xmlNamespace}">${encodeMembers(operation.output, members)}</${root}>`,
    };
  },

  encodeError(model, error, requestId) {
    const type = error.fault === "client" ? "Sender" : "Receiver";
    return {
      status: error.httpStatus,
      headers: { "content-type": "text/xml", "x-amzn-requestid": requestId },
      body: `${XML_DECLARATION}<ErrorResponse xmlns="${model.xmlNamespace}"><Error><Type>${type}</Type><Code>${escapeXml(error.code)}</Code><Message>${escapeXml(error.message)}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
    };
  },
};

/** `/2013-04-01/hostedzone/{Id}/rrset`; a client may end the path with a slash. */
function match(
  model: ServiceModel,
  request: WireRequest,
): { operation: OperationModel; labels: Map<string, string> } | undefined {
  const parts = pathParts(request.path);
  let best: { operation: OperationModel; labels: Map<string, string> } | undefined;
  for (const operation of model.operations.values()) {
    if (operation.http?.method !== request.method) continue;
    const [uri = "", query = ""] = operation.http.uri.split("?");
    const labels = matchPath(pathParts(uri), parts);
    if (labels === undefined) continue;
    if (query !== "" && !request.query.has(query.split("=")[0] ?? "")) continue;
    // A literal path is closer than one with labels: /hostedzonecount beside /hostedzone/{Id}.
    if (best === undefined || labels.size < best.labels.size) best = { operation, labels };
  }
  return best;
}

function pathParts(path: string): string[] {
  return path.split("/").filter((part) => part !== "");
}

function matchPath(pattern: readonly string[], parts: readonly string[]): Map<string, string> | undefined {
  if (pattern.length !== parts.length) return undefined;
  const labels = new Map<string, string>();
  for (const [index, expected] of pattern.entries()) {
    const part = parts[index] ?? "";
    const label = /^\{(\w+)\+?\}$/.exec(expected)?.[1];
    if (label !== undefined) labels.set(label, decode(part));
    else if (expected !== part) return undefined;
  }
  return labels;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new MalformedInput("The path is not well-formed");
  }
}

function boundText(
  name: string,
  member: NormalizedSchema,
  labels: ReadonlyMap<string, string>,
  request: WireRequest,
): string | undefined {
  const traits = member.getMergedTraits();
  const query = traits["httpQuery"];
  if (query !== undefined) {
    const text = request.query.get(String(query));
    return text === null || text === "" ? undefined : text;
  }
  const header = traits["httpHeader"];
  if (header !== undefined) return request.headers[String(header).toLowerCase()];
  return labels.get(name);
}
