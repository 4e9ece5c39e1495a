/** How an Auto Scaling group launches an instance: from its launch template, or its launch configuration. */
import { failure, type Result, success } from "../lib/result.ts";
import {
  asInstanceType,
  dataOf,
  inSubnetOfGroup,
  instanceTags,
  templateOf,
} from "../model/autoscaling/launch-source.ts";
import { groupKey } from "../model/autoscaling/names.ts";
import type { AutoScalingGroup, AutoScalingInstance } from "../model/autoscaling/records.ts";
import { type LaunchData, mergeLaunchData, versionNumber } from "../model/ec2/launch-data.ts";
import type { Instance } from "../model/ec2/records.ts";
import { type LaunchOptions, type LaunchRefusal, planLaunch } from "./instance-launch.ts";
import type { StoreReader, Transaction } from "./store.ts";
import { launchConfigurations } from "./tables/autoscaling.ts";
import { instances, launchTemplates, launchTemplateVersions, networkInterfaces } from "./tables/ec2.ts";

export interface GroupLaunch {
  readonly instance: Instance;
  /** As the instance shows it: with the number of the version that it was launched from. */
  readonly launchTemplate?: AutoScalingInstance["launchTemplate"];
  /** Writes the instance and its network interfaces. */
  put(tx: Transaction): void;
}

interface Source {
  readonly data: LaunchData;
  readonly launchTemplate?: AutoScalingInstance["launchTemplate"];
}

/** One instance, in a subnet of the group; in a default one when undefined. A refusal carries EC2's message. */
export function planGroupLaunch(
  store: StoreReader,
  group: AutoScalingGroup,
  subnetId: string | undefined,
  options: LaunchOptions,
): Result<GroupLaunch, LaunchRefusal> {
  const source = findSource(store, group);
  if (!source.ok) return source;
  const { data, launchTemplate } = source.value;
  const planned = planLaunch(
    store,
    {
      scope: { account: group.account, region: group.region },
      data: mergeLaunchData(inSubnetOfGroup(data), {
        TagSpecifications: [{ ResourceType: "instance", Tags: instanceTags(group, launchTemplate) }],
      }),
      subnetId,
      count: 1,
      launchTemplate:
        launchTemplate === undefined
          ? undefined
          : {
              launchTemplateId: launchTemplate.LaunchTemplateId ?? "",
              version: launchTemplate.Version ?? "",
            },
    },
    options,
  );
  if (!planned.ok) return planned;
  const [instance] = planned.value.instances;
  if (instance === undefined) return refused("InternalError", "An internal error has occurred");
  const { interfaces } = planned.value;
  return success({
    instance,
    launchTemplate,
    put(tx: Transaction) {
      tx.put(instances, instance);
      for (const one of interfaces) tx.put(networkInterfaces, one);
    },
  });
}

/** Undefined when neither template nor configuration says one, or does not exist any more. */
export function instanceTypeOfGroup(store: StoreReader, group: AutoScalingGroup): string | undefined {
  const source = findSource(store, group);
  return source.ok ? source.value.data.InstanceType : undefined;
}

function refused(code: string, message: string): Result<never, LaunchRefusal> {
  return failure({ code, message });
}

function findSource(store: StoreReader, group: AutoScalingGroup): Result<Source, LaunchRefusal> {
  const template = templateOf(group);
  if (template !== undefined) return fromTemplate(store, template.spec, template.instanceType);
  const name = group.launchConfigurationName ?? "";
  const configuration = store.get(launchConfigurations, groupKey(group, name));
  if (configuration === undefined) {
    return refused(
      "ValidationError",
      `Launch configuration name not found - A launch configuration with the name: ${name} does not exist`,
    );
  }
  return success({ data: dataOf(configuration.definition) });
}

function fromTemplate(
  store: StoreReader,
  spec: NonNullable<AutoScalingGroup["launchTemplate"]>,
  instanceType: string | undefined,
): Result<Source, LaunchRefusal> {
  const id = spec.LaunchTemplateId ?? "";
  const template = store.get(launchTemplates, id);
  if (template === undefined) {
    return refused(
      "InvalidLaunchTemplateId.NotFound",
      `The specified launch template, with template ID ${id}, does not exist.`,
    );
  }
  const number = versionNumber(spec.Version, template);
  const version = store.get(launchTemplateVersions, `${id}|${number}`);
  if (version === undefined) {
    return refused(
      "InvalidLaunchTemplateId.VersionNotFound",
      `Could not find the specified version ${spec.Version ?? ""} for the launch template with ID ${id}.`,
    );
  }
  return success({
    data:
      instanceType === undefined
        ? version.data
        : { ...version.data, InstanceType: asInstanceType(instanceType) },
    launchTemplate: {
      LaunchTemplateId: id,
      LaunchTemplateName: template.launchTemplateName,
      Version: String(version.version),
    },
  });
}
