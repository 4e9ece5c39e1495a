/** Which value of an ECS account setting holds for a principal. */
import { defaultSetting, type SettingName } from "../model/ecs/account-settings.ts";
import type { AccountSetting } from "../model/ecs/records.ts";
import type { Scope } from "../model/scope.ts";
import type { StoreReader } from "./store.ts";
import { accountSettings } from "./tables/ecs.ts";

/** What PutAccountSettingDefault sets is set for it. */
export function accountPrincipal({ account }: Scope): string {
  return `arn:aws:iam::${account}:root`;
}

export function findSetting(
  store: StoreReader,
  scope: Scope,
  principalArn: string,
  name: SettingName,
): AccountSetting | undefined {
  return store.get(accountSettings, settingKey(scope, principalArn, name));
}

export function settingKey(scope: Scope, principalArn: string, name: SettingName): string {
  return `${scope.account}/${scope.region}|${principalArn}|${name}`;
}

/** The principal's own, else the account's, else the service's default. */
export function effectiveSetting(
  store: StoreReader,
  scope: Scope,
  principalArn: string | undefined,
  name: SettingName,
): string {
  const own = principalArn === undefined ? undefined : findSetting(store, scope, principalArn, name);
  const set = own ?? findSetting(store, scope, accountPrincipal(scope), name);
  return set?.value ?? defaultSetting(name);
}

/**
 * Whether instances that register now get a trunk. `principalArn` is the role of the instance's profile (developer
 * guide, "Increasing Amazon ECS Linux container instance network interfaces").
 */
export function trunkingEnabled(store: StoreReader, scope: Scope, principalArn?: string): boolean {
  return effectiveSetting(store, scope, principalArn, "awsvpcTrunking") === "enabled";
}
