/** `berth demo`: from nothing to live traffic, saying what it does. */
import { spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  CreateRepositoryCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
} from "@aws-sdk/client-ecr";
import { DescribeClustersCommand, ECSClient, ListServicesCommand } from "@aws-sdk/client-ecs";
import { type Config, type ConfigFlags, readConfig } from "../../config.ts";
import { createLog } from "../../lib/log.ts";
import { ensureEngine } from "../../runtime/docker/engine.ts";
import { findProgram } from "../doctor.ts";
import { CommandFailure, print, say } from "../output.ts";
import { findRunningServer } from "../process-file.ts";
import { setup } from "../setup.ts";
import { up } from "../up.ts";
import { buildDemoImages, DEMO_IMAGES, pushDemoImages } from "./images.ts";
import { showResult } from "./show.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const EXAMPLE = join(ROOT, "examples", "ecs-navi");
const IMAGES = join(EXAMPLE, "images");
export const DEMO_REGION = "ap-northeast-1";

export interface DemoFlags extends ConfigFlags {
  readonly terraform?: boolean | undefined;
}

export async function demo(flags: DemoFlags): Promise<void> {
  const started = Date.now();
  const config = readConfig(flags, process.env);
  await inStep("1/5 what is missing on this machine", () => setup());
  await inStep("2/5 the container engine", () =>
    ensureEngine({
      log: createLog("warn"),
      stateDirectory: config.stateDirectory,
      dockerHost: config.dockerHost,
      path: process.env["PATH"],
    }),
  );
  await inStep("3/5 Berth", () => up({ ...flags, detach: true }));
  const running = findRunningServer(config.stateDirectory);
  const environment = awsEnvironment(running?.port ?? config.port);
  await inStep("4/5 images, pushed into Berth's ECR", async () => {
    await buildDemoImages(IMAGES);
    await push(environment);
  });
  const how = flags.terraform
    ? "Terraform (about two minutes, mostly waits inside its provider)"
    : "the AWS SDK";
  await inStep(`5/5 the system, by ${how}`, async () => {
    if (flags.terraform) await applyTerraform(config, environment);
    else if (await isThere(environment)) {
      say("  it is there already; the backend goes back to one task");
      await applySdk(environment, 1);
    } else await applySdk(environment);
  });
  await showResult(config, environment, (count) =>
    flags.terraform ? applyTerraform(config, environment, count) : applySdk(environment, count),
  );
  print(`\nDone in ${seconds(started)}.`);
}

async function inStep(title: string, work: () => unknown): Promise<void> {
  const started = Date.now();
  say(`\n[${title}]`);
  await work();
  say(`  done in ${seconds(started)}`);
}

function seconds(since: number): string {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`;
}

export type AwsEnvironment = Readonly<Record<string, string>>;

function awsEnvironment(port: number): AwsEnvironment {
  return {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_REGION: DEMO_REGION,
    AWS_DEFAULT_REGION: DEMO_REGION,
    AWS_EC2_METADATA_DISABLED: "true",
  };
}

async function push(environment: AwsEnvironment): Promise<void> {
  const ecr = new ECRClient(clientSettings(environment));
  const uris = new Map<string, string>();
  for (const { repository } of DEMO_IMAGES) {
    uris.set(repository, await ensureRepository(ecr, repository));
  }
  const { authorizationData } = await ecr.send(new GetAuthorizationTokenCommand());
  const token = Buffer.from(authorizationData?.[0]?.authorizationToken ?? "", "base64").toString();
  const endpoint = (environment["AWS_ENDPOINT_URL"] ?? "").replace("http://", "");
  say(`  docker login ${endpoint}; docker push ${[...uris.values()].join(", ")}`);
  pushDemoImages(IMAGES, endpoint, uris, token.slice(token.indexOf(":") + 1));
}

function applySdk(environment: AwsEnvironment, backendCount?: number): Promise<void> {
  const scale = backendCount === undefined ? [] : ["--backend-count", String(backendCount)];
  return run(process.execPath, [join(EXAMPLE, "apply.ts"), ...scale], environment);
}

/** Whether an earlier demo made the system. */
async function isThere(environment: AwsEnvironment): Promise<boolean> {
  const ecs = new ECSClient(clientSettings(environment));
  const cluster = "ecs-navi-cluster";
  const { clusters } = await ecs.send(new DescribeClustersCommand({ clusters: [cluster] }));
  if (clusters?.[0]?.status !== "ACTIVE") return false;
  const { serviceArns } = await ecs.send(new ListServicesCommand({ cluster }));
  return serviceArns?.length === 2;
}

/** For the demo's own look at what it made. */
export function clientSettings(environment: AwsEnvironment): {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
} {
  return {
    endpoint: environment["AWS_ENDPOINT_URL"] ?? "",
    region: DEMO_REGION,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  };
}

async function ensureRepository(ecr: ECRClient, repositoryName: string): Promise<string> {
  try {
    const { repository } = await ecr.send(new CreateRepositoryCommand({ repositoryName }));
    return repository?.repositoryUri ?? "";
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "RepositoryAlreadyExistsException") throw error;
    const { repositories } = await ecr.send(
      new DescribeRepositoriesCommand({ repositoryNames: [repositoryName] }),
    );
    return repositories?.[0]?.repositoryUri ?? "";
  }
}

async function applyTerraform(config: Config, environment: AwsEnvironment, backendCount = 1): Promise<void> {
  if (findProgram("terraform") === undefined) {
    throw new CommandFailure(
      "terraform is not installed; install it, or run ./berth demo without --terraform",
    );
  }
  // A copy beside Berth's state: Terraform's state describes what is in there, and goes with it.
  const folder = join(config.stateDirectory, "terraform");
  cpSync(join(EXAMPLE, "terraform"), folder, { recursive: true });
  const variables = { ...environment, TF_IN_AUTOMATION: "1" };
  const terraform = (...parameters: string[]) =>
    run("terraform", [`-chdir=${folder}`, ...parameters], variables);
  if (!existsSync(join(folder, ".terraform"))) {
    await terraform("init", "-input=false", "-no-color", ...pluginFolder());
  }
  await terraform(
    "apply",
    "-input=false",
    "-auto-approve",
    "-no-color",
    `-var=backend_count=${backendCount}`,
  );
}

/** A machine without Terraform's registry may have the provider in a folder. */
function pluginFolder(): string[] {
  const folder = process.env["BERTH_TERRAFORM_PLUGIN_DIR"];
  return folder === undefined || folder === "" ? [] : [`-plugin-dir=${folder}`];
}

/** Its output goes to standard error: standard output is for the result. */
async function run(
  program: string,
  parameters: readonly string[],
  environment: AwsEnvironment,
): Promise<void> {
  const child = spawn(program, parameters, {
    stdio: ["ignore", 2, 2],
    env: { ...process.env, ...environment },
  });
  const code = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (exitCode) => resolve(exitCode ?? 1));
  });
  if (code !== 0) throw new CommandFailure(`${program} ended with code ${code}; see its messages above`);
}

/** Output of a program that must succeed. */
export function outputOf(program: string, parameters: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, parameters, { encoding: "utf8" });
  if (status !== 0) {
    throw new CommandFailure(
      `${program} ${parameters.join(" ")} ended with code ${status}: ${stderr.trim()}`,
    );
  }
  return stdout;
}
