/** Images of an example: built from the official base images, or from Debian packages where no registry answers. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { lookup } from "node:dns/promises";
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CommandFailure, say } from "../output.ts";
import { setup } from "../setup.ts";

export interface ExampleImage {
  /** The repository's name in ECR. */
  readonly repository: string;
  /** `latest` unless told. */
  readonly tag?: string;
  /** Below the example's `images/`. */
  readonly folder: string;
  readonly officialBase: string;
  /** Of its Dockerfile, beside BASE. */
  readonly buildArguments?: Readonly<Record<string, string>>;
  /** Where the Dockerfile names none: official images start their program by themselves, an imported one does not. */
  readonly command?: readonly string[];
}

/** One base for all images of an example where no registry answers. */
export interface DebianBase {
  readonly packages: readonly string[];
  /** A script that is given the root: Debian's files to where the official images have them. */
  readonly layout: string;
}

export interface ImageSet {
  /** The example's `images/`. */
  readonly folder: string;
  readonly images: readonly ExampleImage[];
  readonly debian: DebianBase;
}

/** `repository:tag`. */
export function imageName({ repository, tag = "latest" }: ExampleImage): string {
  return `${repository}:${tag}`;
}

/** The local name of an image; its tag changes with what it is made of, so that a stale one is not used. */
export function localName({ folder, debian }: ImageSet, image: ExampleImage): string {
  const hash = createHash("sha256").update(debianBaseName(debian)).update(JSON.stringify(image));
  const root = join(folder, image.folder);
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true }).sort(byPath)) {
    if (!entry.isFile()) continue;
    hash.update(entry.name).update(readFileSync(join(entry.parentPath, entry.name)));
  }
  return `berth-demo/${image.repository}:${hash.digest("hex").slice(0, 12)}`;
}

function byPath(a: { parentPath: string; name: string }, b: { parentPath: string; name: string }): number {
  return join(a.parentPath, a.name) < join(b.parentPath, b.name) ? -1 : 1;
}

/** Builds what the engine does not have yet. Throws CommandFailure with the engine's words. */
export async function buildImages(set: ImageSet): Promise<void> {
  const missing = set.images.filter((image) => !hasImage(localName(set, image)));
  if (missing.length === 0) return;
  const official = await useOfficialBases(set.images);
  const debian = official ? undefined : buildDebianBase(set.debian);
  for (const image of missing) {
    const base = debian ?? image.officialBase;
    say(`  building ${imageName(image)} from ${base}`);
    const name = localName(set, image);
    const given = Object.entries({ BASE: base, ...image.buildArguments });
    docker(
      [
        "build",
        "--quiet",
        ...given.flatMap(([key, value]) => ["--build-arg", `${key}=${value}`]),
        "--tag",
        name,
        join(set.folder, image.folder),
      ],
      // BuildKit is a plug-in that Debian's client lacks.
      { DOCKER_BUILDKIT: "0" },
    );
    if (debian !== undefined && image.command !== undefined) setCommand(name, image.command);
  }
}

/** `BERTH_BASE_IMAGES` is `official` or `debian`; unset, a registry whose name resolves is asked. */
async function useOfficialBases(images: readonly ExampleImage[]): Promise<boolean> {
  const wish = process.env["BERTH_BASE_IMAGES"];
  if (wish === "official" || wish === "debian") return wish === "official";
  const bases = [...new Set(images.map((image) => image.officialBase))];
  if (bases.every(hasImage)) return true;
  try {
    await lookup("registry-1.docker.io");
  } catch {
    say("  no image registry can be reached: base images are made of Debian packages");
    return false;
  }
  const pulled = spawnSync("docker", ["pull", "--quiet", bases[0] ?? ""], { timeout: 60_000 });
  if (pulled.status === 0) return true;
  say("  the image registry gives nothing: base images are made of Debian packages");
  return false;
}

function hasImage(name: string): boolean {
  return spawnSync("docker", ["image", "inspect", name], { stdio: "ignore" }).status === 0;
}

function debianBaseName({ packages, layout }: DebianBase): string {
  const hash = createHash("sha256").update(packages.join()).update(layout).digest("hex");
  return `berth-demo/debian:${hash.slice(0, 12)}`;
}

/** Returns its name. */
function buildDebianBase(base: DebianBase): string {
  const name = debianBaseName(base);
  if (hasImage(name)) return name;
  setup([{ program: "mmdebstrap", debianPackage: "mmdebstrap" }]);
  say("  making a base image of Debian packages with mmdebstrap (half a minute)");
  inFolder((folder) => {
    const archive = join(folder, "base.tar");
    const hook = join(folder, "layout");
    writeFileSync(hook, base.layout, { mode: 0o755 });
    const made = spawnSync(
      "mmdebstrap",
      [
        "--quiet",
        "--variant=essential",
        `--include=${base.packages.join(",")}`,
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
      docker(["import", "-", name], {}, input);
    } finally {
      closeSync(input);
    }
  });
  return name;
}

function setCommand(name: string, command: readonly string[]): void {
  inFolder((folder) => {
    writeFileSync(join(folder, "Dockerfile"), `FROM ${name}\nCMD ${JSON.stringify(command)}\n`);
    docker(["build", "--quiet", "--tag", name, folder], { DOCKER_BUILDKIT: "0" });
  });
}

/** `docker push` into ECR, as the article does it: log in with ECR's password, tag, push. */
export function pushImages(
  set: ImageSet,
  endpoint: string,
  repositoryUris: ReadonlyMap<string, string>,
  password: string,
): void {
  // The user's own ~/.docker/config.json stays as it is.
  inFolder((home) => {
    const environment = { DOCKER_CONFIG: home };
    docker(["login", "--username", "AWS", "--password-stdin", endpoint], environment, password);
    for (const image of set.images) {
      const uri = `${repositoryUris.get(image.repository)}:${image.tag ?? "latest"}`;
      docker(["tag", localName(set, image), uri], environment);
      docker(["push", "--quiet", uri], environment);
    }
  });
}

function inFolder(work: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), "berth-demo-"));
  try {
    work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
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
