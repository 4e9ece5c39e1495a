/** `berth demo django-bridge`: the first article step by step, its failures included, as a user runs it. */
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { newDemo } from "./demo-setup.ts";

describe("berth demo django-bridge", () => {
  const demo = newDemo("4696", "198.19.203.0/24");
  after(() => demo.cleanUp());

  test("walks through all steps and says what happened at each", () => {
    const { status, stdout, stderr } = demo.run("django-bridge");
    assert.equal(status, 0, stderr.slice(-3000));
    for (const shown of [
      /"Name": "ecs-ecs-django-\d+-nginx-[0-9a-f]{20}",[^}]*"IPv4Address": "172\.17\.0\.2\/16"/,
      /"Name": "ecs-ecs-django-\d+-gunicorn-[0-9a-f]{20}",[^}]*"IPv4Address": "172\.17\.0\.3\/16"/,
      /host not found in upstream "gunicorn/,
      /encountered error "RESOURCE:ENI"/,
      /ecs-django-service: 1 of 2 tasks run/,
      /ecs-django-service: 2 of 2 tasks run/,
      /ecs-django-gunicorn-service: 3 of 3 tasks run/,
    ]) {
      assert.match(stdout, shown);
    }
  });

  test("down leaves nothing", () => {
    const { status, stderr } = demo.down();
    assert.equal(status, 0, stderr);
    demo.assertNothingLeft();
  });
});
