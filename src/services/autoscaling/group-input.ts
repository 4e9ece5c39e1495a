/** Reads what CreateAutoScalingGroup and UpdateAutoScalingGroup have in common. All throw `ValidationError`. */
import type * as wire from "@aws-sdk/client-auto-scaling";
import { groupKey } from "../../model/autoscaling/names.ts";
import type { AutoScalingGroup } from "../../model/autoscaling/records.ts";
import { TERMINATION_POLICIES } from "../../model/autoscaling/termination.ts";
import { LOAD_BALANCER_TRAFFIC } from "../../model/autoscaling/traffic.ts";
import { availabilityZonesOf } from "../../model/ec2/zones.ts";
import { inScope } from "../../model/scope.ts";
import { launchConfigurations } from "../../store/tables/autoscaling.ts";
import { launchTemplates, subnets } from "../../store/tables/ec2.ts";
import { findTargetGroup } from "../../store/targets.ts";
import type { HandlerContext } from "../operation.ts";
import { checkRange } from "./constraints.ts";
import {
  invalidLaunchTemplate,
  invalidTargetGroups,
  launchConfigurationNotFound,
  notSupported,
  validationError,
} from "./errors.ts";

type GroupInput = wire.CreateAutoScalingGroupType | wire.UpdateAutoScalingGroupType;
export type LaunchSource = Pick<
  AutoScalingGroup,
  "launchConfigurationName" | "launchTemplate" | "mixedInstancesPolicy"
>;

/** Exactly one of the three; undefined when none is named. */
export function readLaunchSource(input: GroupInput, context: HandlerContext): LaunchSource | undefined {
  const named = [input.LaunchConfigurationName, input.LaunchTemplate, input.MixedInstancesPolicy];
  const count = named.filter((value) => value !== undefined && value !== "").length;
  if (count === 0) return undefined;
  if (count > 1) throw noSingleSource();
  if (input.LaunchTemplate !== undefined) {
    return { launchTemplate: readTemplate(input.LaunchTemplate, context) };
  }
  if (input.MixedInstancesPolicy !== undefined) {
    return { mixedInstancesPolicy: readMixedInstances(input.MixedInstancesPolicy, context) };
  }
  const name = input.LaunchConfigurationName ?? "";
  if (context.store.get(launchConfigurations, groupKey(context.scope, name)) === undefined) {
    throw launchConfigurationNotFound(name);
  }
  return { launchConfigurationName: name };
}

export function noSingleSource(): Error {
  return validationError(
    "Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId or MixedInstancesPolicy parameter.",
  );
}

/** Shown with both id and name, and with the version as it was given: none when none was. */
function readTemplate(
  spec: wire.LaunchTemplateSpecification,
  context: HandlerContext,
): wire.LaunchTemplateSpecification {
  const { LaunchTemplateId: id, LaunchTemplateName: name, Version } = spec;
  if ((id === undefined) === (name === undefined)) {
    throw validationError("Valid requests must contain either launchTemplateId or LaunchTemplateName");
  }
  const found =
    id === undefined
      ? context.store.where(launchTemplates, "name", `${groupKey(context.scope, name ?? "")}`)[0]
      : context.store.get(launchTemplates, id);
  if (found === undefined || !inScope(found, context.scope)) {
    throw invalidLaunchTemplate(
      id === undefined
        ? `The specified launch template, with template name ${name}, does not exist.`
        : `The specified launch template, with template ID ${id}, does not exist.`,
    );
  }
  return {
    LaunchTemplateId: found.launchTemplateId,
    LaunchTemplateName: found.launchTemplateName,
    ...(Version === undefined ? {} : { Version }),
  };
}

function readMixedInstances(
  policy: wire.MixedInstancesPolicy,
  context: HandlerContext,
): wire.MixedInstancesPolicy {
  const spec = policy.LaunchTemplate?.LaunchTemplateSpecification;
  if (spec === undefined) throw noSingleSource();
  const Overrides = policy.LaunchTemplate?.Overrides?.map((override) => {
    if (override.InstanceRequirements !== undefined) throw notSupported("instance types by requirements");
    if (override.WeightedCapacity !== undefined && override.WeightedCapacity !== "1") {
      throw notSupported("weighted capacity");
    }
    const { LaunchTemplateSpecification: own } = override;
    return own === undefined
      ? override
      : { ...override, LaunchTemplateSpecification: readTemplate(own, context) };
  });
  const template = readTemplate(spec, context);
  return {
    LaunchTemplate: {
      // Without a version the policy shows the one that counts.
      LaunchTemplateSpecification: { ...template, Version: template.Version ?? "$Default" },
      Overrides: Overrides ?? [],
    },
    InstancesDistribution: {
      OnDemandAllocationStrategy: "prioritized",
      OnDemandBaseCapacity: 0,
      OnDemandPercentageAboveBaseCapacity: 100,
      SpotAllocationStrategy: "lowest-price",
      ...(policy.InstancesDistribution?.SpotAllocationStrategy === undefined ? { SpotInstancePools: 2 } : {}),
      ...policy.InstancesDistribution,
    },
  };
}

export type Placement = Pick<AutoScalingGroup, "subnetIds" | "availabilityZones">;

/** Undefined when neither subnets nor zones are named. */
export function readPlacement(input: GroupInput, context: HandlerContext): Placement | undefined {
  const ids = (input.VPCZoneIdentifier ?? "")
    .split(",")
    .map((id) => id.trim())
    .filter((id) => id !== "");
  const zones = input.AvailabilityZones ?? [];
  if (ids.length === 0) {
    if (zones.length === 0) return undefined;
    const known = availabilityZonesOf(context.scope.region);
    const unknown = zones.filter((zone) => !known.some(({ zoneName }) => zoneName === zone));
    if (unknown.length > 0) {
      throw validationError(
        `One or more of the specified Availability Zones do not exist: ${unknown.join(", ")}`,
      );
    }
    // The default subnets of these zones; they are looked up at each launch, and shown nowhere.
    return { subnetIds: [], availabilityZones: zones };
  }
  const found = ids.map((id) => {
    const subnet = context.store.get(subnets, id);
    if (subnet === undefined || !inScope(subnet, context.scope)) {
      throw validationError(`The subnet ID '${id}' does not exist`);
    }
    return subnet;
  });
  const ofSubnets = [...new Set(found.map(({ availabilityZone }) => availabilityZone))].sort();
  if (zones.length > 0 && [...new Set(zones)].sort().join() !== ofSubnets.join()) {
    throw validationError(
      "The availability zones of the specified subnets and the Auto Scaling group do not match",
    );
  }
  return { subnetIds: ids, availabilityZones: ofSubnets };
}

export interface Sizes {
  readonly minSize: number;
  readonly maxSize: number;
  readonly desiredCapacity: number;
}

export function checkSizes({ minSize, maxSize, desiredCapacity }: Sizes): void {
  checkRange(minSize, "minSize", 0);
  checkRange(maxSize, "maxSize", 0);
  checkRange(desiredCapacity, "desiredCapacity", 0);
  if (maxSize < minSize) {
    throw validationError(`Max bound, ${maxSize}, must be greater than or equal to min bound, ${minSize}`);
  }
  if (desiredCapacity < minSize || desiredCapacity > maxSize) {
    throw validationError(
      `Desired capacity:${desiredCapacity} must be between the specified min size:${minSize} and max size:${maxSize}`,
    );
  }
}

/** Settings that are taken over where they are named. */
export function readSettings(input: GroupInput): Partial<AutoScalingGroup> {
  checkRange(input.DefaultCooldown, "defaultCooldown", 0);
  checkRange(input.HealthCheckGracePeriod, "healthCheckGracePeriod", 0);
  return defined({
    defaultCooldown: input.DefaultCooldown,
    // -1 takes the warm-up away again (API reference, UpdateAutoScalingGroup).
    defaultInstanceWarmup: input.DefaultInstanceWarmup,
    healthCheckType: readHealthCheckType(input.HealthCheckType),
    healthCheckGracePeriod: input.HealthCheckGracePeriod,
    terminationPolicies: readTerminationPolicies(input.TerminationPolicies),
    newInstancesProtectedFromScaleIn: input.NewInstancesProtectedFromScaleIn,
    capacityRebalance: input.CapacityRebalance,
    maxInstanceLifetime: readLifetime(input.MaxInstanceLifetime),
    serviceLinkedRoleArn: input.ServiceLinkedRoleARN,
    instanceMaintenancePolicy: input.InstanceMaintenancePolicy,
  });
}

/** Instances are not replaced for their age; a value that would ask for it is refused. */
function readLifetime(seconds: number | undefined): number | undefined {
  if (seconds !== undefined && seconds !== 0) throw notSupported("a maximum instance lifetime");
  return undefined;
}

function readHealthCheckType(type: string | undefined): string | undefined {
  if (type === undefined) return undefined;
  const known = ["EC2", "EBS", "ELB", "VPC_LATTICE"];
  const kinds = type.split(",");
  if (kinds.every((kind) => known.includes(kind))) return type;
  throw validationError(
    `Invalid health check type: ${type}. Valid values are EC2, EBS, ELB, and VPC_LATTICE`,
  );
}

function readTerminationPolicies(policies: readonly string[] | undefined): readonly string[] | undefined {
  if (policies === undefined || policies.length === 0) return undefined;
  for (const policy of policies) {
    if (policy.startsWith("arn:")) throw notSupported("termination policies that are Lambda functions");
    if (!TERMINATION_POLICIES.some((known) => known === policy)) {
      throw validationError(
        `Invalid termination policy: ${policy}. Valid values are ${TERMINATION_POLICIES.join(", ")}`,
      );
    }
  }
  return policies;
}

export function readShown(input: GroupInput): AutoScalingGroup["shown"] {
  return defined({
    AvailabilityZoneDistribution: input.AvailabilityZoneDistribution,
    AvailabilityZoneImpairmentPolicy: input.AvailabilityZoneImpairmentPolicy,
    CapacityReservationSpecification: input.CapacityReservationSpecification,
    Context: input.Context,
    DesiredCapacityType: input.DesiredCapacityType,
    PlacementGroup: input.PlacementGroup,
  });
}

/** Only target groups of type `instance` take the instances of a group. */
export function readTargetGroups(
  arns: readonly string[],
  sources: readonly wire.TrafficSourceIdentifier[],
  context: HandlerContext,
): string[] {
  const all = [
    ...arns,
    ...sources.map(({ Identifier, Type }) => {
      if (Type !== undefined && Type !== LOAD_BALANCER_TRAFFIC) {
        throw notSupported(`traffic sources of type ${Type}`);
      }
      return Identifier ?? "";
    }),
  ];
  for (const arn of all) {
    const group = findTargetGroup(context.store, context.scope, arn);
    if (group === undefined || group.targetType !== "instance") throw invalidTargetGroups();
  }
  return [...new Set(all)];
}

/** Without the members that are undefined, so that a spread of it takes nothing away. */
function defined<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const kept: Partial<T> = { ...values };
  for (const key in kept) {
    if (kept[key] === undefined) delete kept[key];
  }
  return kept as { [K in keyof T]?: Exclude<T[K], undefined> };
}
