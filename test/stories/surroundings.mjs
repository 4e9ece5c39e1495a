/**
 * Prints everything that a program can see of its surroundings, a line for each subject: `<subject> <JSON>`. Runs in a
 * container with Node and busybox, and needs no network to say what it found. Usage: surroundings.mjs <address:port>…,
 * the addresses that it tries to reach.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { hostname } from "node:os";

const text = (path) => {
  try {
    return readFileSync(path, "utf8").trim();
  } catch (error) {
    return error.code;
  }
};
const run = (...command) => {
  try {
    return execFileSync("/bin/busybox", command, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch (error) {
    return String(error.stdout ?? "").trim();
  }
};
const rows = (given, separator = /\s+/) =>
  given === "" ? [] : given.split("\n").map((line) => line.trim().split(separator));
const list = (path) => (existsSync(path) ? readdirSync(path).sort() : []);

function status() {
  return Object.fromEntries(
    text("/proc/self/status")
      .split("\n")
      .map((line) => line.split(/:\s+/))
      .filter(([name]) => /^(Uid|Gid|Groups|Cap\w+|NoNewPrivs|Seccomp|SigIgn|SigBlk)$/.test(name)),
  );
}

function limits() {
  return Object.fromEntries(
    text("/proc/self/limits")
      .split("\n")
      .slice(1)
      .map((line) => [line.slice(0, 26).trim(), [line.slice(26, 47).trim(), line.slice(47, 68).trim()]]),
  );
}

const CONTROL_GROUPS = {
  memory: ["/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory.max"],
  cpuShares: ["/sys/fs/cgroup/cpu/cpu.shares", "/sys/fs/cgroup/cpu.weight"],
  cpuQuota: ["/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "/sys/fs/cgroup/cpu.max"],
};

function writable(path) {
  try {
    writeFileSync(path, "");
    return true;
  } catch (error) {
    return error.code;
  }
}

function reach(target) {
  const [host, port] = target.split(":");
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port), timeout: 1500 });
    const end = (outcome) => {
      socket.destroy();
      resolve([target, outcome]);
    };
    socket.once("connect", () => end("open"));
    socket.once("timeout", () => end("timeout"));
    socket.once("error", ({ code }) => end(code));
  });
}

async function document(url) {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(3000) });
    const body = await answer.text();
    return answer.ok ? JSON.parse(body) : { status: answer.status, body };
  } catch (error) {
    return String(error.cause?.code ?? error.name);
  }
}

async function documents() {
  const { ECS_CONTAINER_METADATA_URI: v3, ECS_CONTAINER_METADATA_URI_V4: v4 } = process.env;
  const paths = { v3, v3Task: `${v3}/task`, v4, v4Task: `${v4}/task`, stats: `${v4}/stats` };
  const found = {};
  for (const [name, url] of Object.entries(paths)) found[name] = await document(url);
  return found;
}

const subjects = {
  environment: () => process.env,
  status,
  limits,
  identity: () => ({ uid: process.getuid(), gid: process.getgid(), groups: process.getgroups() }),
  hostname: () => ({ name: hostname(), file: text("/etc/hostname") }),
  hosts: () => text("/etc/hosts"),
  resolver: () => text("/etc/resolv.conf"),
  interfaces: () => list("/sys/class/net"),
  addresses: () => rows(run("ip", "-o", "addr")),
  routes: () => rows(run("ip", "route")),
  neighbours: () => rows(run("ip", "neigh")),
  mounts: () =>
    rows(text("/proc/self/mountinfo")).map((row) => {
      const [type, source, more] = row.slice(row.indexOf("-") + 1);
      return { root: row[3], at: row[4], options: `${row[5]} ${more}`, type, source };
    }),
  controlGroups: () =>
    Object.fromEntries(
      Object.entries(CONTROL_GROUPS).map(([name, paths]) => [name, text(paths.find(existsSync) ?? paths[0])]),
    ),
  processes: () => ({
    first: text("/proc/1/cmdline").split("\0"),
    self: process.pid,
    count: list("/proc").filter((name) => /^\d+$/.test(name)).length,
  }),
  devices: () => list("/dev"),
  descriptors: () => list("/proc/self/fd").length,
  sysctls: () =>
    Object.fromEntries(
      ["net/ipv4/ip_unprivileged_port_start", "net/ipv4/ip_forward", "net/ipv4/ip_local_port_range"]
        .concat(["net/core/somaxconn", "net/ipv4/tcp_keepalive_time", "net/ipv4/ping_group_range"])
        .map((name) => [name, text(`/proc/sys/${name}`)]),
    ),
  files: () => ({
    root: writable("/written"),
    sysctl: writable("/proc/sys/net/ipv4/ip_forward"),
    system: writable("/sys/written"),
    socket: ["/var/run/docker.sock", "/run/docker.sock", "/run/containerd/containerd.sock"].filter(existsSync),
    dockerenv: existsSync("/.dockerenv") && statSync("/.dockerenv").size,
    directory: process.cwd(),
    list: list("/"),
  }),
  documents,
  reached: async () => Object.fromEntries(await Promise.all(process.argv.slice(2).map(reach))),
};

/** The engine cuts lines at 16 KiB. */
for (const [subject, look] of Object.entries(subjects)) {
  process.stdout.write(`${subject} ${JSON.stringify(await look())}\n`);
}
process.stdout.write("done true\n");
process.once("SIGTERM", () => process.exit(0));
setInterval(() => {}, 60_000);
