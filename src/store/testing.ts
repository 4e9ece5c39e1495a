/** A cluster in a store in memory, for the tests of placement. */
import type { Random } from "../lib/random.ts";
import { newTask } from "../model/ecs/new-task.ts";
import type { PlacementOutcome, PlacementRequest } from "../model/ecs/placement/outcome.ts";
import { CLUSTER, exampleDefinition } from "../model/ecs/placement/testing.ts";
import type { ContainerInstance, TaskDefinition } from "../model/ecs/records.ts";
import { onInstance, placeTask } from "./placement.ts";
import { Store } from "./store.ts";
import { subnets } from "./tables/ec2.ts";
import { containerInstances, taskDefinitions, tasks } from "./tables/ecs.ts";

const SCOPE = { account: "000000000000", region: "ap-northeast-1" };
const SUBNETS = { awsvpcConfiguration: { subnets: ["subnet-a", "subnet-c"] } };

export const small = exampleDefinition("small", {
  containerDefinitions: [{ name: "app", image: "app", cpu: 256, memory: 512 }],
});
export const vpc = exampleDefinition("vpc", {
  networkMode: "awsvpc",
  cpu: "128",
  memory: "128",
  containerDefinitions: [{ name: "app", image: "app", memory: 128 }],
});
export const port = exampleDefinition("port", {
  containerDefinitions: [
    {
      name: "app",
      image: "app",
      memory: 64,
      portMappings: [
        { containerPort: 80, hostPort: 8080 },
        { containerPort: 53, hostPort: 5353, protocol: "udp" },
        { containerPort: 81, hostPort: 0 },
      ],
    },
  ],
});

export function world(
  instances: readonly ContainerInstance[],
  definitions: readonly TaskDefinition[] = [],
): Store {
  const store = new Store(":memory:");
  store.transaction((tx) => {
    for (const instance of instances) tx.put(containerInstances, instance);
    for (const definition of [small, vpc, port, ...definitions]) tx.put(taskDefinitions, definition);
    for (const zone of ["a", "c"]) {
      tx.put(subnets, {
        ...SCOPE,
        subnetId: `subnet-${zone}`,
        vpcId: "vpc-1",
        cidrBlock: "10.0.0.0/24",
        availabilityZone: `ap-northeast-1${zone}`,
        availabilityZoneId: `apne1-az-${zone}`,
        mapPublicIpOnLaunch: false,
        defaultForAz: false,
        tags: [],
      });
    }
  });
  return store;
}

export function request(
  definition: TaskDefinition,
  changes: Partial<PlacementRequest> = {},
): PlacementRequest {
  return {
    clusterArn: CLUSTER,
    definition,
    group: `family:${definition.family}`,
    placementConstraints: [],
    placementStrategy: [],
    networkConfiguration: definition.definition.networkMode === "awsvpc" ? SUBNETS : undefined,
    ...changes,
  };
}

/** Places a task and writes it. */
export function run(store: Store, asked: PlacementRequest, chance: Random): PlacementOutcome {
  const outcome = placeTask(store, asked, chance);
  if (outcome.kind !== "placed") return outcome;
  const task = newTask(
    {
      scope: SCOPE,
      cluster: { arn: CLUSTER, name: "main" },
      definition: asked.definition,
      group: asked.group,
      launchType: "EC2",
      overrides: asked.overrides,
      networkConfiguration: asked.networkConfiguration,
      enableExecuteCommand: false,
      tags: [],
      createdAt: 0,
      ...onInstance(store, outcome.containerInstance, asked.networkConfiguration),
    },
    chance,
  );
  store.transaction((tx) => tx.put(tasks, task));
  return outcome;
}

/** The id of the instance, or what else came of it. */
export const placedOn = (outcome: PlacementOutcome): string =>
  outcome.kind === "placed" ? outcome.containerInstance.containerInstanceId : outcome.kind;

export const reasonsOf = (outcome: PlacementOutcome): string[] =>
  outcome.kind === "refused" ? outcome.failures.map(({ reason }) => reason) : [outcome.kind];
