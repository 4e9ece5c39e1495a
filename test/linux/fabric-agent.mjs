/** Runs inside a sandbox's network namespace and opens sockets there as its parent says, over Node's IPC. */
import dgram from "node:dgram";
import net from "node:net";

const kept = new Map();
/** Source addresses of the datagrams that arrived, answered or not. */
const heard = [];

const actions = {
  /** Tells each caller who it is, then echoes. */
  listen: ({ port }) =>
    new Promise((resolve, reject) => {
      const server = net.createServer((socket) => {
        socket.on("error", () => undefined);
        socket.write(`${socket.remoteAddress?.replace("::ffff:", "")}\n`);
        socket.on("data", (data) => socket.write(data));
      });
      server.on("error", reject);
      server.listen(port, "0.0.0.0", () => resolve("listening"));
    }),
  connect: ({ host, port, localAddress, timeoutMs, keep }) =>
    new Promise((resolve) => {
      const socket = net.connect({ host, port, localAddress });
      const end = (result) => {
        clearTimeout(timer);
        if (!keep || result.error) socket.destroy();
        resolve(result);
      };
      const timer = setTimeout(() => end({ error: "timeout" }), timeoutMs);
      socket.on("error", (error) => end({ error: error.code }));
      socket.once("data", (data) => {
        if (keep) kept.set(keep, socket);
        end({ seenAs: String(data).trim() });
      });
    }),
  echo: ({ keep, timeoutMs }) =>
    new Promise((resolve) => {
      const socket = kept.get(keep);
      const timer = setTimeout(() => resolve({ error: "timeout" }), timeoutMs);
      socket.once("data", (data) => {
        clearTimeout(timer);
        resolve({ echoed: String(data) });
      });
      socket.write("still there");
    }),
  listenUdp: ({ port, address }) =>
    new Promise((resolve, reject) => {
      const socket = dgram.createSocket("udp4");
      socket.on("message", (data, peer) => {
        heard.push(peer.address);
        socket.send(`${peer.address} ${data}`, peer.port, peer.address);
      });
      socket.on("error", reject);
      socket.bind(port, address, () => resolve("listening"));
    }),
  heard: async () => heard.splice(0),
  udp: ({ host, port, localAddress, timeoutMs }) =>
    new Promise((resolve) => {
      const socket = dgram.createSocket("udp4");
      const end = (result) => {
        clearTimeout(timer);
        socket.close();
        resolve(result);
      };
      const timer = setTimeout(() => end({ error: "timeout" }), timeoutMs);
      socket.on("error", (error) => end({ error: error.code }));
      socket.on("message", (data) => end({ answer: String(data) }));
      socket.bind(0, localAddress, () => socket.send("hello", port, host));
    }),
};

process.on("message", async ({ id, action, parameters }) => {
  try {
    process.send({ id, result: await actions[action](parameters) });
  } catch (error) {
    process.send({ id, result: { error: String(error) } });
  }
});
process.on("disconnect", () => process.exit(0));
process.send({ id: 0 });
