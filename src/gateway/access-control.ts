/** What the gateway asks before it lets a request through. It knows keys and signatures; who may do what it is told. */
import type { Scope } from "../model/scope.ts";
import type { Caller } from "../services/operation.ts";

export interface AccessControl {
  identify(key: {
    readonly accessKeyId: string;
    readonly sessionToken?: string | undefined;
    readonly issuedKeysOnly?: boolean | undefined;
    readonly service: string;
  }):
    | {
        readonly kind: "known";
        readonly actor: { readonly account: string; readonly arn: string; readonly userId: string };
        readonly principal: Caller["principal"];
        readonly secret?: string | undefined;
      }
    | { readonly kind: "unknown-key" }
    | {
        readonly kind: "expired-token";
        /** Where it is still known whose it was. */
        readonly actor?:
          | { readonly account: string; readonly arn: string; readonly userId: string }
          | undefined;
        readonly principal?: Caller["principal"] | undefined;
      };
  /** Why the caller may not do it, as the client is told; undefined when it may. */
  refusal(
    caller: Caller,
    call: {
      readonly scope: Scope;
      readonly service: string;
      readonly operation: string;
      readonly input: Readonly<Record<string, unknown>>;
      readonly request: {
        readonly sourceIp?: string | undefined;
        readonly userAgent?: string | undefined;
      };
    },
  ): string | undefined;
}
