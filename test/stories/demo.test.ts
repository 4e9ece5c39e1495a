/** The first command of the README, as a user runs it; then once more, and then away again. */
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { newDemo } from "./demo-setup.ts";

describe("berth demo", () => {
  const demo = newDemo("4697", "198.19.202.0/24");
  after(() => demo.cleanUp());

  const assertShown = (output: string) => {
    for (const host of ["ecs-navi.site", "api.ecs-navi.site"]) {
      assert.match(
        output,
        new RegExp(`https://${host}/ +-> +phpinfo, served by the task at 10\\.0\\.1[01]\\.\\d+`),
      );
    }
    const records = output.match(/^backend\.ecs-navi\.local\. 60 A 10\.0\.1[01]\.\d+$/gm) ?? [];
    assert.equal(new Set(records).size, 3, output.slice(-2000));
  };

  test("goes from nothing to live traffic, by name and by number", () => {
    const { status, stdout, stderr } = demo.run();
    assert.equal(status, 0, stderr.slice(-3000));
    assertShown(stdout);
  });

  test("shows it again when it is there already", () => {
    const { status, stdout, stderr } = demo.run();
    assert.equal(status, 0, stderr.slice(-3000));
    assertShown(stdout);
  });

  test("down leaves nothing", () => {
    const { status, stderr } = demo.down();
    assert.equal(status, 0, stderr);
    demo.assertNothingLeft();
  });
});
