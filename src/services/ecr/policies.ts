/** Lifecycle and repository policies: stored as they came; nothing expires and nothing is evaluated by them. */
import type * as wire from "@aws-sdk/client-ecr";
import type { Repository } from "../../model/ecr/records.ts";
import { repositories } from "../../store/tables/ecr.ts";
import type { HandlerContext } from "../operation.ts";
import { invalidValue, lifecyclePolicyNotFound, repositoryPolicyNotFound } from "./errors.ts";
import { requireRepository } from "./resolve.ts";

function named(repository: Repository): { readonly registryId: string; readonly repositoryName: string } {
  return { registryId: repository.account, repositoryName: repository.repositoryName };
}

function requireJsonObject(text: string | undefined, path: string, longest: number, refusal: string): string {
  if (text === undefined) throw invalidValue(path, "must not be null");
  if (text.length > longest) throw invalidValue(path, `must have length less than or equal to ${longest}`);
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return text;
  } catch {
    // Refused below, like JSON that is no object.
  }
  throw invalidValue(path, refusal);
}

export function putLifecyclePolicy(
  input: wire.PutLifecyclePolicyRequest,
  context: HandlerContext,
): wire.PutLifecyclePolicyResponse {
  const text = requireJsonObject(
    input.lifecyclePolicyText,
    "LifecyclePolicyText",
    30_720,
    "Lifecycle policy validation failure: not a JSON object",
  );
  const repository = requireRepository(context, input);
  context.store.transaction((tx) => tx.put(repositories, { ...repository, lifecyclePolicyText: text }));
  return { ...named(repository), lifecyclePolicyText: text };
}

export function getLifecyclePolicy(
  input: wire.GetLifecyclePolicyRequest,
  context: HandlerContext,
): wire.GetLifecyclePolicyResponse {
  const repository = requireRepository(context, input);
  const { lifecyclePolicyText } = repository;
  if (lifecyclePolicyText === undefined) throw lifecyclePolicyNotFound(repository);
  return { ...named(repository), lifecyclePolicyText };
}

export function deleteLifecyclePolicy(
  input: wire.DeleteLifecyclePolicyRequest,
  context: HandlerContext,
): wire.DeleteLifecyclePolicyResponse {
  const repository = requireRepository(context, input);
  const { lifecyclePolicyText } = repository;
  if (lifecyclePolicyText === undefined) throw lifecyclePolicyNotFound(repository);
  context.store.transaction((tx) => tx.put(repositories, { ...repository, lifecyclePolicyText: undefined }));
  return { ...named(repository), lifecyclePolicyText };
}

export function setRepositoryPolicy(
  input: wire.SetRepositoryPolicyRequest,
  context: HandlerContext,
): wire.SetRepositoryPolicyResponse {
  const policyText = requireJsonObject(
    input.policyText,
    "PolicyText",
    10_240,
    "Invalid repository policy provided",
  );
  const repository = requireRepository(context, input);
  context.store.transaction((tx) => tx.put(repositories, { ...repository, policyText }));
  return { ...named(repository), policyText };
}

export function getRepositoryPolicy(
  input: wire.GetRepositoryPolicyRequest,
  context: HandlerContext,
): wire.GetRepositoryPolicyResponse {
  const repository = requireRepository(context, input);
  const { policyText } = repository;
  if (policyText === undefined) throw repositoryPolicyNotFound(repository);
  return { ...named(repository), policyText };
}

export function deleteRepositoryPolicy(
  input: wire.DeleteRepositoryPolicyRequest,
  context: HandlerContext,
): wire.DeleteRepositoryPolicyResponse {
  const repository = requireRepository(context, input);
  const { policyText } = repository;
  if (policyText === undefined) throw repositoryPolicyNotFound(repository);
  context.store.transaction((tx) => tx.put(repositories, { ...repository, policyText: undefined }));
  return { ...named(repository), policyText };
}
