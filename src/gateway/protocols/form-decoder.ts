/**
 * Reads Query and EC2 Query parameters by schema: `Filter.1.Value.2=x`, `Tags.member.1.Key=x`. The SDK only writes
 * this form. Empty values count as absent, as AWS treats `ProtocolVersion=`.
 */
import type { NormalizedSchema } from "@smithy/core/schema";
import { MalformedInput } from "../faults.ts";
import { readTextValue } from "./shape.ts";

/** A parameter tree: `a.b=1` is node a with child b with text 1. */
interface FormNode {
  text?: string;
  readonly children: Map<string, FormNode>;
}

const DEEPEST = 32;
const MOST_PARAMETERS = 20_000;

export type FormFlavor = "query" | "ec2";

export function parseForm(parameters: URLSearchParams): FormNode {
  const root: FormNode = { children: new Map() };
  let count = 0;
  for (const [name, text] of parameters) {
    if (++count > MOST_PARAMETERS) throw new MalformedInput("The request has too many parameters");
    const parts = name.split(".");
    if (parts.length > DEEPEST) throw new MalformedInput(`${name} is nested too deeply`);
    let node = root;
    for (const part of parts) {
      let child = node.children.get(part);
      if (child === undefined) {
        child = { children: new Map() };
        node.children.set(part, child);
      }
      node = child;
    }
    node.text = text;
  }
  return root;
}

export function readForm(
  schema: NormalizedSchema,
  node: FormNode,
  flavor: FormFlavor,
  path = "",
): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [memberName, member] of schema.structIterator()) {
    const name = parameterName(memberName, member, flavor);
    const child = node.children.get(name);
    if (child === undefined) continue;
    const value = readMember(member, child, flavor, path === "" ? name : `${path}.${name}`);
    if (value !== undefined) result[memberName] = value;
  }
  return result;
}

function readMember(schema: NormalizedSchema, node: FormNode, flavor: FormFlavor, path: string): unknown {
  if (schema.isStructSchema()) {
    return node.children.size === 0 ? undefined : readForm(schema, node, flavor, path);
  }
  if (schema.isListSchema()) {
    const flat = flavor === "ec2" || schema.getMergedTraits()["xmlFlattened"] !== undefined;
    const member = schema.getValueSchema();
    const itemName = String(member.getMergedTraits()["xmlName"] ?? "member");
    const items = flat ? node : (node.children.get(itemName) ?? node.children.get("member"));
    // `Tags=` is how an empty list is written.
    if (items === undefined) return node.text === "" ? [] : undefined;
    const numbered = inOrder(items, path);
    if (numbered.length === 0) return node.text === "" ? [] : undefined;
    return numbered
      .map(([index, item]) => readMember(member, item, flavor, `${path}.${index}`))
      .filter((item) => item !== undefined);
  }
  if (schema.isMapSchema()) return readMap(schema, node, flavor, path);
  if (node.children.size > 0 && node.text === undefined) {
    throw new MalformedInput(`Unexpected structure at ${path}`);
  }
  return node.text === undefined || node.text === "" ? undefined : readTextValue(schema, node.text, path);
}

function readMap(schema: NormalizedSchema, node: FormNode, flavor: FormFlavor, path: string): object {
  const flat = schema.getMergedTraits()["xmlFlattened"] !== undefined;
  const entries = flat ? node : (node.children.get("entry") ?? { children: new Map<string, FormNode>() });
  const keyName = String(schema.getKeySchema().getMergedTraits()["xmlName"] ?? "key");
  const valueName = String(schema.getValueSchema().getMergedTraits()["xmlName"] ?? "value");
  const result: [string, unknown][] = [];
  for (const [, entry] of inOrder(entries, path)) {
    const key = entry.children.get(keyName)?.text;
    const value = entry.children.get(valueName);
    if (key === undefined || value === undefined) continue;
    result.push([key, readMember(schema.getValueSchema(), value, flavor, `${path}.${key}`)]);
  }
  return Object.fromEntries(result);
}

/** Children by number: clients send `member.10` before `member.2`. */
function inOrder(node: FormNode, path: string): [number, FormNode][] {
  return [...node.children]
    .map(([key, child]): [number, FormNode] => {
      if (!/^\d+$/.test(key)) throw new MalformedInput(`Expected a number after ${path}, not ${key}`);
      return [Number(key), child];
    })
    .sort(([a], [b]) => a - b);
}

/** EC2 capitalises the first letter of a name unless the model gives one for queries. */
function parameterName(memberName: string, member: NormalizedSchema, flavor: FormFlavor): string {
  const traits = member.getMergedTraits();
  if (flavor === "query") return String(traits["xmlName"] ?? memberName);
  const queryName = traits["ec2QueryName"];
  if (queryName !== undefined) return String(queryName);
  const name = String(traits["xmlName"] ?? memberName);
  return name.charAt(0).toUpperCase() + name.slice(1);
}
