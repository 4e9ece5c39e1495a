import assert from "node:assert/strict";
import { test } from "node:test";
import { canMove, TASK_STATUSES } from "./task-status.ts";

test("a task may skip statuses but never goes back", () => {
  assert.ok(canMove("PENDING", "RUNNING"));
  assert.ok(canMove("PROVISIONING", "STOPPED"));
  for (const [index, status] of TASK_STATUSES.entries()) {
    assert.ok(!canMove(status, status));
    for (const earlier of TASK_STATUSES.slice(0, index)) assert.ok(!canMove(status, earlier));
  }
});
