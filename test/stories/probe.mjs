/**
 * Connects again and again and writes a line whenever the outcome changes: `<ms since epoch> open|timeout|<code>`.
 * Runs in a task's network namespace, with this machine's Node, so that it can try much more often than a container's
 * shell. Usage: probe.mjs <address> <port> <timeout in ms>
 */
import { connect } from "node:net";

const [address, port, timeout] = process.argv.slice(2);
let last = "";

function attempt() {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port: Number(port) });
    const end = (outcome) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(outcome);
    };
    const timer = setTimeout(() => end("timeout"), Number(timeout));
    socket.once("connect", () => end("open"));
    socket.once("error", (error) => end(error.code));
  });
}

process.stdin.resume().once("end", () => process.exit(0));
for (;;) {
  const outcome = await attempt();
  if (outcome !== last) process.stdout.write(`${Date.now()} ${outcome}\n`);
  last = outcome;
  await new Promise((resolve) => setTimeout(resolve, 20));
}
