import assert from "node:assert/strict";
import { test } from "node:test";
import { systemRandom } from "../../lib/random.ts";
import { endpointEnvironment } from "./endpoint-environment.ts";
import { newTask } from "./new-task.ts";
import type { TaskDefinition } from "./records.ts";

const SCOPE = { account: "000000000000", region: "ap-northeast-1" };

function environment(
  definition: Partial<TaskDefinition["definition"]>,
  options: { readonly given?: Record<string, string>; readonly awsEndpoint?: boolean } = {},
  launchType: "EC2" | "FARGATE" = "FARGATE",
) {
  const whole: TaskDefinition = {
    ...SCOPE,
    arn: "d",
    family: "web",
    revision: 1,
    status: "ACTIVE",
    definition: {
      networkMode: "awsvpc",
      containerDefinitions: [{ name: "web", image: "web" }],
      ...definition,
    },
    compatibilities: [],
    requiresAttributes: [],
    registeredAt: 0,
    registeredBy: "",
    tags: [],
  };
  const cluster = { arn: "c", name: "main" };
  const request = { scope: SCOPE, cluster, definition: whole, group: "family:web", launchType };
  const task = newTask({ ...request, enableExecuteCommand: false, tags: [], createdAt: 0 }, systemRandom);
  const [container] = task.containers;
  assert.ok(container);
  const given = options.given ?? {};
  const made = endpointEnvironment(task, whole, container, {
    given,
    awsEndpoint: options.awsEndpoint ?? true,
  });
  return { task, made };
}

test("containers are named by the task and a number on Fargate, by a uuid on instances", () => {
  const fargate = environment({});
  const id = new RegExp(`/v4/${fargate.task.taskId}-\\d{10}$`);
  assert.match(fargate.made["ECS_CONTAINER_METADATA_URI_V4"] ?? "", id);
  const { made } = environment({ networkMode: "bridge" }, {}, "EC2");
  assert.match(made["ECS_CONTAINER_METADATA_URI"] ?? "", /\/v3\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
});

test("credentials are there with a task role alone", () => {
  assert.equal(environment({}).made["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"], undefined);
  const { task, made } = environment({ taskRoleArn: "arn:aws:iam::000000000000:role/app" });
  assert.equal(made["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"], `/v2/credentials/${task.credentialsId}`);
});

test("Berth's endpoint is given unless the user gives one, has turned it off, or there is no network", () => {
  const endpoint = "http://169.254.170.2:4566";
  assert.equal(environment({}).made["AWS_ENDPOINT_URL"], endpoint);
  assert.equal(environment({}, { given: { AWS_ENDPOINT_URL: "x" } }).made["AWS_ENDPOINT_URL"], undefined);
  assert.equal(environment({}, { awsEndpoint: false }).made["AWS_ENDPOINT_URL"], undefined);
  assert.equal(environment({ networkMode: "none" }, {}, "EC2").made["AWS_ENDPOINT_URL"], undefined);
});

test("Cloud Map's endpoint is a name, unless the user gives one", () => {
  const name = "AWS_ENDPOINT_URL_SERVICEDISCOVERY";
  const endpoint = "http://servicediscovery.ap-northeast-1.amazonaws.com:4566";
  assert.equal(environment({}).made[name], endpoint);
  assert.equal(environment({}, { given: { [name]: "x" } }).made[name], undefined);
  assert.equal(environment({}, { given: { AWS_ENDPOINT_URL: "x" } }).made[name], undefined);
});
