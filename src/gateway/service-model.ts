/** A service as its SDK package describes it at run time: operations, schemas, protocol, errors. */
import { NormalizedSchema } from "@smithy/core/schema";

export interface OperationModel {
  readonly name: string;
  readonly input: NormalizedSchema;
  readonly output: NormalizedSchema;
  /** REST protocols: method, URI pattern, status. */
  readonly http?: { readonly method: string; readonly uri: string; readonly status: number } | undefined;
}

export interface ErrorModel {
  readonly schema: NormalizedSchema;
  readonly queryCode?: string | undefined;
  readonly httpStatus?: number | undefined;
}

export interface ServiceModel {
  readonly id: string;
  readonly xmlNamespace: string;
  readonly targetPrefix: string;
  /** `aws.protocols#awsJson1_1` and the like. */
  readonly protocolId: string;
  readonly version: string;
  readonly operations: ReadonlyMap<string, OperationModel>;
  /** By the exception's class name. */
  readonly errors: ReadonlyMap<string, ErrorModel>;
}

export interface SdkPackage {
  readonly exports: Readonly<Record<string, unknown>>;
  /** Of a constructed client: its protocol and protocol settings describe the wire. */
  readonly configuration: object;
}

/** SDK schemas are tuples; the first element tells their kind (9 an operation, -3 an error). */
const OPERATION = 9;
const ERROR = -3;

type SchemaTuple = readonly [
  kind: number,
  namespace: string,
  name: string,
  traits: unknown,
  ...rest: unknown[],
];

function isSchemaTuple(value: unknown): value is SchemaTuple {
  return Array.isArray(value) && typeof value[0] === "number" && typeof value[2] === "string";
}

export function readServiceModel(id: string, sdk: SdkPackage): ServiceModel {
  const operations = new Map<string, OperationModel>();
  const errors = new Map<string, ErrorModel>();
  for (const [exportName, schema] of Object.entries(sdk.exports)) {
    if (!exportName.endsWith("$") || !isSchemaTuple(schema)) continue;
    if (schema[0] === OPERATION) operations.set(schema[2], readOperation(schema));
    if (schema[0] === ERROR) errors.set(schema[2], readError(schema));
  }
  const settings = new Map(Object.entries(property(sdk.configuration, "protocolSettings") ?? {}));
  return {
    id,
    // The SDK leaves the trailing slash off for EC2; AWS sends it.
    xmlNamespace: text(settings.get("xmlNamespace")).replace(/\/?$/, "/"),
    targetPrefix: text(settings.get("serviceTarget")),
    protocolId: protocolIdOf(property(sdk.configuration, "protocol")),
    version: text(settings.get("version")),
    operations,
    errors,
  };
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function property(value: unknown, name: string): object | undefined {
  if (typeof value !== "object" || value === null || !(name in value)) return undefined;
  const found: unknown = Reflect.get(value, name);
  return typeof found === "object" && found !== null ? found : undefined;
}

function protocolIdOf(protocol: object | undefined): string {
  const getShapeId: unknown = protocol === undefined ? undefined : Reflect.get(protocol, "getShapeId");
  if (typeof getShapeId !== "function") throw new Error("an SDK client without a protocol");
  return String(getShapeId.call(protocol));
}

function readOperation(schema: SchemaTuple): OperationModel {
  const [, , name, traits, input, output] = schema;
  const http = traitOf(traits, "http");
  return {
    name,
    input: normalize(input),
    output: normalize(output),
    http:
      Array.isArray(http) && http.length === 3
        ? { method: String(http[0]), uri: String(http[1]), status: Number(http[2]) }
        : undefined,
  };
}

function readError(schema: SchemaTuple): ErrorModel {
  const queryError = traitOf(schema[3], "awsQueryError");
  const httpStatus = traitOf(schema[3], "httpError");
  return {
    schema: normalize(schema),
    queryCode: Array.isArray(queryError) ? String(queryError[0]) : undefined,
    httpStatus: typeof httpStatus === "number" ? httpStatus : undefined,
  };
}

function normalize(schema: unknown): NormalizedSchema {
  // The boundary to the SDK's untyped exports: NormalizedSchema itself checks what it is given.
  return NormalizedSchema.of(schema as Parameters<typeof NormalizedSchema.of>[0]);
}

function traitOf(traits: unknown, name: string): unknown {
  if (typeof traits !== "object" || traits === null) return undefined;
  return Object.entries(traits).find(([key]) => key === name)?.[1];
}
