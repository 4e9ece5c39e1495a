/**
 * The views that the process serves. Each is bound in its VPC's namespace, and bound again when that namespace has
 * been replaced by another of the same name, which its inode tells.
 */
import { statSync } from "node:fs";
import type { Below } from "../../lib/dns/lookup.ts";
import { indexZones, type ZoneIndex } from "../../lib/dns/zones.ts";
import type { DnsView } from "../fabric.ts";
import { bindListeners, type Listeners } from "./listeners.ts";
import { respond } from "./respond.ts";

interface Entry {
  view: DnsView;
  index: ZoneIndex;
  bound: { readonly identity: string; readonly listeners: Listeners } | undefined;
  /** One binding at a time. */
  binding: Promise<void>;
  failures: number;
  retryAt: number;
}

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 15_000;

export class Views {
  readonly #entries = new Map<string, Entry>();
  readonly #log: (message: string) => void;

  constructor(log: (message: string) => void) {
    this.#log = log;
  }

  get vpcIds(): string[] {
    return [...this.#entries.keys()];
  }

  /** New answers count at once. Throws when the addresses cannot be bound; `check` goes on trying. */
  async apply(view: DnsView): Promise<void> {
    const known = this.#entries.get(view.vpcId);
    const entry: Entry = known ?? {
      view,
      index: indexZones(view.zones),
      bound: undefined,
      binding: Promise.resolve(),
      failures: 0,
      retryAt: 0,
    };
    if (known !== undefined) {
      known.view = view;
      known.index = indexZones(view.zones);
    }
    this.#entries.set(view.vpcId, entry);
    await this.#ensureBound(entry);
  }

  remove(vpcId: string): void {
    const entry = this.#entries.get(vpcId);
    this.#entries.delete(vpcId);
    if (entry !== undefined) unbind(entry);
  }

  removeAll(): void {
    for (const vpcId of this.vpcIds) this.remove(vpcId);
  }

  /** Binds again what a namespace took with it. A socket left behind would keep a removed namespace alive. */
  check(now: number): void {
    for (const entry of this.#entries.values()) {
      const identity = identityOf(entry.view);
      if (entry.bound !== undefined && entry.bound.identity === identity) continue;
      if (identity === undefined) unbind(entry);
      else if (now >= entry.retryAt) {
        this.#ensureBound(entry).catch((error: Error) => this.#log(error.message));
      }
    }
  }

  #ensureBound(entry: Entry): Promise<void> {
    const attempt = entry.binding.then(async () => {
      try {
        await this.#bind(entry);
        entry.failures = 0;
        entry.retryAt = 0;
      } catch (error) {
        entry.retryAt = Date.now() + Math.min(FIRST_RETRY_MS * 2 ** entry.failures, LONGEST_RETRY_MS);
        entry.failures += 1;
        throw error;
      }
    });
    entry.binding = attempt.catch(() => {});
    return attempt;
  }

  async #bind(entry: Entry): Promise<void> {
    const { view } = entry;
    const identity = identityOf(view);
    if (entry.bound !== undefined && entry.bound.identity === identity) return;
    unbind(entry);
    if (identity === undefined) throw new Error(`the network namespace ${view.namespace} does not exist`);
    const listeners = await bindListeners(view.namespace, view.addresses, (packet, transport) =>
      respond(packet, transport, entry.index, below),
    );
    if (this.#entries.get(view.vpcId) !== entry) {
      listeners.close();
      return;
    }
    entry.bound = { identity, listeners };
  }
}

/** Math.random is enough for the order of answers. */
const below: Below = (bound) => Math.floor(Math.random() * bound);

function unbind(entry: Entry): void {
  entry.bound?.listeners.close();
  entry.bound = undefined;
}

/** Which namespace, and which addresses in it; undefined when there is none of that name. */
function identityOf(view: DnsView): string | undefined {
  const status = statSync(`/run/netns/${view.namespace}`, { throwIfNoEntry: false });
  if (status === undefined) return undefined;
  return `${view.namespace} ${status.dev}:${status.ino} ${view.addresses.join(" ")}`;
}
