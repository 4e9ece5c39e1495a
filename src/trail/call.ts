/** A call to an AWS API, as the gateway reports it once it is answered. */
import type { Scope } from "../model/scope.ts";
import type { Caller } from "../services/operation.ts";

export type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

export interface Parameters {
  readonly parameters: { readonly [name: string]: Json } | null;
  /** Secrets that were left out of them. */
  readonly hidden: readonly string[];
}

export interface Call {
  /** As the gateway's catalogue names it: `ecs`. */
  readonly service: string;
  readonly operation: string;
  readonly scope: Scope;
  readonly caller: Caller;
  readonly requestId: string;
  readonly sourceIp?: string | undefined;
  readonly userAgent?: string | undefined;
  /** Decoded by the operation's schema; holds secrets. */
  readonly input?: Readonly<Record<string, unknown>> | undefined;
  readonly output?: object | undefined;
  readonly error?:
    | {
        readonly code: string;
        readonly message: string;
        readonly fault: "client" | "server";
        /** IAM said no. */
        readonly denied: boolean;
      }
    | undefined;
  readonly request: () => Parameters;
  readonly response: () => Parameters;
}
