/** AWS Query: form parameters in, XML out. */

import { parseForm, readForm } from "./form-decoder.ts";
import type { Protocol, WireRequest } from "./protocol.ts";
import { encodeMembers, escapeXml, XML_DECLARATION } from "./xml.ts";

/** Query parameters may come in the URL, in the body, or in both. */
export function formParameters(request: WireRequest): URLSearchParams {
  const parameters = new URLSearchParams(request.query);
  for (const [name, value] of new URLSearchParams(request.body.toString("utf8")))
    parameters.append(name, value);
  return parameters;
}

export const awsQueryProtocol: Protocol = {
  operationName: (_model, request) => formParameters(request).get("Action") ?? undefined,

  decode: (_model, operation, request) =>
    operation.input.isUnitSchema()
      ? {}
      : readForm(operation.input, parseForm(formParameters(request)), "query"),

  encode(model, operation, output, requestId) {
    const result = operation.output.isUnitSchema()
      ? ""
      : `<${operation.name}Result>${encodeMembers(operation.output, output)}</${operation.name}Result>`;
    return {
      status: 200,
      headers: { "content-type": "text/xml", "x-amzn-requestid": requestId },
      body: `${XML_DECLARATION}<${operation.name}Response xmlns="${model.xmlNamespace}">${result}<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${operation.name}Response>`,
    };
  },

  encodeError: (model, error, requestId) => ({
    status: error.httpStatus,
    headers: { "content-type": "text/xml", "x-amzn-requestid": requestId },
    body: `${XML_DECLARATION}<ErrorResponse xmlns="${model.xmlNamespace}"><Error><Type>${error.fault === "client" ? "Sender" : "Receiver"}</Type><Code>${escapeXml(error.code)}</Code><Message>${escapeXml(error.message)}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
  }),
};
