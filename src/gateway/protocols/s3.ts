/** REST with XML as S3 speaks it: the bucket is no part of the model's paths, bodies are bytes, errors have no wrapper. */
import { CHECKSUM_NAMES } from "../../lib/checksums.ts";
import { GatewayFault } from "../faults.ts";
import type { OperationModel, ServiceModel } from "../service-model.ts";
import type { Protocol, WireRequest, WireResponse } from "./protocol.ts";
import { decodeMembers, type EncodedMembers, encodeBound, xmlDocument } from "./rest-members.ts";
import { addressOf } from "./s3-address.ts";
import { unpackBody } from "./s3-body.ts";
import { s3Operation } from "./s3-operation.ts";
import { encodeMembers, escapeXml, XML_DECLARATION } from "./xml.ts";

export const s3Protocol: Protocol = {
  operationName: (model, request) => s3Operation(model, request, addressOf(request)).name,

  decode(_model, operation, request) {
    refuseUnknownChecksums(request);
    const { bucket, key } = addressOf(request);
    return decodeMembers(operation, unpackBody(request), { Bucket: bucket, Key: key });
  },

  encode(model, operation, output, requestId) {
    const encoded = encodeBound(operation.output, output);
    const { body, contentType } = bodyOf(model, operation, encoded);
    return {
      status: encoded.headers["content-range"] === undefined ? statusOf(operation) : 206,
      headers: {
        ...(contentType === undefined ? {} : { "content-type": contentType }),
        ...encoded.headers,
        ...requestHeaders(requestId),
      },
      body,
    };
  },

  encodeError(_model, { code, message, httpStatus, members }, requestId) {
    const told = {
      Code: code,
      Message: message,
      ...members,
      RequestId: requestId,
      HostId: hostId(requestId),
    };
    const elements = Object.entries(told).map(
      ([name, text]) => `<${name}>${xmlText(String(text))}</${name}>`,
    );
    return {
      status: httpStatus,
      headers: { "content-type": "application/xml", ...requestHeaders(requestId) },
      body: httpStatus === 304 ? "" : `${XML_DECLARATION}<Error>${elements.join("")}</Error>`,
    };
  },
};

function statusOf({ http }: OperationModel): number {
  return http?.status ?? 200;
}

function requestHeaders(requestId: string): Readonly<Record<string, string>> {
  return { "x-amz-request-id": requestId, "x-amz-id-2": hostId(requestId) };
}

function hostId(requestId: string): string {
  return Buffer.from(requestId).toString("base64");
}

/** What XML 1.0 has no way to hold is left out. */
function xmlText(text: string): string {
  return escapeXml(text.replace(/[^\t\n\r\x20-\ufffd]|\p{Surrogate}/gu, ""));
}

function bodyOf(
  model: ServiceModel,
  { output, name }: OperationModel,
  { payload, xml }: EncodedMembers,
): { readonly body: WireResponse["body"]; readonly contentType?: string } {
  if (payload !== undefined) {
    const { member, value } = payload;
    if (value === undefined) return { body: "" };
    if (member.isBlobSchema()) return { body: value as Exclude<WireResponse["body"], string> };
    if (member.isStringSchema()) return { body: String(value), contentType: "application/json" };
    const root = String(member.getMergedTraits()["xmlName"] ?? member.getName() ?? name);
    const inner = encodeMembers(member, { ...value });
    return { body: xmlDocument(root, model.xmlNamespace, inner), contentType: "application/xml" };
  }
  if (xml === undefined) return { body: "" };
  const root = String(output.getMergedTraits()["xmlName"] ?? output.getName());
  // GetBucketLocation's only member is the document itself.
  const inner = root === "LocationConstraint" ? xml.replace(/<\/?LocationConstraint\/?>/g, "") : xml;
  return { body: xmlDocument(root, model.xmlNamespace, inner), contentType: "application/xml" };
}

function refuseUnknownChecksums({ headers }: WireRequest): void {
  const given = [headers["x-amz-sdk-checksum-algorithm"], headers["x-amz-checksum-algorithm"]];
  for (const algorithm of given) {
    if (algorithm === undefined || CHECKSUM_NAMES.some((name) => name === algorithm.toUpperCase())) continue;
    throw new GatewayFault(
      "InvalidRequest",
      "Checksum algorithm provided is unsupported. Please try again with any of the valid types: " +
        `[${CHECKSUM_NAMES.join(", ")}]`,
      400,
    );
  }
}
