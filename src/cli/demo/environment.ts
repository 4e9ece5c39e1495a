/** What both demos do before and besides: start Berth, push images, run the AWS SDK's or Terraform's apply. */
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
import { type Config, type ConfigFlags, readConfig } from "../../config.ts";
import { createLog } from "../../lib/log.ts";
import { ensureEngine } from "../../runtime/docker/engine.ts";
import { findProgram } from "../doctor.ts";
import { CommandFailure, say } from "../output.ts";
import { findRunningServer } from "../process-file.ts";
import { setup } from "../setup.ts";
import { up } from "../up.ts";
import { buildImages, type ImageSet, imageName, pushImages } from "./build.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
export const DEMO_REGION = "ap-northeast-1";

export type AwsEnvironment = Readonly<Record<string, string>>;

/** A folder of `examples/`. */
export function exampleFolder(name: string): string {
  return join(ROOT, "examples", name);
}

export async function inStep(title: string, work: () => unknown): Promise<void> {
  const started = Date.now();
  say(`\n[${title}]`);
  await work();
  say(`  done in ${seconds(started)}`);
}

export function seconds(since: number): string {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`;
}

/** Berth up, and the images in its ECR: four steps of `steps`. */
export async function prepare(
  flags: ConfigFlags,
  images: ImageSet,
  steps: number,
): Promise<{ readonly config: Config; readonly environment: AwsEnvironment }> {
  const config = readConfig(flags, process.env);
  await inStep(`1/${steps} what is missing on this machine`, () => setup());
  await inStep(`2/${steps} the container engine`, () =>
    ensureEngine({
      log: createLog("warn"),
      stateDirectory: config.stateDirectory,
      dockerHost: config.dockerHost,
      path: process.env["PATH"],
    }),
  );
  await inStep(`3/${steps} Berth`, () => up({ ...flags, detach: true }));
  const running = findRunningServer(config.stateDirectory);
  const environment = awsEnvironment(running?.port ?? config.port);
  await inStep(`4/${steps} images, pushed into Berth's ECR`, async () => {
    await buildImages(images);
    await push(images, environment);
  });
  return { config, environment };
}

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

async function push(images: ImageSet, environment: AwsEnvironment): Promise<void> {
  const ecr = new ECRClient(clientSettings(environment));
  const uris = new Map<string, string>();
  for (const { repository } of images.images) {
    if (!uris.has(repository)) uris.set(repository, await ensureRepository(ecr, repository));
  }
  const { authorizationData } = await ecr.send(new GetAuthorizationTokenCommand());
  const token = Buffer.from(authorizationData?.[0]?.authorizationToken ?? "", "base64").toString();
  const endpoint = (environment["AWS_ENDPOINT_URL"] ?? "").replace("http://", "");
  say(`  docker login ${endpoint}; docker push ${images.images.map(imageName).join(", ")}`);
  pushImages(images, endpoint, uris, token.slice(token.indexOf(":") + 1));
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

/** The example's `apply.ts`. */
export function applySdk(
  example: string,
  parameters: readonly string[],
  environment: AwsEnvironment,
): Promise<void> {
  return run(process.execPath, [join(exampleFolder(example), "apply.ts"), ...parameters], environment);
}

/** The example's `terraform/`; `variables` are `name=value`. */
export async function applyTerraform(
  example: string,
  variables: readonly string[],
  config: Config,
  environment: AwsEnvironment,
): Promise<void> {
  if (findProgram("terraform") === undefined) {
    throw new CommandFailure("terraform is not installed; install it, or run the demo without --terraform");
  }
  // A copy beside Berth's state: Terraform's state describes what is in there, and goes with it.
  const folder = join(config.stateDirectory, example === "ecs-navi" ? "terraform" : `terraform-${example}`);
  cpSync(join(exampleFolder(example), "terraform"), folder, { recursive: true });
  const automation = { ...environment, TF_IN_AUTOMATION: "1" };
  const terraform = (...parameters: string[]) =>
    run("terraform", [`-chdir=${folder}`, ...parameters], automation);
  if (!existsSync(join(folder, ".terraform"))) {
    await terraform("init", "-input=false", "-no-color", ...pluginFolder());
  }
  await terraform(
    "apply",
    "-input=false",
    "-auto-approve",
    "-no-color",
    ...variables.map((variable) => `-var=${variable}`),
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
