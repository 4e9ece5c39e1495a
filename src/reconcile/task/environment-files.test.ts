import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Role } from "../../model/iam/records.ts";
import type { Bucket } from "../../model/s3/records.ts";
import { roles } from "../../store/tables/iam.ts";
import { buckets } from "../../store/tables/s3.ts";
import { readVariables } from "./environment-files.ts";
import { createInstanceTaskWorld } from "./instance-testing.ts";
import { createTaskWorld, SCOPE, type TaskWorld, WEB } from "./testing.ts";

const EXECUTION = `arn:aws:iam::${SCOPE.account}:role/execution`;
const files = (...keys: readonly string[]) => ({
  ...WEB,
  environmentFiles: keys.map((key) => ({ type: "s3" as const, value: `arn:aws:s3:::files/${key}` })),
});

function addRole(world: TaskWorld, ...allowed: readonly string[]): void {
  const statement = (more: object) => JSON.stringify({ Statement: { Effect: "Allow", ...more } });
  const role: Role = {
    account: SCOPE.account,
    arn: EXECUTION,
    roleName: "execution",
    roleId: "AROAEXECUTION",
    path: "/",
    assumeRolePolicyDocument: statement({
      Principal: { Service: "ecs-tasks.amazonaws.com" },
      Action: "sts:AssumeRole",
    }),
    maxSessionDurationSeconds: 3600,
    inlinePolicies: [{ policyName: "p", policyDocument: statement({ Action: allowed, Resource: "*" }) }],
    attachedPolicyArns: [],
    createDate: 0,
    tags: [],
  };
  world.store.transaction((tx) => tx.put(roles, role));
}

async function reasonIn(world: TaskWorld, ...allowed: readonly string[]): Promise<string> {
  if (allowed.length > 0) addRole(world, ...allowed);
  world.start();
  await world.settle();
  return world.task().stoppedReason ?? "";
}

describe("environment files", () => {
  it("a line is a variable; quotation marks, spaces and further signs are part of the value", () => {
    const text = 'ONE=1\nTWO="two"\nTHREE = 3 \nURL=a=b\nEMPTY=\n';
    assert.deepEqual(readVariables(text, true), [
      ["ONE", "1"],
      ["TWO", '"two"'],
      ["THREE ", " 3 "],
      ["URL", "a=b"],
      ["EMPTY", ""],
    ]);
  });

  it("comments, and lines without a sign or a name, do not count", () => {
    assert.deepEqual(readVariables("# A=1\n\nNAME\n=value\n B=2", true), [[" B", "2"]]);
  });

  it("lines may end as on Windows, and the file may begin with a mark", () => {
    assert.deepEqual(readVariables("\ufeffA=1\r\nB=2\r\n", true), [
      ["A", "1"],
      ["B", "2"],
    ]);
  });

  it("on Fargate space before a line does not count", () => {
    assert.deepEqual(readVariables("  A=1\n\t# B=2", false), [["A", "1"]]);
  });

  it("within a file the last one wins", () => {
    assert.deepEqual(readVariables("A=1\nA=2", true), [["A", "2"]]);
  });

  it("come before nothing that is given otherwise: not before the definition, overrides, secrets", async () => {
    const container = {
      ...files("one.env", "two.env"),
      environment: [{ name: "A", value: "definition" }],
      secrets: [{ name: "S", valueFrom: "secret" }],
    };
    const world = createTaskWorld([container], { definition: { executionRoleArn: EXECUTION } });
    world.secrets.set("secret", "of the secret");
    world.objects.set("files/one.env", "A=1\nB=1\nS=1\nAWS_DEFAULT_REGION=elsewhere-1");
    world.objects.set("files/two.env", "A=2\nB=2\nC=2");
    world.put({
      overrides: { containerOverrides: [{ name: "web", environment: [{ name: "D", value: "o" }] }] },
    });
    assert.equal(await reasonIn(world, "*"), "");
    const { A, B, C, D, S, AWS_DEFAULT_REGION, AWS_REGION } =
      world.runtime.specOf(world.task().taskId, "web")?.environment ?? {};
    assert.deepEqual([A, B, C, D, S], ["definition", "1", "2", "o", "of the secret"]);
    assert.deepEqual([AWS_DEFAULT_REGION, AWS_REGION], ["elsewhere-1", undefined]);
  });

  it("of an override take the place of the definition's", async () => {
    const world = createTaskWorld([files("one.env")], { definition: { executionRoleArn: EXECUTION } });
    world.objects.set("files/two.env", "B=2");
    const { environmentFiles } = files("two.env");
    world.put({ overrides: { containerOverrides: [{ name: "web", environmentFiles }] } });
    assert.equal(await reasonIn(world, "*"), "");
    assert.equal(world.runtime.specOf(world.task().taskId, "web")?.environment["B"], "2");
  });

  it("that cannot be read end the task before anything is pulled, as Fargate tells it", async () => {
    const make = () => createTaskWorld([files("a.env")], { definition: { executionRoleArn: EXECUTION } });
    const prefix = "ResourceInitializationError: failed to download env files: ";
    const head =
      "service call has been retried 1 time\\(s\\): operation error S3: HeadObject, https response error StatusCode: ";
    const unknown = make();
    assert.match(
      await reasonIn(unknown, "*"),
      new RegExp(
        `^${prefix}${head}404, RequestID: [0-9A-F]{16}, HostID: [\\w/+=]{76}, api error NotFound: Not Found$`,
      ),
    );
    assert.equal(unknown.task().pullStartedAt, undefined);
    assert.match(
      await reasonIn(make(), "s3:GetBucketLocation"),
      new RegExp(`^${prefix}${head}403, .*, api error Forbidden: Forbidden$`),
    );
    assert.match(
      await reasonIn(make(), "s3:GetObject"),
      new RegExp(`^${prefix}.*GetBucketLocation, .* 403, .* api error AccessDenied: User: .*/execution/`),
    );
  });

  it("that cannot be read are told by an instance's agent, all of them", async () => {
    const make = () => createInstanceTaskWorld([files("a.env", "b.env")], { executionRoleArn: EXECUTION });
    assert.match(
      await reasonIn(await make(), "*"),
      /^unable to download env file with key a\.env from bucket files, error: operation error S3: GetObject, https response error StatusCode: 404, RequestID: \w+, HostID: \S+, NoSuchKey: The specified key does not exist\.;unable to download env file with key b\.env /,
    );
    assert.match(
      await reasonIn(await make(), "ecr:*"),
      /StatusCode: 403, .* api error AccessDenied: User: \S+ is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::files\/a\.env" because no identity-based policy allows/,
    );
    assert.equal(
      await reasonIn(await createInstanceTaskWorld([files("a.env")])),
      "environment file resource: unable to find execution role credentials",
    );
  });

  it("are read where the bucket's own policy lets the role in", async () => {
    const world = createTaskWorld([files("a.env")], { definition: { executionRoleArn: EXECUTION } });
    world.objects.set("files/a.env", "A=1");
    const Statement = { Effect: "Allow", Principal: { AWS: EXECUTION }, Action: "s3:*", Resource: "*" };
    const bucket: Bucket = {
      ...SCOPE,
      name: "files",
      createdAt: 0,
      tags: [],
      policyText: JSON.stringify({ Statement }),
    };
    world.store.transaction((tx) => tx.put(buckets, bucket));
    assert.equal(await reasonIn(world, "ecr:*"), "");
  });
});
