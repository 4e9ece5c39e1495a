/**
 * The article's comparison, by Docker alone: on a network that was made (as docker compose makes one) the name
 * `gunicorn` resolves and the page comes; on Docker's default network nginx ends, for it finds no such host.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { buildImages, localName } from "../../src/cli/demo/build.ts";
import { DJANGO_IMAGES } from "../../src/cli/demo/django-images.ts";
import { silentLog } from "../../src/lib/log.ts";
import { ensureEngine } from "../../src/runtime/docker/engine.ts";
import { run, until } from "./harness.ts";

const NAME = `berth-compose-${process.pid}`;
const BUILD_MS = 180_000;

async function docker(...parameters: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await run("docker", parameters);
  assert.equal(exitCode, 0, `docker ${parameters.join(" ")}: ${stderr}`);
  return stdout.trim();
}

function image(repository: string, tag?: string): string {
  const found = DJANGO_IMAGES.images.find((one) => one.repository === repository && one.tag === tag);
  assert(found);
  return localName(DJANGO_IMAGES, found);
}

describe("the compose file of django-bridge", () => {
  before(
    async () => {
      await ensureEngine({
        log: silentLog,
        stateDirectory: "/var/lib/berth-test-engine",
        dockerHost: process.env["DOCKER_HOST"],
        path: process.env["PATH"],
      });
      await buildImages(DJANGO_IMAGES);
    },
    { timeout: BUILD_MS },
  );

  after(async () => {
    const left = (await docker("ps", "-aq", "--filter", `label=${NAME}`)).split("\n").filter(Boolean);
    if (left.length > 0) await docker("rm", "--force", ...left);
    await run("docker", ["network", "rm", NAME]);
  });

  const start = (name: string, network: readonly string[], what: string) =>
    docker("run", "--detach", "--label", NAME, "--name", `${NAME}-${name}`, ...network, what);

  test("on a network of its own nginx reaches gunicorn by name, and serves page and static file", async () => {
    await docker("network", "create", "--label", NAME, NAME);
    await start("gunicorn", ["--network", NAME, "--network-alias", "gunicorn"], image("ecs-django-gunicorn"));
    const nginx = await start("nginx", ["--network", NAME], image("ecs-django-nginx", "name"));
    const format = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
    const address = await docker("inspect", "--format", format, nginx);
    const page = await until("the page comes", 30, async () => {
      const { exitCode, stdout } = await run("curl", ["-sf", "-m", "5", `http://${address}/`]);
      return exitCode === 0 && stdout;
    });
    assert.match(page, /Django behind nginx/);
    const style = await run("curl", ["-sf", `http://${address}/static/style.css`]);
    assert.match(style.stdout, /font-weight: bold/);
  });

  test("on Docker's default network the name is not known, and nginx ends", async () => {
    const nginx = await start("alone", [], image("ecs-django-nginx", "name"));
    assert.equal(await docker("wait", nginx), "1");
    const { stderr } = await run("docker", ["logs", nginx]);
    assert.match(stderr, /host not found in upstream "gunicorn:8000"/);
  });

  test("the file names both images' folders, and docker compose accepts it where it is installed", async (t) => {
    const file = new URL("../../examples/django-bridge/compose.yaml", import.meta.url).pathname;
    const text = readFileSync(file, "utf8");
    assert.match(text, /context: images\/nginx\n\s+args:\n\s+CONF: name/);
    assert.match(text, /gunicorn:\n\s+build:\n\s+context: images\/gunicorn/);
    const installed = await run("docker", ["compose", "version"]);
    if (installed.exitCode !== 0) {
      t.diagnostic("docker compose is not installed: the file was read as text only");
      return;
    }
    const parsed = await run("docker", ["compose", "--file", file, "config", "--quiet"]);
    assert.equal(parsed.exitCode, 0, parsed.stderr);
  });
});
