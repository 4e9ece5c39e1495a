/** The first command of the README, as a user runs it; then once more, and then away again. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { installationOf } from "../../src/config.ts";

const BERTH = new URL("../../berth", import.meta.url).pathname;
const POOL = "198.19.202.0/24";
const PORT = "4697";

describe("berth demo", () => {
  const state = mkdtempSync(join(tmpdir(), "bs-"));
  const installation = installationOf(state);
  const berth = (command: string, ...parameters: string[]) =>
    spawnSync(BERTH, [command, "--state-dir", state, ...parameters], {
      encoding: "utf8",
      timeout: 300_000,
      maxBuffer: 64 * 1024 * 1024,
    });
  const server = ["--port", PORT, "--public-pool", POOL];
  const down = () => berth("down", "--public-pool", POOL);

  after(() => {
    down();
    const images = spawnSync("docker", ["images", "--quiet", "--filter", `reference=127.0.0.1:${PORT}/*/*`], {
      encoding: "utf8",
    }).stdout;
    for (const image of new Set(images.split("\n").filter((id) => id !== ""))) {
      spawnSync("docker", ["rmi", "--force", image]);
    }
    rmSync(state, { recursive: true, force: true });
  });

  const assertShown = (output: string) => {
    for (const host of ["ecs-navi.site", "api.ecs-navi.site"]) {
      assert.match(
        output,
        new RegExp(`https://${host}/ +-> +phpinfo, served by the task at 10\\.0\\.1[01]\\.\\d+`),
      );
    }
    const records = output.match(/^backend\.ecs-navi\.local\. 60 A 10\.0\.1[01]\.\d+$/gm) ?? [];
    assert.equal(new Set(records).size, 3, output.slice(-2000));
  };

  test("goes from nothing to live traffic, by name and by number", () => {
    const { status, stdout, stderr } = berth("demo", ...server);
    assert.equal(status, 0, stderr.slice(-3000));
    assertShown(stdout);
  });

  test("shows it again when it is there already", () => {
    const { status, stdout, stderr } = berth("demo", ...server);
    assert.equal(status, 0, stderr.slice(-3000));
    assertShown(stdout);
  });

  test("down leaves nothing", () => {
    const { status, stderr } = down();
    assert.equal(status, 0, stderr);
    const containers = spawnSync(
      "docker",
      ["ps", "--all", "--quiet", "--filter", `label=berth.installation=${installation}`],
      { encoding: "utf8" },
    ).stdout;
    assert.equal(containers, "");
    const namespaces = existsSync("/run/netns") ? readdirSync("/run/netns") : [];
    assert.deepEqual(
      namespaces.filter((name) => name.includes(installation)),
      [],
    );
    for (const [program, ...parameters] of [
      ["ip", "route", "show", "table", "all"],
      ["ip", "link"],
      ["nft", "list", "tables"],
      ["ps", "-eo", "args"],
    ] as const) {
      const { stdout } = spawnSync(program, parameters, { encoding: "utf8" });
      const left = stdout
        .split("\n")
        .filter(
          (line) => line.includes(installation) || line.includes("198.19.202.") || line.includes(state),
        );
      assert.deepEqual(left, [], `${program} ${parameters.join(" ")}`);
    }
    assert.equal(existsSync(state), false);
  });
});
