import type * as wire from "@aws-sdk/client-secrets-manager";
import { mergeTags, withoutTags } from "../../model/tags.ts";
import { secrets } from "../../store/tables/secretsmanager.ts";
import type { HandlerContext } from "../operation.ts";
import { limitTags, readSecretId, readTags, requireMember } from "./constraints.ts";
import { requireUsable } from "./resolve.ts";

export function tagResource(input: wire.TagResourceRequest, context: HandlerContext): object {
  readSecretId(input.SecretId);
  const added = readTags(requireMember(input.Tags, "tags"));
  const secret = requireUsable(context, input.SecretId);
  const tags = limitTags(mergeTags(secret.tags, added));
  const lastChangedAt = context.clock.now();
  context.store.transaction((tx) => tx.put(secrets, { ...secret, tags, lastChangedAt }));
  return {};
}

export function untagResource(input: wire.UntagResourceRequest, context: HandlerContext): object {
  readSecretId(input.SecretId);
  const keys = requireMember(input.TagKeys, "tagKeys");
  const secret = requireUsable(context, input.SecretId);
  const tags = withoutTags(secret.tags, keys);
  const lastChangedAt = context.clock.now();
  context.store.transaction((tx) => tx.put(secrets, { ...secret, tags, lastChangedAt }));
  return {};
}
