import type * as sdk from "@aws-sdk/client-cloudwatch-logs";
import { type ActionRules, ANY, type CallFacts, regional, tagMap } from "./action.ts";

interface OfGroup {
  readonly logGroupName?: string | undefined;
  readonly logGroupIdentifier?: string | undefined;
}

/** Group names may be given as ARNs, with `:*` or without. */
function groupName({ logGroupName, logGroupIdentifier }: OfGroup): string {
  const text = logGroupName ?? logGroupIdentifier ?? "";
  return text.startsWith("arn:") ? (text.split(":log-group:")[1] ?? "").replace(/:\*$/, "") : text;
}

/** `log-group:<name>:log-stream:<stream>`: what `log-group:<name>:*` allows. */
function streamArn(call: CallFacts, input: OfGroup, stream = ""): string[] {
  return [regional("logs", call, `log-group:${groupName(input)}:log-stream:${stream}`)];
}

const onGroup = (input: OfGroup, call: CallFacts) => streamArn(call, input);
const onStream = (input: OfGroup & { readonly logStreamName?: string | undefined }, call: CallFacts) =>
  streamArn(call, input, input.logStreamName);
/** Tagging knows the group without what is in it. */
const onResource = ({ resourceArn }: { readonly resourceArn?: string | undefined }) => [
  (resourceArn ?? "*").replace(/:\*$/, ""),
];

export const logsActions = {
  CreateLogGroup: {
    on: onGroup,
    tags: (input) => tagMap(input.tags),
    also: (input, call) =>
      Object.keys(input.tags ?? {}).length === 0
        ? []
        : [{ action: "logs:TagResource", resource: regional("logs", call, `log-group:${groupName(input)}`) }],
  },
  DeleteLogGroup: { on: onGroup },
  CreateLogStream: { on: onStream },
  DeleteLogStream: { on: onStream },
  PutLogEvents: { on: onStream },
  GetLogEvents: { on: onStream },
  FilterLogEvents: { on: onGroup },
  DescribeLogGroups: { on: (_input, call) => streamArn(call, {}) },
  DescribeLogStreams: { on: onGroup },
  PutRetentionPolicy: { on: onGroup },
  DeleteRetentionPolicy: { on: onGroup },
  ListTagsLogGroup: { on: onGroup },
  TagLogGroup: { on: onGroup, tags: (input) => tagMap(input.tags) },
  UntagLogGroup: { on: onGroup, tagKeys: (input) => input.tags ?? [] },
  ListTagsForResource: { on: onResource },
  TagResource: { on: onResource, tags: (input) => tagMap(input.tags) },
  UntagResource: { on: onResource, tagKeys: (input) => input.tagKeys ?? [] },
  DescribeResourcePolicies: ANY,
  PutResourcePolicy: ANY,
  DeleteResourcePolicy: ANY,
} satisfies ActionRules<typeof sdk>;
