/** A demo as a user runs it, in a state directory of its own, and what must be gone afterwards. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { installationOf } from "../../src/config.ts";

const BERTH = new URL("../../berth", import.meta.url).pathname;

export interface Demo {
  run(...parameters: string[]): {
    readonly status: number | null;
    readonly stdout: string;
    readonly stderr: string;
  };
  down(): { readonly status: number | null; readonly stderr: string };
  /** After `down`: no container, namespace, link, route, table, process or file. */
  assertNothingLeft(): void;
  /** Whatever happened. */
  cleanUp(): void;
}

export function newDemo(port: string, pool: string): Demo {
  const state = mkdtempSync(join(tmpdir(), "bs-"));
  const installation = installationOf(state);
  const network = pool.replace(/0\/24$/, "");
  const berth = (command: string, ...parameters: string[]) =>
    spawnSync(BERTH, [command, ...parameters, "--state-dir", state, "--public-pool", pool], {
      encoding: "utf8",
      timeout: 300_000,
      maxBuffer: 64 * 1024 * 1024,
    });
  return {
    run: (...parameters) => berth("demo", ...parameters, "--port", port),
    down: () => berth("down"),
    assertNothingLeft() {
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
          .filter((line) => [installation, state, network].some((mark) => line.includes(mark)));
        assert.deepEqual(left, [], `${program} ${parameters.join(" ")}`);
      }
      assert.equal(existsSync(state), false);
    },
    cleanUp() {
      berth("down");
      const images = spawnSync(
        "docker",
        ["images", "--quiet", "--filter", `reference=127.0.0.1:${port}/*/*`],
        { encoding: "utf8" },
      ).stdout;
      for (const image of new Set(images.split("\n").filter((id) => id !== ""))) {
        spawnSync("docker", ["rmi", "--force", image]);
      }
      rmSync(state, { recursive: true, force: true });
    },
  };
}
