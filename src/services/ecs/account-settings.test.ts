import assert from "node:assert/strict";
import { test } from "node:test";
import { trunkingEnabled } from "../../store/account-settings.ts";
import { testContext } from "../testing.ts";
import {
  deleteAccountSetting,
  listAccountSettings,
  putAccountSetting,
  putAccountSettingDefault,
} from "./account-settings.ts";
import { invalid } from "./testing.ts";

test("a principal's own setting goes before the account's, and that before ECS's default", () => {
  const context = testContext();
  const effective = () =>
    listAccountSettings({ name: "awsvpcTrunking", effectiveSettings: true }, context).settings?.[0]?.value;
  assert.equal(effective(), "disabled");
  putAccountSettingDefault({ name: "awsvpcTrunking", value: "enabled" }, context);
  assert.equal(effective(), "enabled");
  putAccountSetting({ name: "awsvpcTrunking", value: "disabled" }, context);
  assert.equal(effective(), "disabled");
  deleteAccountSetting({ name: "awsvpcTrunking" }, context);
  assert.equal(effective(), "enabled");
});

test("without effectiveSettings only what was set for the principal is listed", () => {
  const context = testContext();
  assert.deepEqual(listAccountSettings({}, context).settings, []);
  const { setting } = putAccountSetting({ name: "containerInsights", value: "enabled" }, context);
  assert.deepEqual(setting, {
    name: "containerInsights",
    value: "enabled",
    principalArn: "arn:aws:iam::000000000000:user/berth",
    type: "user",
  });
  assert.deepEqual(listAccountSettings({}, context).settings, [setting]);
});

test("effective settings are all of them, page by page", () => {
  const context = testContext();
  const first = listAccountSettings({ effectiveSettings: true }, context);
  assert.equal(first.settings?.length, 10);
  const rest = listAccountSettings({ effectiveSettings: true, nextToken: first.nextToken }, context);
  assert.equal(rest.settings?.length, 1);
});

test("unknown names and values are refused, and long ARNs cannot be turned off", () => {
  const context = testContext();
  const put = (name: string, value: string) =>
    // The wire lets any text through for a name.
    putAccountSetting({ name: name as "containerInsights", value }, context);
  assert.throws(() => put("nope", "enabled"), invalid(/^nope should be one of \[serviceLongArnFormat,/));
  assert.throws(
    () => put("containerInsights", "maybe"),
    invalid("containerInsights should be one of [enabled,disabled,enhanced]"),
  );
  assert.throws(
    () => put("serviceLongArnFormat", "disabled"),
    invalid("You can no longer disable Long Arn settings"),
  );
});

test("trunking is on for whom it was set, else as it is for the account", () => {
  const context = testContext();
  const role = "arn:aws:iam::000000000000:role/box";
  const isOn = (principalArn?: string) => trunkingEnabled(context.store, context.scope, principalArn);
  assert.deepEqual([isOn(), isOn(role)], [false, false]);
  putAccountSetting({ name: "awsvpcTrunking", value: "enabled", principalArn: role }, context);
  assert.deepEqual([isOn(), isOn(role)], [false, true]);
  putAccountSettingDefault({ name: "awsvpcTrunking", value: "enabled" }, context);
  putAccountSetting({ name: "awsvpcTrunking", value: "disabled", principalArn: role }, context);
  assert.deepEqual([isOn(), isOn(role), isOn("arn:aws:iam::000000000000:role/other")], [true, false, true]);
});
