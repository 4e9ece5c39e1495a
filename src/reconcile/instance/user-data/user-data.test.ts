import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { success } from "../../../lib/result.ts";
import { createSimulatedRuntime } from "../../../runtime/simulated/simulated-runtime.ts";
import { testClock } from "../../../services/testing.ts";
import { appendOutput } from "../console.ts";
import { exampleInstance } from "../testing.ts";
import { readCloudConfig } from "./cloud-config.ts";
import { readUserData } from "./parts.ts";
import { runUserData } from "./run-user-data.ts";
import { parseYaml } from "./yaml.ts";

const base64 = (text: string | Buffer) => Buffer.from(text).toString("base64");

describe("the form of user data", () => {
  const multipart = [
    'Content-Type: multipart/mixed; boundary="==B=="',
    "MIME-Version: 1.0",
    "",
    "--==B==",
    'Content-Type: text/cloud-boothook; charset="us-ascii"',
    "",
    "#cloud-boothook",
    "echo early",
    "",
    "--==B==",
    "Content-Type: text/x-shellscript",
    "Content-Transfer-Encoding: base64",
    "",
    base64("#!/bin/bash\necho late\n"),
    "--==B==",
    "Content-Type: text/plain",
    "",
    "#cloud-config",
    "runcmd: [ls]",
    "--==B==--",
  ].join("\r\n");

  const cases: readonly (readonly [title: string, given: string | undefined, kinds: readonly string[]])[] = [
    ["a script", base64("#!/bin/sh\nls"), ["script"]],
    ["a gzipped script", base64(gzipSync("#!/bin/sh\nls")), ["script"]],
    ["a cloud-config", base64("#cloud-config\nruncmd: [ls]"), ["cloud-config"]],
    ["MIME with several parts", base64(multipart), ["boothook", "script", "cloud-config"]],
    ["gzipped MIME", base64(gzipSync(multipart)), ["boothook", "script", "cloud-config"]],
    ["an include", base64("#include\nhttp://x/"), ["unsupported"]],
    ["text that says nothing", base64("hello"), ["unknown"]],
    ["none", undefined, []],
    ["an empty one", base64("\n"), []],
  ];
  for (const [title, given, kinds] of cases) {
    it(`tells ${title}`, () => {
      assert.deepEqual(
        readUserData(given).map(({ kind }) => kind),
        kinds,
      );
    });
  }
});

describe("YAML of a cloud-config", () => {
  const cases: readonly (readonly [text: string, value: unknown])[] = [
    ["a: 1\nb: 'it''s'\nc: \"x\\ty\"\nd: ~\ne: true", { a: 1, b: "it's", c: "x\ty", d: null, e: true }],
    ["# c\nlist:\n- a # c\n- b: 1\n  c: 2\n-\n  - d", { list: ["a", { b: 1, c: 2 }, ["d"]] }],
    [
      "runcmd:\n  - [ls, -l, \"/a b\"]\n  - echo a: b\n  - 'echo #x'",
      {
        runcmd: [["ls", "-l", "/a b"], { "echo a": "b" }, "echo #x"],
      },
    ],
    ["t: |\n  a\n    b\n\n  c\nu: >-\n  d\n  e\n\n  f", { t: "a\n  b\n\nc\n", u: "d e\nf" }],
    [
      "- path: /x\n  permissions: 0640\n  content: |\n    y\n- z",
      [{ path: "/x", permissions: "0640", content: "y\n" }, "z"],
    ],
    ["a: {b: [1, 2], c: 'd, e'}", { a: { b: [1, 2], c: "d, e" } }],
    ["url: http://x:80/y", { url: "http://x:80/y" }],
    ["a: one\n  two", { a: "one two" }],
  ];
  for (const [text, value] of cases) {
    it(`reads ${JSON.stringify(text)}`, () => assert.deepEqual(parseYaml(text), value));
  }

  it("tells what it cannot read, and where", () => {
    assert.throws(() => parseYaml("a: 1\nb"), /line 2/);
    assert.match(readCloudConfig("a: [1").fault ?? "", /Failed loading yaml blob/);
    assert.match(readCloudConfig("- a").fault ?? "", /root types/);
  });

  it("becomes files and commands, and names what is not carried out", () => {
    const { config } = readCloudConfig(
      "packages: [jq]\nbootcmd:\n- echo b\nruncmd:\n- [echo, 'a b']\nwrite_files:\n- {path: /x, content: eA==, encoding: b64, permissions: '0600'}",
    );
    assert.deepEqual(config, {
      bootcmd: ["echo b"],
      runcmd: ["echo 'a b'"],
      writeFiles: [{ path: "/x", body: Buffer.from("x"), mode: "0600", owner: undefined, append: false }],
      unsupported: ["packages"],
    });
  });
});

describe("running user data", () => {
  async function run(text: string, exitCodes: Readonly<Record<string, number>> = {}) {
    const runtime = createSimulatedRuntime({ clock: testClock() });
    const calls: string[] = [];
    let output = "";
    await runUserData({
      instance: exampleInstance({ userData: base64(text) }),
      clock: testClock(),
      runtime: {
        ...runtime,
        async runInSandbox(_id, program) {
          calls.push(program.arguments.join(" "));
          const path = program.arguments.at(-1) ?? "";
          return success({ exitCode: exitCodes[path] ?? 0, output: "" });
        },
      },
      print: (more) => {
        output = appendOutput(output, more);
      },
    });
    return { calls, output };
  }

  it("honours the script's interpreter, after writing it where cloud-init does", async () => {
    const { calls, output } = await run("#!/bin/bash -xe\nls\n");
    const path = "/var/lib/cloud/instance/scripts/part-001";
    assert.deepEqual(calls, [
      `/bin/sh -c mkdir -p /var/lib/cloud/instance/scripts && cat > ${path} && chmod 0700 ${path}`,
      `/bin/bash -xe ${path}`,
    ]);
    assert.match(
      output,
      /Cloud-init v\. 22\.2\.2 running 'modules:final' at Thu, 01 Jan 2026 00:00:00 \+0000\. Up 0\.00 seconds\./,
    );
    assert.match(output, /finished at .* Datasource DataSourceEc2\./);
  });

  it("warns as cloud-init when a script fails", async () => {
    const path = "/var/lib/cloud/instance/scripts/part-001";
    const { output } = await run("#!/bin/sh\nfalse\n", { [path]: 1 });
    assert.match(
      output,
      /Failed to run module scripts-user \(scripts in \/var\/lib\/cloud\/instance\/scripts\)/,
    );
    assert.match(output, /finished at/);
  });

  it("runs bootcmd before files are written, and runcmd last", async () => {
    const { calls } = await run(
      "#cloud-config\nruncmd: [ls]\nbootcmd: [ls]\nwrite_files:\n- path: /etc/x\n  content: |\n    y\n",
    );
    const order = calls.map((call) => /boot|BERTH_END|runcmd$/.exec(call)?.[0] ?? "put");
    assert.deepEqual(order, ["boot", "boot", "BERTH_END", "runcmd", "runcmd"]);
  });

  it("says what it does not know, by name", async () => {
    assert.match(
      (await run("#include\nhttp://x/")).output,
      /does not carry out parts of type text\/x-include-url/,
    );
    assert.match(
      (await run("hello")).output,
      /Unhandled non-multipart \(text\/x-not-multipart\) userdata: 'b'hello'/,
    );
    assert.match((await run("#cloud-config\npackages: [jq]")).output, /does not carry out 'packages'/);
  });

  it("keeps the newest 64 KiB of output, in whole lines", () => {
    let output = "";
    for (let line = 0; line < 9000; line++) output = appendOutput(output, `line ${line}`);
    assert.ok(Buffer.byteLength(output) <= 64 * 1024);
    assert.match(output, /^line \d+\n/);
    assert.match(output, /line 8999\n$/);
  });
});
