import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import { systemClock } from "../lib/clock.ts";
import { silentLog } from "../lib/log.ts";
import { systemRandom } from "../lib/random.ts";
import { success } from "../lib/result.ts";
import { PAYLOAD } from "./message.ts";
import type { ContainerProcess, ProcessEvents } from "./session.ts";
import { createSessionServer, type NewSession, type SessionServer } from "./session-server.ts";
import { Client } from "./testing.ts";

describe("sessions over a web socket", () => {
  let server: Server;
  let sessions: SessionServer;
  let base = "";
  const calls: string[] = [];
  let transcript = "";
  let events: ProcessEvents | undefined;

  const process: ContainerProcess = {
    write(data) {
      const text = data.toString();
      if (text === "big") {
        for (let i = 0; i < 2000; i++) events?.output(Buffer.from(`${"x".repeat(1000)}\n`));
      } else events?.output(Buffer.from(`<${text}>`));
      if (text === "bye") events?.ended(0);
    },
    resize: (columns, rows) => calls.push(`${columns}×${rows}`),
    pause: () => calls.push("pause"),
    resume: () => calls.push("resume"),
    kill: () => calls.push("kill"),
  };

  before(async () => {
    sessions = createSessionServer({ clock: systemClock, random: systemRandom, log: silentLog });
    server = createServer();
    server.on("upgrade", (request, socket, head) => sessions.upgrade(request, socket, head));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    base = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/v1/data-channel/`;
  });

  after(() => {
    sessions.close();
    server.close();
    server.closeAllConnections();
  });

  const open = (sessionId: string): NewSession =>
    sessions.open({
      sessionId,
      owner: "container",
      async start(given) {
        events = given;
        return success(process);
      },
      transcript: (data) => {
        transcript += data.toString();
      },
    });

  test("what is typed reaches the program, what it prints the client, and its end ends the session", async () => {
    const { sessionId, tokenValue } = open("s1");
    const client = new Client(`${base}${sessionId}?role=publish_subscribe`, tokenValue);
    await client.opened;
    client.send(PAYLOAD.size, Buffer.from('{"cols":80,"rows":24}'));
    await client.ready;
    client.send(PAYLOAD.size, Buffer.from('{"cols":132,"rows":50}'));
    client.type("hello");
    client.type("bye");
    assert.equal(await client.ended, "");
    assert.equal(client.output, "<hello><bye>");
    assert.equal(transcript, "<hello><bye>");
    assert.ok(calls.includes("80×24") && calls.includes("132×50"), calls.join());
    assert.equal(sessions.openSessions("container"), 0);
  });

  test("big output arrives whole", async () => {
    const { sessionId, tokenValue } = open("s2");
    const client = new Client(base + sessionId, tokenValue);
    await client.ready;
    client.type("big");
    client.type("bye");
    assert.equal(await client.ended, "");
    assert.equal(client.output.length, 2000 * 1001 + "<big>".length - "<big>".length + "<bye>".length);
  });

  test("without the token, or for no session, there is nothing to be had", async () => {
    const { sessionId, tokenValue } = open("s3");
    const stranger = new Client(base + sessionId, "f".repeat(64));
    assert.equal(await stranger.ended, "closed 1008");
    const lost = new Client(`${base}nothing`, tokenValue);
    assert.match(await lost.ended, /404/);
    assert.equal(sessions.terminate(sessionId), true);
    assert.equal(sessions.terminate(sessionId), false);
  });

  test("a client that lost its connection comes back with a new token and misses nothing", async () => {
    const { sessionId, tokenValue } = open("s4");
    const first = new Client(base + sessionId, tokenValue);
    await first.ready;
    first.socket.terminate();
    await first.ended;
    const resumed = sessions.resume(sessionId);
    assert.ok(resumed);
    assert.notEqual(resumed.tokenValue, tokenValue);
    events?.output(Buffer.from("meanwhile"));
    const old = new Client(base + sessionId, tokenValue);
    assert.equal(await old.ended, "closed 1008");
    assert.equal(sessions.openSessions("container"), 1);
    assert.equal(sessions.terminate(sessionId), true);
    assert.equal(calls.at(-1), "kill");
  });
});
