/** An image with the stand-in for Fluent Bit, and what it printed. */
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import type { ContainerDefinition, Task } from "@aws-sdk/client-ecs";
import { present, REGION, type TestBerth, until } from "./harness.ts";
import { makeArchive, pushImage } from "./image.ts";
import { addProgram } from "./sdk-image.ts";

export const ROUTER_IMAGE = "000000000000.dkr.ecr.ap-northeast-1.amazonaws.com/router:latest";
export const LOG_GROUP = "/ecs/router";

/** Included by the generated configuration. */
export const EXTRA = "[FILTER]\n    Name record_modifier\n    Match *\n    Record from_file yes\n";

export async function pushRouterImage({ ecr, stateDirectory }: TestBerth): Promise<void> {
  await pushImage(ecr, stateDirectory, "router", (folder) =>
    makeArchive(folder, (root) => {
      addProgram(root, process.execPath, "/bin/node");
      mkdirSync(join(root, "app"), { recursive: true });
      copyFileSync(new URL("firelens-router.mjs", import.meta.url), join(root, "app/router.mjs"));
      writeFileSync(join(root, "app/extra.conf"), EXTRA);
    }),
  );
}

export function routerContainer(more: Partial<ContainerDefinition> = {}): ContainerDefinition {
  return {
    name: "router",
    image: ROUTER_IMAGE,
    memory: 200,
    command: ["/bin/node", "/app/router.mjs"],
    firelensConfiguration: {
      type: "fluentbit",
      options: { "config-file-type": "file", "config-file-value": "/app/extra.conf" },
    },
    logConfiguration: {
      logDriver: "awslogs",
      options: { "awslogs-group": LOG_GROUP, "awslogs-region": REGION, "awslogs-stream-prefix": "r" },
    },
    stopTimeout: 2,
    ...more,
  };
}

export interface Routed {
  readonly tag: string;
  /** Seconds since the epoch. */
  readonly time: number;
  readonly input: "socket" | "port";
  readonly output: Readonly<Record<string, string>>;
  readonly record: Readonly<Record<string, string>>;
}

export function taskIdOf({ taskArn }: Task): string {
  return present(taskArn?.split("/").at(-1), "task id");
}

/** Everything that the task's router has printed so far. */
export async function routedOf({ logs }: TestBerth, task: Task): Promise<Routed[]> {
  const { events } = await logs.send(
    new GetLogEventsCommand({
      logGroupName: LOG_GROUP,
      logStreamName: `r/router/${taskIdOf(task)}`,
      startFromHead: true,
    }),
  );
  return (events ?? []).map(({ message }) => JSON.parse(message ?? ""));
}

export function untilRouted(berth: TestBerth, task: Task, log: string): Promise<Routed> {
  return until(`the router has printed "${log}"`, 30, async () =>
    (await routedOf(berth, task)).find(({ record }) => record["log"] === log),
  );
}
