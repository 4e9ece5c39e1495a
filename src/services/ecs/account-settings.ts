/** PutAccountSetting, PutAccountSettingDefault, DeleteAccountSetting, ListAccountSettings. */
import type * as wire from "@aws-sdk/client-ecs";
import {
  findSettingFault,
  findSettingName,
  SETTING_NAMES,
  settingType,
} from "../../model/ecs/account-settings.ts";
import type { AccountSetting } from "../../model/ecs/records.ts";
import { accountPrincipal, effectiveSetting, findSetting, settingKey } from "../../store/account-settings.ts";
import { accountSettings } from "../../store/tables/ecs.ts";
import type { HandlerContext } from "../operation.ts";
import { page } from "../page.ts";
import { readMaxResults } from "./constraints.ts";
import { invalidParameter, invalidToken } from "./errors.ts";

export function putAccountSetting(
  input: wire.PutAccountSettingRequest,
  context: HandlerContext,
): { setting: wire.Setting } {
  return putSetting(input.name, input.value, input.principalArn ?? context.caller.arn, context);
}

/** Sets what holds for everyone in the account who has no setting of their own. */
export function putAccountSettingDefault(
  input: wire.PutAccountSettingDefaultRequest,
  context: HandlerContext,
): { setting: wire.Setting } {
  return putSetting(input.name, input.value, accountPrincipal(context.scope), context);
}

/** Of a setting that was never set, the one in force is returned. */
export function deleteAccountSetting(
  input: wire.DeleteAccountSettingRequest,
  context: HandlerContext,
): { setting: wire.Setting } {
  const { store, scope } = context;
  const name = requireName(input.name);
  const principalArn = input.principalArn ?? context.caller.arn;
  const before = findSetting(store, scope, principalArn, name);
  if (before === undefined) return { setting: describeEffective(context, principalArn, name) };
  store.transaction((tx) => tx.delete(accountSettings, settingKey(scope, principalArn, name)));
  return { setting: describeSetting(before) };
}

/** With `effectiveSettings` every setting as it holds for the principal, else only those that were set for it. */
export function listAccountSettings(
  input: wire.ListAccountSettingsRequest,
  context: HandlerContext,
): { settings: wire.Setting[]; nextToken?: string } {
  const name = input.name === undefined ? undefined : requireName(input.name);
  const principalArn = input.principalArn ?? context.caller.arn;
  const scope = `${context.scope.account}/${context.scope.region}`;
  const all = input.effectiveSettings
    ? SETTING_NAMES.map((known) => describeEffective(context, principalArn, known))
    : context.store
        .where(accountSettings, "principal", `${scope}|${principalArn}`)
        .map((setting) => describeSetting(setting));
  const wanted = all.filter(
    (setting) =>
      (name === undefined || setting.name === name) &&
      (input.value === undefined || setting.value === input.value),
  );
  // Here maxResults is a plain integer: 0 is what a client sends that does not set it.
  const limit = input.maxResults === 0 ? undefined : input.maxResults;
  const { items, nextToken } = page(wanted, {
    token: input.nextToken,
    limit: readMaxResults(limit, 10),
    key: (setting) => setting.name ?? "",
    invalidToken,
  });
  return { settings: items, ...(nextToken === undefined ? {} : { nextToken }) };
}

/** What a new cluster gets that does not say it itself. */
export function effectiveContainerInsights(context: HandlerContext): string {
  return effectiveSetting(context.store, context.scope, context.caller.arn, "containerInsights");
}

function putSetting(
  nameText: string | undefined,
  value: string | undefined,
  principalArn: string,
  context: HandlerContext,
): { setting: wire.Setting } {
  const name = requireName(nameText);
  const fault = findSettingFault(name, value ?? "");
  if (fault !== undefined) throw invalidParameter(fault);
  const { account, region } = context.scope;
  const setting: AccountSetting = { account, region, principalArn, name, value: value ?? "" };
  context.store.transaction((tx) => tx.put(accountSettings, setting));
  return { setting: describeSetting(setting) };
}

function requireName(text: string | undefined): wire.SettingName {
  const name = findSettingName(text ?? "");
  if (name === undefined) throw invalidParameter(`${text} should be one of [${SETTING_NAMES.join(",")}]`);
  return name;
}

function describeEffective(
  { store, scope }: HandlerContext,
  principalArn: string,
  name: wire.SettingName,
): wire.Setting {
  const value = effectiveSetting(store, scope, principalArn, name);
  return { name, value, principalArn, type: settingType(name) };
}

function describeSetting({ name, value, principalArn }: AccountSetting): wire.Setting {
  return { name, value, principalArn, type: settingType(name) };
}
