// A target for the load balancer tests. Arguments: address and port to listen at. Prints one JSON line per request.
import { createHash } from "node:crypto";
import { createServer } from "node:http";

const [address, port] = process.argv.slice(2);
let health = Number(process.argv[4] ?? 200);

const server = createServer((request, response) => {
  const path = request.url ?? "";
  console.log(JSON.stringify({ at: Date.now(), path, headers: request.headers, raw: request.rawHeaders }));
  if (path === "/health") {
    response.writeHead(health).end();
  } else if (path.startsWith("/become/")) {
    health = Number(path.slice("/become/".length));
    response.end();
  } else if (path === "/reset") {
    request.socket.resetAndDestroy();
  } else if (path === "/silent") {
    // Never answers.
  } else if (path.startsWith("/stream/")) {
    let left = Number(path.slice("/stream/".length));
    const timer = setInterval(() => {
      response.write("tick\n");
      left -= 1;
      if (left <= 0) {
        clearInterval(timer);
        response.end("end\n");
      }
    }, 100);
  } else {
    response.setHeader("Server", "target");
    response.end(JSON.stringify({ port, path, headers: request.headers }));
  }
});
server.on("upgrade", (request, socket) => {
  const accept = createHash("sha1")
    .update(`${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest("base64");
  socket.write(
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
      `Sec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  socket.pipe(socket);
});
server.listen(Number(port), address, () => console.log("listening"));
