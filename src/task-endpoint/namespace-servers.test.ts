import assert from "node:assert/strict";
import { createServer, type Server } from "node:net";
import { describe, it } from "node:test";
import { silentLog } from "../lib/log.ts";
import { testClock } from "../services/testing.ts";
import { createNamespaceServers, type WantedServer } from "./namespace-servers.ts";

/** Servers on the loopback device in place of namespaces; those in `missing` cannot be bound. */
function createServers() {
  const clock = testClock();
  const missing = new Set<string>();
  const listening = new Map<string, Server>();
  const servers = createNamespaceServers({
    clock,
    log: silentLog,
    sockets: {
      async listen(where) {
        assert.ok(where.kind === "vpc");
        const { vpcId } = where;
        if (missing.has(vpcId)) throw new Error("no such namespace");
        const server = createServer();
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        listening.set(vpcId, server);
        server.once("close", () => listening.delete(vpcId));
        return server;
      },
    },
  });
  const settle = () => new Promise((resolve) => setTimeout(resolve, 20));
  return { clock, missing, listening, servers, settle };
}

function wanted(vpcId: string): WantedServer {
  return {
    key: vpcId,
    where: { kind: "vpc", vpcId },
    address: "169.254.169.254",
    port: 80,
    handle: (_request, response) => response.end(vpcId),
  };
}

describe("servers in namespaces", () => {
  it("answer where they are wanted, are opened once, and closed when they are not wanted any more", async () => {
    const { listening, servers, settle } = createServers();
    servers.apply([wanted("vpc-1"), wanted("vpc-2")]);
    await settle();
    const first = listening.get("vpc-1");
    servers.apply([wanted("vpc-1")]);
    await settle();
    assert.deepEqual([...listening.keys()], ["vpc-1"]);
    assert.equal(listening.get("vpc-1"), first);
    const address = first?.address();
    assert.ok(typeof address === "object" && address !== null);
    const answer = await fetch(`http://127.0.0.1:${address.port}/`);
    assert.equal(await answer.text(), "vpc-1");
    servers.stop();
    await settle();
    assert.equal(listening.size, 0);
  });

  it("are tried again until their namespace is there, unless it is not wanted any more", async () => {
    const { clock, missing, listening, servers, settle } = createServers();
    missing.add("vpc-1").add("vpc-2");
    servers.apply([wanted("vpc-1"), wanted("vpc-2")]);
    await settle();
    servers.apply([wanted("vpc-1")]);
    missing.clear();
    clock.advance(1000);
    await settle();
    assert.deepEqual([...listening.keys()], ["vpc-1"]);
    servers.stop();
  });

  it("that are not wanted any more when their socket comes are closed at once", async () => {
    const { listening, servers, settle } = createServers();
    servers.apply([wanted("vpc-1")]);
    servers.apply([]);
    await settle();
    assert.equal(listening.size, 0);
  });
});
