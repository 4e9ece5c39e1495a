/** What the gateway asks of IAM: whose a key is, and whether its owner may do what is asked. */
import type { Clock } from "../lib/clock.ts";
import type { Principal } from "../model/iam/principal.ts";
import { findActor } from "../store/iam-actors.ts";
import { accessKeys } from "../store/tables/iam.ts";
import { type Call, refusalOf } from "./authorize.ts";
import { type Identified, type Identifying, identify, type PresentedKey } from "./identify.ts";

export interface AccessControl {
  identify(key: PresentedKey): Identified;
  /** Why not, in AWS's words; undefined when it may. */
  refusal(
    caller: CallerFacts,
    call: Omit<Call, "request"> & { readonly request: RequestOrigin },
  ): string | undefined;
}

export interface CallerFacts {
  readonly accessKeyId: string;
  readonly principal: Principal;
}

export interface RequestOrigin {
  readonly sourceIp?: string | undefined;
  readonly userAgent?: string | undefined;
}

/** GetAccessKeyLastUsed tells times no finer than this. */
const LAST_USED_STEP_MS = 15 * 60_000;

export function createAccessControl(parts: Identifying & { readonly clock: Clock }): AccessControl {
  const { store, clock } = parts;
  return {
    identify: (key) => identify(parts, key, clock.now()),
    refusal({ accessKeyId, principal }, call) {
      noteUse(parts, accessKeyId, call);
      if (principal.kind === "operator") return undefined;
      const actor = findActor(store, call.scope.account, principal);
      if (actor === undefined) return "The security token included in the request is invalid.";
      return refusalOf(store, actor, {
        ...call,
        // Nothing is encrypted on the way from this machine to itself; policies mean the way to AWS.
        request: { ...call.request, now: clock.now(), region: call.scope.region, secureTransport: true },
      })?.message;
    },
  };
}

function noteUse(
  { store, clock }: Identifying & { readonly clock: Clock },
  accessKeyId: string,
  { service, scope }: Pick<Call, "service" | "scope">,
): void {
  const key = store.get(accessKeys, accessKeyId);
  const now = clock.now();
  if (key === undefined || now - (key.lastUsed?.at ?? 0) < LAST_USED_STEP_MS) return;
  store.transaction((tx) =>
    tx.put(accessKeys, { ...key, lastUsed: { at: now, service, region: scope.region } }),
  );
}
