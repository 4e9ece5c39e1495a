/** A VPC with an instance in memory, with a simulated engine and a fabric that links at once. */
import { silentLog } from "../../lib/log.ts";
import { systemRandom } from "../../lib/random.ts";
import { ecsOptimizedImages } from "../../model/ec2/images.ts";
import type { Instance, NetworkInterface } from "../../model/ec2/records.ts";
import type { ContainerInstance } from "../../model/ecs/records.ts";
import { createSimulatedRuntime, type SimulatedRuntime } from "../../runtime/simulated/simulated-runtime.ts";
import { type TestClock, testClock } from "../../services/testing.ts";
import { Store } from "../../store/store.ts";
import { instances, networkInterfaces, subnets, vpcs } from "../../store/tables/ec2.ts";
import { clusters, containerInstances } from "../../store/tables/ecs.ts";
import { instanceProfiles, roles } from "../../store/tables/iam.ts";
import { createInstanceReconciler } from "./instance-reconciler.ts";

export const SCOPE = { account: "000000000000", region: "ap-northeast-1" };
export const INSTANCE_ID = "i-0123456789abcdef0";
const IAM = `arn:aws:iam::${SCOPE.account}`;
const AGENT_POLICY = "arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role";

export interface InstanceWorld {
  readonly store: Store;
  readonly clock: TestClock;
  readonly runtime: SimulatedRuntime;
  /** Whether the fabric links ENIs. */
  fabricWorks: boolean;
  instance(): Instance;
  put(changes: Partial<Instance>): void;
  containerInstance(): ContainerInstance | undefined;
  interfaces(): readonly NetworkInterface[];
  /** Starts a reconciler, as a new process would. */
  start(): void;
  /** As kill -9 does. */
  kill(): Promise<void>;
  /** Lets everything happen that needs no time. */
  settle(): Promise<void>;
}

export function userDataOf(text: string): string {
  return Buffer.from(text).toString("base64");
}

export function exampleInterface(changes: Partial<NetworkInterface> = {}, deviceIndex = 0): NetworkInterface {
  return {
    ...SCOPE,
    networkInterfaceId: `eni-${deviceIndex}`,
    vpcId: "vpc-1",
    subnetId: "subnet-1",
    availabilityZone: "ap-northeast-1a",
    privateIpAddress: `10.0.1.${23 + deviceIndex}`,
    macAddress: `0a:00:00:00:00:0${deviceIndex}`,
    groupIds: ["sg-1"],
    sourceDestCheck: true,
    description: "",
    owner: { kind: "user" },
    attachmentId: `eni-attach-${deviceIndex}`,
    instanceAttachment: {
      instanceId: INSTANCE_ID,
      deviceIndex,
      deleteOnTermination: deviceIndex === 0,
      attachTime: 0,
    },
    linkState: "absent",
    createTime: 0,
    tags: [],
    ...changes,
  };
}

export function exampleInstance(changes: Partial<Instance> = {}): Instance {
  return {
    ...SCOPE,
    instanceId: INSTANCE_ID,
    reservationId: "r-0123456789abcdef0",
    launchIndex: 0,
    imageId:
      ecsOptimizedImages(SCOPE.region).find(({ architecture }) => architecture === "x86_64")?.imageId ?? "",
    instanceType: "t3.small",
    vpcId: "vpc-1",
    subnetId: "subnet-1",
    availabilityZone: "ap-northeast-1a",
    userData: userDataOf("#!/bin/bash\necho ECS_CLUSTER=main >> /etc/ecs/ecs.config\n"),
    iamInstanceProfileArn: `${IAM}:instance-profile/ecsInstanceRole`,
    metadataOptions: {
      httpTokens: "optional",
      httpEndpoint: "enabled",
      httpPutResponseHopLimit: 2,
      instanceMetadataTags: "disabled",
    },
    monitoring: false,
    ebsOptimized: false,
    disableApiTermination: false,
    disableApiStop: false,
    shutdownBehavior: "stop",
    blockDevices: [],
    launchTime: Date.UTC(2026, 0, 1),
    tags: [],
    desiredState: "running",
    rebootsAsked: 0,
    state: "pending",
    stateChangedAt: Date.UTC(2026, 0, 1),
    rebootsDone: 0,
    userDataDone: false,
    consoleOutput: "",
    ...changes,
  };
}

export function exampleSurroundings(store: Store): void {
  store.transaction((tx) => {
    tx.put(vpcs, {
      ...SCOPE,
      vpcId: "vpc-1",
      cidrBlock: "10.0.0.0/16",
      cidrAssociationId: "vpc-cidr-assoc-1",
      instanceTenancy: "default",
      enableDnsSupport: true,
      enableDnsHostnames: true,
      enableNetworkAddressUsageMetrics: false,
      dhcpOptionsId: "dopt-1",
      isDefault: false,
      tags: [],
    });
    tx.put(subnets, {
      ...SCOPE,
      subnetId: "subnet-1",
      vpcId: "vpc-1",
      cidrBlock: "10.0.1.0/24",
      availabilityZone: "ap-northeast-1a",
      availabilityZoneId: "apne1-az4",
      mapPublicIpOnLaunch: false,
      defaultForAz: false,
      tags: [],
    });
    tx.put(clusters, exampleCluster("main"));
    tx.put(roles, {
      account: SCOPE.account,
      arn: `${IAM}:role/ecsInstanceRole`,
      roleName: "ecsInstanceRole",
      roleId: "AROA00000000000000000",
      path: "/",
      assumeRolePolicyDocument: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          { Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" },
        ],
      }),
      maxSessionDurationSeconds: 3600,
      inlinePolicies: [],
      attachedPolicyArns: [AGENT_POLICY],
      createDate: 0,
      tags: [],
    });
    tx.put(instanceProfiles, {
      account: SCOPE.account,
      arn: `${IAM}:instance-profile/ecsInstanceRole`,
      instanceProfileName: "ecsInstanceRole",
      instanceProfileId: "AIPA00000000000000000",
      path: "/",
      roleNames: ["ecsInstanceRole"],
      createDate: 0,
      tags: [],
    });
  });
}

export function exampleCluster(name: string) {
  return {
    ...SCOPE,
    arn: `arn:aws:ecs:${SCOPE.region}:${SCOPE.account}:cluster/${name}`,
    name,
    status: "ACTIVE" as const,
    settings: [],
    capacityProviders: [],
    defaultCapacityProviderStrategy: [],
    tags: [],
  };
}

export function createInstanceWorld(changes: Partial<Instance> = {}): InstanceWorld {
  const store = new Store(":memory:");
  const clock = testClock();
  const runtime = createSimulatedRuntime({ clock });
  exampleSurroundings(store);
  store.transaction((tx) => {
    tx.put(instances, exampleInstance(changes));
    tx.put(networkInterfaces, exampleInterface());
  });
  let current: ReturnType<typeof createInstanceReconciler> | undefined;
  const world: InstanceWorld = {
    store,
    clock,
    runtime,
    fabricWorks: true,
    instance: () => store.get(instances, INSTANCE_ID) ?? exampleInstance({ state: "terminated" }),
    put: (more) => store.transaction((tx) => tx.put(instances, { ...world.instance(), ...more })),
    containerInstance: () =>
      store
        .where(containerInstances, "instance", INSTANCE_ID)
        .toSorted((one, other) => other.registeredAt - one.registeredAt)[0],
    interfaces: () => store.where(networkInterfaces, "instance", INSTANCE_ID),
    start() {
      current = createInstanceReconciler({ store, clock, random: systemRandom, log: silentLog, runtime });
      current.start();
    },
    async kill() {
      await current?.stop();
      await runtime.close();
      current = undefined;
    },
    async settle() {
      for (let quiet = 0; quiet < 3; quiet++) {
        await new Promise((resolve) => setImmediate(resolve));
        await current?.settled();
        if (linkInterfaces(store, world.fabricWorks)) quiet = 0;
      }
    },
  };
  return world;
}

/** What reconcile/fabric does, at once. True when there was something to do. */
function linkInterfaces(store: Store, works: boolean): boolean {
  const waiting = store
    .list(networkInterfaces)
    .filter(({ sandbox, linkState }) => works && sandbox !== undefined && linkState === "absent");
  store.transaction((tx) => {
    for (const record of waiting) tx.put(networkInterfaces, { ...record, linkState: "ready" });
  });
  return waiting.length > 0;
}
