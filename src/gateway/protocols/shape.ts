/** Reading values by schema, strictly: what the model does not allow is MalformedInput, what it does not know is dropped. */
import type { NormalizedSchema } from "@smithy/core/schema";
import { MalformedInput } from "../faults.ts";

/** Deeper than any AWS shape is; a recursion limit for hostile input. */
const DEEPEST = 64;

/** A JSON value into the SDK's type for the schema. */
export function readJsonValue(schema: NormalizedSchema, value: unknown, path: string, depth = 0): unknown {
  if (depth > DEEPEST) throw new MalformedInput(`${path} is nested too deeply`);
  if (value === null || value === undefined) return undefined;
  if (schema.isStructSchema()) return readStruct(schema, value, path, depth);
  if (schema.isListSchema()) {
    if (!Array.isArray(value)) throw expected("a list", path);
    const member = schema.getValueSchema();
    return value
      .map((item, index) => readJsonValue(member, item, `${path}[${index}]`, depth + 1))
      .filter((item) => item !== undefined);
  }
  if (schema.isMapSchema()) {
    if (typeof value !== "object" || Array.isArray(value)) throw expected("a map", path);
    const member = schema.getValueSchema();
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, item]) => item !== null)
        .map(([key, item]) => [key, readJsonValue(member, item, `${path}.${key}`, depth + 1)]),
    );
  }
  if (schema.isDocumentSchema()) return value;
  return readJsonScalar(schema, value, path);
}

function readStruct(schema: NormalizedSchema, value: unknown, path: string, depth: number): object {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw expected("a structure", path);
  const given = new Map(Object.entries(value));
  const result: Record<string, unknown> = {};
  for (const [name, member] of schema.structIterator()) {
    const read = readJsonValue(member, given.get(name), path === "" ? name : `${path}.${name}`, depth + 1);
    if (read !== undefined) result[name] = read;
  }
  return result;
}

function readJsonScalar(schema: NormalizedSchema, value: unknown, path: string): unknown {
  if (schema.isTimestampSchema()) {
    if (typeof value !== "number" && typeof value !== "string") throw expected("a timestamp", path);
    const date = typeof value === "number" ? new Date(value * 1000) : new Date(value);
    if (Number.isNaN(date.getTime())) throw expected("a timestamp", path);
    return date;
  }
  if (schema.isBooleanSchema()) {
    if (typeof value !== "boolean") throw expected("a boolean", path);
    return value;
  }
  if (schema.isNumericSchema() || schema.isBigIntegerSchema() || schema.isBigDecimalSchema()) {
    if (typeof value !== "number" || !Number.isFinite(value)) throw expected("a number", path);
    return value;
  }
  if (typeof value !== "string") throw expected("a string", path);
  return schema.isBlobSchema() ? readBase64(value, path) : value;
}

/** The text of a Query parameter, an XML element or a URI part into the SDK's type for the schema. */
export function readTextValue(schema: NormalizedSchema, text: string, path: string): unknown {
  if (schema.isBooleanSchema()) {
    if (text === "true" || text === "True" || text === "1") return true;
    if (text === "false" || text === "False" || text === "0") return false;
    throw expected("a boolean", path);
  }
  if (schema.isNumericSchema() || schema.isBigIntegerSchema() || schema.isBigDecimalSchema()) {
    const number = Number(text);
    if (text.trim() === "" || !Number.isFinite(number)) throw expected("a number", path);
    return number;
  }
  if (schema.isTimestampSchema()) {
    const date = /^\d+(\.\d+)?$/.test(text) ? new Date(Number(text) * 1000) : new Date(text);
    if (Number.isNaN(date.getTime())) throw expected("a timestamp", path);
    return date;
  }
  if (schema.isBlobSchema()) return readBase64(text, path);
  return text;
}

/** Names of members that the model requires and `value` lacks, with their path; the first one only. */
export function findMissingMember(schema: NormalizedSchema, value: unknown, path = ""): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (schema.isStructSchema() && typeof value === "object") {
    const given = new Map(Object.entries(value));
    const names = requiredMembers(schema);
    for (const [name, member] of schema.structIterator()) {
      const memberPath = path === "" ? name : `${path}.${name}`;
      const item = given.get(name);
      if (item === undefined && names.has(name)) return memberPath;
      const missing = findMissingMember(member, item, memberPath);
      if (missing !== undefined) return missing;
    }
    return undefined;
  }
  if (schema.isListSchema() && Array.isArray(value)) {
    const member = schema.getValueSchema();
    for (const [index, item] of value.entries()) {
      const missing = findMissingMember(member, item, `${path}.${index + 1}.member`);
      if (missing !== undefined) return missing;
    }
  }
  return undefined;
}

/** The schema keeps a count: so many of its first members are required. */
export function requiredMembers(schema: NormalizedSchema): ReadonlySet<string> {
  const tuple: unknown = schema.getSchema();
  if (!Array.isArray(tuple)) return new Set();
  const names: unknown = tuple[4];
  const count: unknown = tuple[6];
  if (!Array.isArray(names) || typeof count !== "number") return new Set();
  return new Set(names.slice(0, count).map(String));
}

function readBase64(text: string, path: string): Buffer {
  if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(text)) throw expected("base64", path);
  return Buffer.from(text, "base64");
}

function expected(what: string, path: string): MalformedInput {
  return new MalformedInput(path === "" ? `Expected ${what}` : `Expected ${what} at ${path}`);
}
