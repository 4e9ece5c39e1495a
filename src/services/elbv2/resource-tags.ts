/** AddTags, RemoveTags and DescribeTags: for load balancers, target groups, listeners and rules alike. */
import type * as wire from "@aws-sdk/client-elastic-load-balancing-v2";
import { resourceKindOf } from "../../model/elb/names.ts";
import { mergeTags, type Tag, withoutTags } from "../../model/tags.ts";
import type { Transaction } from "../../store/store.ts";
import { listenerRules, listeners, loadBalancers, targetGroups } from "../../store/tables/elb.ts";
import type { HandlerContext } from "../operation.ts";
import { requireList } from "./constraints.ts";
import { operationNotPermitted, tooManyTags, validationError } from "./errors.ts";
import { requireListener, requireLoadBalancer, requireRule, requireTargetGroup } from "./resolve.ts";
import { describeTags as describeTagList, MOST_TAGS, readTags } from "./tags.ts";

const MOST_RESOURCES = 20;

interface Tagged {
  readonly arn: string;
  readonly tags: readonly Tag[];
  put(tx: Transaction, tags: readonly Tag[]): void;
}

export function addTags(input: wire.AddTagsInput, context: HandlerContext): wire.AddTagsOutput {
  const resources = requireResources(input.ResourceArns, context);
  requireList(input.Tags, "tags");
  const added = readTags(input.Tags);
  const changes = resources.map((resource) => ({ resource, tags: mergeTags(resource.tags, added) }));
  if (changes.some(({ tags }) => tags.length > MOST_TAGS)) throw tooManyTags();
  context.store.transaction((tx) => {
    for (const { resource, tags } of changes) resource.put(tx, tags);
  });
  return {};
}

export function removeTags(input: wire.RemoveTagsInput, context: HandlerContext): wire.RemoveTagsOutput {
  const resources = requireResources(input.ResourceArns, context);
  const keys = requireList(input.TagKeys, "tagKeys");
  context.store.transaction((tx) => {
    for (const resource of resources) resource.put(tx, withoutTags(resource.tags, keys));
  });
  return {};
}

export function describeTags(
  input: wire.DescribeTagsInput,
  context: HandlerContext,
): wire.DescribeTagsOutput {
  return {
    TagDescriptions: requireResources(input.ResourceArns, context).map(({ arn, tags }) => ({
      ResourceArn: arn,
      Tags: describeTagList(tags),
    })),
  };
}

function requireResources(arns: readonly string[] | undefined, context: HandlerContext): Tagged[] {
  const unique = [...new Set(requireList(arns, "resourceArns"))];
  if (unique.length > MOST_RESOURCES) {
    throw validationError(`Cannot have more than '${MOST_RESOURCES}' resources described`);
  }
  return unique.map((arn) => requireTagged(arn, context));
}

/** Throws the not-found error of whatever the ARN names. */
function requireTagged(arn: string, context: HandlerContext): Tagged {
  switch (resourceKindOf(arn, context.scope)) {
    case "load-balancer": {
      const record = requireLoadBalancer(context, arn);
      return { arn, tags: record.tags, put: (tx, tags) => tx.put(loadBalancers, { ...record, tags }) };
    }
    case "target-group": {
      const record = requireTargetGroup(context, arn);
      return { arn, tags: record.tags, put: (tx, tags) => tx.put(targetGroups, { ...record, tags }) };
    }
    case "listener": {
      const record = requireListener(context, arn);
      return { arn, tags: record.tags, put: (tx, tags) => tx.put(listeners, { ...record, tags }) };
    }
    case "rule":
      return taggedRule(arn, context);
    default:
      throw validationError(`'${arn}' is not a valid ARN`);
  }
}

function taggedRule(arn: string, context: HandlerContext): Tagged {
  const found = requireRule(context, arn);
  if (found.kind === "rule") {
    return { arn, tags: found.rule.tags, put: (tx, tags) => tx.put(listenerRules, { ...found.rule, tags }) };
  }
  return {
    arn,
    tags: [],
    put: () => {
      throw operationNotPermitted(`Default rule '${arn}' cannot be tagged`);
    },
  };
}
