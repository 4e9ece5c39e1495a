import assert from "node:assert/strict";
import { test } from "node:test";
import { silentLog } from "../../lib/log.ts";
import { systemRandom } from "../../lib/random.ts";
import type { DiscoveryService } from "../../model/cloudmap/records.ts";
import type { Instance } from "../../model/ec2/records.ts";
import type { Task } from "../../model/ecs/records.ts";
import { discoveryInstances, discoveryServices } from "../../store/tables/cloudmap.ts";
import { instances, networkInterfaces } from "../../store/tables/ec2.ts";
import {
  containerInstances,
  deployments,
  taskDefinitions,
  taskRegistrations,
  tasks,
} from "../../store/tables/ecs.ts";
import { listeners, targetGroups, targets } from "../../store/tables/elb.ts";
import {
  DEFINITION_ARN,
  exampleDeployment,
  exampleSpec,
  exampleTask,
  SCOPE,
  type ToyWorld,
  toyWorld,
} from "../service/testing.ts";
import {
  CONTAINER_INSTANCE_ARN,
  exampleContainerInstance,
  exampleInstance,
  examplePrimaryInterface,
  INSTANCE_ID,
} from "../task/instance-testing.ts";
import { deregistrationComplete, registrationComplete } from "./progress.ts";
import { createRegistrationReconciler, reconcileRegistration } from "./registration-reconciler.ts";

const GROUP_ARN = "arn:aws:elasticloadbalancing:ap-northeast-1:000000000000:targetgroup/web/0123456789abcdef";
const REGISTRY_ARN = "arn:aws:servicediscovery:ap-northeast-1:000000000000:service/srv-abcdefgh12345678";
const SERVICE_ID = "srv-abcdefgh12345678";
const TARGET_KEY = `${GROUP_ARN}|10.0.11.82|80`;

interface Fixture {
  readonly world: ToyWorld;
  readonly task: Task;
  reconcile(): ReturnType<typeof reconcileRegistration>;
  change(overrides: Partial<Task>): void;
  current(): Task;
}

/** A task on its way up, of a service with a target group and a Cloud Map service. */
function fixture(discovery: Partial<DiscoveryService> = {}, hasHealthCheck = false): Fixture {
  const spec = exampleSpec({
    loadBalancers: [{ targetGroupArn: GROUP_ARN, containerName: "app", containerPort: 80 }],
    serviceRegistries: [{ registryArn: REGISTRY_ARN }],
  });
  const world = toyWorld({ spec }, hasHealthCheck ? { command: ["CMD", "true"] } : undefined);
  const { store, clock } = world;
  const task = exampleTask({
    lastStatus: "ACTIVATING",
    availabilityZone: "ap-northeast-1a",
    attachment: { id: "a", status: "ATTACHED", subnetId: "subnet-1", privateIpv4Address: "10.0.11.82" },
  });
  store.transaction((tx) => {
    tx.put(targetGroups, {
      ...SCOPE,
      arn: GROUP_ARN,
      name: "web",
      protocol: "HTTP",
      port: 3000,
      vpcId: "vpc-1",
      targetType: "ip",
      healthCheck: {
        enabled: true,
        protocol: "HTTP",
        port: "traffic-port",
        intervalSeconds: 30,
        timeoutSeconds: 5,
        healthyThresholdCount: 5,
        unhealthyThresholdCount: 2,
      },
      attributes: { "deregistration_delay.timeout_seconds": "300" },
      createdTime: 0,
      tags: [],
    });
    tx.put(listeners, {
      ...SCOPE,
      arn: "listener",
      loadBalancerArn: "lb",
      port: 80,
      protocol: "HTTP",
      certificateArns: [],
      defaultActions: [{ kind: "forward", targetGroups: [{ targetGroupArn: GROUP_ARN }] }],
      attributes: {},
      tags: [],
    });
    tx.put(discoveryServices, {
      ...SCOPE,
      id: SERVICE_ID,
      arn: REGISTRY_ARN,
      name: "web",
      namespaceId: "ns-1",
      dnsConfig: { routingPolicy: "MULTIVALUE", dnsRecords: [{ type: "A", ttlSeconds: 10 }] },
      healthCheckCustomConfig: { failureThreshold: 1 },
      type: "DNS_HTTP",
      instancesRevision: 1,
      attributes: {},
      createDate: 0,
      tags: [],
      ...discovery,
    });
    tx.put(deployments, exampleDeployment(1, { spec }));
    tx.put(tasks, task);
  });
  const deps = { store, clock, random: systemRandom, log: silentLog };
  const current = (): Task => store.get(tasks, task.arn) ?? task;
  return {
    world,
    task,
    current,
    reconcile: () => reconcileRegistration(deps, task.arn),
    change: (overrides) => world.put({ ...current(), ...overrides }),
  };
}

test("a task is registered with its own port and its attributes while it is ACTIVATING, once", () => {
  const { world, task, reconcile } = fixture();
  assert.equal(registrationComplete(world.store, task), false);
  reconcile();
  reconcile();
  assert.equal(registrationComplete(world.store, task), true);
  const target = world.store.get(targets, TARGET_KEY);
  assert.equal(target?.availabilityZone, "ap-northeast-1a");
  assert.equal(target?.health.state, "initial");
  const instance = world.store.get(discoveryInstances, `${SERVICE_ID}|${task.taskId}`);
  assert.deepEqual(instance?.attributes, {
    AWS_INSTANCE_IPV4: "10.0.11.82",
    AVAILABILITY_ZONE: "ap-northeast-1a",
    REGION: "ap-northeast-1",
    ECS_SERVICE_NAME: "web",
    ECS_CLUSTER_NAME: "main",
    ECS_TASK_DEFINITION_FAMILY: "web",
    AWS_INIT_HEALTH_STATUS: "HEALTHY",
  });
  assert.deepEqual(world.messages(), [`registered 1 targets in (target-group ${GROUP_ARN})`]);
});

test("a task is not registered before it is ACTIVATING", () => {
  const { world, reconcile, change } = fixture();
  change({ lastStatus: "PENDING" });
  reconcile();
  assert.equal(world.store.list(targets).length, 0);
});

test("an instance of a service with SRV records has the container's port", () => {
  const { world, task, reconcile } = fixture({
    dnsConfig: { routingPolicy: "MULTIVALUE", dnsRecords: [{ type: "SRV", ttlSeconds: 10 }] },
    healthCheckCustomConfig: undefined,
  });
  const spec = exampleSpec({
    serviceRegistries: [{ registryArn: REGISTRY_ARN, containerName: "app", containerPort: 8080 }],
  });
  world.store.transaction((tx) => tx.put(deployments, exampleDeployment(1, { spec })));
  reconcile();
  const instance = world.store.get(discoveryInstances, `${SERVICE_ID}|${task.taskId}`);
  assert.equal(instance?.attributes["AWS_INSTANCE_PORT"], "8080");
  assert.equal(instance?.attributes["AWS_INIT_HEALTH_STATUS"], undefined);
  assert.equal(instance?.health, "UNKNOWN");
});

/** A task of network mode `bridge` on an instance, whose container's port 80 is published as 32768. */
function bridgeFixture(instance: Partial<Instance> = {}): Fixture {
  const made = fixture({
    dnsConfig: { routingPolicy: "MULTIVALUE", dnsRecords: [{ type: "SRV", ttlSeconds: 10 }] },
  });
  const { world, change, current } = made;
  const registry = { registryArn: REGISTRY_ARN, containerName: "app", containerPort: 80 };
  const spec = exampleSpec({
    loadBalancers: [{ targetGroupArn: GROUP_ARN, containerName: "app", containerPort: 80 }],
    serviceRegistries: [registry],
  });
  world.store.transaction((tx) => {
    const group = world.store.get(targetGroups, GROUP_ARN);
    const definition = world.store.get(taskDefinitions, DEFINITION_ARN);
    assert.ok(group && definition);
    tx.put(targetGroups, { ...group, targetType: "instance" });
    tx.put(taskDefinitions, {
      ...definition,
      definition: { ...definition.definition, networkMode: "bridge" },
    });
    tx.put(deployments, exampleDeployment(1, { spec }));
    tx.put(instances, exampleInstance(instance));
    tx.put(containerInstances, exampleContainerInstance());
    tx.put(networkInterfaces, examplePrimaryInterface());
  });
  const bindings = [
    { bindIP: "0.0.0.0", containerPort: 80, hostPort: 32_900, protocol: "udp" as const },
    { bindIP: "0.0.0.0", containerPort: 80, hostPort: 32_768, protocol: "tcp" as const },
  ];
  change({
    launchType: "EC2",
    attachment: undefined,
    containerInstanceArn: CONTAINER_INSTANCE_ARN,
    containers: current().containers.map((container) => ({ ...container, networkBindings: bindings })),
  });
  return made;
}

test("on an instance the target is the instance, with the port that the container's is published as", () => {
  const { world, task, reconcile, change } = bridgeFixture();
  reconcile();
  const key = `${GROUP_ARN}|${INSTANCE_ID}|32768`;
  assert.equal(world.store.get(targets, key)?.health.state, "initial");
  const instance = world.store.get(discoveryInstances, `${SERVICE_ID}|${task.taskId}`);
  assert.deepEqual(instance?.attributes, {
    AWS_INSTANCE_IPV4: "10.0.11.7",
    AWS_INSTANCE_PORT: "32768",
    AVAILABILITY_ZONE: "ap-northeast-1a",
    REGION: "ap-northeast-1",
    ECS_SERVICE_NAME: "web",
    ECS_CLUSTER_NAME: "main",
    ECS_TASK_DEFINITION_FAMILY: "web",
    EC2_INSTANCE_ID: INSTANCE_ID,
    AWS_INIT_HEALTH_STATUS: "HEALTHY",
  });
  change({ desiredStatus: "STOPPED" });
  reconcile();
  assert.equal(world.store.get(targets, key)?.health.state, "draining");
});

test("an instance outside the target group's VPC is not registered, and an event says so", () => {
  const { world, task, reconcile } = bridgeFixture({ vpcId: "vpc-9" });
  reconcile();
  assert.equal(world.store.list(targets).length, 0);
  assert.equal(registrationComplete(world.store, task), true);
  assert.deepEqual(world.messages(), [
    `failed to register targets in (target-group ${GROUP_ARN}) with (error The following targets are not in the target group VPC 'vpc-1': '${INSTANCE_ID}')`,
  ]);
});

test("with container health checks the instance is unhealthy until they pass, and follows them", () => {
  const { world, task, reconcile, change, current } = fixture({}, true);
  const health = () => world.store.get(discoveryInstances, `${SERVICE_ID}|${task.taskId}`)?.health;
  const report = (healthStatus: "HEALTHY" | "UNHEALTHY") =>
    change({ containers: current().containers.map((container) => ({ ...container, healthStatus })) });
  reconcile();
  assert.equal(health(), "UNHEALTHY");
  change({ lastStatus: "RUNNING" });
  reconcile();
  assert.equal(health(), "UNHEALTHY");
  report("HEALTHY");
  reconcile();
  assert.equal(health(), "HEALTHY");
  report("UNHEALTHY");
  reconcile();
  assert.equal(health(), "UNHEALTHY");
});

test("a task that is to stop leaves Cloud Map at once and its target drains, once", () => {
  const { world, task, reconcile, change } = fixture();
  reconcile();
  change({ desiredStatus: "STOPPED", lastStatus: "RUNNING" });
  reconcile();
  reconcile();
  assert.equal(world.store.list(discoveryInstances).length, 0);
  assert.equal(world.store.get(targets, TARGET_KEY)?.health.state, "draining");
  assert.equal(deregistrationComplete(world.store, task), false);
  assert.deepEqual(world.messages().slice(1), [
    `deregistered 1 targets in (target-group ${GROUP_ARN})`,
    "(service web, taskSet ecs-svc/1) has begun draining connections on 1 tasks.",
  ]);
  world.store.transaction((tx) => tx.delete(targets, TARGET_KEY));
  assert.equal(deregistrationComplete(world.store, task), true);
  reconcile();
  assert.equal(world.store.list(taskRegistrations).length, 0);
});

test("a task with several ports is deregistered when the last of its targets is gone", () => {
  const { world, task, reconcile, change } = fixture();
  const loadBalancers = [80, 81].map((containerPort) => ({ targetGroupArn: GROUP_ARN, containerPort }));
  world.store.transaction((tx) =>
    tx.put(deployments, exampleDeployment(1, { spec: exampleSpec({ loadBalancers }) })),
  );
  reconcile();
  change({ desiredStatus: "STOPPED" });
  reconcile();
  world.store.transaction((tx) => tx.delete(targets, TARGET_KEY));
  assert.equal(deregistrationComplete(world.store, task), false);
  world.store.transaction((tx) => tx.delete(targets, `${GROUP_ARN}|10.0.11.82|81`));
  assert.equal(deregistrationComplete(world.store, task), true);
});

test("a target that nobody takes away after its delay does not hold the task up for ever", () => {
  const { world, task, reconcile, change } = fixture();
  reconcile();
  change({ desiredStatus: "STOPPED" });
  assert.deepEqual(reconcile(), { againAfterMs: 330_000 });
  world.clock.advance(330_000);
  reconcile();
  assert.equal(deregistrationComplete(world.store, task), true);
});

test("what is registered of a task that is gone is taken away", () => {
  const { world, task, reconcile } = fixture();
  reconcile();
  world.store.transaction((tx) => {
    tx.delete(tasks, task.arn);
    tx.delete(deployments, "ecs-svc/1");
  });
  reconcile();
  assert.equal(world.store.list(discoveryInstances).length, 0);
  assert.notEqual(world.store.get(targets, TARGET_KEY)?.deregisteredAt, undefined);
});

test("a target group or Cloud Map service that is gone does not keep the task from running", () => {
  const { world, task, reconcile } = fixture();
  world.store.transaction((tx) => {
    tx.delete(targetGroups, GROUP_ARN);
    tx.delete(discoveryServices, SERVICE_ID);
  });
  reconcile();
  assert.equal(registrationComplete(world.store, task), true);
});

test("a task without a service, or of a service without registrations, is always complete", () => {
  const { world } = fixture();
  const alone = exampleTask({ serviceArn: undefined, deploymentId: undefined });
  assert.ok(registrationComplete(world.store, alone) && deregistrationComplete(world.store, alone));
  world.store.transaction((tx) => tx.put(deployments, exampleDeployment(2)));
  const plain = exampleTask({ deploymentId: "ecs-svc/2" });
  assert.ok(registrationComplete(world.store, plain) && deregistrationComplete(world.store, plain));
});

test("the loop picks up tasks that are there when it starts and those that change later", async () => {
  const { world, task, change } = fixture();
  assert.notEqual(world.store.get(taskDefinitions, DEFINITION_ARN), undefined);
  const loop = createRegistrationReconciler({
    store: world.store,
    clock: world.clock,
    random: systemRandom,
    log: silentLog,
  });
  loop.start();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(registrationComplete(world.store, task), true);
  change({ desiredStatus: "STOPPED" });
  await new Promise((resolve) => setImmediate(resolve));
  assert.notEqual(world.store.get(targets, TARGET_KEY)?.deregisteredAt, undefined);
  await loop.stop();
});
