/** Members of an operation by the place that its model binds them to: path, query, headers, the body or a part of it. */
import { XmlCodec } from "@aws-sdk/core/protocols";
import { type NormalizedSchema, SCHEMA } from "@smithy/core/schema";
import { MalformedInput } from "../faults.ts";
import type { OperationModel } from "../service-model.ts";
import type { WireRequest } from "./protocol.ts";
import { readJsonValue, readTextValue } from "./shape.ts";
import { encodeMembers, XML_DECLARATION } from "./xml.ts";

type Members = readonly (readonly [name: string, member: NormalizedSchema])[];

function membersOf(schema: NormalizedSchema): Members {
  return schema.isUnitSchema() ? [] : [...schema.structIterator()];
}

function trait(member: NormalizedSchema, name: string): string | undefined {
  const value: unknown = Reflect.get(member.getMergedTraits(), name);
  return value === undefined ? undefined : String(value);
}

/** Throws MalformedInput. */
export function decodeMembers(
  operation: OperationModel,
  request: WireRequest,
  labels: Readonly<Record<string, string | undefined>>,
): Record<string, unknown> {
  const members = membersOf(operation.input);
  const hasPayload = members.some(([, member]) => trait(member, "httpPayload") !== undefined);
  const body = hasPayload ? {} : readXml(operation.input, request.body);
  const input: Record<string, unknown> = {};
  for (const [name, member] of members) {
    const value = boundValue(name, member, request, labels) ?? Reflect.get(body, name);
    if (value !== undefined) input[name] = value;
  }
  return input;
}

function boundValue(
  name: string,
  member: NormalizedSchema,
  { headers, query, body }: WireRequest,
  labels: Readonly<Record<string, string | undefined>>,
): unknown {
  if (trait(member, "httpPayload") !== undefined) return readPayload(member, body);
  const prefix = trait(member, "httpPrefixHeaders");
  if (prefix !== undefined) {
    const found = Object.entries(headers).filter(([header]) => header.startsWith(prefix.toLowerCase()));
    return found.length === 0
      ? undefined
      : Object.fromEntries(found.map(([header, value]) => [header.slice(prefix.length), value ?? ""]));
  }
  const [header, parameter] = [trait(member, "httpHeader"), trait(member, "httpQuery")];
  const given = header === undefined ? query.get(parameter ?? "") : headers[header.toLowerCase()];
  const text = header === undefined && parameter === undefined ? labels[name] : given;
  if (text === undefined || text === null || (text === "" && parameter !== undefined)) return undefined;
  const shown = header ?? parameter ?? name;
  if (!member.isListSchema()) return readTextValue(member, text, shown);
  const item = member.getValueSchema();
  return text.split(",").map((each) => readTextValue(item, each.trim(), shown));
}

function readPayload(member: NormalizedSchema, body: Buffer): unknown {
  if (member.isBlobSchema()) return body;
  if (body.length === 0) return undefined;
  return member.isStringSchema() ? body.toString() : readXml(member, body);
}

const codec = new XmlCodec({
  timestampFormat: { useTrait: true, default: SCHEMA.TIMESTAMP_DATE_TIME },
  xmlNamespace: "",
  serviceNamespace: "",
});

/** Throws MalformedInput. */
export function readXml(schema: NormalizedSchema, body: Buffer): Record<string, unknown> {
  if (body.length === 0 || schema.isUnitSchema()) return {};
  if (/<!DOCTYPE|<!ENTITY/i.test(body.toString("latin1"))) {
    throw new MalformedInput("Document type declarations are not allowed");
  }
  let value: unknown;
  try {
    value = codec.createDeserializer().read(schema, body);
  } catch {
    throw new MalformedInput("Unable to parse the request body as XML");
  }
  const checked = readJsonValue(schema, datesToText(value), "");
  return typeof checked === "object" && checked !== null ? { ...checked } : {};
}

/** The SDK has already made dates of timestamps; the checker reads text. */
function datesToText(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(datesToText);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, datesToText(item)]));
}

export interface EncodedMembers {
  readonly headers: Readonly<Record<string, string>>;
  /** What a body of the output as a whole would hold; absent where the model gives it none. */
  readonly xml?: string | undefined;
  readonly payload?: { readonly member: NormalizedSchema; readonly value: unknown } | undefined;
}

/** `output` by the schema's bindings. */
export function encodeBound(schema: NormalizedSchema, output: object): EncodedMembers {
  const headers: Record<string, string> = {};
  const rest: Record<string, unknown> = { ...output };
  let payload: EncodedMembers["payload"];
  let hasBody = false;
  for (const [name, member] of membersOf(schema)) {
    const value = rest[name];
    const [header, prefix] = [trait(member, "httpHeader"), trait(member, "httpPrefixHeaders")];
    if (header !== undefined) {
      if (value !== undefined) headers[header.toLowerCase()] = headerText(member, value);
    } else if (prefix !== undefined) {
      for (const [key, item] of Object.entries(value ?? {})) headers[prefix + key] = headerText(member, item);
    } else if (trait(member, "httpPayload") !== undefined) payload = { member, value };
    else {
      hasBody = true;
      continue;
    }
    delete rest[name];
  }
  return { headers, payload, xml: hasBody ? encodeMembers(schema, rest) : undefined };
}

function headerText(member: NormalizedSchema, value: unknown): string {
  if (value instanceof Date) {
    return member.isTimestampSchema() ? value.toUTCString() : value.toISOString();
  }
  // What a header cannot hold would break the answer as a whole.
  return String(value).replace(/[^\t\x20-\x7e\x80-\xff]/g, "?");
}

export function xmlDocument(root: string, namespace: string, inner: string): string {
  return `${XML_DECLARATION}<${root} xmlns="${namespace}">${inner}</${root}>`;
}
