import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { LookupAttributeKey, LookupEventsRequest } from "@aws-sdk/client-cloudtrail";
import { type TrailCall, type TrailEvent, TrailStore } from "../../store/trail-store.ts";
import { testClock, testContext } from "../testing.ts";
import { lookupEvents } from "./lookup-events.ts";
import { describeTrails, listTrails } from "./trails.ts";

const NOW = Date.UTC(2026, 0, 1);

function event(
  eventId: string,
  { time = NOW - 60_000, ...change }: Partial<TrailCall> & { readonly time?: number } = {},
): TrailEvent {
  const call = {
    account: "000000000000",
    region: "ap-northeast-1",
    readOnly: false,
    eventName: "CreateCluster",
    eventSource: "ecs.amazonaws.com",
    username: "alice",
    accessKeyId: "AKIA1",
    resources: [{ type: "AWS::ECS::Cluster", name: "web" }],
    record: { head: '{"eventTime":"', body: '","requestID":"', tail: "}" },
    ...change,
  };
  return { call, eventId, requestId: "r", time };
}

function history(...events: readonly TrailEvent[]) {
  const trailStore = new TrailStore(":memory:");
  trailStore.append(events);
  const context = testContext({ trailStore, clock: testClock(NOW) });
  return (input: LookupEventsRequest) => lookupEvents(input, context);
}

function ids(answer: ReturnType<typeof lookupEvents>): (string | undefined)[] {
  return (answer.Events ?? []).map(({ EventId }) => EventId);
}

describe("LookupEvents", () => {
  it("shows an event with its attributes and its text", () => {
    assert.deepEqual(history(event("a"))({}).Events, [
      {
        EventId: "a",
        EventName: "CreateCluster",
        ReadOnly: "false",
        AccessKeyId: "AKIA1",
        EventTime: new Date(NOW - 60_000),
        EventSource: "ecs.amazonaws.com",
        Username: "alice",
        Resources: [{ ResourceType: "AWS::ECS::Cluster", ResourceName: "web" }],
        CloudTrailEvent: '{"eventTime":"2025-12-31T23:59:00Z","requestID":"r","eventID":"a"}',
      },
    ]);
  });

  it("finds by each attribute", () => {
    const look = history(
      event("a"),
      event("b", {
        readOnly: true,
        eventName: "ListRoles",
        eventSource: "iam.amazonaws.com",
        username: "bob",
        accessKeyId: "AKIA2",
        resources: [{ type: "AWS::IAM::Role", name: "r" }],
      }),
    );
    const values: Readonly<Record<LookupAttributeKey, string>> = {
      AccessKeyId: "AKIA2",
      EventId: "b",
      EventName: "ListRoles",
      EventSource: "iam.amazonaws.com",
      ReadOnly: "true",
      ResourceName: "r",
      ResourceType: "AWS::IAM::Role",
      Username: "bob",
    };
    for (const [key, value] of Object.entries(values)) {
      const attribute = { AttributeKey: key as LookupAttributeKey, AttributeValue: value };
      assert.deepEqual(ids(look({ LookupAttributes: [attribute] })), ["b"], key);
    }
  });

  it("goes on from page to page, newest first, and times are included", () => {
    const look = history(
      ...[5, 4, 3, 2, 1].map((minute) => event(`${minute}`, { time: NOW - minute * 60_000 })),
    );
    const StartTime = new Date(NOW - 4 * 60_000);
    const EndTime = new Date(NOW - 60_000);
    const first = look({ StartTime, EndTime, MaxResults: 3 });
    assert.deepEqual(ids(first), ["1", "2", "3"]);
    const second = look({ StartTime, EndTime, MaxResults: 3, NextToken: first.NextToken });
    assert.deepEqual(ids(second), ["4"]);
    assert.equal(second.NextToken, undefined);
    assert.throws(() => look({ MaxResults: 3, NextToken: first.NextToken }), {
      name: "InvalidNextTokenException",
    });
  });

  it("shows the caller's account and region alone, and 90 days", () => {
    const look = history(
      event("a"),
      event("b", { region: "us-east-1" }),
      event("c", { account: "111122223333" }),
      event("d", { time: NOW - 91 * 86_400_000 }),
    );
    assert.deepEqual(ids(look({})), ["a"]);
    assert.deepEqual(ids(look({ EventCategory: "insight" })), []);
  });

  it("refuses what it cannot look for", () => {
    const look = history();
    const attribute = { AttributeKey: "EventName", AttributeValue: "x" } as const;
    const refused: readonly (readonly [LookupEventsRequest, string])[] = [
      [{ MaxResults: 51 }, "InvalidMaxResultsException"],
      [{ MaxResults: 0 }, "InvalidMaxResultsException"],
      [{ LookupAttributes: [attribute, attribute] }, "InvalidLookupAttributesException"],
      [{ LookupAttributes: [{ ...attribute, AttributeValue: "" }] }, "InvalidLookupAttributesException"],
      [
        { LookupAttributes: [{ AttributeKey: "ReadOnly", AttributeValue: "no" }] },
        "InvalidLookupAttributesException",
      ],
      [{ StartTime: new Date(NOW), EndTime: new Date(NOW - 1) }, "InvalidTimeRangeException"],
      [{ NextToken: "x" }, "InvalidNextTokenException"],
    ];
    for (const [input, name] of refused) assert.throws(() => look(input), { name });
  });
});

describe("trails", () => {
  it("there are none", () => {
    assert.deepEqual(describeTrails({ trailNameList: ["mine"] }), { trailList: [] });
    assert.deepEqual(listTrails(), { Trails: [] });
  });

  it("names that no trail can have are refused", () => {
    assert.throws(() => describeTrails({ trailNameList: ["a"] }), {
      name: "InvalidTrailNameException",
      message:
        "Trail name too short. Minimum allowed length: 3 characters. Specified name length: 1 characters.",
    });
    assert.throws(() => describeTrails({ trailNameList: ["arn:aws:s3:::x"] }), {
      name: "CloudTrailARNInvalidException",
    });
  });
});
