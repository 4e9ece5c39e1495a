/** A small answer on port 80, for both sides of the data plane's measurement. Ends with its standard input. */
import { createServer } from "node:http";

process.stdin.resume().once("end", () => process.exit(0));
createServer((_request, response) => response.end("ok\n")).listen(80, () => process.stdout.write("ready\n"));
