import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RecordedCall } from "../gateway/call-recorder.ts";
import { createLog, silentLog } from "../lib/log.ts";
import { systemRandom } from "../lib/random.ts";
import { testClock } from "../services/testing.ts";
import { Store } from "../store/store.ts";
import { type TrailEvent, TrailStore } from "../store/trail-store.ts";
import { createTrailRecorder } from "./recorder.ts";

const NOTHING = { parameters: null, hidden: [] };

function call(service: string, operation: string, change: Partial<RecordedCall> = {}): RecordedCall {
  return {
    service,
    operation,
    scope: { account: "111122223333", region: "us-east-1" },
    caller: {
      accessKeyId: "test",
      arn: "arn:aws:iam::111122223333:user/berth",
      userId: "AIDA",
      principal: { kind: "operator" },
    },
    requestId: "r",
    request: () => NOTHING,
    response: () => NOTHING,
    ...change,
  };
}

function recorder(append?: (events: readonly TrailEvent[]) => void, log = silentLog) {
  const clock = testClock();
  const trailStore = new TrailStore(":memory:");
  const parts = { store: new Store(":memory:"), random: systemRandom, log, clock, timer: clock };
  const sink = append === undefined ? trailStore : { append };
  return { clock, trailStore, trail: createTrailRecorder({ ...parts, trailStore: sink }) };
}

const names = (store: TrailStore) => store.find({ limit: 9999 }).map(({ eventName }) => eventName);

describe("the recorder", () => {
  it("writes a second later, all at once", () => {
    const { trail, trailStore, clock } = recorder();
    trail.record(call("ecs", "CreateCluster"));
    trail.record(call("ecs", "ListClusters"));
    assert.deepEqual(names(trailStore), []);
    clock.advance(1000);
    assert.deepEqual(names(trailStore), ["ListClusters", "CreateCluster"]);
  });

  it("writes what waits when it stops, and takes nothing more", () => {
    const { trail, trailStore } = recorder();
    trail.record(call("ecs", "CreateCluster"));
    trail.stop();
    trail.record(call("ecs", "DeleteCluster"));
    trail.flush();
    assert.deepEqual(names(trailStore), ["CreateCluster"]);
  });

  it("does not wait for the second in a burst", () => {
    const { trail, trailStore, clock } = recorder();
    for (let at = 0; at < 1450; at++) trail.record(call("ecs", "ListClusters"));
    clock.advance(0);
    assert.equal(names(trailStore).length, 1450);
  });

  it("tells calls apart that are made again with other input, by others, or in vain", () => {
    const { trail, trailStore } = recorder();
    const shown = (name: string) => () => ({ parameters: { name }, hidden: [] });
    const listing = (name: string) => call("ecs", "ListClusters", { input: { name }, request: shown(name) });
    const error = { code: "ClientException", message: "no", fault: "client", denied: false } as const;
    const bob = { ...listing("a").caller, arn: "arn:aws:iam::111122223333:user/bob" };
    for (const one of [listing("a"), listing("b"), listing("a")]) trail.record(one);
    trail.record({ ...listing("a"), caller: bob });
    trail.record({ ...listing("a"), error });
    trail.flush();
    const found = trailStore.find({ limit: 9 }).reverse();
    assert.deepEqual(
      found.map(({ record, username, errorCode }) => [
        /"requestParameters":\{"name":"(\w)"/.exec(record)?.[1],
        username,
        errorCode,
      ]),
      [
        ["a", "berth", undefined],
        ["b", "berth", undefined],
        ["a", "berth", undefined],
        ["a", "bob", undefined],
        ["a", "berth", "ClientException"],
      ],
    );
    assert.equal(new Set(found.map(({ eventId }) => eventId)).size, 5);
  });

  it("leaves out data events", () => {
    const { trail, trailStore } = recorder();
    trail.record(call("logs", "PutLogEvents"));
    trail.record(call("events", "PutEvents"));
    trail.record(call("servicediscovery", "DiscoverInstances"));
    trail.record(call("s3", "GetObject"));
    trail.record(call("s3", "CreateBucket"));
    trail.flush();
    assert.deepEqual(names(trailStore), ["CreateBucket"]);
  });

  it("fails no request: what cannot be told or written is logged", () => {
    const lines: string[] = [];
    const log = createLog("info", (line) => lines.push(line));
    const { trail } = recorder(() => {
      throw new Error("disk full");
    }, log);
    const broken = () => {
      throw new Error("cannot tell");
    };
    trail.record(call("ecs", "CreateCluster", { request: broken }));
    trail.flush();
    assert.match(lines[0] ?? "", /cannot tell/);
    assert.match(lines[1] ?? "", /disk full/);
  });
});
