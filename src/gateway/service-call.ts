/**
 * Calls that an AWS service makes to another in the name of a role: EventBridge runs a task. They go the way of every
 * request: decoded by the operation's schema, asked of IAM, recorded in the event history.
 */
import type { Authenticated } from "./authentication.ts";
import { createTrustedHandler, type GatewayOptions } from "./handle-request.ts";

export interface ServiceCall {
  /** As the catalogue names it: `ecs`. Its protocol must be AWS JSON. */
  readonly service: string;
  readonly operation: string;
  /** JSON, not yet checked. */
  readonly input: object;
  readonly whose: Authenticated;
  /** Who calls: `events.amazonaws.com`. */
  readonly invokedBy: string;
}

export type ServiceAnswer =
  | { readonly kind: "done"; readonly output: unknown }
  /** `code` and `message` as a client would be told. */
  | {
      readonly kind: "refused";
      readonly fault: "client" | "server";
      readonly code: string;
      readonly message: string;
    };

/** Throws on a service that is not there: that is a bug. */
export function createServiceCaller(options: GatewayOptions): (call: ServiceCall) => Promise<ServiceAnswer> {
  const handle = createTrustedHandler(options);
  return async ({ service, operation, input, whose, invokedBy }) => {
    const entry = options.catalog.find(({ id }) => id === service);
    if (entry?.targetPrefix === undefined)
      throw new Error(`${service} is not a service that speaks AWS JSON`);
    const request = {
      method: "POST",
      path: "/",
      query: new URLSearchParams(),
      headers: {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": `${entry.targetPrefix}.${operation}`,
        "user-agent": invokedBy,
      },
      body: Buffer.from(JSON.stringify(input)),
      source: { address: invokedBy },
    };
    const { status, body } = await handle(entry, request, whose);
    const output: unknown = JSON.parse(
      typeof body === "string" || body instanceof Uint8Array ? String(body) : "{}",
    );
    if (status < 300) return { kind: "done", output };
    const { code, message } = readError(output);
    return { kind: "refused", fault: status >= 500 ? "server" : "client", code, message };
  };
}

function readError(body: unknown): { readonly code: string; readonly message: string } {
  if (typeof body !== "object" || body === null) return { code: "", message: "" };
  const type: unknown = Reflect.get(body, "__type");
  const message: unknown = Reflect.get(body, "message") ?? Reflect.get(body, "Message");
  return { code: String(type ?? "").replace(/^.*#/, ""), message: String(message ?? "") };
}
