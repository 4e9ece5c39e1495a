/** Container instances, definitions and chance for the tests of placement. */
import type { Random } from "../../../lib/random.ts";
import type { ContainerInstance, TaskDefinition } from "../records.ts";

const SCOPE = { account: "000000000000", region: "ap-northeast-1" };
const ECS = `arn:aws:ecs:${SCOPE.region}:${SCOPE.account}`;
export const CLUSTER = `${ECS}:cluster/main`;

export interface ExampleInstance {
  readonly cpu?: number;
  readonly memory?: number;
  readonly type?: string;
  readonly zone?: string;
  readonly gpus?: readonly string[];
  readonly attributes?: ContainerInstance["attributes"];
}

export function exampleInstance(
  id: string,
  example: ExampleInstance = {},
  overrides: Partial<ContainerInstance> = {},
): ContainerInstance {
  const { cpu = 2048, memory = 4096, type = "m5.large", zone = "ap-northeast-1a" } = example;
  return {
    ...SCOPE,
    arn: `${ECS}:container-instance/main/${id}`,
    containerInstanceId: id,
    clusterArn: CLUSTER,
    ec2InstanceId: `i-${id}`,
    status: "ACTIVE",
    agentConnected: true,
    versionInfo: { agentVersion: "1.14.5" },
    registeredResources: [
      { name: "CPU", type: "INTEGER", integerValue: cpu },
      { name: "MEMORY", type: "INTEGER", integerValue: memory },
      { name: "PORTS", type: "STRINGSET", stringSetValue: ["22", "2375"] },
      { name: "PORTS_UDP", type: "STRINGSET", stringSetValue: [] },
      { name: "GPU", type: "STRINGSET", stringSetValue: [...(example.gpus ?? [])] },
    ],
    attributes: [
      { name: "ecs.availability-zone", value: zone },
      { name: "ecs.instance-type", value: type },
      { name: "ecs.capability.task-eni" },
      ...(example.attributes ?? []),
    ],
    registeredAt: Date.UTC(2018, 1, 20),
    version: 1,
    tags: [],
    ...overrides,
  };
}

export function exampleDefinition(
  family: string,
  definition: TaskDefinition["definition"],
  overrides: Partial<TaskDefinition> = {},
): TaskDefinition {
  return {
    ...SCOPE,
    arn: `${ECS}:task-definition/${family}:1`,
    family,
    revision: 1,
    status: "ACTIVE",
    definition,
    compatibilities: ["EC2"],
    requiresAttributes: definition.networkMode === "awsvpc" ? [{ name: "ecs.capability.task-eni" }] : [],
    registeredAt: 0,
    registeredBy: "",
    tags: [],
    ...overrides,
  };
}

/** The same seed gives the same numbers (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (bound: number): number => Math.floor(next() * bound);
  const text = (length: number, alphabet: string): string =>
    Array.from({ length }, () => alphabet.charAt(below(alphabet.length))).join("");
  return {
    below,
    text,
    hex: (length) => text(length, "0123456789abcdef"),
    digits: (length) => text(1, "123456789") + text(length - 1, "0123456789"),
    uuid: () => `${text(8, "0123456789abcdef")}-0000-4000-8000-${text(12, "0123456789abcdef")}`,
  };
}
