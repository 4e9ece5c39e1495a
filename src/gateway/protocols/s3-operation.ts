/**
 * Which operation of S3 a request asks for. The path tells little: sub-resources in the query (`?policy`), and members
 * that an operation needs in the query or in a header, tell the rest.
 */
import { GatewayFault } from "../faults.ts";
import type { OperationModel, ServiceModel } from "../service-model.ts";
import type { WireRequest } from "./protocol.ts";
import type { Address } from "./s3-address.ts";
import { requiredMembers } from "./shape.ts";

interface Pattern {
  readonly operation: OperationModel;
  readonly method: string;
  readonly level: "service" | "bucket" | "object";
  /** Of the query, without `x-id`; an empty value is any. */
  readonly literals: ReadonlyMap<string, string>;
  /** How the newer SDKs name the operation in the query. */
  readonly id: string | undefined;
  readonly neededQuery: readonly string[];
  readonly neededHeaders: readonly string[];
}

interface Patterns {
  readonly all: readonly Pattern[];
  /** Every name that makes another operation of a request: `policy`, `uploads`. */
  readonly subResources: ReadonlySet<string>;
}

const patternsOfModel = new WeakMap<ServiceModel, Patterns>();

/** Throws GatewayFault when there is none. */
export function s3Operation(model: ServiceModel, request: WireRequest, address: Address): OperationModel {
  const patterns = patternsOfModel.get(model) ?? readPatterns(model);
  patternsOfModel.set(model, patterns);
  const level = address.bucket === undefined ? "service" : address.key === undefined ? "bucket" : "object";
  const asked = [...request.query.keys()].filter((name) => patterns.subResources.has(name));
  let best: { readonly operation: OperationModel; readonly weight: number } | undefined;
  for (const pattern of patterns.all) {
    if (pattern.method !== request.method || pattern.level !== level) continue;
    if (!matches(pattern, request) || !asked.every((name) => pattern.literals.has(name))) continue;
    const weight = pattern.literals.size + pattern.neededQuery.length + pattern.neededHeaders.length;
    if (best === undefined || weight > best.weight) best = { operation: pattern.operation, weight };
  }
  if (best !== undefined) return best.operation;
  throw new GatewayFault(
    "MethodNotAllowed",
    "The specified method is not allowed against this resource.",
    405,
  );
}

function matches({ literals, id, neededQuery, neededHeaders }: Pattern, request: WireRequest): boolean {
  const { query, headers } = request;
  for (const [name, value] of literals) {
    if (!query.has(name) || (value !== "" && query.get(name) !== value)) return false;
  }
  const givenId = query.get("x-id");
  // What older SDKs leave out is asked of the one operation that nothing else would tell apart.
  if (id !== undefined && (givenId === null ? id === "ListDirectoryBuckets" : givenId !== id)) return false;
  return (
    neededQuery.every((name) => (query.get(name) ?? "") !== "") &&
    neededHeaders.every((name) => headers[name] !== undefined)
  );
}

function readPatterns(model: ServiceModel): Patterns {
  const all = [...model.operations.values()].flatMap((operation) => readPattern(operation) ?? []);
  const subResources = new Set(
    all.flatMap(({ literals }) => [...literals].filter(([, value]) => value === "").map(([name]) => name)),
  );
  return { all, subResources };
}

function readPattern(operation: OperationModel): Pattern | undefined {
  const { http, input } = operation;
  const [path = "", query = ""] = (http?.uri ?? "").split("?");
  if (http === undefined || (path !== "/" && path !== "/{Key+}")) return undefined;
  const parameters = new URLSearchParams(query);
  const id = parameters.get("x-id") ?? undefined;
  parameters.delete("x-id");
  const needed = requiredMembers(input);
  const hasBucket = [...input.structIterator()].some(([name]) => name === "Bucket");
  return {
    operation,
    method: http.method,
    level: path === "/{Key+}" ? "object" : hasBucket ? "bucket" : "service",
    literals: new Map(parameters),
    id,
    neededQuery: neededIn(operation, needed, "httpQuery"),
    neededHeaders: neededIn(operation, needed, "httpHeader").map((name) => name.toLowerCase()),
  };
}

function neededIn(
  { input }: OperationModel,
  needed: ReadonlySet<string>,
  trait: "httpQuery" | "httpHeader",
): string[] {
  return [...input.structIterator()].flatMap(([name, member]) => {
    const place = member.getMergedTraits()[trait];
    return needed.has(name) && place !== undefined ? [String(place)] : [];
  });
}
