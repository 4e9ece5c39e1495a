import assert from "node:assert/strict";
import { test } from "node:test";
import type { ProxyBackend, ProxyTarget } from "../config.ts";
import {
  describeTargets,
  type ObservedServer,
  parseObservation,
  parseSessions,
  serverStateFile,
} from "./observe-servers.ts";
import { planAdmissions, planServers } from "./plan-servers.ts";
import { parseOldWorkers } from "./proxy-process.ts";

const ANSWER = `BERTH_STRUCTURE=abc

1
# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change
3 web 1 10.0.0.1:80 10.0.0.1 2 0 1 0 3
3 web 2 open-10.0.0.1:80 10.0.0.1 2 0 1 1 3
3 web 3 10.0.0.2:80 10.0.0.2 0 8 0 0 3
3 web 4 10.0.0.3:80 10.0.0.3 2 1 0 0 3

# pxname,svname,scur,status,weight,check_status,check_code,
web,10.0.0.1:80,2,UP 1/2,1,L7STS,404,
web,open-10.0.0.1:80,1,no check,1,,,
web,10.0.0.2:80,0,DOWN 1/2,0,* L4TOUT,,
web,10.0.0.3:80,0,MAINT,0,INI,,
`;

test("HAProxy's tables are read by column name", () => {
  const { structure, servers } = parseObservation(ANSWER);
  assert.equal(structure, "abc");
  assert.deepEqual(servers[0], {
    ...{ backendId: "web", name: "10.0.0.1:80", openSessions: 2 },
    ...{ maintenance: false, draining: false, weight: 1, health: "up", checked: true },
    lastCheck: { outcome: "wrong-code", code: 404 },
  });
  assert.equal(servers[1]?.checked, false);
  assert.equal(servers[2]?.health, "down");
  assert.equal(servers[2]?.draining, true);
  assert.deepEqual(servers[2]?.lastCheck, { outcome: "timeout" });
  assert.equal(servers[3]?.maintenance, true);
  assert.equal(servers[3]?.lastCheck, undefined);
});

test("the state file begins with its version, without what was answered before", () => {
  assert.match(serverStateFile(ANSWER.slice(ANSWER.indexOf("\n"))), /^1\n# be_id be_name/);
});

test("sessions of both servers and of replaced workers count for the target; servers taken out are no targets", () => {
  const { servers } = parseObservation(ANSWER);
  const older = parseSessions("# pxname,svname,scur,\nweb,open-10.0.0.1:80,4,\n");
  const targets = describeTargets(servers, older);
  assert.deepEqual(
    targets.map((target) => [target.address, target.port, target.state, target.openSessions]),
    [
      ["10.0.0.1", 80, "healthy", 7],
      ["10.0.0.2", 80, "unhealthy", 0],
    ],
  );
});

test("replaced workers are listed by the master", () => {
  const answer =
    "#<PID> <type>\n1 master 1\n# workers\n3 worker 0\n# old workers\n20 worker 1 0d\n21 worker 2 0d\n# programs\n";
  assert.deepEqual(parseOldWorkers(answer), [20, 21]);
  assert.deepEqual(parseOldWorkers("# workers\n3 worker 0\n# programs\n"), []);
});

function backend(targets: readonly Partial<ProxyTarget>[]): ProxyBackend {
  return {
    backendId: "web",
    protocol: "HTTP",
    algorithm: "round_robin",
    targets: targets.map((target) => ({ address: "10.0.0.1", port: 80, draining: false, ...target })),
    healthCheck: {
      ...{ enabled: true, protocol: "HTTP", port: "traffic-port", path: "/", matcher: "200" },
      ...{ intervalSeconds: 30, timeoutSeconds: 5, healthyThresholdCount: 5, unhealthyThresholdCount: 2 },
    },
  };
}

function server(changes: Partial<ObservedServer> = {}): ObservedServer {
  return {
    ...{ backendId: "web", name: "10.0.0.1:80", openSessions: 0, lastCheck: undefined },
    ...{ maintenance: false, draining: false, weight: 0, health: "up", checked: true },
    ...changes,
  };
}

const OPEN = server({ name: "open-10.0.0.1:80", checked: false, weight: 1 });

test("a new target is added with a closed gate, up, and with its checks on", () => {
  const commands = planServers([backend([{}])], []);
  assert.match(commands[0] ?? "", /^add server web\/10\.0\.0\.1:80 10\.0\.0\.1:80 .* weight 0 check /);
  assert.deepEqual(commands.slice(1, 5), [
    "set server web/10.0.0.1:80 weight 0",
    "set server web/10.0.0.1:80 health up",
    "set server web/10.0.0.1:80 state ready",
    "enable health web/10.0.0.1:80",
  ]);
  assert.match(commands[5] ?? "", /^add server web\/open-10\.0\.0\.1:80 .* backup$/);
});

test("nothing is done when everything is so already", () => {
  assert.deepEqual(planServers([backend([{}])], [server({ weight: 1 }), OPEN]), []);
  const drained = [server({ draining: true }), { ...OPEN, draining: true }];
  assert.deepEqual(planServers([backend([{ draining: true }])], drained), []);
  assert.deepEqual(planServers([backend([])], [server({ maintenance: true })]), []);
});

test("a draining target's servers both drain", () => {
  assert.deepEqual(planServers([backend([{ draining: true }])], [server({ weight: 1 }), OPEN]), [
    "set server web/10.0.0.1:80 state drain",
    "set server web/open-10.0.0.1:80 state drain",
  ]);
});

test("a target registered again while it drained has to prove itself again", () => {
  const commands = planServers(
    [backend([{}])],
    [server({ weight: 1, draining: true }), { ...OPEN, draining: true }],
  );
  assert.equal(commands[0], "set server web/10.0.0.1:80 weight 0");
  assert.ok(commands.includes("set server web/open-10.0.0.1:80 state ready"));
});

test("a server that is not wanted any more is taken out, its sessions ended, and deleted", () => {
  assert.deepEqual(planServers([backend([])], [server({ weight: 1 })]), [
    "set server web/10.0.0.1:80 state maint",
    "disable health web/10.0.0.1:80",
    "shutdown sessions server web/10.0.0.1:80",
    "del server web/10.0.0.1:80",
  ]);
});

test("the gate opens at the first success, or when HAProxy itself keeps the server out", () => {
  const open = ["set server web/10.0.0.1:80 weight 1"];
  assert.deepEqual(planAdmissions([server({ lastCheck: { outcome: "ok" } })]), {
    commands: open,
    waiting: false,
  });
  assert.deepEqual(planAdmissions([server({ health: "down", lastCheck: { outcome: "failed" } })]), {
    commands: open,
    waiting: false,
  });
  assert.deepEqual(planAdmissions([server({ lastCheck: { outcome: "failed" } })]), {
    commands: [],
    waiting: true,
  });
  assert.deepEqual(planAdmissions([server({ weight: 1 }), OPEN]), { commands: [], waiting: false });
});
