/** Writing service events, for the loops that make them. */
import type { Clock } from "../lib/clock.ts";
import type { Random } from "../lib/random.ts";
import { withEvent } from "../model/ecs/service-events.ts";
import type { StoreReader, Transaction } from "./store.ts";
import { serviceEvents, services } from "./tables/ecs.ts";

/** Adds an event in the transaction of the change it tells of, so that it is told exactly once. */
export function addServiceEvent(
  tx: Transaction,
  store: StoreReader,
  deps: { readonly clock: Clock; readonly random: Random },
  serviceArn: string,
  message: string,
): void {
  const service = store.get(services, serviceArn);
  if (service === undefined) return;
  const event = { id: deps.random.uuid(), createdAt: deps.clock.now(), message };
  tx.put(serviceEvents, withEvent(store.get(serviceEvents, serviceArn), service, event));
}
