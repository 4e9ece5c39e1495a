import assert from "node:assert/strict";
import { test } from "node:test";
import { silentLog } from "../../lib/log.ts";
import { systemRandom } from "../../lib/random.ts";
import type { AutoScalingInstance } from "../../model/autoscaling/records.ts";
import type { CapacityProvider, ContainerInstance, Task } from "../../model/ecs/records.ts";
import { autoScalingInstances, scalingPolicies } from "../../store/tables/autoscaling.ts";
import { launchTemplates, launchTemplateVersions } from "../../store/tables/ec2.ts";
import {
  capacityProviders,
  clusters,
  containerInstances,
  services,
  taskDefinitions,
  tasks,
} from "../../store/tables/ecs.ts";
import { KEY, SCOPE, toyWorld } from "../auto-scaling/testing.ts";
import { exampleService } from "../service/testing.ts";
import { reconcileManagedGroup } from "./capacity-provider-reconciler.ts";
import { DRAINING_HOOK } from "./draining.ts";
import { SCALE_IN_CALM_MS } from "./plan-scaling.ts";

const ECS = `arn:aws:ecs:${SCOPE.region}:${SCOPE.account}`;
const CLUSTER = `${ECS}:cluster/main`;
const DEFINITION = `${ECS}:task-definition/web:1`;

function fixture(settings: Partial<CapacityProvider["autoScalingGroupProvider"]> = {}) {
  const world = toyWorld({ maxSize: 5, newInstancesProtectedFromScaleIn: true });
  const { store, clock } = world;
  store.transaction((tx) => {
    tx.put(launchTemplates, {
      ...SCOPE,
      launchTemplateId: "lt-1",
      launchTemplateName: "lt",
      createTime: 0,
      createdBy: "me",
      defaultVersion: 1,
      latestVersion: 1,
      tags: [],
    });
    tx.put(launchTemplateVersions, {
      ...SCOPE,
      launchTemplateId: "lt-1",
      version: 1,
      createTime: 0,
      createdBy: "me",
      data: { InstanceType: "t3.micro" },
    });
    tx.put(clusters, {
      ...SCOPE,
      arn: CLUSTER,
      name: "main",
      status: "ACTIVE",
      settings: [],
      capacityProviders: ["cp"],
      defaultCapacityProviderStrategy: [],
      tags: [],
    });
    tx.put(capacityProviders, {
      ...SCOPE,
      arn: `${ECS}:capacity-provider/cp`,
      name: "cp",
      status: "ACTIVE",
      autoScalingGroupProvider: {
        autoScalingGroupArn: world.group().arn,
        managedScaling: {
          status: "ENABLED",
          targetCapacity: 100,
          minimumScalingStepSize: 1,
          maximumScalingStepSize: 10_000,
          instanceWarmupPeriod: 10,
        },
        managedTerminationProtection: "ENABLED",
        managedDraining: "ENABLED",
        ...settings,
      },
      createdAt: 0,
      tags: [],
    });
    tx.put(taskDefinitions, {
      ...SCOPE,
      arn: DEFINITION,
      family: "web",
      revision: 1,
      status: "ACTIVE",
      definition: { containerDefinitions: [{ name: "app", image: "app", cpu: 1024, memory: 256 }] },
      compatibilities: ["EC2"],
      requiresAttributes: [],
      registeredAt: 0,
      registeredBy: "me",
      tags: [],
    });
  });
  const calm = new Map<string, number>();
  const deps = { store, clock, random: systemRandom, log: silentLog };
  const reconcile = (): void => {
    reconcileManagedGroup(deps, calm, KEY);
    world.settle();
  };
  return { world, store, clock, reconcile };
}

function exampleTask(taskId: string, overrides: Partial<Task> = {}): Task {
  return {
    ...SCOPE,
    arn: `${ECS}:task/main/${taskId}`,
    taskId,
    clusterArn: CLUSTER,
    taskDefinitionArn: DEFINITION,
    group: "family:web",
    launchType: "EC2",
    capacityProviderName: "cp",
    overrides: {},
    enableExecuteCommand: false,
    desiredStatus: "RUNNING",
    lastStatus: "PROVISIONING",
    version: 1,
    containers: [],
    healthStatus: "UNKNOWN",
    createdAt: 0,
    tags: [],
    ...overrides,
  };
}

type Fixture = ReturnType<typeof fixture>;

const putTask = ({ store }: Fixture, task: Task): void => store.transaction((tx) => tx.put(tasks, task));

/** As its agent would. */
function register({ store }: Fixture, instanceId: string): ContainerInstance {
  const record: ContainerInstance = {
    ...SCOPE,
    arn: `${ECS}:container-instance/main/${instanceId}`,
    containerInstanceId: instanceId,
    clusterArn: CLUSTER,
    ec2InstanceId: instanceId,
    status: "ACTIVE",
    agentConnected: true,
    versionInfo: {},
    registeredResources: [
      { name: "CPU", type: "INTEGER", integerValue: 2048 },
      { name: "MEMORY", type: "INTEGER", integerValue: 900 },
    ],
    attributes: [{ name: "ecs.instance-type", value: "t3.micro" }],
    registeredAt: 0,
    version: 1,
    tags: [],
  };
  store.transaction((tx) => tx.put(containerInstances, record));
  return record;
}

const members = ({ world }: Fixture): AutoScalingInstance[] => world.members();

test("tasks that wait bring instances, packed by what an instance holds, and the causes name ECS's policy", () => {
  const f = fixture();
  for (const id of ["t1", "t2", "t3"]) putTask(f, exampleTask(id));
  f.reconcile();
  assert.equal(f.world.group().desiredCapacity, 2);
  assert.equal(members(f).length, 2);
  // Those that are on their way are not asked for again.
  f.reconcile();
  assert.equal(f.world.group().desiredCapacity, 2);
  const [policy] = f.store.list(scalingPolicies);
  assert.match(policy?.name ?? "", /^ECSManagedAutoScalingPolicy-/);
  assert.match(
    f.world.activities()[0]?.cause ?? "",
    /^At \S+ a monitor alarm TargetTracking-asg-AlarmHigh-\S+ in state ALARM triggered policy ECSManagedAutoScalingPolicy-\S+ changing the desired capacity from 0 to 2\. {2}At /,
  );
});

test("the group never grows beyond its maximum", () => {
  const f = fixture();
  for (let n = 0; n < 40; n++) putTask(f, exampleTask(`t${n}`));
  f.reconcile();
  assert.equal(f.world.group().desiredCapacity, 5);
});

test("instances with tasks are protected; empty ones go when it was calm, the busy one stays", () => {
  const f = fixture();
  for (const id of ["t1", "t2", "t3"]) putTask(f, exampleTask(id));
  f.reconcile();
  const [busy, idle] = members(f).map(({ instanceId }) => register(f, instanceId));
  assert.ok(busy && idle);
  for (const id of ["t1", "t2", "t3"]) {
    putTask(f, exampleTask(id, { lastStatus: "RUNNING", containerInstanceArn: busy.arn }));
  }
  f.clock.advance(11_000);
  f.reconcile();
  assert.deepEqual(
    members(f).map(({ protectedFromScaleIn }) => protectedFromScaleIn),
    [true, false],
  );
  assert.equal(f.world.group().desiredCapacity, 2);
  f.clock.advance(SCALE_IN_CALM_MS);
  f.reconcile();
  assert.equal(f.world.group().desiredCapacity, 1);
  f.reconcile();
  f.reconcile();
  assert.deepEqual(
    members(f).map(({ instanceId }) => instanceId),
    [busy.ec2InstanceId],
  );
});

test("an instance that only runs a daemon counts as empty", () => {
  const f = fixture();
  putTask(f, exampleTask("t1"));
  f.reconcile();
  const [member] = members(f);
  const instance = register(f, member?.instanceId ?? "");
  const service = exampleService({ arn: "daemon", name: "daemon", schedulingStrategy: "DAEMON" });
  f.store.transaction((tx) => tx.put(services, service));
  putTask(f, exampleTask("t1", { desiredStatus: "STOPPED", lastStatus: "STOPPED" }));
  putTask(
    f,
    exampleTask("d1", { serviceArn: "daemon", lastStatus: "RUNNING", containerInstanceArn: instance.arn }),
  );
  f.clock.advance(11_000);
  f.reconcile();
  f.clock.advance(SCALE_IN_CALM_MS);
  f.reconcile();
  assert.equal(f.world.group().desiredCapacity, 0);
});

test("an instance that is to go is drained first, and goes when its last task is gone", () => {
  const f = fixture({ managedTerminationProtection: "DISABLED" });
  putTask(f, exampleTask("t1"));
  f.reconcile();
  const [member] = members(f);
  const instance = register(f, member?.instanceId ?? "");
  putTask(f, exampleTask("t1", { lastStatus: "RUNNING", containerInstanceArn: instance.arn }));
  assert.equal(f.world.group().lifecycleHooks[0]?.LifecycleHookName, DRAINING_HOOK);
  f.world.changeMember(member?.instanceId ?? "", { lifecycleState: "Terminating" });
  f.world.change({ desiredCapacity: 0, suspendedProcesses: [{ ProcessName: "AlarmNotification" }] });
  f.world.settle();
  f.reconcile();
  assert.equal(f.store.get(containerInstances, instance.arn)?.status, "DRAINING");
  assert.equal(members(f)[0]?.lifecycleState, "Terminating:Wait");
  // Its heartbeat does not run out while tasks are left.
  f.clock.advance(3_000_000);
  f.reconcile();
  f.clock.advance(3_000_000);
  f.reconcile();
  assert.equal(members(f)[0]?.lifecycleState, "Terminating:Wait");
  putTask(f, exampleTask("t1", { lastStatus: "STOPPED", containerInstanceArn: instance.arn }));
  f.reconcile();
  assert.deepEqual(members(f), []);
});

test("without its provider the group keeps neither hook nor policy", () => {
  const f = fixture();
  f.reconcile();
  assert.equal(f.store.list(scalingPolicies).length, 1);
  const provider = f.store.list(capacityProviders)[0];
  assert.ok(provider);
  f.store.transaction((tx) => tx.put(capacityProviders, { ...provider, status: "INACTIVE" }));
  f.reconcile();
  assert.equal(f.world.group().lifecycleHooks.length, 0);
  assert.equal(f.store.list(scalingPolicies).length, 0);
  assert.equal(f.store.list(autoScalingInstances).length, 0);
});
