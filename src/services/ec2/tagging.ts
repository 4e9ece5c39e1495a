/** Tags of EC2 resources of every type: validated, found by resource id, changed. */
import type * as wire from "@aws-sdk/client-ec2";
import type { Instance, SecurityGroup } from "../../model/ec2/records.ts";
import type { Scope } from "../../model/scope.ts";
import { mergeTags, type Tag } from "../../model/tags.ts";
import type { Transaction } from "../../store/store.ts";
import type { TableDefinition } from "../../store/table.ts";
import {
  addresses,
  dhcpOptions,
  instances,
  internetGateways,
  keyPairs,
  launchTemplates,
  natGateways,
  networkAcls,
  networkInterfaces,
  routeTables,
  securityGroups,
  subnets,
  vpcs,
} from "../../store/tables/ec2.ts";
import { CodedError } from "../operation.ts";
import { defaultDhcpOptions } from "./default-dhcp-options.ts";
import { invalidParameterValue } from "./errors.ts";
import { type Lookup, listInScope } from "./resolve.ts";
import { checkIdForm, ID_KINDS, type IdKind, notFound } from "./resource-ids.ts";

/** One resource that can carry tags, and how to store new ones. */
export interface TaggableResource {
  readonly resourceId: string;
  readonly resourceType: wire.ResourceType;
  readonly tags: readonly Tag[];
  replaceTags(tx: Transaction, tags: readonly Tag[]): void;
}

const MAX_TAGS = 50;
const MAX_KEY_LENGTH = 127;
const MAX_VALUE_LENGTH = 256;

/** Every EC2 resource of the caller's account and region with its tags (none, often). */
export function listTaggableResources(lookup: Lookup): TaggableResource[] {
  const groups = listInScope(lookup, securityGroups);
  return [
    ...taggable(lookup, vpcs, "vpc"),
    ...taggable(lookup, subnets, "subnet"),
    ...taggable(lookup, internetGateways, "internet-gateway"),
    ...taggable(lookup, routeTables, "route-table"),
    ...taggable(lookup, networkAcls, "network-acl"),
    ...taggable(lookup, securityGroups, "security-group"),
    ...groups.flatMap(taggableRules),
    ...taggable(lookup, addresses, "elastic-ip"),
    ...taggable(lookup, natGateways, "natgateway"),
    ...taggable(lookup, networkInterfaces, "network-interface"),
    ...taggable(lookup, instances, "instance"),
    ...listInScope(lookup, instances).flatMap(taggableVolumes),
    ...taggable(lookup, launchTemplates, "launch-template"),
    ...taggable(lookup, keyPairs, "key-pair"),
    taggableDhcpOptions(lookup),
  ];
}

/** The resources that CreateTags and DeleteTags name. Throws InvalidID, or the type's malformed or not-found. */
export function requireTaggableResources(lookup: Lookup, ids: readonly string[]): TaggableResource[] {
  const known = new Map(listTaggableResources(lookup).map((resource) => [resource.resourceId, resource]));
  return [...new Set(ids)].map((id) => {
    const resource = known.get(id);
    if (resource !== undefined) return resource;
    const kind = Object.values<IdKind>(ID_KINDS).find((candidate) => id.startsWith(`${candidate.prefix}-`));
    if (kind === undefined) throw new CodedError("InvalidID", `The ID '${id}' is not valid`);
    checkIdForm(kind, id);
    throw notFound(kind, [id]);
  });
}

function taggable<R extends Scope & { readonly tags: readonly Tag[] }, I extends string>(
  lookup: Lookup,
  table: TableDefinition<R, I | "scope">,
  resourceType: wire.ResourceType,
): TaggableResource[] {
  return listInScope(lookup, table).map((record) => ({
    resourceId: table.key(record),
    resourceType,
    tags: record.tags,
    replaceTags: (tx, tags) => tx.put(table, { ...record, tags }),
  }));
}

function taggableRules(group: SecurityGroup): TaggableResource[] {
  return group.rules.map((rule) => ({
    resourceId: rule.ruleId,
    resourceType: "security-group-rule",
    tags: rule.tags,
    replaceTags: (tx, tags) =>
      tx.put(securityGroups, {
        ...group,
        rules: group.rules.map((other) => (other.ruleId === rule.ruleId ? { ...other, tags } : other)),
      }),
  }));
}

function taggableVolumes(instance: Instance): TaggableResource[] {
  if (instance.state === "terminated") return [];
  return instance.blockDevices.map((device) => ({
    resourceId: device.volumeId,
    resourceType: "volume",
    tags: device.tags,
    replaceTags: (tx, tags) =>
      tx.put(instances, {
        ...instance,
        blockDevices: instance.blockDevices.map((other) =>
          other.volumeId === device.volumeId ? { ...other, tags } : other,
        ),
      }),
  }));
}

function taggableDhcpOptions(lookup: Lookup): TaggableResource {
  const options = defaultDhcpOptions(lookup);
  return {
    resourceId: options.dhcpOptionsId,
    resourceType: "dhcp-options",
    tags: options.tags,
    replaceTags: (tx, tags) => tx.put(dhcpOptions, { ...options, tags }),
  };
}

/** The tags that a create request gives to the resource it makes. Throws on bad tags and on other types. */
export function tagsOfSpecifications(
  specifications: readonly wire.TagSpecification[] | undefined,
  resourceType: wire.ResourceType,
): Tag[] {
  const tags: wire.Tag[] = [];
  for (const specification of specifications ?? []) {
    if (specification.ResourceType === undefined) {
      throw new CodedError("InvalidParameter", "Tag specification resource type must have a value");
    }
    if (specification.ResourceType !== resourceType) {
      throw invalidParameterValue(
        `'${specification.ResourceType}' is not a valid taggable resource type for this operation.`,
      );
    }
    if (!specification.Tags?.length) {
      throw invalidParameterValue("Tag specification must have at least one tag");
    }
    tags.push(...specification.Tags);
  }
  return checkedTags(tags);
}

/** Throws on empty, long, reserved and repeated keys, on long values, and on more than 50 tags. */
export function checkedTags(tags: readonly wire.Tag[]): Tag[] {
  const seen = new Set<string>();
  for (const { Key: key = "", Value: value = "" } of tags) {
    if (key === "") throw invalidParameterValue("Tag key cannot be null or empty.");
    if (key.toLowerCase().startsWith("aws:")) {
      throw invalidParameterValue("Tag keys starting with 'aws:' are reserved for internal use");
    }
    if (seen.has(key)) throw invalidParameterValue(`Duplicate tag key '${key}' specified.`);
    seen.add(key);
    if ([...key].length > MAX_KEY_LENGTH) {
      throw invalidParameterValue(`Tag key exceeds the maximum length of ${MAX_KEY_LENGTH} characters.`);
    }
    if ([...value].length > MAX_VALUE_LENGTH) {
      throw invalidParameterValue(`Tag value exceeds the maximum length of ${MAX_VALUE_LENGTH} characters.`);
    }
  }
  if (tags.length > MAX_TAGS) throw tagLimitExceeded();
  return tags.map(({ Key, Value }) => ({ key: Key ?? "", value: Value ?? "" }));
}

/** Throws TagLimitExceeded; tags that AWS sets (`aws:…`) do not count. */
export function mergedWithinLimit(tags: readonly Tag[], added: readonly Tag[]): Tag[] {
  const merged = mergeTags(tags, added);
  if (merged.filter((tag) => !tag.key.startsWith("aws:")).length > MAX_TAGS) throw tagLimitExceeded();
  return merged;
}

function tagLimitExceeded(): CodedError {
  return new CodedError("TagLimitExceeded", "The maximum number of Tags for a resource has been reached.");
}

export function describeTagList(tags: readonly Tag[]): wire.Tag[] {
  return tags.map((tag) => ({ Key: tag.key, Value: tag.value }));
}
