/** The test image with this machine's Node and Python, and AWS's SDKs for both as they are installed here. */
import { spawnSync } from "node:child_process";
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { TestBerth } from "./harness.ts";
import { makeArchive, pushImage } from "./image.ts";

/** As a user names it in a task definition. */
export const SDK_IMAGE = "000000000000.dkr.ecr.ap-northeast-1.amazonaws.com/sdk:latest";

const MODULES = new URL("../../node_modules", import.meta.url).pathname;

/** Prints the caller's ARN; with an operation as argument the name of its error, or "ok". */
const NODE_PROGRAM = `
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
const { Arn } = await new STSClient({}).send(new GetCallerIdentityCommand({}));
console.log(Arn);
`;

/** Prints the addresses of a service's instances, or what went wrong. */
const DISCOVER_PROGRAM = `
import { DiscoverInstancesCommand, ServiceDiscoveryClient } from "@aws-sdk/client-servicediscovery";
const [NamespaceName, ServiceName] = process.argv.slice(2);
try {
  const command = new DiscoverInstancesCommand({ NamespaceName, ServiceName });
  const { Instances } = await new ServiceDiscoveryClient({ maxAttempts: 1 }).send(command);
  console.log(Instances.map(({ Attributes }) => Attributes.AWS_INSTANCE_IPV4).sort().join());
} catch (error) {
  console.log(error.name + ": " + error.message);
}
`;

const PYTHON_PROGRAM = `
import botocore.session
print(botocore.session.get_session().create_client("sts").get_caller_identity()["Arn"])
`;

/** Whether Python and botocore are there to be put into the image. */
export const python = findPython();

export async function pushSdkImage({ ecr, stateDirectory }: TestBerth): Promise<void> {
  await pushImage(ecr, stateDirectory, "sdk", (folder) =>
    makeArchive(folder, (root) => {
      addProgram(root, process.execPath, "/bin/node");
      mkdirSync(join(root, "app/node_modules"), { recursive: true });
      const packages = new Set<string>();
      for (const client of ["sts", "servicediscovery"]) packagesOf(`@aws-sdk/client-${client}`, packages);
      for (const name of packages) {
        cpSync(join(MODULES, name), join(root, "app/node_modules", name), { recursive: true });
      }
      writeFileSync(join(root, "app/discover.mjs"), DISCOVER_PROGRAM);
      writeFileSync(join(root, "app/who.mjs"), NODE_PROGRAM);
      writeFileSync(join(root, "app/who.py"), PYTHON_PROGRAM);
      if (python !== undefined) addPython(root, python);
    }),
  );
}

/** With the shared libraries that it is linked to, where they are here. */
export function addProgram(root: string, path: string, at: string): void {
  put(root, path, at);
  for (const library of librariesOf(path)) put(root, library, library);
}

function put(root: string, from: string, at: string): void {
  mkdirSync(dirname(join(root, at)), { recursive: true });
  copyFileSync(from, join(root, at));
}

function librariesOf(path: string): string[] {
  const { stdout } = spawnSync("ldd", [path], { encoding: "utf8" });
  return [...(stdout ?? "").matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gm)].map(([, library = ""]) => library);
}

/** A package and all that it depends on; they lie flat. */
function packagesOf(name: string, found = new Set<string>()): Set<string> {
  const file = join(MODULES, name, "package.json");
  if (found.has(name) || !existsSync(file)) return found;
  found.add(name);
  const { dependencies = {} } = JSON.parse(readFileSync(file, "utf8"));
  for (const dependency of Object.keys(dependencies)) packagesOf(dependency, found);
  return found;
}

interface Python {
  readonly executable: string;
  /** The standard library. */
  readonly library: string;
  /** Files and folders of botocore and what it imports. */
  readonly packages: readonly string[];
}

function findPython(): Python | undefined {
  const program = [
    "import botocore, dateutil, jmespath, json, os, six, sys, urllib3",
    "packages = [os.path.dirname(one.__file__) for one in (botocore, dateutil, jmespath, urllib3)] + [six.__file__]",
    "print(json.dumps({'executable': os.path.realpath(sys.executable), 'library': os.path.dirname(os.__file__), 'packages': packages}))",
  ].join("\n");
  const { status, stdout } = spawnSync("python3", ["-c", program], { encoding: "utf8" });
  return status === 0 ? JSON.parse(stdout) : undefined;
}

const NOT_NEEDED =
  /\/(?:test|tests|idlelib|ensurepip|turtledemo|site-packages|dist-packages|__pycache__|config-[^/]*)$/;
/** Of the services that botocore describes. */
const NEEDED_DATA = /\/botocore\/data\/(?!sts$|[^/]+\.json$)[^/]+$/;

function addPython(root: string, { executable, library, packages }: Python): void {
  addProgram(root, executable, executable);
  cpSync(library, join(root, library), { recursive: true, filter: (path) => !NOT_NEEDED.test(path) });
  const extensions = join(library, "lib-dynload");
  if (existsSync(extensions)) {
    const { stdout } = spawnSync("sh", ["-c", `ls ${extensions}/*.so`], { encoding: "utf8" });
    for (const extension of stdout.trim().split("\n")) {
      for (const needed of librariesOf(extension)) put(root, needed, needed);
    }
  }
  const site = join(root, "app/python");
  mkdirSync(site, { recursive: true });
  for (const path of packages) {
    cpSync(path, join(site, basename(path)), { recursive: true, filter: (one) => !NEEDED_DATA.test(one) });
  }
}
