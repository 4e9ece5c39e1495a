/**
 * A call's input and output as CloudTrail shows them: member names with a small first letter, times as text, EC2's
 * lists as `{"items": […]}`, and what is secret hidden in each service's own way. Forms and texts are those of
 * published events.
 */
import type { NormalizedSchema } from "@smithy/core/schema";
import { ec2ListOf, ec2Parameters } from "./recorded-ec2.ts";
import type { OperationModel, ServiceModel } from "./service-model.ts";

export type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

export interface RecordedParameters {
  /** Null when there is nothing to show. */
  readonly parameters: { readonly [name: string]: Json } | null;
  /** Values that were hidden, so that they can be kept out of other texts too. */
  readonly hidden: readonly string[];
}

type Members = { [name: string]: Json };

/** How a service's events look. */
interface Style {
  readonly ec2?: "request" | "response";
  /** In place of a secret; undefined: the member is left out. */
  readonly hiddenText: string | undefined;
  time(date: Date): Json;
}

interface Rendering {
  readonly style: Style;
  readonly hidden: string[];
}

/** Secrets that no model marks, by their member name in lower case. */
const SECRET_MEMBERS = new Set([
  "authorizationdata",
  "authorizationtoken",
  "clientsecret",
  "keymaterial",
  "passphrase",
  "privatekey",
  "samlassertion",
  "secretaccesskey",
  "secretbinary",
  "secretstring",
  "sessiontoken",
  "streamurl",
  "tokencode",
  "tokenvalue",
  "userdata",
  "webidentitytoken",
]);

const NOTHING: RecordedParameters = { parameters: null, hidden: [] };

export function recordedRequest(
  model: ServiceModel,
  operation: OperationModel,
  input: Readonly<Record<string, unknown>> | undefined,
): RecordedParameters {
  if (input === undefined || operation.input.isUnitSchema()) return NOTHING;
  const rendering = { style: styleOf(model, "request"), hidden: [] };
  const rendered = structure(operation.input, input, rendering);
  const parameters = rendering.style.ec2 === undefined ? rendered : ec2Parameters(operation.name, rendered);
  return shown(parameters, rendering);
}

export function recordedResponse(
  model: ServiceModel,
  operation: OperationModel,
  output: object | undefined,
  requestId: string,
): RecordedParameters {
  if (output === undefined) return NOTHING;
  const rendering = { style: styleOf(model, "response"), hidden: [] };
  const members = operation.output.isUnitSchema() ? {} : structure(operation.output, output, rendering);
  if (rendering.style.ec2 === undefined) return shown(members, rendering);
  const { return: done, ...others } = members;
  const returned = done ?? (Object.keys(others).length === 0 ? true : undefined);
  return shown({ requestId, ...(returned === undefined ? {} : { _return: returned }), ...others }, rendering);
}

function shown(parameters: Members, { hidden }: Rendering): RecordedParameters {
  return { parameters: Object.keys(parameters).length === 0 ? null : parameters, hidden };
}

function styleOf(model: ServiceModel, part: "request" | "response"): Style {
  if (model.protocolId.includes("ec2"))
    return { ec2: part, hiddenText: "<sensitiveDataRemoved>", time: (date) => date.getTime() };
  // IAM, STS and Secrets Manager leave secrets out, where other services say that there is one.
  const hiddenText =
    model.protocolId.includes("Query") || model.id === "secretsmanager"
      ? undefined
      : "HIDDEN_DUE_TO_SECURITY_REASONS";
  return {
    hiddenText,
    time: model.id === "sts" ? (date) => timeText(date, ", ") : (date) => timeText(date, " "),
  };
}

function structure(schema: NormalizedSchema, value: object, rendering: Rendering): Members {
  const given = new Map(Object.entries(value));
  const result: Members = {};
  for (const [name, member] of schema.structIterator()) {
    const item: unknown = given.get(name);
    if (item === undefined || item === null) continue;
    const [shownName, rendered] = memberOf(name, member, item, rendering);
    if (rendered !== undefined) result[shownName] = rendered;
  }
  return result;
}

function memberOf(
  name: string,
  schema: NormalizedSchema,
  value: unknown,
  rendering: Rendering,
): readonly [name: string, value: Json | undefined] {
  const { style } = rendering;
  const xmlName = style.ec2 === "response" ? schema.getMergedTraits()["xmlName"] : undefined;
  const shownName = lowerFirst(typeof xmlName === "string" ? xmlName : name);
  if (isSecretName(name, value) || isSensitive(schema)) return [shownName, hide(value, rendering)];
  if (style.ec2 !== undefined && schema.isListSchema() && Array.isArray(value)) {
    const items = list(schema, value, rendering);
    return style.ec2 === "request"
      ? ec2ListOf(name, items)
      : [shownName, items.length === 0 ? {} : { items }];
  }
  return [shownName, render(schema, value, rendering)];
}

function render(schema: NormalizedSchema, value: unknown, rendering: Rendering): Json | undefined {
  if (value === undefined || value === null) return undefined;
  if (isSensitive(schema)) return hide(value, rendering);
  if (value instanceof Date) return rendering.style.time(value);
  if (schema.isStructSchema()) {
    return typeof value === "object" ? structure(schema, value, rendering) : undefined;
  }
  if (schema.isListSchema()) return Array.isArray(value) ? list(schema, value, rendering) : undefined;
  if (schema.isMapSchema()) return typeof value === "object" ? map(schema, value, rendering) : undefined;
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  if (typeof value === "bigint") return Number(value);
  // Bytes are data, not parameters.
  return undefined;
}

function list(schema: NormalizedSchema, values: readonly unknown[], rendering: Rendering): Json[] {
  const member = schema.getValueSchema();
  return values.flatMap((value) => render(member, value, rendering) ?? []);
}

function map(schema: NormalizedSchema, value: object, rendering: Rendering): Members {
  const member = schema.getValueSchema();
  const result: Members = {};
  for (const [key, item] of Object.entries(value)) {
    const rendered = isSecretName(key, item) ? hide(item, rendering) : render(member, item, rendering);
    if (rendered !== undefined) result[key] = rendered;
  }
  return result;
}

function isSecretName(name: string, value: unknown): boolean {
  return SECRET_MEMBERS.has(name.toLowerCase()) || (typeof value === "string" && /password$/i.test(name));
}

function isSensitive(schema: NormalizedSchema): boolean {
  const traits = schema.getMergedTraits();
  return traits["sensitive"] !== undefined;
}

function hide(value: unknown, { style, hidden }: Rendering): Json | undefined {
  collectTexts(value, hidden);
  return style.hiddenText;
}

function collectTexts(value: unknown, into: string[]): void {
  if (typeof value === "string") into.push(value);
  else if (value instanceof Uint8Array) into.push(Buffer.from(value).toString("utf8"));
  else if (typeof value === "object" && value !== null) {
    for (const item of Object.values(value)) collectTexts(item, into);
  }
}

export function lowerFirst(name: string): string {
  return name === "ARN" ? "arn" : name.charAt(0).toLowerCase() + name.slice(1);
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `Jul 30, 2024 9:53:13 PM`. */
function timeText(date: Date, beforeTime: string): string {
  const hours = date.getUTCHours();
  const two = (number: number) => String(number).padStart(2, "0");
  const time = `${hours % 12 === 0 ? 12 : hours % 12}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
  const day = `${MONTHS[date.getUTCMonth()]} ${date.getUTCDate()}, ${date.getUTCFullYear()}`;
  return `${day}${beforeTime}${time} ${hours < 12 ? "AM" : "PM"}`;
}
