import assert from "node:assert/strict";
import { test } from "node:test";
import { ecsOptimizedImages, findMachineImage } from "../../model/ec2/images.ts";
import { testContext } from "../testing.ts";
import { operations } from "./operations.ts";

const RECOMMENDED = "/aws/service/ecs/optimized-ami/amazon-linux-2/recommended";

test("the recommended ECS-optimised image is told as a whole and member by member, and is an image of EC2", () => {
  const context = testContext();
  const { Parameter } = operations.GetParameter({ Name: RECOMMENDED }, context);
  const metadata: Record<string, unknown> = JSON.parse(Parameter?.Value ?? "");
  assert.deepEqual(Object.keys(metadata), [
    "ecs_agent_version",
    "ecs_runtime_version",
    "image_id",
    "image_name",
    "image_version",
    "os",
    "schema_version",
    "source_image_name",
  ]);
  assert.equal(Parameter?.ARN, `arn:aws:ssm:ap-northeast-1::parameter${RECOMMENDED}`);
  for (const [key, value] of Object.entries(metadata)) {
    const one = operations.GetParameter({ Name: `${RECOMMENDED}/${key}` }, context).Parameter;
    assert.equal(one?.Value, String(value));
  }
  const image = findMachineImage("ap-northeast-1", String(metadata["image_id"]));
  assert.equal(image?.name, metadata["image_name"]);
  assert.equal(image?.architecture, "x86_64");
});

test("it is the newest of its family and architecture, and another one in each region", () => {
  const ids = new Set<string>();
  for (const region of ["ap-northeast-1", "us-east-1", "eu-central-1"]) {
    const context = testContext({ scope: { account: "000000000000", region } });
    const names = [
      RECOMMENDED,
      "/aws/service/ecs/optimized-ami/amazon-linux-2/arm64/recommended",
      "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended",
      "/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended",
    ].map((name) => `${name}/image_id`);
    const { Parameters = [], InvalidParameters } = operations.GetParameters({ Names: names }, context);
    assert.deepEqual(InvalidParameters, []);
    const newest = Math.max(...ecsOptimizedImages(region).map(({ creationDate }) => creationDate));
    for (const { Value = "" } of Parameters) {
      assert.equal(findMachineImage(region, Value)?.creationDate, newest);
      ids.add(Value);
    }
  }
  assert.equal(ids.size, 12);
});

test("by path: the members below, and all families in pages; they are nobody's to describe or change", () => {
  const context = testContext();
  const below = operations.GetParametersByPath({ Path: RECOMMENDED }, context);
  assert.equal(below.Parameters?.length, 8);
  let token: string | undefined;
  const names: (string | undefined)[] = [];
  do {
    const page = operations.GetParametersByPath(
      { Path: "/aws/service/ecs/optimized-ami", Recursive: true, NextToken: token },
      context,
    );
    names.push(...(page.Parameters ?? []).map(({ Name }) => Name));
    token = page.NextToken;
  } while (token !== undefined);
  assert.equal(names.filter((name) => name?.endsWith("/recommended")).length, 4);
  assert.equal(new Set(names).size, names.length);
  assert.deepEqual(operations.DescribeParameters({}, context).Parameters, []);
  assert.throws(() => operations.PutParameter({ Name: RECOMMENDED, Value: "x", Type: "String" }, context), {
    name: "AccessDeniedException",
  });
  assert.throws(() => operations.DeleteParameter({ Name: RECOMMENDED }, context), {
    name: "ParameterNotFound",
  });
});

test("plain Amazon Linux 2023 has its parameters too", () => {
  const context = testContext();
  const path = "/aws/service/ami-amazon-linux-latest";
  const { Parameters = [] } = operations.GetParametersByPath({ Path: path }, context);
  assert.deepEqual(
    Parameters.map(({ Name }) => Name?.slice(path.length + 1)),
    [
      "al2023-ami-kernel-6.1-arm64",
      "al2023-ami-kernel-6.1-x86_64",
      "al2023-ami-kernel-default-arm64",
      "al2023-ami-kernel-default-x86_64",
    ],
  );
  assert(Parameters.every(({ Value = "" }) => findMachineImage("ap-northeast-1", Value) !== undefined));
});
