/**
 * Which changes of a task are changes of its state: EventBridge is told of them, and `version` counts them (API
 * reference, Task: "Every time a task experiences a change that starts a CloudWatch event, the version counter is
 * incremented").
 */
import type { Task } from "./records.ts";

/** The task with `changes`; a change of state gives it the next version. */
export function changedTask(task: Task, changes: Partial<Task>): Task {
  const changed = { ...task, ...changes };
  return isStateChange(task, changed) ? { ...changed, version: task.version + 1 } : changed;
}

/**
 * Health is none (aws/containers-roadmap#1019), nor are pulled images and ids of the engine. Of the elastic network
 * interface only an agent on an EC2 instance tells by itself; on Fargate it comes with the task's own status.
 */
function isStateChange(before: Task, after: Task): boolean {
  return (
    before.lastStatus !== after.lastStatus ||
    before.desiredStatus !== after.desiredStatus ||
    before.containerInstanceArn !== after.containerInstanceArn ||
    (after.launchType === "EC2" && before.attachment?.status !== after.attachment?.status) ||
    endsSidecar(before, after)
  );
}

/**
 * A container that is not essential ends while the task goes on. All other changes of containers bring a status of
 * the task, and the agent reports them with that (amazon-ecs-agent, agent/eventhandler/task_handler.go).
 */
function endsSidecar(before: Task, after: Task): boolean {
  if (after.desiredStatus === "STOPPED") return false;
  return after.containers.some(({ name, essential, lastStatus }) => {
    const was = before.containers.find((container) => container.name === name);
    return !essential && lastStatus === "STOPPED" && was?.lastStatus !== "STOPPED";
  });
}
