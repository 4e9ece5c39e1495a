/** An HTTP server on the loopback device in front of a handler, and requests to it. */
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from "node:http";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** `closed`: the server hung up without an answer. */
export type Ask = (
  method: string,
  path: string,
  headers?: Readonly<Record<string, string>>,
  body?: string,
) => Promise<Answer | "closed">;

/** Serves while `work` runs. Clients come from `from`, 127.0.0.1 unless told. */
export async function serving(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
  work: (ask: Ask) => Promise<void>,
  from = "127.0.0.1",
): Promise<void> {
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  try {
    await work((method, path, headers = {}, body = undefined) =>
      ask({ port, method, path, headers, localAddress: from }, body),
    );
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

function ask(
  options: {
    readonly port: number;
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly localAddress: string;
  },
  sent: string | undefined,
): Promise<Answer | "closed"> {
  return new Promise((resolve) => {
    const asked = request({ host: "127.0.0.1", agent: false, ...options }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (text: string) => {
        body += text;
      });
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    });
    asked.on("error", () => resolve("closed"));
    asked.end(sent);
  });
}
