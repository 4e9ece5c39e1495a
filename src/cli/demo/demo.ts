/** `berth demo`: from nothing to live traffic, saying what it does. */
import { join } from "node:path";
import { DescribeClustersCommand, ECSClient, ListServicesCommand } from "@aws-sdk/client-ecs";
import type { ConfigFlags } from "../../config.ts";
import { CommandFailure, EXIT, print, say } from "../output.ts";
import { djangoDemo } from "./django.ts";
import {
  type AwsEnvironment,
  applySdk,
  applyTerraform,
  clientSettings,
  exampleFolder,
  inStep,
  prepare,
  seconds,
} from "./environment.ts";
import { demoImages } from "./images.ts";
import { showResult } from "./show.ts";

const EXAMPLE = "ecs-navi";

export interface DemoFlags extends ConfigFlags {
  readonly terraform?: boolean | undefined;
  /** Wait for a key before each step. */
  readonly step?: boolean | undefined;
}

export async function demo(example: string, flags: DemoFlags): Promise<void> {
  const started = Date.now();
  if (example === EXAMPLE) await naviDemo(flags);
  else if (example === "django-bridge") await djangoDemo(flags);
  else throw new CommandFailure(`no demo ${example}; there are ecs-navi and django-bridge`, EXIT.usage);
  print(`\nDone in ${seconds(started)}.`);
}

async function naviDemo(flags: DemoFlags): Promise<void> {
  const images = demoImages(join(exampleFolder(EXAMPLE), "images"));
  const { config, environment } = await prepare(flags, images, 5);
  const apply = (backendCount?: number) =>
    flags.terraform
      ? applyTerraform(EXAMPLE, [`backend_count=${backendCount ?? 1}`], config, environment)
      : applySdk(
          EXAMPLE,
          backendCount === undefined ? [] : ["--backend-count", String(backendCount)],
          environment,
        );
  const how = flags.terraform
    ? "Terraform (about two minutes, mostly waits inside its provider)"
    : "the AWS SDK";
  await inStep(`5/5 the system, by ${how}`, async () => {
    if (!flags.terraform && (await isThere(environment))) {
      say("  it is there already; the backend goes back to one task");
      await apply(1);
    } else await apply();
  });
  await showResult(config, environment, apply);
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
