import assert from "node:assert/strict";
import { test } from "node:test";
import { systemRandom } from "../../lib/random.ts";
import type { InstanceType } from "../ec2/instance-types.ts";
import { findInstanceType } from "../ec2/instance-types.ts";
import { parseAgentConfiguration } from "./agent-configuration.ts";
import { memoryForTasks, newContainerInstance } from "./container-instance.ts";

const SCOPE = { account: "000000000000", region: "ap-northeast-1" };

function type(name: string): InstanceType {
  return findInstanceType(name) ?? assert.fail(`no instance type ${name}`);
}

function register(config = "", options: { readonly type?: string; readonly trunking?: boolean } = {}) {
  return newContainerInstance(
    {
      scope: SCOPE,
      cluster: { arn: "arn:aws:ecs:ap-northeast-1:000000000000:cluster/main", name: "main" },
      instance: {
        instanceId: "i-0123456789abcdef0",
        imageId: "ami-0123456789abcdef0",
        availabilityZone: "ap-northeast-1a",
        vpcId: "vpc-1",
        subnetId: "subnet-1",
        tags: [
          { key: "Name", value: "box" },
          { key: "aws:autoscaling:groupName", value: "fleet" },
        ],
      },
      instanceType: type(options.type ?? "t2.micro"),
      agent: parseAgentConfiguration(config),
      trunking: options.trunking ?? false,
      now: 0,
    },
    systemRandom,
  );
}

test("an instance registers what its type has", () => {
  const instance = register();
  assert.match(
    instance.arn,
    /^arn:aws:ecs:ap-northeast-1:000000000000:container-instance\/main\/[0-9a-f]{32}$/,
  );
  assert.equal(instance.status, "ACTIVE");
  assert.deepEqual(
    instance.registeredResources.map(({ name, type: kind, integerValue, stringSetValue }) => [
      name,
      kind,
      stringSetValue ?? integerValue,
    ]),
    [
      ["CPU", "INTEGER", 1024],
      ["MEMORY", "INTEGER", 993],
      ["PORTS", "STRINGSET", ["22", "2375", "2376", "51678", "51679"]],
      ["PORTS_UDP", "STRINGSET", []],
    ],
  );
  const named = (name: string) => instance.attributes.find((attribute) => attribute.name === name);
  assert.equal(named("ecs.instance-type")?.value, "t2.micro");
  assert.equal(named("ecs.subnet-id")?.value, "subnet-1");
  assert.deepEqual(named("ecs.capability.task-eni"), { name: "ecs.capability.task-eni" });
  assert.equal(new Set(instance.attributes.map(({ name }) => name)).size, instance.attributes.length);
});

test("memory is what the operating system sees of it", () => {
  const seen = (name: string) => memoryForTasks(type(name));
  assert.deepEqual(
    ["t2.micro", "t2.small", "t2.medium", "t2.large", "t2.xlarge", "m4.4xlarge"].map(seen),
    [993, 2001, 3952, 7984, 16_048, 64_417],
  );
  assert.deepEqual(["t3.nano", "t3a.medium"].map(seen), [459, 3896]);
});

test("the agent's configuration is followed", () => {
  const instance = register(
    [
      "# a comment",
      "ECS_CLUSTER=main",
      "ECS_RESERVED_MEMORY=256",
      "ECS_RESERVED_PORTS=[22]",
      'ECS_INSTANCE_ATTRIBUTES={"stack":"prod"}',
      'ECS_AVAILABLE_LOGGING_DRIVERS=["json-file","journald","nonsense"]',
      "ECS_CONTAINER_INSTANCE_PROPAGATE_TAGS_FROM=ec2_instance",
      'ECS_CONTAINER_INSTANCE_TAGS={"team":"a"}',
      "ECS_ENABLE_TASK_ENI=false",
      "ECS_DISABLE_PRIVILEGED=true",
    ].join("\n"),
  );
  const names = instance.attributes.map(({ name }) => name);
  assert.equal(instance.registeredResources[1]?.integerValue, 737);
  assert.deepEqual(instance.registeredResources[2]?.stringSetValue, ["22"]);
  assert.deepEqual(instance.attributes[0], { name: "stack", value: "prod" });
  assert.deepEqual(instance.tags, [
    { key: "team", value: "a" },
    { key: "Name", value: "box" },
  ]);
  assert.deepEqual(
    names.filter((name) => name?.includes(".logging-driver.") && !name.includes("firelens")),
    [
      "com.amazonaws.ecs.capability.logging-driver.json-file",
      "com.amazonaws.ecs.capability.logging-driver.journald",
    ],
  );
  assert.equal(names.includes("ecs.capability.task-eni"), false);
  assert.equal(names.includes("com.amazonaws.ecs.capability.privileged-container"), false);
});

test("malformed values are as if they were not there", () => {
  const agent = parseAgentConfiguration(
    "ECS_RESERVED_MEMORY=much\nECS_INSTANCE_ATTRIBUTES=[1]\nECS_RESERVED_PORTS={\nECS_ENABLE_TASK_ENI=maybe\n=x\nnothing",
  );
  assert.deepEqual(agent, parseAgentConfiguration(""));
  assert.equal(agent.cluster, "default");
});

test("with trunking an instance whose type supports it registers when its trunk is there", () => {
  assert.equal(register("", { type: "c5.large", trunking: true }).status, "REGISTERING");
  assert.equal(register("", { type: "c5.large" }).status, "ACTIVE");
  assert.equal(register("", { type: "t3.large", trunking: true }).status, "ACTIVE");
  const off = "ECS_ENABLE_HIGH_DENSITY_ENI=false";
  assert.equal(register(off, { type: "c5.large", trunking: true }).status, "ACTIVE");
});
