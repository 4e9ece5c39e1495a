/** A task on Fargate in memory, and requests to its endpoint. */
import assert from "node:assert/strict";
import { createLog } from "../../lib/log.ts";
import { systemRandom } from "../../lib/random.ts";
import type { Task, TaskDefinition } from "../../model/ecs/records.ts";
import type { Role } from "../../model/iam/records.ts";
import { exampleInterface } from "../../reconcile/instance/testing.ts";
import { exampleDefinition, exampleNetwork, exampleTask, SCOPE, WEB } from "../../reconcile/task/testing.ts";
import { testClock } from "../../services/testing.ts";
import { Store } from "../../store/store.ts";
import { networkInterfaces } from "../../store/tables/ec2.ts";
import { taskDefinitions, tasks } from "../../store/tables/ecs.ts";
import { roles } from "../../store/tables/iam.ts";
import { createSessionCredentials } from "../session-credentials.ts";
import { type Answer, type Ask, serving } from "../testing.ts";
import { handleTaskRequest } from "./handle-request.ts";
import { createRateLimit } from "./rate-limit.ts";
import { createStatsSource } from "./stats.ts";

export const DOCKER_ID = "ab".repeat(32);
export const ROLE_ARN = `arn:aws:iam::${SCOPE.account}:role/app`;
export const TRUST = JSON.stringify({
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Action: "sts:AssumeRole",
      Principal: { Service: "ecs-tasks.amazonaws.com" },
      Condition: { StringEquals: { "aws:SourceAccount": SCOPE.account } },
    },
  ],
});

export function exampleRole(changes: Partial<Role> = {}): Role {
  return {
    account: SCOPE.account,
    arn: ROLE_ARN,
    roleName: "app",
    roleId: "AROAEXAMPLE",
    path: "/",
    assumeRolePolicyDocument: TRUST,
    maxSessionDurationSeconds: 3600,
    inlinePolicies: [],
    attachedPolicyArns: [],
    createDate: 0,
    tags: [],
    ...changes,
  };
}

/** A task on Fargate at 127.0.0.1, and what a test wants to change about it. */
export function createTaskWorld(
  changes: Partial<Task> = {},
  more: Partial<TaskDefinition["definition"]> = {},
) {
  const store = new Store(":memory:");
  const clock = testClock();
  const warnings: string[] = [];
  exampleNetwork(store);
  const definition = exampleDefinition([WEB], { taskRoleArn: ROLE_ARN, ...more });
  const fresh = exampleTask(definition);
  const [container] = fresh.containers;
  assert.ok(container);
  const task: Task = {
    ...fresh,
    credentialsId: "11111111-2222-3333-4444-555555555555",
    lastStatus: "RUNNING",
    attachment: {
      id: "a",
      status: "ATTACHED",
      subnetId: "subnet-0",
      privateIpv4Address: "127.0.0.1",
      macAddress: "0a:00:00:00:00:01",
      privateDnsName: "ip-127-0-0-1.ap-northeast-1.compute.internal",
    },
    containers: [
      {
        ...container,
        endpointId: `${fresh.taskId}-1234567890`,
        runtimeId: DOCKER_ID,
        imageId: "sha256:1",
        lastStatus: "RUNNING",
        createdAt: 1000,
        startedAt: 2000,
      },
    ],
    ...changes,
  };
  const owner = { kind: "ecs-task" as const, taskArn: task.arn, attachmentArn: "a" };
  store.transaction((tx) => {
    tx.put(taskDefinitions, definition);
    tx.put(tasks, task);
    tx.put(roles, exampleRole());
    tx.put(networkInterfaces, {
      ...exampleInterface({ privateIpAddress: "127.0.0.1", owner, instanceAttachment: undefined }, 1),
      vpcId: "vpc-1",
    });
    // Another task, and an instance.
    const other = { ...owner, taskArn: `${task.arn}0` };
    tx.put(networkInterfaces, {
      ...exampleInterface({ privateIpAddress: "127.0.0.2", owner: other, instanceAttachment: undefined }, 2),
      vpcId: "vpc-1",
    });
    tx.put(networkInterfaces, { ...exampleInterface({ privateIpAddress: "127.0.0.3" }, 3), vpcId: "vpc-1" });
  });
  let networkBytes = 0;
  const createSource = () => ({
    store,
    clock,
    random: systemRandom,
    log: createLog("warn", (line) => warnings.push(line)),
    stats: createStatsSource(async (id) => {
      networkBytes += 500;
      const networks = { eth0: { rx_bytes: networkBytes, tx_bytes: 2 * networkBytes } };
      return { read: new Date(clock.now()).toISOString(), id, networks };
    }),
    credentials: createSessionCredentials({
      store,
      clock,
      random: systemRandom,
      sealingKey: "key of the tests",
    }),
    limit: createRateLimit(clock, { perSecond: 40, burst: 60 }),
  });
  let source = createSource();
  return {
    store,
    clock,
    warnings,
    task,
    endpointId: task.containers[0]?.endpointId ?? "",
    credentials: `/v2/credentials/${task.credentialsId}`,
    restart() {
      source = createSource();
    },
    serving: (work: (ask: Ask) => Promise<void>, from = "127.0.0.1", vpcId = "vpc-1") =>
      serving((request, response) => void handleTaskRequest(source, vpcId, request, response), work, from),
  };
}

export async function got(ask: Ask, path: string, method = "GET"): Promise<Answer> {
  const answer = await ask(method, path);
  assert.ok(answer !== "closed", `${path} was not answered`);
  return answer;
}

export async function json(ask: Ask, path: string): Promise<Record<string, unknown>> {
  const { status, body } = await got(ask, path);
  assert.equal(status, 200, `${path}: ${body}`);
  return JSON.parse(body);
}
