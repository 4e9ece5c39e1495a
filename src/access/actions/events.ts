import type * as sdk from "@aws-sdk/client-eventbridge";
import { type ActionRules, ANY, arnOr, type CallFacts, passing, regional, tagList } from "./action.ts";

function busArn(call: CallFacts, name: string | undefined): string {
  return arnOr(name ?? "default", (text) => regional("events", call, `event-bus/${text}`));
}

/** Rules of the default bus do not name it. */
function ruleArn(call: CallFacts, bus: string | undefined, rule: string | undefined): string {
  const name = busArn(call, bus).split(":event-bus/")[1] ?? "default";
  return regional("events", call, name === "default" ? `rule/${rule ?? ""}` : `rule/${name}/${rule ?? ""}`);
}

const onBus = {
  on: (input: { readonly Name?: string | undefined }, call: CallFacts) => [busArn(call, input.Name)],
};
const onRule = {
  on: (
    input: { readonly Name?: string | undefined; readonly EventBusName?: string | undefined },
    call: CallFacts,
  ) => [ruleArn(call, input.EventBusName, input.Name)],
};
const onRuleOf = {
  on: (
    input: { readonly Rule?: string | undefined; readonly EventBusName?: string | undefined },
    call: CallFacts,
  ) => [ruleArn(call, input.EventBusName, input.Rule)],
};
const onResource = (input: { readonly ResourceARN: string | undefined }) => [input.ResourceARN ?? "*"];

export const eventsActions = {
  CreateEventBus: { ...onBus, tags: (input) => tagList(input.Tags) },
  DeleteEventBus: onBus,
  DescribeEventBus: onBus,
  UpdateEventBus: onBus,
  ListEventBuses: ANY,
  PutEvents: {
    on: (input, call) => [...new Set((input.Entries ?? []).map((entry) => busArn(call, entry.EventBusName)))],
    keys: (input) => ({
      "events:source": (input.Entries ?? []).flatMap(({ Source }) => Source ?? []),
      "events:detail-type": (input.Entries ?? []).flatMap(({ DetailType }) => DetailType ?? []),
    }),
  },
  PutRule: {
    ...onRule,
    tags: (input) => tagList(input.Tags),
    also: (input) => passing([input.RoleArn], "events.amazonaws.com"),
  },
  DeleteRule: onRule,
  DescribeRule: onRule,
  EnableRule: onRule,
  DisableRule: onRule,
  ListRules: ANY,
  ListRuleNamesByTarget: ANY,
  ListTargetsByRule: onRuleOf,
  PutTargets: {
    ...onRuleOf,
    keys: (input) => ({ "events:TargetArn": (input.Targets ?? []).flatMap(({ Arn }) => Arn ?? []) }),
    also: (input) =>
      passing(
        (input.Targets ?? []).map(({ RoleArn }) => RoleArn),
        "events.amazonaws.com",
      ),
  },
  RemoveTargets: onRuleOf,
  TestEventPattern: ANY,
  PutPermission: ANY,
  RemovePermission: ANY,
  ListTagsForResource: { on: onResource },
  TagResource: { on: onResource, tags: (input) => tagList(input.Tags) },
  UntagResource: { on: onResource, tagKeys: (input) => input.TagKeys ?? [] },
} satisfies ActionRules<typeof sdk>;
