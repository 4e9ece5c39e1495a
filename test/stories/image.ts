/** A web server of this machine's busybox, made as an image and pushed into Berth's ECR by `docker push`. */
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  CreateRepositoryCommand,
  DescribeRepositoriesCommand,
  type ECRClient,
  GetAuthorizationTokenCommand,
} from "@aws-sdk/client-ecr";

/** As a user names it in a task definition. */
const NAME = "000000000000.dkr.ecr.ap-northeast-1.amazonaws.com/story:latest";

/** Ends at once on SIGTERM, which a process 1 without a handler would ignore. */
const SERVE = `#!/bin/sh
trap 'exit 0' TERM
echo "serving as \${NAME:-nobody}"
httpd -f -p 80 -h /www &
wait $!
`;

/** Tells who serves, and what it sees of the client. */
const WHO = `#!/bin/sh
printf 'Content-Type: text/plain\\r\\n\\r\\n'
echo "name=\${NAME:-nobody}"
echo "client=$REMOTE_ADDR"
echo "forwarded=$HTTP_X_FORWARDED_FOR"
`;

/** Not wget: Debian's static one crashes. */
const APPLETS = ["sh", "httpd", "nc", "nslookup", "printf", "sleep", "cat", "echo", "ip", "env"];

export async function pushTestImage(ecr: ECRClient, stateDirectory: string): Promise<string> {
  await pushImage(ecr, stateDirectory, "story", (folder) => makeArchive(folder));
  return NAME;
}

/**
 * What `make` packs in a folder of its own becomes the image of that repository.
 * @param instructions of a Dockerfile, besides CMD
 */
export async function pushImage(
  ecr: ECRClient,
  stateDirectory: string,
  repositoryName: string,
  make: (folder: string) => string,
  instructions: readonly string[] = [],
): Promise<void> {
  await ecr.send(new CreateRepositoryCommand({ repositoryName }));
  await pushVersion(ecr, stateDirectory, repositoryName, make, instructions);
}

/** As `pushImage`, into a repository that is there: its tag `latest` moves. */
export async function pushVersion(
  ecr: ECRClient,
  stateDirectory: string,
  repositoryName: string,
  make: (folder: string) => string,
  instructions: readonly string[] = [],
): Promise<void> {
  const { repositories } = await ecr.send(
    new DescribeRepositoriesCommand({ repositoryNames: [repositoryName] }),
  );
  const uri = `${repositories?.[0]?.repositoryUri}:latest`;
  const { authorizationData } = await ecr.send(new GetAuthorizationTokenCommand({}));
  const token = Buffer.from(authorizationData?.[0]?.authorizationToken ?? "", "base64").toString("utf8");
  const [username = "", password = ""] = token.split(":");
  const folder = mkdtempSync(join(stateDirectory, "image-"));
  try {
    const archive = make(folder);
    docker(["import", "--change", 'CMD ["/bin/serve"]', archive, uri]);
    if (instructions.length > 0) {
      const file = [`FROM ${uri}`, ...instructions].join("\n");
      docker(["build", "--quiet", "--tag", uri, "-"], { DOCKER_BUILDKIT: "0" }, file);
    }
    // The user's own ~/.docker/config.json stays as it is.
    const environment = { DOCKER_CONFIG: join(folder, "docker") };
    const registry = uri.slice(0, uri.indexOf("/"));
    docker(["login", "--username", username, "--password-stdin", registry], environment, password);
    docker(["push", "--quiet", uri], environment);
    // So that tasks pull it.
    docker(["rmi", uri]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param add puts more into the image's root */
export function makeArchive(folder: string, add: (root: string) => void = () => {}): string {
  const root = join(folder, "root");
  for (const path of ["bin", "www/cgi-bin", "etc", "tmp"]) mkdirSync(join(root, path), { recursive: true });
  copyFileSync("/bin/busybox", join(root, "bin/busybox"));
  for (const applet of APPLETS) symlinkSync("busybox", join(root, "bin", applet));
  writeFileSync(join(root, "www/index.html"), "ok\n");
  for (const [path, text] of [
    ["bin/serve", SERVE],
    ["www/cgi-bin/who", WHO],
  ] as const) {
    writeFileSync(join(root, path), text);
    chmodSync(join(root, path), 0o755);
  }
  add(root);
  const archive = join(folder, "image.tar");
  const packed = spawnSync("tar", ["-C", root, "-cf", archive, "."], { encoding: "utf8" });
  if (packed.status !== 0) throw new Error(`tar failed: ${packed.stderr}`);
  return archive;
}

function docker(parameters: readonly string[], environment = {}, input = ""): string {
  const { status, stdout, stderr } = spawnSync("docker", parameters, {
    encoding: "utf8",
    env: { ...process.env, ...environment },
    input,
    timeout: 60_000,
  });
  if (status !== 0) throw new Error(`docker ${parameters[0]} failed: ${stderr}`);
  return stdout;
}

/** All names that a registry (`127.0.0.1:4567`) has given images in the engine. */
export function removeImagesOf(registry: string): void {
  const { stdout } = spawnSync(
    "docker",
    ["images", "--digests", "--format", "{{.Repository}} {{.Tag}} {{.Digest}}"],
    { encoding: "utf8" },
  );
  for (const line of (stdout ?? "").split("\n")) {
    const [repository = "", tag = "", digest = ""] = line.split(" ");
    if (!repository.startsWith(`${registry}/`)) continue;
    if (tag !== "<none>") spawnSync("docker", ["rmi", `${repository}:${tag}`]);
    else if (digest !== "<none>") spawnSync("docker", ["rmi", `${repository}@${digest}`]);
  }
}
