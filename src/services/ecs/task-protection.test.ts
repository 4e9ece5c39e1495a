import assert from "node:assert/strict";
import { test } from "node:test";
import { tasks } from "../../store/tables/ecs.ts";
import { runTask } from "./run-task.ts";
import { getTaskProtection, updateTaskProtection } from "./task-protection.ts";
import { type EcsTestContext, ecsContext, invalid, NETWORK } from "./testing.ts";

/** A task of a service; with `serviceArn` undefined one of its own. */
function put(context: EcsTestContext, serviceArn: string | undefined = "service"): string {
  const request = { cluster: "main", taskDefinition: "web", networkConfiguration: NETWORK };
  const arn = runTask({ ...request, launchType: "FARGATE" }, context).tasks?.[0]?.taskArn ?? "";
  const task = context.store.get(tasks, arn) ?? assert.fail("no task");
  if (serviceArn !== "none") context.store.transaction((tx) => tx.put(tasks, { ...task, serviceArn }));
  return arn;
}

test("a task is protected for two hours unless told, for as long as told, and until it is ended", () => {
  const context = ecsContext();
  const arn = put(context);
  const request = { cluster: "main", tasks: [arn] };
  assert.deepEqual(getTaskProtection(request, context), {
    protectedTasks: [{ taskArn: arn, protectionEnabled: false }],
    failures: [],
  });
  const now = context.clock.now();
  const standard = updateTaskProtection({ ...request, protectionEnabled: true }, context);
  const expirationDate = new Date(now + 120 * 60_000);
  assert.deepEqual(standard.protectedTasks, [{ taskArn: arn, protectionEnabled: true, expirationDate }]);
  const short = updateTaskProtection({ ...request, protectionEnabled: true, expiresInMinutes: 1 }, context);
  assert.deepEqual(short.protectedTasks?.[0]?.expirationDate, new Date(now + 60_000));
  context.clock.advance(60_000);
  assert.equal(getTaskProtection(request, context).protectedTasks?.[0]?.protectionEnabled, false);
  updateTaskProtection({ ...request, protectionEnabled: true }, context);
  const ended = updateTaskProtection({ ...request, protectionEnabled: false }, context);
  assert.deepEqual(ended.protectedTasks, [{ taskArn: arn, protectionEnabled: false }]);
});

test("tasks that are not there, or of no service, are failures beside the others", () => {
  const context = ecsContext();
  const [mine, alone] = [put(context), put(context, "none")];
  const unknown = alone.replace(/.{32}$/, "0".repeat(32));
  const request = { cluster: "main", tasks: [mine, alone, unknown], protectionEnabled: true };
  const { protectedTasks, failures } = updateTaskProtection(request, context);
  assert.deepEqual(
    protectedTasks?.map(({ taskArn }) => taskArn),
    [mine],
  );
  assert.deepEqual(failures, [
    { arn: alone, reason: "TASK_NOT_VALID" },
    { arn: unknown, reason: "MISSING" },
  ]);
});

test("minutes and numbers of tasks have bounds; a refusal changes nothing", () => {
  const context = ecsContext();
  const arn = put(context);
  for (const expiresInMinutes of [0, -1, 2881]) {
    const request = { cluster: "main", tasks: [arn], protectionEnabled: true, expiresInMinutes };
    assert.throws(
      () => updateTaskProtection(request, context),
      invalid("expiresInMinutes must be between 1 and 2880 minutes."),
    );
  }
  assert.throws(
    () => updateTaskProtection({ cluster: "main", tasks: [], protectionEnabled: true }, context),
    invalid("Tasks cannot be empty."),
  );
  const many = Array.from({ length: 11 }, (_, index) => `${arn.slice(0, -2)}${10 + index}`);
  assert.throws(
    () => updateTaskProtection({ cluster: "main", tasks: many, protectionEnabled: true }, context),
    invalid("tasks can have at most 10 items."),
  );
  assert.equal(context.store.get(tasks, arn)?.protectedUntil, undefined);
});
