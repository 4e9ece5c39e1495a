/** For every operation of a service, requests that its schema does not allow, or allows and nobody wants. */
import type { NormalizedSchema } from "@smithy/core/schema";
import type { LoadedService } from "../../src/gateway/service-catalog.ts";
import type { OperationModel } from "../../src/gateway/service-model.ts";
import { hostileObjectRequests } from "./hostile-s3.ts";
import {
  isJsonService,
  isQueryService,
  jsonRequest,
  queryRequest,
  type RawRequest,
  restRequest,
} from "./raw.ts";

interface Taste {
  readonly text: string;
  readonly number: number;
}

const TASTES: readonly Taste[] = [
  { text: "nonsense", number: -1 },
  { text: "x".repeat(5000), number: 1e15 },
  { text: "arn:aws:x:y:000000000000:../%00\n\t'\"<&>\u{1f600}", number: 0.5 },
  { text: "10.0.0.0/8", number: 0 },
  { text: "__proto__", number: 99_999 },
];

/** Deep enough for every structure that Berth reads; recursive shapes end here. */
const DEEPEST = 6;

export interface HostileRequest {
  readonly title: string;
  readonly request: RawRequest;
}

export function hostileRequests(service: LoadedService): HostileRequest[] {
  return Object.keys(service.operations).flatMap((name) => {
    const operation = service.model.operations.get(name);
    if (operation === undefined) return [];
    return requestsOf(service.model.id, operation).map((request, index) => ({
      title: `${service.model.id}:${name} #${index}`,
      request,
    }));
  });
}

function requestsOf(id: string, operation: OperationModel): RawRequest[] {
  const { name, input } = operation;
  if (isJsonService(id)) {
    const wrong = [5, "", [], {}, true, { x: 1 }, [[1]], null];
    return [
      jsonRequest(id, name, "{}"),
      ...wrong.map((value) =>
        jsonRequest(
          id,
          name,
          JSON.stringify(Object.fromEntries(membersOf(input).map(([key]) => [key, value]))),
        ),
      ),
      ...TASTES.map((taste) => jsonRequest(id, name, JSON.stringify(fill(input, taste)))),
    ];
  }
  if (isQueryService(id)) {
    const flat = (value: string, suffix = "") =>
      Object.fromEntries(
        membersOf(input).map(([key, member]) => [queryName(id, key, member) + suffix, value]),
      );
    return [
      queryRequest(id, name),
      queryRequest(id, name, flat("")),
      queryRequest(id, name, flat("nonsense")),
      queryRequest(id, name, flat("nonsense", ".1")),
      queryRequest(id, name, flat("nonsense", ".member.x")),
      queryRequest(id, name, flat("nonsense", ".1.1.1.1")),
      ...TASTES.map((taste) => queryRequest(id, name, Object.fromEntries(flatten(id, "", input, taste)))),
    ];
  }
  if (id === "s3") {
    const taste = (text: string) => TASTES.find((each) => each.text === text) ?? { text, number: 1 };
    return hostileObjectRequests(
      operation,
      TASTES.map(({ text }) => text),
      (schema, text) => {
        const root = String(schema.getMergedTraits()["xmlName"] ?? schema.getName());
        return schema.isStructSchema() ? `<${root}>${toXml(schema, taste(text))}</${root}>` : text;
      },
    );
  }
  const { method = "POST", uri = "/" } = operation.http ?? {};
  const root = String(input.getName() ?? name).replace(/^.*#/, "");
  return TASTES.map((taste) =>
    restRequest(
      method,
      uri
        .replace(/^\/2013-04-01\//, "")
        .replaceAll(/\{\w+\+?\}/g, encodeURIComponent(taste.text.slice(0, 40))),
      method === "GET" || method === "DELETE" ? "" : `<${root}>${toXml(input, taste)}</${root}>`,
    ),
  );
}

function membersOf(schema: NormalizedSchema): (readonly [string, NormalizedSchema])[] {
  return schema.isStructSchema() ? [...schema.structIterator()] : [];
}

/** A value that has the schema's type, and hardly its meaning. */
function fill(schema: NormalizedSchema, taste: Taste, depth = 0): unknown {
  if (depth > DEEPEST) return undefined;
  if (schema.isStructSchema()) {
    return Object.fromEntries(
      membersOf(schema).map(([key, member]) => [key, fill(member, taste, depth + 1)]),
    );
  }
  if (schema.isListSchema()) return [fill(schema.getValueSchema(), taste, depth + 1)];
  if (schema.isMapSchema()) return { [taste.text]: fill(schema.getValueSchema(), taste, depth + 1) };
  if (schema.isBooleanSchema()) return false;
  if (schema.isNumericSchema() || schema.isTimestampSchema()) return taste.number;
  return taste.text;
}

function queryName(id: string, name: string, member: NormalizedSchema): string {
  const traits = member.getMergedTraits();
  if (id !== "ec2") return String(traits["xmlName"] ?? name);
  const given = traits["ec2QueryName"];
  if (given !== undefined) return String(given);
  const base = String(traits["xmlName"] ?? name);
  return base.charAt(0).toUpperCase() + base.slice(1);
}

function flatten(
  id: string,
  path: string,
  schema: NormalizedSchema,
  taste: Taste,
  depth = 0,
): (readonly [string, string])[] {
  if (depth > DEEPEST) return [];
  if (schema.isStructSchema()) {
    // A dry run is answered before the operation looks at anything.
    return membersOf(schema)
      .filter(([key]) => key !== "DryRun")
      .flatMap(([key, member]) => {
        const name = queryName(id, key, member);
        return flatten(id, path === "" ? name : `${path}.${name}`, member, taste, depth + 1);
      });
  }
  if (schema.isListSchema()) {
    const item = id === "ec2" ? `${path}.1` : `${path}.member.1`;
    return flatten(id, item, schema.getValueSchema(), taste, depth + 1);
  }
  if (schema.isBooleanSchema()) return [[path, "false"]];
  if (schema.isNumericSchema()) return [[path, String(taste.number)]];
  if (schema.isTimestampSchema()) return [[path, "2026-01-01T00:00:00Z"]];
  return [[path, taste.text]];
}

function toXml(schema: NormalizedSchema, taste: Taste, depth = 0): string {
  if (depth > DEEPEST) return "";
  if (schema.isStructSchema()) {
    return membersOf(schema)
      .map(([key, member]) => {
        const name = String(member.getMergedTraits()["xmlName"] ?? key);
        return `<${name}>${toXml(member, taste, depth + 1)}</${name}>`;
      })
      .join("");
  }
  if (schema.isListSchema()) {
    const member = schema.getValueSchema();
    const name = String(member.getMergedTraits()["xmlName"] ?? "member");
    return `<${name}>${toXml(member, taste, depth + 1)}</${name}>`;
  }
  if (schema.isBooleanSchema()) return "false";
  if (schema.isNumericSchema()) return String(taste.number);
  return taste.text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
