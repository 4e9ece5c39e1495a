/** For tests: the loop with a store, log groups and a clock of its own, and RunTask as the test has it answer. */
import type { Target } from "@aws-sdk/client-eventbridge";
import { silentLog } from "../../lib/log.ts";
import { systemRandom } from "../../lib/random.ts";
import { success } from "../../lib/result.ts";
import type { Event, EventRule, PendingEvent } from "../../model/events/records.ts";
import { testClock } from "../../services/testing.ts";
import { newLogGroup } from "../../store/log-groups.ts";
import { LogStore } from "../../store/log-store.ts";
import { Store } from "../../store/store.ts";
import { eventBuses, eventRules, pendingEvents } from "../../store/tables/events.ts";
import { logGroups, logResourcePolicies } from "../../store/tables/logs.ts";
import type { RunTask, TaskCall } from "./ecs-task.ts";
import { createEventDeliveryReconciler } from "./event-delivery-reconciler.ts";

export const SCOPE = { account: "111122223333", region: "us-east-1" };
export const BUS = "arn:aws:events:us-east-1:111122223333:event-bus/default";
export const OTHER_BUS = "arn:aws:events:us-east-1:111122223333:event-bus/other";
export const GROUP_NAME = "/aws/events/app";
export const GROUP = `arn:aws:logs:us-east-1:111122223333:log-group:${GROUP_NAME}`;
export const ROLE = "arn:aws:iam::111122223333:role/bus";
export const START = Date.UTC(2026, 0, 1, 12);

export const EVENT: Event = {
  version: "0",
  id: "9bcdac79-b31f-4d3d-9410-fbd727c29fab",
  "detail-type": "t",
  source: "app",
  account: SCOPE.account,
  time: "2026-01-01T11:59:00Z",
  region: SCOPE.region,
  resources: [],
  detail: { a: 1 },
};

export function world() {
  const store = new Store(":memory:");
  const clock = testClock(START);
  const logStore = new LogStore(":memory:", store, clock);
  const broken = { until: 0, attempts: 0 };
  const logs = {
    ensureStream: logStore.ensureStream.bind(logStore),
    lastTimestamp: logStore.lastTimestamp.bind(logStore),
    append(...parameters: Parameters<LogStore["append"]>) {
      broken.attempts++;
      if (clock.now() < broken.until) throw new Error("disk full");
      logStore.append(...parameters);
    },
  };
  const calls: TaskCall[] = [];
  const outcomes: Awaited<ReturnType<RunTask>>[] = [];
  const runTask: RunTask = async (call) => {
    calls.push(call);
    return outcomes.shift() ?? success({ tasks: [], failures: [] });
  };
  const start = () => {
    const loop = createEventDeliveryReconciler({
      store,
      logs,
      runTask,
      clock,
      random: systemRandom,
      log: silentLog,
    });
    loop.start();
    return loop;
  };
  store.transaction((tx) => {
    tx.put(logGroups, newLogGroup(SCOPE, GROUP_NAME, START));
    tx.put(eventBuses, {
      ...SCOPE,
      arn: OTHER_BUS,
      name: "other",
      creationTime: 0,
      lastModifiedTime: 0,
      tags: [],
    });
  });
  return {
    store,
    broken,
    calls,
    outcomes,
    start,
    advance: (loop: ReturnType<typeof start>, ms: number) => clock.run(ms, () => loop.settled()),
    allowLogs(policy: object = {}) {
      const statement = {
        Effect: "Allow",
        Principal: { Service: ["events.amazonaws.com", "delivery.logs.amazonaws.com"] },
        Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
        Resource: `${GROUP}:*`,
        ...policy,
      };
      const policyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
      store.transaction((tx) =>
        tx.put(logResourcePolicies, { ...SCOPE, policyName: "p", policyDocument, lastUpdatedTime: 0 }),
      );
    },
    rule(name: string, targets: readonly Target[], busArn = BUS): EventRule {
      const eventBusName = busArn.split("/").at(-1) ?? "";
      const rule: EventRule = {
        ...SCOPE,
        arn: `arn:aws:events:us-east-1:111122223333:rule/${eventBusName === "default" ? "" : `${eventBusName}/`}${name}`,
        name,
        eventBusName,
        eventBusArn: busArn,
        eventPattern: '{"source": ["app"]}',
        state: "ENABLED",
        createdBy: SCOPE.account,
        targets,
        tags: [],
      };
      store.transaction((tx) => tx.put(eventRules, rule));
      return rule;
    },
    send: (pending: Partial<PendingEvent> = {}) =>
      store.transaction((tx) => tx.put(pendingEvents, { busArn: BUS, event: EVENT, ...pending })),
    lines: () =>
      logStore
        .read({ groupArn: GROUP, from: "oldest", limit: 100 })
        .map(({ timestamp, message, streamName }) => ({ timestamp, message, streamName })),
  };
}
