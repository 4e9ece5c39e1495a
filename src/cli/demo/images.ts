/** The demo's three images: built from the official base images, or from Debian packages where no registry answers. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { lookup } from "node:dns/promises";
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CommandFailure, say } from "../output.ts";
import { setup } from "../setup.ts";

export interface DemoImage {
  /** The repository's name in ECR. */
  readonly repository: string;
  /** Below `examples/ecs-navi/images/`. */
  readonly folder: string;
  readonly officialBase: string;
}

export const DEMO_IMAGES: readonly DemoImage[] = [
  { repository: "ecs-navi-nginx", folder: "nginx", officialBase: "nginx:stable-alpine" },
  { repository: "ecs-navi-api", folder: "api", officialBase: "php:8.2-fpm" },
  { repository: "ecs-navi-nginx-proxy", folder: "nginx-proxy", officialBase: "nginx:stable-alpine" },
];

const DEBIAN_PACKAGES = ["nginx-light", "php8.2-fpm", "busybox-static"];

/** The local name of a demo image; its tag changes with what it is made of, so that a stale one is not used. */
export function localImageName(image: DemoImage, imagesFolder: string): string {
  const hash = createHash("sha256").update(LAYOUT_HOOK);
  const folder = join(imagesFolder, image.folder);
  for (const file of readdirSync(folder).sort()) hash.update(file).update(readFileSync(join(folder, file)));
  return `berth-demo/${image.repository}:${hash.digest("hex").slice(0, 12)}`;
}

/** Builds what the engine does not have yet. Throws CommandFailure with the engine's words. */
export async function buildDemoImages(imagesFolder: string): Promise<void> {
  const missing = DEMO_IMAGES.filter((image) => !hasImage(localImageName(image, imagesFolder)));
  if (missing.length === 0) return;
  const official = await useOfficialBases();
  if (!official) buildDebianBase();
  for (const image of missing) {
    const base = official ? image.officialBase : DEBIAN_BASE;
    say(`  building ${image.repository} from ${base}`);
    docker(
      [
        "build",
        "--quiet",
        "--build-arg",
        `BASE=${base}`,
        "--tag",
        localImageName(image, imagesFolder),
        join(imagesFolder, image.folder),
      ],
      // BuildKit is a plug-in that Debian's client lacks.
      { DOCKER_BUILDKIT: "0" },
    );
    if (!official) setCommand(image, localImageName(image, imagesFolder));
  }
}

/** `BERTH_BASE_IMAGES` is `official` or `debian`; unset, a registry whose name resolves is asked. */
async function useOfficialBases(): Promise<boolean> {
  const wish = process.env["BERTH_BASE_IMAGES"];
  if (wish === "official" || wish === "debian") return wish === "official";
  if (DEMO_IMAGES.every((image) => hasImage(image.officialBase))) return true;
  try {
    await lookup("registry-1.docker.io");
  } catch {
    say("  no image registry can be reached: base images are made of Debian packages");
    return false;
  }
  const pulled = spawnSync("docker", ["pull", "--quiet", "nginx:stable-alpine"], { timeout: 60_000 });
  if (pulled.status === 0) return true;
  say("  the image registry gives nothing: base images are made of Debian packages");
  return false;
}

function hasImage(name: string): boolean {
  return spawnSync("docker", ["image", "inspect", name], { stdio: "ignore" }).status === 0;
}

function buildDebianBase(): void {
  if (hasImage(DEBIAN_BASE)) return;
  setup([{ program: "mmdebstrap", debianPackage: "mmdebstrap" }]);
  say("  making a base image of Debian packages with mmdebstrap (half a minute)");
  const folder = mkdtempSync(join(tmpdir(), "berth-demo-"));
  try {
    const archive = join(folder, "base.tar");
    const hook = join(folder, "layout");
    writeFileSync(hook, LAYOUT_HOOK, { mode: 0o755 });
    const made = spawnSync(
      "mmdebstrap",
      [
        "--quiet",
        "--variant=essential",
        `--include=${DEBIAN_PACKAGES.join(",")}`,
        `--customize-hook=${hook} "$1"`,
        "bookworm",
        archive,
      ],
      { encoding: "utf8" },
    );
    if (made.status !== 0) {
      throw new CommandFailure(`mmdebstrap failed: ${lastLines(made.stderr)}; can apt-get reach its mirror?`);
    }
    const input = openSync(archive, "r");
    try {
      docker(["import", "-", DEBIAN_BASE], {}, input);
    } finally {
      closeSync(input);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Debian's files to where the official images have them, so that one Dockerfile serves both. */
const LAYOUT_HOOK = `#!/bin/sh
set -e
root=$1
rm -f "$root"/etc/nginx/sites-enabled/default
ln -sf /dev/stdout "$root"/var/log/nginx/access.log
ln -sf /dev/stderr "$root"/var/log/nginx/error.log
mkdir -p "$root"/usr/local/etc/php "$root"/run/php
sed -i 's#^pid = .*#pid = /var/tmp/php-fpm.pid#' "$root"/etc/php/8.2/fpm/php-fpm.conf
ln -sf /usr/local/etc/php/php.ini "$root"/etc/php/8.2/fpm/conf.d/99-local.ini
printf '[global]\\nerror_log = /proc/self/fd/2\\ndaemonize = no\\n[www]\\nuser = www-data\\ngroup = www-data\\nlisten = 9000\\npm = static\\npm.max_children = 2\\naccess.log = /proc/self/fd/2\\nclear_env = no\\ncatch_workers_output = yes\\n' > "$root"/etc/php/8.2/fpm/pool.d/www.conf
for applet in nslookup nc ping ip; do ln -sf /bin/busybox "$root"/usr/bin/$applet; done
rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/* "$root"/usr/share/doc "$root"/usr/share/man "$root"/usr/share/locale
`;

/** One base for all three, laid out as the official images are. */
const DEBIAN_BASE = `berth-demo/debian:${createHash("sha256").update(LAYOUT_HOOK).digest("hex").slice(0, 12)}`;

/** The official images start their program by themselves; an imported one has no command yet. */
function setCommand(image: DemoImage, name: string): void {
  const command = image.folder === "api" ? ["php-fpm8.2", "-F"] : ["nginx", "-g", "daemon off;"];
  const folder = mkdtempSync(join(tmpdir(), "berth-demo-"));
  try {
    writeFileSync(join(folder, "Dockerfile"), `FROM ${name}\nCMD ${JSON.stringify(command)}\n`);
    docker(["build", "--quiet", "--tag", name, folder], { DOCKER_BUILDKIT: "0" });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `docker push` into ECR, as the article does it: log in with ECR's password, tag, push. */
export function pushDemoImages(
  imagesFolder: string,
  endpoint: string,
  repositoryUris: ReadonlyMap<string, string>,
  password: string,
): void {
  const home = mkdtempSync(join(tmpdir(), "berth-docker-"));
  // The user's own ~/.docker/config.json stays as it is.
  const environment = { DOCKER_CONFIG: home };
  try {
    docker(["login", "--username", "AWS", "--password-stdin", endpoint], environment, password);
    for (const image of DEMO_IMAGES) {
      const uri = `${repositoryUris.get(image.repository)}:latest`;
      docker(["tag", localImageName(image, imagesFolder), uri], environment);
      docker(["push", "--quiet", uri], environment);
    }
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** `input` is text for, or a file descriptor of, standard input. */
function docker(
  parameters: readonly string[],
  environment: Readonly<Record<string, string>>,
  input?: string | number,
): void {
  const { status, stderr, error } = spawnSync("docker", parameters, {
    env: { ...process.env, ...environment },
    encoding: "utf8",
    ...(typeof input === "number" ? { stdio: [input, "pipe", "pipe"] } : {}),
    ...(typeof input === "string" ? { input } : {}),
  });
  if (status === 0) return;
  throw new CommandFailure(`docker ${parameters[0]} failed: ${error?.message ?? lastLines(stderr)}`);
}

function lastLines(text: string): string {
  return text.trim().split("\n").slice(-3).join(" / ");
}
