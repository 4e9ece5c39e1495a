/** The registry, with the real Docker client. Needs a Docker engine and a static /bin/busybox. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { createRegistry } from "../../src/registry/registry.ts";
import { getAuthorizationToken } from "../../src/services/ecr/get-authorization-token.ts";
import { describeImages } from "../../src/services/ecr/images.ts";
import { createRepository } from "../../src/services/ecr/repositories.ts";
import { testContext } from "../../src/services/testing.ts";

const run = promisify(execFile);

test("what an unmodified docker client pushes comes back when it pulls, and only with the password", async (t) => {
  const directory = await mkdtemp(join(tmpdir(), "berth-registry-"));
  const plain = testContext();
  const registry = createRegistry({
    store: plain.store,
    clock: plain.clock,
    blobDirectory: join(directory, "blobs"),
    secret: plain.settings.registrySecret,
    log: plain.log,
  });
  const server = createServer((request, response) => void registry.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const context = testContext({
    ...plain,
    settings: { ...plain.settings, endpoint: `127.0.0.1:${port}` },
  });
  const local = `berth-test-${randomUUID().slice(0, 8)}`;
  const { repository } = createRepository(
    { repositoryName: "team/app", imageTagMutability: "IMMUTABLE" },
    context,
  );
  const pushed = `${repository?.repositoryUri}:v1`;
  const environment = { ...process.env, DOCKER_CONFIG: join(directory, "docker") };
  const docker = (...words: string[]) => run("docker", words, { env: environment, timeout: 60_000 });
  t.after(async () => {
    await docker("rmi", "-f", pushed, local).catch(() => undefined);
    server.closeAllConnections();
    server.close();
    await rm(directory, { recursive: true, force: true });
  });
  await run("sh", [
    "-c",
    `tar -C / -cf - bin/busybox | docker import -c 'CMD ["/bin/busybox","true"]' - ${local}`,
  ]);
  await docker("tag", local, pushed);

  await assert.rejects(docker("push", pushed), /no basic auth credentials|Not Authorized|unauthorized/i);

  const [data] = getAuthorizationToken({}, context).authorizationData ?? [];
  const [, password = ""] = Buffer.from(data?.authorizationToken ?? "", "base64")
    .toString()
    .split(/:(.*)/s);
  await docker("login", "-u", "AWS", "-p", password, `127.0.0.1:${port}`);
  await docker("push", pushed);
  const { imageDetails = [] } = describeImages({ repositoryName: "team/app" }, context);
  assert.deepEqual(
    imageDetails.map(({ imageTags }) => imageTags),
    [["v1"]],
  );

  await docker("rmi", "-f", pushed, local);
  await docker("pull", pushed);
  const { stdout } = await docker("image", "inspect", "--format", "{{index .RepoDigests 0}}", pushed);
  assert.equal(stdout.trim(), `${repository?.repositoryUri}@${imageDetails[0]?.imageDigest}`);

  await run("sh", [
    "-c",
    `tar -C / -cf - bin/busybox | docker import -c 'CMD ["/bin/busybox","false"]' - ${pushed}`,
  ]);
  await assert.rejects(docker("push", pushed), /image tag 'v1' already exists in the 'team\/app' repository/);
});
