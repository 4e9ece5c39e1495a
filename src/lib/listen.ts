/** Listening on a port, with a text for the user where another program has it. */
import { createServer, type Server } from "node:net";

export interface Place {
  readonly host: string;
  readonly port: number;
}

/** Leaves nothing behind. Throws as `listen`. */
export async function requireFreePort(place: Place): Promise<void> {
  const server = createServer();
  await listen(server, place);
  await new Promise((resolve) => server.close(resolve));
}

/** Throws an error whose text tells the remedy when the port is taken. */
export function listen(server: Server, { host, port }: Place): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => {
      const taken = "code" in error && error.code === "EADDRINUSE";
      reject(
        taken
          ? new Error(`port ${port} on ${host} is taken by another program; stop it, or use --port`)
          : error,
      );
    });
    server.listen(port, host, () => resolve());
  });
}
