/** CreateLaunchTemplate, DescribeLaunchTemplates, ModifyLaunchTemplate and DeleteLaunchTemplate. */
import type * as wire from "@aws-sdk/client-ec2";
import type { LaunchTemplate } from "../../model/ec2/records.ts";
import { launchTemplates, launchTemplateVersions } from "../../store/tables/ec2.ts";
import type { HandlerContext } from "../operation.ts";
import { invalidParameterCombination, missingParameter, missingParameterText } from "./errors.ts";
import type { FilterTable } from "./filters.ts";
import { findByClientToken } from "./idempotency.ts";
import {
  launchTemplateIdNotFound,
  launchTemplateNameMalformed,
  launchTemplateNameNotFound,
  launchTemplateNameTaken,
  launchTemplateVersionMalformed,
} from "./instance-errors.ts";
import { checkedLaunchData } from "./launch-template-data.ts";
import { newVersion, requireVersion } from "./launch-template-versions.ts";
import { listed } from "./listing.ts";
import { findInScope, type Lookup, listInScope } from "./resolve.ts";
import { checkIdForm, ID_KINDS, newId } from "./resource-ids.ts";
import { tagsOfSpecifications } from "./tagging.ts";
import { describeLaunchTemplate } from "./views/launch-template.ts";

interface TemplateReference {
  readonly LaunchTemplateId?: string | undefined;
  readonly LaunchTemplateName?: string | undefined;
}

export function findTemplateByName(lookup: Lookup, name: string): LaunchTemplate | undefined {
  const { account, region } = lookup.scope;
  return lookup.store.where(launchTemplates, "name", `${account}/${region}|${name}`)[0];
}

/** By id or by name, not both. Throws when there is none. */
export function requireLaunchTemplate(lookup: Lookup, reference: TemplateReference): LaunchTemplate {
  const { LaunchTemplateId: id, LaunchTemplateName: name } = reference;
  if (id && name) {
    throw invalidParameterCombination(
      "Either 'launchTemplateId' or 'launchTemplateName' must be specified, but not both.",
    );
  }
  if (id) {
    checkIdForm(ID_KINDS.launchTemplate, id);
    const found = findInScope(lookup, launchTemplates, id);
    if (found === undefined) throw launchTemplateIdNotFound(id);
    return found;
  }
  if (!name) {
    throw missingParameterText("Either 'launchTemplateId' or 'launchTemplateName' must be provided.");
  }
  const found = findTemplateByName(lookup, name);
  if (found === undefined) throw launchTemplateNameNotFound(name);
  return found;
}

export function createLaunchTemplate(
  input: wire.CreateLaunchTemplateRequest,
  context: HandlerContext,
): wire.CreateLaunchTemplateResult {
  const { store, clock, random, caller } = context;
  const name = input.LaunchTemplateName;
  if (!name) throw missingParameter("LaunchTemplateName");
  if (!/^[a-zA-Z0-9().\-/_]{3,128}$/.test(name)) throw launchTemplateNameMalformed();
  if (input.LaunchTemplateData === undefined) throw missingParameter("LaunchTemplateData");
  const data = checkedLaunchData(input.LaunchTemplateData);
  const earlier = findByClientToken(
    listInScope(context, launchTemplates),
    input.ClientToken,
    (record) => record.launchTemplateName === name,
  );
  if (earlier !== undefined) return { LaunchTemplate: describeLaunchTemplate(earlier) };
  if (findTemplateByName(context, name) !== undefined) throw launchTemplateNameTaken();
  const template: LaunchTemplate = {
    ...context.scope,
    launchTemplateId: newId(ID_KINDS.launchTemplate, random),
    launchTemplateName: name,
    createTime: clock.now(),
    createdBy: caller.arn,
    defaultVersion: 1,
    latestVersion: 1,
    clientToken: input.ClientToken,
    tags: tagsOfSpecifications(input.TagSpecifications, "launch-template"),
  };
  store.transaction((tx) => {
    tx.put(launchTemplates, template);
    tx.put(launchTemplateVersions, newVersion(context, template, 1, data, input.VersionDescription));
  });
  return { LaunchTemplate: describeLaunchTemplate(template) };
}

const FILTERS: FilterTable<LaunchTemplate> = {
  "create-time": (record) => new Date(record.createTime).toISOString(),
  "launch-template-name": (record) => record.launchTemplateName,
};

export function describeLaunchTemplates(
  input: wire.DescribeLaunchTemplatesRequest,
  context: HandlerContext,
): wire.DescribeLaunchTemplatesResult {
  for (const id of input.LaunchTemplateIds ?? []) requireLaunchTemplate(context, { LaunchTemplateId: id });
  const byName = (input.LaunchTemplateNames ?? []).map(
    (name) => requireLaunchTemplate(context, { LaunchTemplateName: name }).launchTemplateId,
  );
  const { items, nextToken } = listed(listInScope(context, launchTemplates), {
    ids: [...(input.LaunchTemplateIds ?? []), ...byName],
    idKind: ID_KINDS.launchTemplate,
    key: (record) => record.launchTemplateId,
    filters: input.Filters,
    filterTable: FILTERS,
    maxResults: input.MaxResults,
    nextToken: input.NextToken,
    minPage: 1,
    maxPage: 200,
  });
  return { LaunchTemplates: items.map(describeLaunchTemplate), NextToken: nextToken };
}

/** The default version is all that can be changed. */
export function modifyLaunchTemplate(
  input: wire.ModifyLaunchTemplateRequest,
  context: HandlerContext,
): wire.ModifyLaunchTemplateResult {
  const template = requireLaunchTemplate(context, input);
  if (!input.DefaultVersion) throw missingParameter("DefaultVersion");
  if (!/^\d+$/.test(input.DefaultVersion) && input.DefaultVersion !== "$Latest") {
    throw launchTemplateVersionMalformed();
  }
  const { version } = requireVersion(context, template, input.DefaultVersion);
  const changed = { ...template, defaultVersion: version };
  context.store.transaction((tx) => tx.put(launchTemplates, changed));
  return { LaunchTemplate: describeLaunchTemplate(changed) };
}

/** With all its versions; instances that were launched from it stay. */
export function deleteLaunchTemplate(
  input: wire.DeleteLaunchTemplateRequest,
  context: HandlerContext,
): wire.DeleteLaunchTemplateResult {
  const { store } = context;
  const template = requireLaunchTemplate(context, input);
  store.transaction((tx) => {
    for (const version of store.where(launchTemplateVersions, "launchTemplate", template.launchTemplateId)) {
      tx.delete(launchTemplateVersions, launchTemplateVersions.key(version));
    }
    tx.delete(launchTemplates, template.launchTemplateId);
  });
  return { LaunchTemplate: describeLaunchTemplate(template) };
}
