/** HAProxy's runtime API: one command line per connection of a Unix socket, the answer up to its end. */
import { connect } from "node:net";

/** Nothing listens at the socket. */
export class ProxyUnreachable extends Error {
  override readonly name = "ProxyUnreachable";
}

const LONGEST_ANSWER_MS = 5_000;
/** A command line has to fit HAProxy's buffer; commands are sent in batches below this. */
const LONGEST_LINE = 8_000;

/** Throws `ProxyUnreachable` when nobody listens, an Error when no answer comes in time. */
export function ask(socketPath: string, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(socketPath);
    socket.setEncoding("utf8");
    socket.setTimeout(LONGEST_ANSWER_MS, () => {
      socket.destroy(new Error(`no answer to "${command.slice(0, 80)}" at ${socketPath}`));
    });
    socket.on("data", (chunk: string) => {
      answer += chunk;
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      const gone = error.code === "ENOENT" || error.code === "ECONNREFUSED";
      reject(gone ? new ProxyUnreachable(`no proxy at ${socketPath}`) : error);
    });
    socket.on("close", () => resolve(answer));
    socket.end(`${command}\n`);
  });
}

/**
 * Runs commands that change servers, several to a line. Throws with HAProxy's words when one is refused; the caller
 * looks at the servers again, so a batch that was done in part does no harm.
 */
export async function change(socketPath: string, commands: readonly string[]): Promise<void> {
  for (const line of inBatches(commands)) {
    const complaints = (await ask(socketPath, line))
      .split("\n")
      .map((text) => text.trim())
      .filter((text) => text !== "" && !isExpected(text));
    if (complaints.length > 0) throw new Error(`haproxy refused a change: ${complaints.join("; ")}`);
  }
}

function isExpected(text: string): boolean {
  return (
    text === "New server registered." ||
    text === "Server deleted." ||
    // It stays in maintenance, where it gets nothing; the next reload forgets it.
    text.startsWith("Server still has connections attached to it")
  );
}

function inBatches(commands: readonly string[]): string[] {
  const lines: string[] = [];
  let line = "";
  for (const command of commands) {
    if (line !== "" && line.length + command.length + 1 > LONGEST_LINE) {
      lines.push(line);
      line = "";
    }
    line = line === "" ? command : `${line};${command}`;
  }
  return line === "" ? lines : [...lines, line];
}
