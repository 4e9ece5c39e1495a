/** CreateLaunchTemplateVersion, DescribeLaunchTemplateVersions, DeleteLaunchTemplateVersions. */
import type * as wire from "@aws-sdk/client-ec2";
import { mergeLaunchData, versionNumber } from "../../model/ec2/launch-data.ts";
import type { LaunchTemplate, LaunchTemplateVersion } from "../../model/ec2/records.ts";
import type { Tag } from "../../model/tags.ts";
import { launchTemplates, launchTemplateVersions } from "../../store/tables/ec2.ts";
import type { HandlerContext } from "../operation.ts";
import { page } from "../page.ts";
import {
  invalidNextToken,
  invalidParameterCombination,
  maxResultsTooLarge,
  maxResultsTooSmall,
  missingParameter,
  missingParameterText,
} from "./errors.ts";
import { type FilterTable, filtered } from "./filters.ts";
import { launchTemplateVersionMalformed, launchTemplateVersionNotFound } from "./instance-errors.ts";
import { checkedLaunchData } from "./launch-template-data.ts";
import { requireLaunchTemplate } from "./launch-templates.ts";
import { type Lookup, listInScope } from "./resolve.ts";
import { describeLaunchTemplateVersion } from "./views/launch-template.ts";

const MAX_PAGE = 200;

/** `$Default` when `version` is absent. Throws when it is not of the form, or not there. */
export function requireVersion(
  lookup: Lookup,
  template: LaunchTemplate,
  version: string | undefined,
): LaunchTemplateVersion {
  const number = versionNumber(version, template);
  if (number === undefined) throw launchTemplateVersionMalformed();
  const found = lookup.store.get(launchTemplateVersions, `${template.launchTemplateId}|${number}`);
  if (found === undefined) throw launchTemplateVersionNotFound(version ?? "", template.launchTemplateId);
  return found;
}

export function newVersion(
  context: HandlerContext,
  template: LaunchTemplate,
  version: number,
  data: wire.RequestLaunchTemplateData,
  description: string | undefined,
): LaunchTemplateVersion {
  return {
    ...context.scope,
    launchTemplateId: template.launchTemplateId,
    version,
    description: description || undefined,
    createTime: context.clock.now(),
    createdBy: context.caller.arn,
    data,
  };
}

/** With a source version, the new data goes over the source's. */
export function createLaunchTemplateVersion(
  input: wire.CreateLaunchTemplateVersionRequest,
  context: HandlerContext,
): wire.CreateLaunchTemplateVersionResult {
  const template = requireLaunchTemplate(context, input);
  if (input.LaunchTemplateData === undefined) throw missingParameter("LaunchTemplateData");
  const own = checkedLaunchData(input.LaunchTemplateData);
  const data = input.SourceVersion
    ? mergeLaunchData(requireVersion(context, template, input.SourceVersion).data, own)
    : own;
  const latestVersion = template.latestVersion + 1;
  const changed = { ...template, latestVersion };
  const version = newVersion(context, changed, latestVersion, data, input.VersionDescription);
  context.store.transaction((tx) => {
    tx.put(launchTemplates, changed);
    tx.put(launchTemplateVersions, version);
  });
  return { LaunchTemplateVersion: describeLaunchTemplateVersion(changed, version) };
}

interface Row {
  readonly template: LaunchTemplate;
  readonly version: LaunchTemplateVersion;
  readonly tags: readonly Tag[];
}

const FILTERS: FilterTable<Row> = {
  "create-time": ({ version }) => new Date(version.createTime).toISOString(),
  "ebs-optimized": ({ version }) => version.data.EbsOptimized,
  "http-endpoint": ({ version }) => version.data.MetadataOptions?.HttpEndpoint,
  "http-tokens": ({ version }) => version.data.MetadataOptions?.HttpTokens,
  "iam-instance-profile": ({ version }) => version.data.IamInstanceProfile?.Arn,
  "image-id": ({ version }) => version.data.ImageId,
  "instance-type": ({ version }) => version.data.InstanceType,
  "is-default-version": ({ template, version }) => template.defaultVersion === version.version,
  "kernel-id": ({ version }) => version.data.KernelId,
  "ram-disk-id": ({ version }) => version.data.RamDiskId,
};

/** Of one template, newest first; without a template `$Latest` and `$Default` of all of them. */
export function describeLaunchTemplateVersions(
  input: wire.DescribeLaunchTemplateVersionsRequest,
  context: HandlerContext,
): wire.DescribeLaunchTemplateVersionsResult {
  const { MaxResults } = input;
  if (MaxResults !== undefined && MaxResults < 1) throw maxResultsTooSmall(MaxResults, 1);
  if (MaxResults !== undefined && MaxResults > MAX_PAGE) throw maxResultsTooLarge(MaxResults, MAX_PAGE);
  const rows = filtered(chosenRows(input, context), input.Filters, FILTERS);
  const { items, nextToken } = page(rows, {
    token: input.NextToken,
    limit: MaxResults ?? MAX_PAGE,
    // Newest first.
    key: ({ version }) =>
      `${version.launchTemplateId}|${String(999_999_999 - version.version).padStart(9, "0")}`,
    invalidToken: invalidNextToken,
  });
  return {
    LaunchTemplateVersions: items.map(({ template, version }) =>
      describeLaunchTemplateVersion(template, version),
    ),
    NextToken: nextToken,
  };
}

function chosenRows(input: wire.DescribeLaunchTemplateVersionsRequest, context: HandlerContext): Row[] {
  if (input.LaunchTemplateId || input.LaunchTemplateName) {
    return rowsOf(input, context, requireLaunchTemplate(context, input));
  }
  if (!input.Versions?.length) {
    throw missingParameterText(
      "Either a launch template ID, a launch template name, or versions '$Latest' or '$Default' must be provided.",
    );
  }
  if (input.Versions.some((version) => version !== "$Latest" && version !== "$Default")) {
    throw missingParameterText("A launch template ID or a launch template name must be provided.");
  }
  return listInScope(context, launchTemplates).flatMap((template) => rowsOf(input, context, template));
}

function rowsOf(
  input: wire.DescribeLaunchTemplateVersionsRequest,
  context: HandlerContext,
  template: LaunchTemplate,
): Row[] {
  const asRow = (version: LaunchTemplateVersion): Row => ({ template, version, tags: [] });
  if (input.Versions?.length) {
    if (input.MinVersion || input.MaxVersion) {
      throw invalidParameterCombination(
        "The parameter Versions cannot be used with the parameters MinVersion and MaxVersion",
      );
    }
    const found = input.Versions.map((version) => requireVersion(context, template, version));
    return [...new Map(found.map((version) => [version.version, version])).values()].map(asRow);
  }
  const least = boundOf(input.MinVersion, template, 1);
  const most = boundOf(input.MaxVersion, template, template.latestVersion);
  return context.store
    .where(launchTemplateVersions, "launchTemplate", template.launchTemplateId)
    .filter(({ version }) => version >= least && version <= most)
    .map(asRow);
}

function boundOf(given: string | undefined, template: LaunchTemplate, otherwise: number): number {
  if (!given) return otherwise;
  const number = versionNumber(given, template);
  if (number === undefined) throw launchTemplateVersionMalformed();
  return number;
}

/** One by one: what cannot be deleted is told, the rest goes. The default version stays. */
export function deleteLaunchTemplateVersions(
  input: wire.DeleteLaunchTemplateVersionsRequest,
  context: HandlerContext,
): wire.DeleteLaunchTemplateVersionsResult {
  const template = requireLaunchTemplate(context, input);
  if (!input.Versions?.length) throw missingParameter("LaunchTemplateVersion");
  const { launchTemplateId: LaunchTemplateId, launchTemplateName: LaunchTemplateName } = template;
  const deleted: wire.DeleteLaunchTemplateVersionsResponseSuccessItem[] = [];
  const kept: wire.DeleteLaunchTemplateVersionsResponseErrorItem[] = [];
  context.store.transaction((tx) => {
    for (const given of new Set(input.Versions)) {
      const VersionNumber = versionNumber(given, template);
      const item = { LaunchTemplateId, LaunchTemplateName, VersionNumber };
      const key = `${LaunchTemplateId}|${VersionNumber}`;
      const error = whyKept(context, template, VersionNumber, key);
      if (error !== undefined) {
        kept.push({ ...item, ResponseError: error });
        continue;
      }
      tx.delete(launchTemplateVersions, key);
      deleted.push(item);
    }
  });
  return {
    SuccessfullyDeletedLaunchTemplateVersions: deleted,
    UnsuccessfullyDeletedLaunchTemplateVersions: kept,
  };
}

function whyKept(
  context: HandlerContext,
  template: LaunchTemplate,
  version: number | undefined,
  key: string,
): wire.ResponseError | undefined {
  if (version === template.defaultVersion) {
    return {
      Code: "unexpectedError",
      Message: "Default launch template version cannot be deleted.",
    };
  }
  if (context.store.get(launchTemplateVersions, key) === undefined) {
    return {
      Code: "launchTemplateVersionDoesNotExist",
      Message: `Could not find the specified version ${version ?? ""} for the launch template with ID ${template.launchTemplateId}.`,
    };
  }
  return undefined;
}
