/** Asks the Berth that serves a state directory. */

import { CommandFailure, EXIT } from "./output.ts";
import { findRunningServer, type RunningServer } from "./process-file.ts";

/** Throws CommandFailure (3) when none runs. */
export function requireServer(stateDirectory: string): RunningServer {
  const server = findRunningServer(stateDirectory);
  if (server === undefined) {
    throw new CommandFailure(
      `no Berth runs for ${stateDirectory}; start it with ./berth up --detach`,
      EXIT.notRunning,
    );
  }
  return server;
}

export interface AdminAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** `path` below `/_berth/`. Throws CommandFailure when the server does not answer. */
export async function askServer(server: RunningServer, path: string): Promise<AdminAnswer> {
  try {
    const response = await fetch(`http://${server.host}:${server.port}/_berth/${path}`);
    return { status: response.status, body: await response.json() };
  } catch (error) {
    throw new CommandFailure(
      `Berth (process ${server.processId}) does not answer on port ${server.port}: ${error instanceof Error ? error.message : String(error)}; see ./berth logs`,
    );
  }
}
