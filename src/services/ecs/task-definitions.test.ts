import assert from "node:assert/strict";
import { test } from "node:test";
import {
  deleteTaskDefinitions,
  deregisterTaskDefinition,
  describeTaskDefinition,
  listTaskDefinitionFamilies,
  listTaskDefinitions,
} from "./describe-task-definition.ts";
import { registerTaskDefinition } from "./register-task-definition.ts";
import { client, createWeb, ecsContext, invalid, registerWeb } from "./testing.ts";

const ARN = "arn:aws:ecs:ap-northeast-1:000000000000:task-definition/web";

test("registering answers with all that ECS adds", () => {
  const definition = registerWeb(ecsContext(), { family: "other" });
  assert.equal(definition.taskDefinitionArn, ARN.replace("web", "other:1"));
  assert.deepEqual([definition.revision, definition.status], [1, "ACTIVE"]);
  assert.deepEqual(definition.compatibilities, ["EC2", "FARGATE", "MANAGED_INSTANCES"]);
  assert.deepEqual(definition.requiresCompatibilities, ["FARGATE"]);
  assert.equal(definition.registeredBy, "arn:aws:iam::000000000000:user/berth");
  assert.deepEqual([definition.volumes, definition.placementConstraints], [[], []]);
  assert.equal(definition.containerDefinitions?.[0]?.portMappings?.[0]?.hostPort, 80);
});

test("what was not said is not there", () => {
  const context = ecsContext();
  const { taskDefinition, tags } = registerTaskDefinition(
    { family: "plain", containerDefinitions: [{ name: "app", image: "nginx", memory: 128 }] },
    context,
  );
  assert.equal(tags, undefined);
  for (const member of ["networkMode", "requiresCompatibilities", "cpu", "memory", "taskRoleArn"]) {
    assert.ok(!(member in (taskDefinition ?? {})) || taskDefinition?.[member as "cpu"] === undefined, member);
  }
});

test("faults are ClientExceptions", () => {
  assert.throws(
    () => registerWeb(ecsContext(), { cpu: "4096", memory: "4096" }),
    client(
      "No Fargate configuration exists for given values: 4096 CPU, 4096 memory. See the Amazon ECS documentation for the valid values.",
    ),
  );
});

test("settings that cannot be honoured are registered and told again", () => {
  const context = ecsContext();
  registerWeb(context, { family: "v", volumes: [{ name: "data" }] });
  const { taskDefinition } = describeTaskDefinition({ taskDefinition: "v" }, context);
  assert.deepEqual(taskDefinition?.volumes, [{ name: "data" }]);
});

test("every registration is a new revision, and no number is used twice", () => {
  const context = ecsContext();
  assert.equal(registerWeb(context).revision, 2);
  deregisterTaskDefinition({ taskDefinition: "web:2" }, context);
  deleteTaskDefinitions({ taskDefinitions: ["web:2"] }, context);
  assert.equal(registerWeb(context).revision, 3);
});

test("a family alone means its newest ACTIVE revision", () => {
  const context = ecsContext();
  registerWeb(context);
  const revisionOf = (taskDefinition: string) =>
    describeTaskDefinition({ taskDefinition }, context).taskDefinition?.revision;
  assert.equal(revisionOf("web"), 2);
  deregisterTaskDefinition({ taskDefinition: `${ARN}:2` }, context);
  assert.equal(revisionOf("web"), 1);
  assert.equal(revisionOf("web:2"), 2, "an INACTIVE one can still be described");
  for (const unknown of ["nope", "web:9", `${ARN.replace("000000000000", "111111111111")}:1`]) {
    assert.throws(() => revisionOf(unknown), client("Unable to describe task definition."));
  }
});

test("tags are told only when asked for", () => {
  const context = ecsContext();
  registerWeb(context, { tags: [{ key: "a", value: "b" }] });
  assert.equal(describeTaskDefinition({ taskDefinition: "web" }, context).tags, undefined);
  const tagsOf = (taskDefinition: string) =>
    describeTaskDefinition({ taskDefinition, include: ["TAGS"] }, context).tags;
  assert.deepEqual(tagsOf("web"), [{ key: "a", value: "b" }]);
  assert.deepEqual(tagsOf("web:1"), []);
});

test("deregistering needs a revision", () => {
  const context = ecsContext();
  const deregister = (taskDefinition: string) => deregisterTaskDefinition({ taskDefinition }, context);
  assert.throws(() => deregister("web"), client("Revision is missing."));
  assert.throws(() => deregister("web:foo"), client("Invalid revision number. Number: foo"));
  assert.equal(deregister("web:1").taskDefinition?.status, "INACTIVE");
});

test("only INACTIVE ones are deleted, and one in use goes only when nothing uses it", () => {
  const context = ecsContext();
  createWeb(context);
  registerWeb(context);
  deregisterTaskDefinition({ taskDefinition: "web:1" }, context);
  const { taskDefinitions, failures } = deleteTaskDefinitions(
    { taskDefinitions: ["web:1", "web:2", "web:9", "web"] },
    context,
  );
  assert.deepEqual(
    taskDefinitions?.map(({ revision, status }) => [revision, status]),
    [[1, "DELETE_IN_PROGRESS"]],
  );
  assert.deepEqual(
    failures?.map(({ reason }) => reason),
    [
      "The specified task definition is still in ACTIVE status. Please deregister the target and try again.",
      "The specified task definition does not exist. Specify a valid account, family, revision and try again.",
      "The specified task definition identifier is invalid. Specify a valid name or ARN and try again.",
    ],
  );
  const { taskDefinition } = describeTaskDefinition({ taskDefinition: "web:1" }, context);
  assert.equal(taskDefinition?.status, "DELETE_IN_PROGRESS", "a service runs it");
  assert.throws(
    () => deleteTaskDefinitions({ taskDefinitions: [] }, context),
    invalid("size of TaskDefinition references list must be greater than 0"),
  );
});

test("revisions are listed in order of their number, either way, page by page", () => {
  const context = ecsContext();
  for (let i = 0; i < 10; i++) registerWeb(context);
  const list = (sort: "ASC" | "DESC") => {
    const revisions: (string | undefined)[] = [];
    let nextToken: string | undefined;
    do {
      const found = listTaskDefinitions({ familyPrefix: "web", sort, maxResults: 4, nextToken }, context);
      revisions.push(...(found.taskDefinitionArns ?? []).map((arn) => arn.split(":").at(-1)));
      nextToken = found.nextToken;
    } while (nextToken !== undefined);
    return revisions.map(Number);
  };
  const ascending = Array.from({ length: 11 }, (_, index) => index + 1);
  assert.deepEqual(list("ASC"), ascending);
  assert.deepEqual(list("DESC"), ascending.toReversed());
});

test("families are listed by prefix and by whether they have an ACTIVE revision", () => {
  const context = ecsContext();
  registerWeb(context, { family: "worker" });
  deregisterTaskDefinition({ taskDefinition: "worker:1" }, context);
  const families = (filter: object) => listTaskDefinitionFamilies(filter, context).families;
  assert.deepEqual(families({}), ["web", "worker"]);
  assert.deepEqual(families({ familyPrefix: "wo" }), ["worker"]);
  assert.deepEqual(families({ status: "ACTIVE" }), ["web"]);
  assert.deepEqual(families({ status: "INACTIVE" }), ["worker"]);
});
