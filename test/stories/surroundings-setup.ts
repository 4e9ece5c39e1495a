/** A task of a program that tells all that it sees of its surroundings, and what it told. */
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { CreateLogGroupCommand, GetLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import type { ContainerDefinition, LogConfiguration } from "@aws-sdk/client-ecs";
import { present, REGION, type TestBerth, until } from "./harness.ts";
import { makeArchive, pushImage } from "./image.ts";
import { addProgram } from "./sdk-image.ts";

/** As a user names it in a task definition. */
export const SURROUNDINGS_IMAGE = "000000000000.dkr.ecr.ap-northeast-1.amazonaws.com/surroundings:latest";

const PROGRAM = new URL("surroundings.mjs", import.meta.url).pathname;
const GROUP = "/ecs/surroundings";

export async function pushSurroundings({ ecr, logs, stateDirectory }: TestBerth): Promise<void> {
  await logs.send(new CreateLogGroupCommand({ logGroupName: GROUP }));
  await pushImage(ecr, stateDirectory, "surroundings", (folder) =>
    makeArchive(folder, (root) => {
      addProgram(root, process.execPath, "/bin/node");
      mkdirSync(join(root, "app"));
      copyFileSync(PROGRAM, join(root, "app/surroundings.mjs"));
    }),
  );
}

/** `targets` are the addresses (`10.0.0.1:80`) that it tries to reach. */
export function surroundingsContainer(targets: readonly string[]): ContainerDefinition {
  const options = {
    "awslogs-group": GROUP,
    "awslogs-region": REGION,
    "awslogs-stream-prefix": "seen",
  };
  const logConfiguration: LogConfiguration = { logDriver: "awslogs", options };
  return {
    name: "web",
    image: SURROUNDINGS_IMAGE,
    command: ["/bin/node", "/app/surroundings.mjs", ...targets],
    stopTimeout: 2,
    logConfiguration,
  };
}

export interface Surroundings {
  readonly environment: Readonly<Record<string, string>>;
  readonly status: Readonly<Record<string, string>>;
  /** Soft and hard, by the kernel's name of the limit. */
  readonly limits: Readonly<Record<string, readonly [string, string]>>;
  readonly identity: {
    readonly uid: number;
    readonly gid: number;
    readonly groups: readonly number[];
  };
  readonly hostname: { readonly name: string; readonly file: string };
  readonly hosts: string;
  readonly resolver: string;
  readonly interfaces: readonly string[];
  /** Of `ip -o addr`, word by word, as the others of their commands. */
  readonly addresses: readonly (readonly string[])[];
  readonly routes: readonly (readonly string[])[];
  readonly neighbours: readonly (readonly string[])[];
  readonly mounts: readonly SeenMount[];
  readonly controlGroups: Readonly<Record<"memory" | "cpuShares" | "cpuQuota", string>>;
  readonly processes: {
    readonly first: readonly string[];
    readonly self: number;
    readonly count: number;
  };
  readonly devices: readonly string[];
  readonly descriptors: number;
  readonly sysctls: Readonly<Record<string, string>>;
  readonly files: {
    readonly root: true | string;
    readonly sysctl: true | string;
    readonly system: true | string;
    readonly socket: readonly string[];
    readonly dockerenv: number | false;
    readonly directory: string;
    readonly list: readonly string[];
  };
  /** Of the task metadata endpoint, or how each of them failed. */
  readonly documents: Readonly<
    Record<"v3" | "v3Task" | "v4" | "v4Task" | "stats", Readonly<Record<string, unknown>>>
  >;
  /** How a connection to each target ended: `open`, `timeout` or the error's code. */
  readonly reached: Readonly<Record<string, string>>;
}

export interface SeenMount {
  readonly at: string;
  readonly root: string;
  readonly options: string;
  readonly type: string;
  readonly source: string;
}

/** What the program has told, when it has told everything. */
export async function surroundingsOf(
  { logs }: TestBerth,
  taskArn: string | undefined,
): Promise<Surroundings> {
  const logStreamName = `seen/web/${present(taskArn, "taskArn").split("/").at(-1)}`;
  const lines = await until("the program has told everything", 40, async () => {
    const input = { logGroupName: GROUP, logStreamName, startFromHead: true };
    const { events = [] } = await logs.send(new GetLogEventsCommand(input));
    const messages = events.map(({ message = "" }) => message.trimEnd());
    return messages.at(-1)?.startsWith("done ") === true && messages;
  });
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(" ")), JSON.parse(line.slice(line.indexOf(" ") + 1))]),
  ) as unknown as Surroundings;
}
