/** An HTTP answer as a value. */
import type { ServerResponse } from "node:http";

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export function jsonReply(status: number, value: object | string): Reply {
  return {
    status,
    headers: { "Content-Type": "application/json" },
    body: Buffer.from(JSON.stringify(value)),
  };
}

export function send(response: ServerResponse, { status, headers, body }: Reply, headOnly = false): void {
  response.writeHead(status, { ...headers, "Content-Length": String(body.length) });
  response.end(headOnly ? undefined : body);
}
