/**
 * Sends one request again and again on N connections, each waiting for its answer, for some seconds; prints a
 * LoadResult. Speaks HTTP on bare sockets: Node's own client would take more of the machine than what is measured.
 */
import { connect, type Socket } from "node:net";
import { type Load, type LoadResult, NUMBER } from "./load.ts";

const WARM_UP_SHARE = 0.2;
const MOST_REQUESTS = 500_000;

interface Answer {
  readonly status: number;
  readonly bodyBytes: number;
  readonly staysOpen: boolean;
}

const load = JSON.parse(process.argv[2] ?? "{}") as Load;
const head = [
  `${load.method} ${load.path} HTTP/1.1`,
  `host: ${load.headers["host"] ?? `${load.host}:${load.port}`}`,
  ...Object.entries(load.headers).map(([name, value]) => `${name}: ${value}`),
  `content-length: ${Buffer.byteLength(load.body.replace(NUMBER, "00000000"))}`,
].join("\r\n");
let sent = 0;

function nextRequest(): string {
  sent += 1;
  return `${head}\r\n\r\n${load.body.replace(NUMBER, String(sent).padStart(8, "0"))}`;
}

/** Of a whole answer; nothing while more has to come. `ended`: the server closed the connection. */
function readAnswer(text: string, ended: boolean): Answer | undefined {
  const headEnd = text.indexOf("\r\n\r\n");
  if (headEnd < 0) return undefined;
  const headers = text.slice(0, headEnd).toLowerCase();
  const status = Number(headers.slice(9, 12));
  const body = headEnd + 4;
  const staysOpen = !headers.includes("\r\nconnection: close") && !headers.startsWith("http/1.0");
  const length = /\r\ncontent-length: *(\d+)/.exec(headers)?.[1];
  if (length !== undefined) {
    return text.length >= body + Number(length)
      ? { status, bodyBytes: Number(length), staysOpen }
      : undefined;
  }
  const whole = headers.includes("\r\ntransfer-encoding: chunked") ? text.endsWith("\r\n0\r\n\r\n") : ended;
  return whole ? { status, bodyBytes: text.length - body, staysOpen } : undefined;
}

function exchange(socket: Socket): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let text = "";
    const finish = (answer: Answer | undefined) => {
      if (answer === undefined) return false;
      socket.removeAllListeners();
      socket.on("error", () => {});
      resolve(answer);
      return true;
    };
    socket.on("data", (part: Buffer) => {
      // One byte is one character.
      text += part.toString("latin1");
      finish(readAnswer(text, false));
    });
    socket.once("end", () => {
      if (!finish(readAnswer(text, true))) reject(new Error(`closed in the middle of an answer: ${text}`));
    });
    socket.once("error", reject);
    socket.write(nextRequest());
  });
}

async function main(): Promise<LoadResult> {
  const start = performance.now();
  const measureFrom = start + load.seconds * WARM_UP_SHARE * 1000;
  const end = measureFrom + load.seconds * 1000;
  const latencies: number[] = [];
  let reconnects = -load.connections;
  let bytes = 0;

  const work = async () => {
    let socket: Socket | undefined;
    while (performance.now() < end && sent < MOST_REQUESTS) {
      // A new connection is part of what a request on such a server costs.
      const from = performance.now();
      if (socket === undefined) {
        socket = connect({ host: load.host, port: load.port, noDelay: true });
        reconnects += 1;
      }
      const answer = await exchange(socket);
      if (answer.status !== 200) throw new Error(`answered with status ${answer.status}`);
      bytes = answer.bodyBytes;
      const now = performance.now();
      if (from >= measureFrom && now <= end) latencies.push(now - from);
      if (!answer.staysOpen) {
        socket.destroy();
        socket = undefined;
      }
    }
    socket?.destroy();
  };
  await Promise.all(Array.from({ length: load.connections }, work));
  latencies.sort((a, b) => a - b);
  const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? Number.NaN;
  return {
    perSecond: latencies.length / load.seconds,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    requests: latencies.length,
    bytes,
    reconnects,
  };
}

process.stdout.write(JSON.stringify(await main()));
process.exit(0);
