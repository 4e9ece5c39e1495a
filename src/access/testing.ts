/** For tests: Berth's front door over a store in memory, without containers and kernel. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createRequestHandler } from "../gateway/handle-request.ts";
import { createHttpServer } from "../gateway/http-server.ts";
import type { RequestSource } from "../gateway/protocols/protocol.ts";
import { serviceCatalog } from "../gateway/service-catalog.ts";
import { systemClock } from "../lib/clock.ts";
import { silentLog } from "../lib/log.ts";
import { systemRandom } from "../lib/random.ts";
import { type TestClock, testClock, testContext } from "../services/testing.ts";
import type { Store } from "../store/store.ts";
import { createAccessControl } from "./access-control.ts";

export interface FrontDoor {
  readonly endpoint: string;
  readonly store: Store;
  readonly clock: TestClock;
  readonly sealingKey: string;
  close(): Promise<void>;
}

/** `source` is where every request is said to come from. */
export async function openFrontDoor(
  options: { readonly enforceOperator?: boolean; readonly source?: RequestSource } = {},
): Promise<FrontDoor> {
  const clock = testClock(systemClock.now());
  const template = testContext({ clock });
  const { store, settings } = template;
  const handle = createRequestHandler({
    catalog: serviceCatalog,
    log: silentLog,
    access: createAccessControl({
      store,
      clock,
      random: systemRandom,
      sealingKey: settings.sealingKey,
      enforceOperator: options.enforceOperator ?? false,
    }),
    signedAt: () => systemClock.now(),
    newRequestId: () => systemRandom.uuid(),
    context: (scope, caller, requestId) => ({ ...template, scope, caller, requestId }),
  });
  const server = createHttpServer({
    log: silentLog,
    aws: (request) => handle(options.source === undefined ? request : { ...request, source: options.source }),
    paths: [],
    upgrades: [],
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    store,
    clock,
    sealingKey: settings.sealingKey,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
