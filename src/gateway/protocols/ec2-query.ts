/** EC2's own dialect of Query: flattened lists, capitalised names, no result wrapper. */
import { formParameters } from "./aws-query.ts";
import { parseForm, readForm } from "./form-decoder.ts";
import type { Protocol } from "./protocol.ts";
import { encodeMembers, escapeXml, XML_DECLARATION } from "./xml.ts";

export const ec2QueryProtocol: Protocol = {
  operationName: (_model, request) => formParameters(request).get("Action") ?? undefined,

  decode: (_model, operation, request) =>
    operation.input.isUnitSchema()
      ? {}
      : readForm(operation.input, parseForm(formParameters(request)), "ec2"),

  encode(model, operation, output, requestId) {
    const members = operation.output.isUnitSchema()
      ? "<return>true</return>"
      : encodeMembers(operation.output, output);
    return {
      status: 200,
      headers: { "content-type": "text/xml;charset=UTF-8", "x-amzn-requestid": requestId },
      body: `${XML_DECLARATION}<${operation.name}Response xmlns="${model.xmlNamespace}"><requestId>${requestId}</requestId>${members}</${operation.name}Response>`,
    };
  },

  encodeError: (_model, error, requestId) => ({
    status: error.httpStatus,
    headers: { "content-type": "text/xml;charset=UTF-8", "x-amzn-requestid": requestId },
    body: `${XML_DECLARATION}<Response><Errors><Error><Code>${escapeXml(error.code)}</Code><Message>${escapeXml(error.message)}</Message></Error></Errors><RequestID>${requestId}</RequestID></Response>`,
  }),
};
