import assert from "node:assert/strict";
import { readlink } from "node:fs/promises";
import { after, before, test } from "node:test";
import type { ContainerSpec } from "../../src/runtime/container-runtime.ts";
import { createDockerWorld, type DockerWorld, eventually, sandbox, shell, value } from "./docker-setup.ts";

let world: DockerWorld;
before(async () => {
  world = await createDockerWorld();
});
after(() => world.cleanUp());

const HOST = "ip-10-0-1-7.ap-northeast-1.compute.internal";

function machine(sandboxId: string) {
  return world.runtime.ensureSandbox(sandbox(sandboxId, { machine: true, hostname: HOST }));
}

async function runIn(sandboxId: string, input: string, timeoutSeconds = 20) {
  return value(
    await world.runtime.runInSandbox(sandboxId, { arguments: ["/bin/bash"], input, timeoutSeconds }),
  );
}

/** What a container of the task prints: its lines, in order. */
async function linesOf(sandboxId: string, script: string, more: Partial<ContainerSpec>): Promise<string[]> {
  const { containerId } = value(await world.runtime.createContainer(shell(world, sandboxId, script, more)));
  value(await world.runtime.startContainer(containerId));
  const lines: string[] = [];
  await world.runtime.followLogs(
    containerId,
    0,
    ({ message }) => lines.push(message),
    new AbortController().signal,
  );
  return lines;
}

const SHOW = "busybox hostname; busybox readlink /proc/self/ns/net; busybox ip -o link | busybox wc -l";

test("user data with a here document writes the agent's configuration, as root, with the usual commands", async () => {
  value(await machine("i-0aa"));
  const script = `#!/bin/bash
set -eu
test "$(id -un)" = root
[[ -x /usr/bin/awk && -x /sbin/ip ]]
cat <<'EOF' >> /etc/ecs/ecs.config
ECS_CLUSTER=main
ECS_INSTANCE_ATTRIBUTES={"stack": "prod"}
EOF
echo done
echo trouble >&2
mkdir -p /opt/app && touch /var/log/boot "$HOME/x"
. /etc/os-release; echo "$ID $TERM"
cat > /tmp/more.sh <<EOF
#!/bin/bash
echo from \\$0 \\$1
EOF
chmod +x /tmp/more.sh; /tmp/more.sh here
exit 3
`;
  const ran = await runIn("i-0aa", script);
  assert.deepEqual(
    ran.output.split("\n").filter((line) => line !== "trouble"),
    ["done", "amzn linux", "from /tmp/more.sh here", ""],
  );
  assert.match(ran.output, /^trouble$/m);
  assert.equal(ran.exitCode, 3);
  const config = value(
    await world.runtime.runInSandbox("i-0aa", {
      arguments: ["cat", "/etc/ecs/ecs.config"],
      timeoutSeconds: 5,
    }),
  );
  assert.equal(config.output, 'ECS_CLUSTER=main\nECS_INSTANCE_ATTRIBUTES={"stack": "prod"}\n');
});

test("a program that takes too long is killed with its children; one that leaves a daemon is not waited for", async () => {
  value(await machine("i-0bb"));
  const late = await runIn("i-0bb", "echo begun\nsleep 600 & sleep 600\n", 1);
  assert.deepEqual([late.exitCode, late.output], [124, "begun\n"]);
  const { output } = await runIn("i-0bb", "ps | grep -c '[s]leep 600'; true");
  assert.equal(output.trim(), "0");
  const daemon = await runIn("i-0bb", "setsid sleep 599 &\necho left\n");
  assert.deepEqual([daemon.exitCode, daemon.output], [0, "left\n"]);
});

test("of much output the last 64 KiB are kept; a machine that is not there is a failure", async () => {
  value(await machine("i-0cc"));
  const { output } = await runIn("i-0cc", "seq 1 40000");
  assert.equal(output.length, 64 * 1024);
  assert.ok(output.endsWith("\n39999\n40000\n"));
  const nowhere = await world.runtime.runInSandbox("i-0dd", { arguments: ["true"], timeoutSeconds: 5 });
  assert.ok(!nowhere.ok && nowhere.failure.kind === "start-failed");
});

test("what a machine started in the background is reaped when it ends", async () => {
  value(await machine("i-0ee"));
  await runIn("i-0ee", "(sleep 0.2 &) ; (sleep 0.3 &)");
  await eventually("no zombie", async () => {
    const { output } = await runIn("i-0ee", "ps -o stat,comm | grep '^Z' || true");
    return output.trim() === "" ? true : undefined;
  });
});

test("a container joins a machine's network and its name; its own sandbox goes without the machine", async () => {
  const host = value(await machine("i-0ff"));
  const lines = await linesOf("host-task", SHOW, { network: { kind: "joined", sandboxId: "i-0ff" } });
  assert.deepEqual(lines, [HOST, await readlink(`/proc/${host.processId}/ns/net`), "1"]);
  assert.ok(value(await world.runtime.listSandboxes()).includes("host-task"));
  value(await world.runtime.removeSandbox("host-task"));
  assert.deepEqual(value(await world.runtime.observeSandbox("host-task")), []);
  assert.equal((await runIn("i-0ff", "echo still")).output, "still\n");
});

test("two containers of one task have namespaces, names and addresses of their own, held by pause containers", async () => {
  const made = new Map<string, string>();
  for (const holdsFor of ["web", "app"]) {
    const spec = sandbox("bridged", {
      holdsFor,
      hostname: `host-of-${holdsFor}`,
      hosts: [{ name: "peer", address: "172.17.0.9" }],
    });
    const { processId } = value(await world.runtime.ensureSandbox(spec));
    assert.equal(value(await world.runtime.ensureSandbox(spec)).processId, processId);
    made.set(holdsFor, await readlink(`/proc/${processId}/ns/net`));
  }
  assert.equal(new Set(made.values()).size, 2);
  for (const [name, namespace] of made) {
    const script = `${SHOW}; busybox grep peer /etc/hosts`;
    const lines = await linesOf("bridged", script, { name, network: { kind: "own" } });
    assert.deepEqual(lines, [`host-of-${name}`, namespace, "1", "172.17.0.9\tpeer"]);
  }
  const observed = value(await world.runtime.observeSandbox("bridged"));
  assert.deepEqual(observed.map(({ name, holdsFor }) => `${name ?? "pause"} ${holdsFor ?? ""}`).sort(), [
    "app ",
    "pause app",
    "pause web",
    "web ",
  ]);
  value(await world.runtime.removeSandbox("bridged"));
  assert.deepEqual(value(await world.runtime.observeSandbox("bridged")), []);
  const orphan = await world.runtime.createContainer(
    shell(world, "bridged", "true", { network: { kind: "own" } }),
  );
  assert.ok(!orphan.ok && orphan.failure.kind === "create-failed");
});

test("a container without a network has loopback alone, the host name that it asks for, and its task's limits", async () => {
  const sandboxLimits = { nanoCpus: 500_000_000, memoryBytes: 32 * 1024 * 1024 };
  const network = { kind: "none", hostname: "alone", hosts: [{ name: "x", address: "10.1.1.1" }] } as const;
  const lines = await linesOf("isolated", "busybox hostname; busybox ip -o link | busybox wc -l", {
    network,
  });
  assert.deepEqual(lines, ["alone", "1"]);
  const script = "busybox dd if=/dev/zero of=/dev/shm/x bs=1M count=60";
  await linesOf("isolated", script, { name: "big", network, sandboxLimits });
  const big = value(await world.runtime.observeSandbox("isolated")).find(({ name }) => name === "big");
  assert.deepEqual([big?.exitCode, big?.outOfMemory], [137, true]);
});
