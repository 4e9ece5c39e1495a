/** Requests as no SDK would send them. */
import { Agent, request } from "node:http";
import { REGION } from "./harness.ts";

export interface RawRequest {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export interface RawAnswer {
  readonly status: number;
  readonly body: string;
  /** Of the error, however its protocol carries it. */
  readonly code: string | undefined;
}

/** Of the JSON protocols: how `X-Amz-Target` begins. */
export const JSON_TARGETS = {
  ecs: "AmazonEC2ContainerServiceV20141113",
  servicediscovery: "Route53AutoNaming_v20170314",
  logs: "Logs_20140328",
  ecr: "AmazonEC2ContainerRegistry_V20150921",
  acm: "CertificateManager",
} as const;

export const QUERY_VERSIONS = {
  ec2: "2016-11-15",
  elasticloadbalancing: "2015-12-01",
  iam: "2010-05-08",
  sts: "2011-06-15",
} as const;

export type JsonService = keyof typeof JSON_TARGETS;
export type QueryService = keyof typeof QUERY_VERSIONS;

export function isJsonService(id: string): id is JsonService {
  return Object.hasOwn(JSON_TARGETS, id);
}

export function isQueryService(id: string): id is QueryService {
  return Object.hasOwn(QUERY_VERSIONS, id);
}

function credentialFor(service: string): Readonly<Record<string, string>> {
  const scope = `test/20260101/${REGION}/${service}/aws4_request`;
  return {
    authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`,
  };
}

export function jsonRequest(service: JsonService, operation: string, body: string): RawRequest {
  return {
    headers: {
      ...credentialFor(service),
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": `${JSON_TARGETS[service]}.${operation}`,
    },
    body,
  };
}

export function queryRequest(
  service: QueryService,
  operation: string,
  parameters: Readonly<Record<string, string>> = {},
): RawRequest {
  const form = new URLSearchParams({ Action: operation, Version: QUERY_VERSIONS[service], ...parameters });
  return formRequest(service, form.toString());
}

export function formRequest(service: QueryService, body: string): RawRequest {
  return {
    headers: {
      ...credentialFor(service),
      "content-type": "application/x-www-form-urlencoded; charset=utf-8",
    },
    body,
  };
}

/** Route 53; `path` below its version. */
export function restRequest(method: string, path: string, body = ""): RawRequest {
  return {
    method,
    path: `/2013-04-01/${path}`,
    headers: { ...credentialFor("route53"), "content-type": "application/xml" },
    body,
  };
}

/** S3. */
export function objectRequest(
  method: string,
  path: string,
  body = "",
  headers: Readonly<Record<string, string>> = {},
): RawRequest {
  return { method, path, headers: { ...headers, ...credentialFor("s3") }, body };
}

const agent = new Agent({ keepAlive: true });

export function send(port: number, raw: RawRequest): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const body = Buffer.from(raw.body ?? "");
    const sent = request(
      {
        host: "127.0.0.1",
        port,
        agent,
        method: raw.method ?? "POST",
        path: raw.path ?? "/",
        headers: { ...raw.headers, "content-length": String(body.length) },
        timeout: 20_000,
      },
      (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => {
          text += chunk;
        });
        response.once("end", () =>
          resolve({ status: response.statusCode ?? 0, body: text, code: codeOf(text) }),
        );
        response.once("error", reject);
      },
    );
    sent.once("timeout", () => sent.destroy(new Error("no answer in 20 seconds")));
    sent.once("error", reject);
    sent.end(body);
  });
}

function codeOf(body: string): string | undefined {
  const code = /"__type":\s*"(?:[^"]*#)?([^"]+)"/.exec(body) ?? /<Code>([^<]+)<\/Code>/.exec(body);
  return code?.[1];
}
