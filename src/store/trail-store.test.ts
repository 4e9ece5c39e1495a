import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { TRAIL_KEPT_MS, type TrailCall, type TrailEvent, TrailStore } from "./trail-store.ts";

const NOW = Date.UTC(2026, 0, 1);

function event({
  eventId = "e",
  time = NOW,
  ...change
}: Partial<TrailCall> & { readonly eventId?: string; readonly time?: number } = {}): TrailEvent {
  const call = {
    account: "111122223333",
    region: "us-east-1",
    readOnly: false,
    eventName: "CreateCluster",
    eventSource: "ecs.amazonaws.com",
    resources: [],
    record: { head: '{"eventTime":"', body: '","requestID":"', tail: "}" },
    ...change,
  };
  return { call, eventId, requestId: `r-${eventId}`, time };
}

describe("the event history's store", () => {
  it("finds the newest first, and of one second the one that arrived last", () => {
    const store = new TrailStore(":memory:");
    store.append([
      event({ eventId: "a" }),
      event({ eventId: "b" }),
      event({ eventId: "c", time: NOW - 1000 }),
    ]);
    assert.deepEqual(
      store.find({ limit: 9 }).map(({ eventId }) => eventId),
      ["b", "a", "c"],
    );
  });

  it("puts together the text of an event, also of calls that are made again", () => {
    const store = new TrailStore(":memory:");
    store.append([event({ eventId: "a", readOnly: true })]);
    store.append([event({ eventId: "b", readOnly: true, time: NOW + 1000 })]);
    assert.deepEqual(
      store.find({ limit: 9 }).map(({ record }) => JSON.parse(record) as unknown),
      [
        { eventTime: "2026-01-01T00:00:01Z", requestID: "r-b", eventID: "b" },
        { eventTime: "2026-01-01T00:00:00Z", requestID: "r-a", eventID: "a" },
      ],
    );
  });

  it("finds a resource by its whole name only", () => {
    const store = new TrailStore(":memory:");
    const resources = [{ type: "AWS::ECS::Cluster", name: 'we"b' }];
    store.append([event({ resources })]);
    const found = (query: object) => store.find({ limit: 9, ...query }).length;
    assert.equal(found({ resourceName: 'we"b' }), 1);
    assert.equal(found({ resourceName: "we" }), 0);
    assert.equal(found({ resourceName: 'b"}' }), 0);
    assert.equal(found({ resourceType: "AWS::ECS::Cluster" }), 1);
    assert.equal(found({ resourceType: "AWS::ECS" }), 0);
    assert.deepEqual(store.find({ limit: 1 })[0]?.resources, resources);
  });

  it("keeps 90 days", () => {
    const store = new TrailStore(":memory:");
    store.append([event({ eventId: "old", time: NOW - TRAIL_KEPT_MS - 1000 }), event({ eventId: "new" })]);
    assert.equal(store.prune(NOW), true);
    assert.equal(store.prune(NOW), false);
    assert.deepEqual(
      store.find({ limit: 9 }).map(({ eventId }) => eventId),
      ["new"],
    );
  });

  it("is bounded, and reading calls push out no writing ones", () => {
    const store = new TrailStore(":memory:", { mostEvents: 3 });
    store.append([event({ eventId: "write", time: NOW - 5000 })]);
    for (let at = 0; at < 10; at++) store.append([event({ eventId: `read ${at}`, readOnly: true })]);
    while (store.prune(NOW)) assert.ok(true);
    assert.deepEqual(
      store.find({ limit: 99 }).map(({ eventId }) => eventId),
      ["read 9", "read 8", "read 7", "write"],
    );
  });
});
