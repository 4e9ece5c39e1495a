/** Versions of managed policies: at most five, one of them the default. */
import type * as wire from "@aws-sdk/client-iam";
import type { Policy } from "../../model/iam/records.ts";
import { policies } from "../../store/tables/iam.ts";
import type { HandlerContext } from "../operation.ts";
import { requireVersionId } from "./constraints.ts";
import { encodeDocument } from "./documents.ts";
import { defaultVersion, limitExceeded, policyVersionNotFound } from "./errors.ts";
import { iamPage } from "./pages.ts";
import { readManagedPolicy } from "./policies.ts";
import { requireOwnPolicy, requirePolicy } from "./resolve.ts";
import { describePolicyVersion } from "./views/entities.ts";

type Version = Policy["versions"][number];

const MOST_VERSIONS = 5;

function requireVersion(policy: Policy, versionId: string | undefined): Version {
  const wanted = requireVersionId(versionId);
  const found = policy.versions.find((version) => version.versionId === wanted);
  if (found === undefined) throw policyVersionNotFound(policy.arn, wanted);
  return found;
}

function versionNumber(version: Version): number {
  return Number(version.versionId.slice(1));
}

export function createPolicyVersion(
  input: wire.CreatePolicyVersionRequest,
  context: HandlerContext,
): wire.CreatePolicyVersionResponse {
  const policy = requireOwnPolicy(context, input.PolicyArn);
  const document = readManagedPolicy(input.PolicyDocument);
  if (policy.versions.length >= MOST_VERSIONS) {
    throw limitExceeded(
      "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.",
    );
  }
  const isDefault = input.SetAsDefault === true;
  const now = context.clock.now();
  const version: Version = {
    versionId: `v${policy.nextVersion ?? policy.versions.length + 1}`,
    document,
    isDefault,
    createDate: now,
  };
  const kept = isDefault ? policy.versions.map((other) => ({ ...other, isDefault: false })) : policy.versions;
  const updated: Policy = {
    ...policy,
    versions: [...kept, version],
    nextVersion: versionNumber(version) + 1,
    updateDate: now,
  };
  context.store.transaction((tx) => tx.put(policies, updated));
  return { PolicyVersion: describePolicyVersion(version) };
}

export function getPolicyVersion(
  input: wire.GetPolicyVersionRequest,
  context: HandlerContext,
): wire.GetPolicyVersionResponse {
  const version = requireVersion(requirePolicy(context, input.PolicyArn), input.VersionId);
  return {
    PolicyVersion: { Document: encodeDocument(version.document), ...describePolicyVersion(version) },
  };
}

/** The newest first, as AWS lists them. */
export function listPolicyVersions(
  input: wire.ListPolicyVersionsRequest,
  context: HandlerContext,
): wire.ListPolicyVersionsResponse {
  const { versions } = requirePolicy(context, input.PolicyArn);
  const { items, end } = iamPage(versions, input, (version) =>
    String(1_000_000 - versionNumber(version)).padStart(7, "0"),
  );
  return { Versions: items.map(describePolicyVersion), ...end };
}

export function setDefaultPolicyVersion(
  input: wire.SetDefaultPolicyVersionRequest,
  context: HandlerContext,
): object {
  const policy = requireOwnPolicy(context, input.PolicyArn);
  const { versionId } = requireVersion(policy, input.VersionId);
  const versions = policy.versions.map((version) => ({
    ...version,
    isDefault: version.versionId === versionId,
  }));
  context.store.transaction((tx) =>
    tx.put(policies, { ...policy, versions, updateDate: context.clock.now() }),
  );
  return {};
}

export function deletePolicyVersion(input: wire.DeletePolicyVersionRequest, context: HandlerContext): object {
  const policy = requireOwnPolicy(context, input.PolicyArn);
  const doomed = requireVersion(policy, input.VersionId);
  if (doomed.isDefault) throw defaultVersion();
  const versions = policy.versions.filter((version) => version !== doomed);
  context.store.transaction((tx) => tx.put(policies, { ...policy, versions }));
  return {};
}
