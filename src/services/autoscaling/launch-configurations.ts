import type * as wire from "@aws-sdk/client-auto-scaling";
import { groupKey, launchConfigurationArn } from "../../model/autoscaling/names.ts";
import type { LaunchConfiguration } from "../../model/autoscaling/records.ts";
import { autoScalingGroups, launchConfigurations } from "../../store/tables/autoscaling.ts";
import type { HandlerContext } from "../operation.ts";
import { checkName, nextToken, onePage, requireMember } from "./constraints.ts";
import {
  launchConfigurationAlreadyExists,
  launchConfigurationInUse,
  noLaunchConfigurationToDelete,
  notSupported,
  validationError,
} from "./errors.ts";
import { scopeKey } from "./resolve.ts";

export function createLaunchConfiguration(
  input: wire.CreateLaunchConfigurationType,
  context: HandlerContext,
): Record<never, never> {
  const { store, scope, clock, random } = context;
  const name = requireMember(input.LaunchConfigurationName, "launchConfigurationName");
  checkName(name, "launchConfigurationName");
  if (store.get(launchConfigurations, groupKey(scope, name)) !== undefined) {
    throw launchConfigurationAlreadyExists(name);
  }
  if (input.InstanceId !== undefined) throw notSupported("launch configurations made after an instance");
  if (!input.ImageId || !input.InstanceType) {
    throw validationError(
      "Valid requests must contain either the InstanceID parameter or both the ImageId and InstanceType parameters.",
    );
  }
  store.transaction((tx) =>
    tx.put(launchConfigurations, {
      ...scope,
      arn: launchConfigurationArn(scope, random.uuid(), name),
      name,
      createdTime: clock.now(),
      definition: input,
    }),
  );
  return {};
}

export function describeLaunchConfigurations(
  input: wire.LaunchConfigurationNamesType,
  context: HandlerContext,
): wire.LaunchConfigurationsType {
  const names = input.LaunchConfigurationNames ?? [];
  const all = context.store
    .where(launchConfigurations, "scope", scopeKey(context))
    .filter(({ name }) => names.length === 0 || names.includes(name));
  const shown = onePage(all, input, ({ name }) => name, { usual: 50, most: 100 });
  return { LaunchConfigurations: shown.items.map(describeLaunchConfiguration), ...nextToken(shown) };
}

/** What was not given is shown as AWS shows it: empty texts and lists. */
function describeLaunchConfiguration(record: LaunchConfiguration): wire.LaunchConfiguration {
  const { definition } = record;
  return {
    LaunchConfigurationName: record.name,
    LaunchConfigurationARN: record.arn,
    ImageId: definition.ImageId,
    KeyName: definition.KeyName ?? "",
    SecurityGroups: definition.SecurityGroups ?? [],
    ClassicLinkVPCSecurityGroups: [],
    UserData: definition.UserData ?? "",
    InstanceType: definition.InstanceType,
    KernelId: definition.KernelId ?? "",
    RamdiskId: definition.RamdiskId ?? "",
    BlockDeviceMappings: definition.BlockDeviceMappings ?? [],
    InstanceMonitoring: { Enabled: definition.InstanceMonitoring?.Enabled ?? true },
    SpotPrice: definition.SpotPrice,
    IamInstanceProfile: definition.IamInstanceProfile,
    CreatedTime: new Date(record.createdTime),
    EbsOptimized: definition.EbsOptimized ?? false,
    AssociatePublicIpAddress: definition.AssociatePublicIpAddress,
    PlacementTenancy: definition.PlacementTenancy,
    MetadataOptions: definition.MetadataOptions,
  };
}

export function deleteLaunchConfiguration(
  input: wire.LaunchConfigurationNameType,
  context: HandlerContext,
): Record<never, never> {
  const { store, scope } = context;
  const name = requireMember(input.LaunchConfigurationName, "launchConfigurationName");
  const key = groupKey(scope, name);
  if (store.get(launchConfigurations, key) === undefined) throw noLaunchConfigurationToDelete(name);
  const user = store
    .where(autoScalingGroups, "scope", scopeKey(context))
    .find(({ launchConfigurationName }) => launchConfigurationName === name);
  if (user !== undefined) throw launchConfigurationInUse(name, user.name);
  store.transaction((tx) => tx.delete(launchConfigurations, key));
  return {};
}
