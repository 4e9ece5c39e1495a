import assert from "node:assert/strict";
import { test } from "node:test";
import { listTagsForResource, tagResource, untagResource } from "./tags.ts";
import { createWeb, ecsContext, fault, invalid } from "./testing.ts";
import { deleteCluster } from "./update-cluster.ts";

const PREFIX = "arn:aws:ecs:ap-northeast-1:000000000000:";

test("tags are added by key and taken away by key, on every kind that has them", () => {
  const context = ecsContext();
  createWeb(context);
  for (const resource of ["cluster/main", "service/main/web", "task-definition/web:1"]) {
    const resourceArn = PREFIX + resource;
    tagResource(
      {
        resourceArn,
        tags: [
          { key: "a", value: "1" },
          { key: "b", value: "1" },
        ],
      },
      context,
    );
    tagResource({ resourceArn, tags: [{ key: "a", value: "2" }] }, context);
    untagResource({ resourceArn, tagKeys: ["b", "c"] }, context);
    assert.deepEqual(
      listTagsForResource({ resourceArn }, context).tags,
      [{ key: "a", value: "2" }],
      resource,
    );
  }
});

test("what is not there, or cannot be tagged, is an error", () => {
  const context = ecsContext();
  const list = (resourceArn: string) => listTagsForResource({ resourceArn }, context);
  assert.throws(() => list(`${PREFIX}cluster/nope`), fault("ClusterNotFoundException", "Cluster not found."));
  assert.throws(
    () => list(`${PREFIX}service/main/nope`),
    fault("ResourceNotFoundException", "The specified resource wasn't found."),
  );
  assert.throws(
    () => list(`${PREFIX}service/web`),
    invalid("Long arn format must be used for tagging operations"),
  );
  assert.throws(() => list("web"), invalid("The ARN provided is invalid."));
  deleteCluster({ cluster: "main" }, context);
  assert.throws(
    () => list(`${PREFIX}cluster/main`),
    invalid("The specified cluster is inactive. Specify an active cluster and try again."),
  );
});

test("no more than fifty tags, each key once, none of AWS's own", () => {
  const context = ecsContext();
  const resourceArn = `${PREFIX}cluster/main`;
  const tags = Array.from({ length: 50 }, (_, index) => ({ key: String(index), value: "" }));
  tagResource({ resourceArn, tags }, context);
  assert.throws(
    () => tagResource({ resourceArn, tags: [{ key: "x", value: "" }] }, context),
    invalid(/maximum of 50/),
  );
  assert.throws(
    () => tagResource({ resourceArn, tags: [{ key: "aws:x", value: "" }] }, context),
    invalid(/aws:/),
  );
  assert.throws(
    () =>
      tagResource(
        {
          resourceArn,
          tags: [
            { key: "1", value: "" },
            { key: "1", value: "" },
          ],
        },
        context,
      ),
    invalid(/Duplicate/),
  );
});
