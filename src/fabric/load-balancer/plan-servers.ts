/** From the servers that HAProxy has to those that it should have, as commands of the runtime API. Pure. */
import type { ProxyBackend } from "../config.ts";
import type { ObservedServer } from "./observe-servers.ts";
import { type RenderedServer, renderServers } from "./render-backend.ts";

/** Nothing to do gives an empty list; additions come before removals. */
export function planServers(
  backends: readonly ProxyBackend[],
  observed: readonly ObservedServer[],
): string[] {
  const known = new Map(observed.map((server) => [`${server.backendId}/${server.name}`, server]));
  const wanted = new Set<string>();
  const commands: string[] = [];
  for (const backend of backends) {
    for (const target of backend.targets) {
      for (const server of renderServers(backend, target)) {
        const path = `${backend.backendId}/${server.name}`;
        wanted.add(path);
        commands.push(...planServer(path, server, target.draining, known.get(path)));
      }
    }
  }
  for (const [path, server] of known) {
    if (!wanted.has(path) && !server.maintenance) commands.push(...planRemoval(path));
  }
  return commands;
}

function planServer(
  path: string,
  server: RenderedServer,
  draining: boolean,
  observed: ObservedServer | undefined,
): string[] {
  if (observed === undefined) {
    return [
      `add server ${path} ${server.definition}`,
      ...begin(path, server),
      ...(draining ? [`set server ${path} state drain`] : []),
    ];
  }
  // Left over from a removal, or added in part: it begins anew.
  if (observed.maintenance) return begin(path, server);
  if (draining && !observed.draining) return [`set server ${path} state drain`];
  // Registered again while it drained: a new target, so it has to prove itself.
  if (!draining && observed.draining) return begin(path, server);
  return [];
}

/** Up with the full count of failures to go, gate closed, first check at once. */
function begin(path: string, server: RenderedServer): string[] {
  return [
    ...(server.checked ? [`set server ${path} weight 0`, `set server ${path} health up`] : []),
    `set server ${path} state ready`,
    ...(server.checked ? [`enable health ${path}`] : []),
  ];
}

function planRemoval(path: string): string[] {
  return [
    `set server ${path} state maint`,
    `disable health ${path}`,
    `shutdown sessions server ${path}`,
    `del server ${path}`,
  ];
}

/**
 * Opens the gate of checked servers: a first success makes a target healthy at once. One that has failed often
 * enough to be down needs no gate any more, HAProxy itself lets it in again after its successes.
 */
export function planAdmissions(observed: readonly ObservedServer[]): {
  readonly commands: readonly string[];
  /** Servers still wait for their first success or their failure. */
  readonly waiting: boolean;
} {
  const gated = observed.filter((server) => server.checked && !server.maintenance && server.weight === 0);
  const decided = gated.filter((server) => server.health === "down" || server.lastCheck?.outcome === "ok");
  return {
    commands: decided.map((server) => `set server ${server.backendId}/${server.name} weight 1`),
    waiting: decided.length < gated.length,
  };
}
