/** EC2's nouns as ARNs: its ids tell what they are of. */
import type * as wire from "@aws-sdk/client-ec2";
import type { Tag } from "../../model/tags.ts";
import { roleOfInstance } from "../../store/instance-role.ts";
import { launchTemplates } from "../../store/tables/ec2.ts";
import { type ActionRule, type Asking, type CallFacts, passing, regional, tagList } from "./action.ts";

/** What comes before the dash of an id, and the resource type in ARNs. */
const TYPES: Readonly<Record<string, string>> = {
  acl: "network-acl",
  dopt: "dhcp-options",
  eipalloc: "elastic-ip",
  eni: "network-interface",
  i: "instance",
  igw: "internet-gateway",
  key: "key-pair",
  lt: "launch-template",
  nat: "natgateway",
  rtb: "route-table",
  sg: "security-group",
  sgr: "security-group-rule",
  subnet: "subnet",
  vol: "volume",
  vpc: "vpc",
};

/** Undefined for what is no id of a kind that Berth has. */
export function arnOfId(call: CallFacts, id: string | undefined): string | undefined {
  const prefix = id?.slice(0, id.indexOf("-"));
  if (prefix === "ami") return `arn:aws:ec2:${call.scope.region}::image/${id}`;
  const type = prefix === undefined ? undefined : TYPES[prefix];
  return type === undefined ? undefined : regional("ec2", call, `${type}/${id}`);
}

export function idArns(call: CallFacts, ...ids: readonly (string | undefined)[]): string[] {
  return ids.flatMap((id) => arnOfId(call, id) ?? []);
}

/** What is to be made: every resource of the type. */
export function newArn(call: CallFacts, type: string): string {
  return regional("ec2", call, `${type}/*`);
}

/** Rule of an operation on what the input names by one of its members. */
export function on<Input>(read: (input: Input) => readonly (string | undefined)[]): ActionRule<Input> {
  return { on: (input, call) => idArns(call, ...read(input)) };
}

interface Tagged {
  readonly TagSpecifications?: readonly wire.TagSpecification[] | undefined;
}

export function tagsGiven({ TagSpecifications }: Tagged): Tag[] {
  return (TagSpecifications ?? []).flatMap(({ Tags }) => tagList(Tags));
}

/** Creating with tags asks for CreateTags as well ("Grant permission to tag Amazon EC2 resources during creation"). */
export function creating<Input extends Tagged>(
  operation: string,
  type: string,
  beside: (input: Input) => readonly (string | undefined)[] = () => [],
): ActionRule<Input> {
  return {
    on: (input, call) => [newArn(call, type), ...idArns(call, ...beside(input))],
    tags: tagsGiven,
    also: (input, call) => taggingOnCreation(operation, input, call),
  };
}

export function taggingOnCreation(
  operation: string,
  { TagSpecifications }: Tagged,
  call: CallFacts,
): Asking[] {
  return (TagSpecifications ?? []).flatMap(({ ResourceType, Tags }) =>
    ResourceType === undefined || (Tags ?? []).length === 0
      ? []
      : [
          {
            action: "ec2:CreateTags",
            resource: newArn(call, ResourceType),
            keys: { "ec2:CreateAction": operation },
          },
        ],
  );
}

/** `iam:PassRole` of the role that is in the profile. */
export function passingProfile(
  call: CallFacts,
  profile: wire.IamInstanceProfileSpecification | undefined,
): Asking[] {
  const arn =
    profile?.Arn ??
    (profile?.Name === undefined
      ? undefined
      : `arn:aws:iam::${call.scope.account}:instance-profile/${profile.Name}`);
  if (arn === undefined) return [];
  const role = roleOfInstance(call.store, { account: call.scope.account, iamInstanceProfileArn: arn });
  return passing([role?.arn], "ec2.amazonaws.com");
}

export function templateArn(
  call: CallFacts,
  template: {
    readonly LaunchTemplateId?: string | undefined;
    readonly LaunchTemplateName?: string | undefined;
  },
): string {
  const { account, region } = call.scope;
  const id =
    template.LaunchTemplateId ??
    call.store
      .list(launchTemplates)
      .find(
        (known) =>
          known.launchTemplateName === template.LaunchTemplateName &&
          known.account === account &&
          known.region === region,
      )?.launchTemplateId;
  return regional("ec2", call, `launch-template/${id ?? "*"}`);
}
