import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { systemClock } from "../lib/clock.ts";
import { silentLog } from "../lib/log.ts";
import { systemRandom } from "../lib/random.ts";
import { createSimulatedRuntime } from "../runtime/simulated/simulated-runtime.ts";
import { LogStore } from "../store/log-store.ts";
import { Store } from "../store/store.ts";
import { sessionPrograms } from "../store/tables/ecs.ts";
import { createTaskSessions } from "./task-sessions.ts";
import { Client } from "./testing.ts";

const SCOPE = { account: "000000000000", region: "ap-northeast-1" };

test("a session's program is recorded while it runs, and one that was left is ended at the start", async () => {
  const store = new Store(":memory:");
  const ended: string[] = [];
  const simulated = createSimulatedRuntime({ clock: systemClock });
  await simulated.ensureSandbox({
    sandboxId: "task",
    hostname: "h",
    nameServers: [],
    searchDomains: [],
    hosts: [],
    limits: {},
  });
  const observed = await simulated.observeSandbox("task");
  const runtimeId = (observed.ok && observed.value[0]?.containerId) || assert.fail("no container");
  const left = { ...SCOPE, sessionId: "old", programId: "left", containerArn: "c", runtimeId };
  store.transaction((tx) => tx.put(sessionPrograms, left));

  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const sessions = createTaskSessions({
    store,
    logs: new LogStore(":memory:", store, systemClock),
    clock: systemClock,
    random: systemRandom,
    log: silentLog,
    endpoint: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    runtime: {
      openTerminal: (...parameters) => simulated.openTerminal(...parameters),
      endProgram(programId) {
        ended.push(programId);
        return simulated.endProgram(programId);
      },
    },
  });
  server.on("upgrade", sessions.upgrade);
  sessions.start();
  await pause(10);
  assert.deepEqual(ended, ["left"]);
  assert.deepEqual(store.list(sessionPrograms), []);

  const request = { scope: SCOPE, containerArn: "c", runtimeId };
  const first = sessions.open({ ...request, command: "sh -c 'a b'" });
  assert.match(first.sessionId, /^ecs-execute-command-[a-z0-9]{17}$/);
  const client = new Client(first.streamUrl, first.tokenValue);
  await client.ready;
  await pause(20);
  assert.equal(client.output, "sh -c a b\r\n");
  assert.deepEqual(
    store.list(sessionPrograms).map(({ sessionId }) => sessionId),
    [first.sessionId],
  );
  assert.equal(sessions.countOf("c"), 1);
  const stranger = { ...SCOPE, account: "111111111111" };
  assert.equal(sessions.resume(stranger, first.sessionId), undefined);
  sessions.terminate(stranger, first.sessionId);
  assert.equal(sessions.countOf("c"), 1);
  client.type("exit\r");
  assert.equal(await client.ended, "");
  await pause(10);
  assert.deepEqual([store.list(sessionPrograms), sessions.countOf("c")], [[], 0]);

  const quote = sessions.open({ ...request, command: "echo 'open" });
  const refused = new Client(quote.streamUrl, quote.tokenValue);
  assert.match(await refused.ended, /Failed to parse commands input: EOF found when expecting closing quote/);
  await sessions.stop();
  server.close();
  server.closeAllConnections();
});
