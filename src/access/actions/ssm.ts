import type * as sdk from "@aws-sdk/client-ssm";
import { type ActionRules, arnOr, type CallFacts, type Keys, regional, tagList } from "./action.ts";

/** Names with a path lose its first slash; a version or label (`:3`) is no part of it. */
export function parameterArn(call: CallFacts, name: string | undefined): string {
  return arnOr(name ?? "", (text) =>
    regional("ssm", call, `parameter/${text.replace(/^\//, "").replace(/:[^:/]+$/, "")}`),
  );
}

const onName = {
  on: (input: { readonly Name: string | undefined }, call: CallFacts) => [parameterArn(call, input.Name)],
};
const onNames = {
  on: (input: { readonly Names: string[] | undefined }, call: CallFacts) =>
    (input.Names ?? []).map((name) => parameterArn(call, name)),
};

interface OfResource {
  readonly ResourceType?: string | undefined;
  readonly ResourceId?: string | undefined;
}

const onResource = ({ ResourceType, ResourceId }: OfResource, call: CallFacts) =>
  ResourceType === "Parameter"
    ? [parameterArn(call, ResourceId)]
    : [regional("ssm", call, `${(ResourceType ?? "").toLowerCase()}/${ResourceId ?? ""}`)];

const onSession = {
  on: (input: { readonly SessionId: string | undefined }, call: CallFacts) => [
    regional("ssm", call, `session/${input.SessionId ?? ""}`),
  ],
};

export const ssmActions = {
  ResumeSession: onSession,
  TerminateSession: onSession,
  DescribeParameters: { on: (_input, call) => [regional("ssm", call, "*")] },
  GetParameter: onName,
  GetParameters: onNames,
  GetParameterHistory: onName,
  GetParametersByPath: {
    on: (input, call) => [parameterArn(call, input.Path === "/" ? "" : input.Path)],
    keys: (input): Keys => ({ "ssm:Recursive": input.Recursive ?? false }),
  },
  PutParameter: {
    ...onName,
    tags: (input) => tagList(input.Tags),
    keys: (input): Keys => ({ "ssm:Overwrite": input.Overwrite ?? false }),
    also: (input, call) =>
      (input.Tags ?? []).length === 0
        ? []
        : [{ action: "ssm:AddTagsToResource", resource: parameterArn(call, input.Name) }],
  },
  DeleteParameter: onName,
  DeleteParameters: onNames,
  LabelParameterVersion: onName,
  UnlabelParameterVersion: onName,
  AddTagsToResource: { on: onResource, tags: (input) => tagList(input.Tags) },
  RemoveTagsFromResource: { on: onResource, tagKeys: (input) => input.TagKeys ?? [] },
  ListTagsForResource: { on: onResource },
} satisfies ActionRules<typeof sdk>;
