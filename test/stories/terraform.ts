/** Unmodified Terraform with the AWS provider, where this machine has both. */
import { spawnSync } from "node:child_process";
import { cpSync } from "node:fs";
import { findProgram } from "../../src/cli/doctor.ts";
import { type Finished, REGION, run } from "./harness.ts";

/** Why a story by Terraform cannot be told here; false when it can. */
export function terraformMissing(): string | false {
  if (findProgram("terraform") === undefined) return "terraform is not installed";
  if (findPluginFolder() === undefined) {
    return "no folder with the AWS provider (BERTH_TERRAFORM_PLUGIN_DIR)";
  }
  return false;
}

/** A folder that `terraform init -plugin-dir` takes, for machines that do not reach Terraform's registry. */
function findPluginFolder(): string | undefined {
  const given = process.env["BERTH_TERRAFORM_PLUGIN_DIR"];
  if (given) return given;
  const places = ["/opt", "/usr/share", "/usr/local"];
  const end = "registry.terraform.io/hashicorp/aws";
  const { stdout } = spawnSync("find", [...places, "-maxdepth", "6", "-type", "d", "-path", `*${end}`], {
    encoding: "utf8",
  });
  return stdout.split("\n")[0]?.replace(new RegExp(`/${end}$`), "") || undefined;
}

export interface Terraform {
  /** Throws with the end of its output unless it ends with code 0. */
  apply(...variables: string[]): Promise<void>;
  /** Throws when anything would change. */
  planNothing(...variables: string[]): Promise<void>;
  destroy(...variables: string[]): Promise<void>;
  output(name: string): Promise<unknown>;
}

/** A copy of the configuration in `folder`, initialised. */
export async function startTerraform(source: string, folder: string, endpoint: string): Promise<Terraform> {
  cpSync(source, folder, { recursive: true });
  const terraform = (...parameters: string[]): Promise<Finished> =>
    run("terraform", [`-chdir=${folder}`, ...parameters], {
      timeoutMs: 600_000,
      env: {
        AWS_ENDPOINT_URL: endpoint,
        AWS_ACCESS_KEY_ID: "test",
        AWS_SECRET_ACCESS_KEY: "test",
        AWS_REGION: REGION,
        AWS_EC2_METADATA_DISABLED: "true",
        TF_IN_AUTOMATION: "1",
        TF_CLI_CONFIG_FILE: "/dev/null",
      },
    });
  const succeed = async (...parameters: string[]): Promise<string> => {
    const { exitCode, stdout, stderr } = await terraform(...parameters);
    if (exitCode === 0) return stdout;
    throw new Error(`terraform ${parameters.join(" ")}: ${`${stdout}\n${stderr}`.slice(-4000)}`);
  };
  const given = (variables: readonly string[]) => variables.map((variable) => `-var=${variable}`);
  await succeed("init", "-input=false", "-no-color", `-plugin-dir=${findPluginFolder()}`);
  return {
    async apply(...variables) {
      await succeed("apply", "-input=false", "-auto-approve", "-no-color", ...given(variables));
    },
    async planNothing(...variables) {
      await succeed("plan", "-input=false", "-detailed-exitcode", "-no-color", ...given(variables));
    },
    async destroy(...variables) {
      await succeed("destroy", "-input=false", "-auto-approve", "-no-color", ...given(variables));
    },
    async output(name) {
      return JSON.parse(await succeed("output", "-json", name));
    },
  };
}
