import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { connectionOptions, readEngineError, toFailure } from "./connection.ts";
import { limitFiles } from "./control-groups.ts";
import { containerOptions, sandboxOptions } from "./create-options.ts";
import { createLogReader } from "./log-frames.ts";
import { openFilesWithin } from "./open-files.ts";
import { isStaticExecutable } from "./pause-image.ts";
import { digestOf, withTag } from "./pull.ts";
import { sandboxOfEvent } from "./watch.ts";

const SANDBOX = {
  sandboxId: "t1",
  hostname: "ip-10-0-0-9.ec2.internal",
  nameServers: ["10.0.0.2"],
  searchDomains: ["ec2.internal"],
  hosts: [{ name: "ip-10-0-0-9.ec2.internal", address: "10.0.0.9" }],
  limits: { nanoCpus: 4_000_000_000, memoryBytes: 512 },
};
const CONTAINER = {
  sandboxId: "t1",
  name: "web",
  engineName: "ecs-web-1-web-ab",
  imageId: "sha256:1",
  network: { kind: "sandbox" } as const,
  environment: { A: "b=c" },
  labels: { "berth.installation": "someone else's" },
  ulimits: [],
  mounts: [],
};

function frame(stream: number, text: string): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt8(stream, 0);
  head.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([head, Buffer.from(text)]);
}

test("DOCKER_HOST is understood in the forms that the Docker command line has for this machine", () => {
  assert.deepEqual(connectionOptions("unix:///run/x.sock"), { socketPath: "/run/x.sock" });
  assert.deepEqual(connectionOptions("tcp://127.0.0.1:2376"), { host: "127.0.0.1", port: 2376 });
  assert.deepEqual(connectionOptions("tcp://engine"), { host: "engine", port: 2375 });
  assert.throws(() => connectionOptions("ssh://me@there"), /DOCKER_HOST is "ssh:/);
});

test("an engine's refusal is told in its own words; no answer at all is another failure", () => {
  const refusal = Object.assign(new Error("(HTTP code 409) conflict - name in use"), { statusCode: 409 });
  assert.equal(readEngineError(refusal).message, "name in use");
  assert.equal(toFailure("create-failed", refusal).kind, "create-failed");
  const silence = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
  assert.equal(toFailure("create-failed", silence).kind, "engine-unreachable");
});

test("log lines are put together over frames and chunks, each stream for itself", () => {
  const reader = createLogReader(false);
  const bytes = Buffer.concat([
    frame(1, "2026-01-01T00:00:00.001000000Z be"),
    frame(2, "2026-01-01T00:00:00.002000000Z oops\n"),
    frame(1, "2026-01-01T00:00:00.003000000Z gin\n"),
    frame(1, "2026-01-01T00:00:00.004000000Z no end"),
  ]);
  const lines = [...bytes].flatMap((_byte, at) => [...reader.push(bytes.subarray(at, at + 1))]);
  const base = Date.UTC(2026, 0, 1);
  assert.deepEqual(lines, [
    { timestamp: base + 2, message: "oops" },
    { timestamp: base + 1, message: "begin" },
  ]);
  assert.deepEqual(reader.end(), [{ timestamp: base + 4, message: "no end" }]);
});

test("a terminal's output has no frames, and its lines end in two characters", () => {
  const reader = createLogReader(true);
  const text = "2026-01-01T00:00:00.001Z one\r\n2026-01-01T00:00:00.002Z two\r\n";
  assert.deepEqual(
    reader.push(Buffer.from(text)).map(({ message }) => message),
    ["one", "two"],
  );
});

test("the engine is never asked for all tags of an image", () => {
  assert.equal(withTag("127.0.0.1:4566/app"), "127.0.0.1:4566/app:latest");
  assert.equal(withTag("app:1"), "app:1");
  assert.equal(withTag("app@sha256:12"), "app@sha256:12");
});

test("the digest is that of the repository that was asked for", () => {
  const digests = ["other@sha256:1", "nginx@sha256:2", "127.0.0.1:4566/nginx@sha256:3"];
  assert.equal(digestOf("docker.io/library/nginx:1.27", digests), "sha256:2");
  assert.equal(digestOf("127.0.0.1:4566/nginx:1.27", digests), "sha256:3");
  assert.equal(digestOf("nothing:1", digests), undefined);
});

test("total limits are the control group's, or else the containers', never more than the machine has", () => {
  const parent = { installation: "abc123", cgroupParent: "/ecs/t1", processorCount: 2 };
  const own = sandboxOptions(SANDBOX, parent);
  const inGroup = containerOptions(CONTAINER, { containerId: "p", labels: own.Labels ?? {} }, parent);
  assert.equal(inGroup.HostConfig?.CgroupParent, "/ecs/t1");
  assert.equal(inGroup.HostConfig?.NanoCpus, undefined);
  const without = { installation: "abc123", processorCount: 2 };
  const alone = containerOptions(
    CONTAINER,
    { containerId: "p", labels: sandboxOptions(SANDBOX, without).Labels ?? {} },
    without,
  );
  assert.equal(alone.HostConfig?.NanoCpus, 2_000_000_000);
  assert.equal(alone.HostConfig?.Memory, 6 * 1024 * 1024, "the engine's least");
});

test("open files are as many as are asked for, or as the engine's own processes may have", () => {
  const limits = (hard: string) =>
    `Limit  Soft  Hard\nMax open files            1024                 ${hard}       files\n`;
  const wanted = { soft: 32_768, hard: 65_536 };
  assert.deepEqual(openFilesWithin(wanted, limits("1048576")), wanted);
  assert.deepEqual(openFilesWithin(wanted, limits("unlimited")), wanted);
  assert.deepEqual(openFilesWithin(wanted, limits("50000")), { soft: 32_768, hard: 50_000 });
  assert.deepEqual(openFilesWithin(wanted, limits("4096")), { soft: 4096, hard: 4096 });
  assert.equal(openFilesWithin(wanted, undefined), undefined);
});

test("our labels cannot be overridden, and an image's own health check does not count", () => {
  const context = { installation: "abc123", processorCount: 2 };
  const options = containerOptions(CONTAINER, { containerId: "p", labels: {} }, context);
  assert.equal(options.Labels?.["berth.installation"], "abc123");
  assert.deepEqual(options.Healthcheck, { Test: ["NONE"] });
  assert.equal(options.HostConfig?.NetworkMode, "container:p");
  assert.deepEqual(options.Env, ["A=b=c"]);
});

test("limits are written in the words of the control groups' version", () => {
  const limits = { nanoCpus: 250_000_000, memoryBytes: 1024 };
  assert.deepEqual(limitFiles(2, "/g", limits), [
    { path: "/g/cpu.max", value: "25000 100000" },
    { path: "/g/memory.max", value: "1024" },
  ]);
  assert.deepEqual(
    limitFiles(1, "/g", limits).map(({ path }) => path),
    ["/cpu/g/cpu.cfs_period_us", "/cpu/g/cpu.cfs_quota_us", "/memory/g/memory.limit_in_bytes"],
  );
});

test("an event names its sandbox", () => {
  const event = { Actor: { Attributes: { "berth.sandbox": "t1" } } };
  assert.equal(sandboxOfEvent(JSON.stringify(event)), "t1");
  assert.equal(sandboxOfEvent("{}"), undefined);
  assert.equal(sandboxOfEvent(""), undefined);
});

test("only an executable without an interpreter is static", async () => {
  assert.equal(isStaticExecutable(await readFile(process.execPath)), false);
  assert.equal(isStaticExecutable(Buffer.from("#!/bin/sh\n")), false);
});
