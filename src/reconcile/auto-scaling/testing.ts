/** A group in a store in memory, and a toy EC2 whose instances boot and go when they are told to. */
import { silentLog } from "../../lib/log.ts";
import type { Random } from "../../lib/random.ts";
import { systemRandom } from "../../lib/random.ts";
import { failure, success } from "../../lib/result.ts";
import { groupKey } from "../../model/autoscaling/names.ts";
import type {
  AutoScalingGroup,
  AutoScalingInstance,
  ScalingActivity,
} from "../../model/autoscaling/records.ts";
import type { Instance, Subnet } from "../../model/ec2/records.ts";
import { type TestClock, testClock } from "../../services/testing.ts";
import { Store } from "../../store/store.ts";
import {
  autoScalingGroups,
  autoScalingInstances,
  scalingActivities,
} from "../../store/tables/autoscaling.ts";
import { instances, subnets } from "../../store/tables/ec2.ts";
import type { AutoScalingDeps } from "./apply.ts";
import { reconcileGroup } from "./auto-scaling-reconciler.ts";

export const SCOPE = { account: "000000000000", region: "ap-northeast-1" };
export const GROUP = "asg";
export const KEY = groupKey(SCOPE, GROUP);

export function exampleGroup(overrides: Partial<AutoScalingGroup> = {}): AutoScalingGroup {
  return {
    ...SCOPE,
    arn: `arn:aws:autoscaling:ap-northeast-1:000000000000:autoScalingGroup:uuid:autoScalingGroupName/${GROUP}`,
    name: GROUP,
    launchTemplate: { LaunchTemplateId: "lt-1", LaunchTemplateName: "lt", Version: "$Latest" },
    minSize: 0,
    maxSize: 20,
    desiredCapacity: 0,
    defaultCooldown: 300,
    subnetIds: ["subnet-a", "subnet-c"],
    availabilityZones: ["ap-northeast-1a", "ap-northeast-1c"],
    targetGroupArns: [],
    healthCheckType: "EC2",
    healthCheckGracePeriod: 300,
    terminationPolicies: ["Default"],
    newInstancesProtectedFromScaleIn: false,
    capacityRebalance: false,
    serviceLinkedRoleArn: "role",
    suspendedProcesses: [],
    enabledMetrics: [],
    lifecycleHooks: [],
    createdTime: Date.UTC(2026, 0, 1),
    tags: [],
    shown: {},
    ...overrides,
  };
}

export function exampleInstance(
  instanceId: string,
  subnet: { subnetId: string; availabilityZone: string },
  overrides: Partial<Instance> = {},
): Instance {
  return {
    ...SCOPE,
    instanceId,
    reservationId: `r-${instanceId}`,
    launchIndex: 0,
    imageId: "ami-1",
    instanceType: "t3.micro",
    vpcId: "vpc-1",
    ...subnet,
    metadataOptions: {
      httpTokens: "optional",
      httpEndpoint: "enabled",
      httpPutResponseHopLimit: 1,
      instanceMetadataTags: "disabled",
    },
    monitoring: false,
    ebsOptimized: false,
    disableApiTermination: false,
    disableApiStop: false,
    shutdownBehavior: "stop",
    blockDevices: [],
    launchTime: 0,
    tags: [],
    desiredState: "running",
    rebootsAsked: 0,
    state: "pending",
    stateChangedAt: 0,
    rebootsDone: 0,
    userDataDone: false,
    consoleOutput: "",
    ...overrides,
  };
}

export interface ToyWorld {
  readonly store: Store;
  readonly clock: TestClock;
  /** What EC2 says to the next launches; undefined: they succeed. */
  refusal: string | undefined;
  group(): AutoScalingGroup;
  change(overrides: Partial<AutoScalingGroup>): void;
  members(): AutoScalingInstance[];
  changeMember(instanceId: string, overrides: Partial<AutoScalingInstance>): void;
  changeInstance(instanceId: string, overrides: Partial<Instance>): void;
  /** Oldest first. */
  activities(): ScalingActivity[];
  reconcile(): ReturnType<typeof reconcileGroup>;
  /** Instances boot, and those that are to go are gone. */
  stepEc2(): void;
  /** Until nothing happens any more. */
  settle(): void;
}

export function toyWorld(overrides: Partial<AutoScalingGroup> = {}, random: Random = systemRandom): ToyWorld {
  const store = new Store(":memory:");
  const clock = testClock();
  let launched = 0;
  const put = (group: AutoScalingGroup): void => store.transaction((tx) => tx.put(autoScalingGroups, group));
  for (const letter of ["a", "c"]) {
    const subnet: Subnet = {
      ...SCOPE,
      subnetId: `subnet-${letter}`,
      vpcId: "vpc-1",
      cidrBlock: "10.0.0.0/24",
      availabilityZone: `ap-northeast-1${letter}`,
      availabilityZoneId: `apne1-az-${letter}`,
      mapPublicIpOnLaunch: false,
      defaultForAz: false,
      tags: [],
    };
    store.transaction((tx) => tx.put(subnets, subnet));
  }
  put(exampleGroup(overrides));
  const deps: AutoScalingDeps = {
    store,
    clock,
    random,
    log: silentLog,
    launch: (_store, _group, subnetId) => {
      if (world.refusal !== undefined) return failure({ code: "Refused", message: world.refusal });
      const subnet = store.get(subnets, subnetId ?? "subnet-a");
      if (subnet === undefined) return failure({ code: "InvalidSubnetID.NotFound", message: "no subnet" });
      const { availabilityZone } = subnet;
      const id = `i-${String(++launched).padStart(3, "0")}`;
      const instance = exampleInstance(
        id,
        { subnetId: subnet.subnetId, availabilityZone },
        { launchTime: clock.now() },
      );
      return success({
        instance,
        launchTemplate: { LaunchTemplateId: "lt-1", LaunchTemplateName: "lt", Version: "1" },
        put: (tx) => tx.put(instances, instance),
      });
    },
  };
  const world: ToyWorld = {
    store,
    clock,
    refusal: undefined,
    group: () => store.get(autoScalingGroups, KEY) ?? exampleGroup(),
    change: (change) => put({ ...world.group(), ...change }),
    members: () =>
      store.where(autoScalingInstances, "group", KEY).sort((a, b) => (a.instanceId < b.instanceId ? -1 : 1)),
    changeMember(instanceId, change) {
      const member = store.get(autoScalingInstances, instanceId);
      if (member !== undefined)
        store.transaction((tx) => tx.put(autoScalingInstances, { ...member, ...change }));
    },
    changeInstance(instanceId, change) {
      const instance = store.get(instances, instanceId);
      if (instance !== undefined) store.transaction((tx) => tx.put(instances, { ...instance, ...change }));
    },
    activities: () => store.where(scalingActivities, "group", KEY).sort((a, b) => a.startTime - b.startTime),
    reconcile: () => reconcileGroup(deps, KEY),
    stepEc2() {
      for (const instance of store.list(instances)) {
        const state = instance.desiredState === "terminated" ? "terminated" : "running";
        if (instance.state === "pending" || state === "terminated") {
          world.changeInstance(instance.instanceId, { state });
        }
      }
    },
    settle() {
      for (let round = 0; round < 6; round++) {
        world.reconcile();
        world.clock.advance(1000);
        world.stepEc2();
      }
      world.reconcile();
    },
  };
  return world;
}
