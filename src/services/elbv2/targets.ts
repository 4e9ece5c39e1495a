/** Which addresses may be targets of a group, and where in the VPC they are. */
import type * as wire from "@aws-sdk/client-elastic-load-balancing-v2";
import { type Cidr, cidrContainsAddress, parseAddress, parseCidr } from "../../model/cidr.ts";
import type { Subnet } from "../../model/ec2/records.ts";
import type { TargetGroup } from "../../model/elb/records.ts";
import type { StoreReader } from "../../store/store.ts";
import { instances, subnets } from "../../store/tables/ec2.ts";
import { checkPort, requireMember } from "./constraints.ts";
import { invalidTarget, validationError } from "./errors.ts";

/** Outside the VPC, only private ranges: RFC 1918 and RFC 6598. */
const TARGET_RANGES: readonly Cidr[] = ["10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16"]
  .map(parseCidr)
  .filter((cidr) => cidr !== undefined);

export function findSubnetOfAddress(store: StoreReader, vpcId: string, address: string): Subnet | undefined {
  const value = parseAddress(address);
  if (value === undefined) return undefined;
  return store.where(subnets, "vpc", vpcId).find((subnet) => {
    const cidr = parseCidr(subnet.cidrBlock);
    return cidr !== undefined && cidrContainsAddress(cidr, value);
  });
}

export interface ReadTarget {
  readonly targetId: string;
  readonly port: number;
  readonly availabilityZone?: string | undefined;
}

/** The id and the port, the group's where none is named. Throws ValidationError. */
export function readTargetId(target: wire.TargetDescription, index: number, group: TargetGroup): ReadTarget {
  const targetId = requireMember(target.Id, `targets.${index + 1}.member.id`);
  checkPort(target.Port);
  return { targetId, port: target.Port ?? group.port };
}

/** Targets that may be registered. Throws ValidationError or InvalidTarget. */
export function readTargets(
  store: StoreReader,
  targets: readonly wire.TargetDescription[],
  group: TargetGroup,
): ReadTarget[] {
  if (group.targetType === "instance") return readInstanceTargets(store, targets, group);
  return targets.map((target, index) => readTarget(store, target, index, group));
}

/** Messages name all of the instances that one thing is wrong with. */
function readInstanceTargets(
  store: StoreReader,
  targets: readonly wire.TargetDescription[],
  group: TargetGroup,
): ReadTarget[] {
  const read = targets.map((target, index) => readTargetId(target, index, group));
  const malformed = read.find(({ targetId }) => !/^i-[0-9a-f]{8}(?:[0-9a-f]{9})?$/.test(targetId));
  if (malformed !== undefined) throw invalidTarget(`Instance ID '${malformed.targetId}' is not valid`);
  const found = read.map((target) => {
    const instance = store.get(instances, target.targetId);
    const own = instance?.account === group.account && instance.region === group.region;
    return { target, instance: own ? instance : undefined };
  });
  const refuse = (problem: string, wrong: (entry: (typeof found)[number]) => boolean) => {
    const ids = new Set(found.filter(wrong).map(({ target }) => `'${target.targetId}'`));
    if (ids.size > 0) throw invalidTarget(`${problem}: ${[...ids].join(", ")}`);
  };
  refuse("The following instances do not exist", ({ instance }) => instance === undefined);
  refuse(
    `The following targets are not in the target group VPC '${group.vpcId}'`,
    ({ instance }) => instance?.vpcId !== group.vpcId,
  );
  refuse(
    "The following targets are not in a running state and cannot be registered",
    ({ instance }) => instance?.state !== "running",
  );
  return found.map(({ target, instance }) => ({ ...target, availabilityZone: instance?.availabilityZone }));
}

function readTarget(
  store: StoreReader,
  target: wire.TargetDescription,
  index: number,
  group: TargetGroup,
): ReadTarget {
  const read = readTargetId(target, index, group);
  const address = parseAddress(read.targetId);
  if (address === undefined) {
    throw validationError(`The IP address '${read.targetId}' is not a valid IPv4 address`);
  }
  const subnet = findSubnetOfAddress(store, group.vpcId, read.targetId);
  if (subnet !== undefined) return inSubnet(read, subnet, target.AvailabilityZone);
  if (!TARGET_RANGES.some((range) => cidrContainsAddress(range, address))) {
    throw invalidTarget(
      `The IP address '${read.targetId}' is not within the VPC, nor in a private range that targets can be in`,
    );
  }
  if (target.AvailabilityZone === undefined) {
    throw validationError(
      `The Availability Zone is required for IP address '${read.targetId}' because it is not in the VPC`,
    );
  }
  if (target.AvailabilityZone !== "all") {
    throw validationError(
      `The Availability Zone for IP address '${read.targetId}' must be 'all' for Application Load Balancer target groups, when not within the VPC`,
    );
  }
  return { ...read, availabilityZone: "all" };
}

function inSubnet(read: ReadTarget, subnet: Subnet, zone: string | undefined): ReadTarget {
  if (zone !== undefined && zone !== subnet.availabilityZone) {
    throw validationError(
      `The IP address '${read.targetId}' is within the VPC, and cannot have its Availability Zone overridden to '${zone}' from '${subnet.availabilityZone}'`,
    );
  }
  return { ...read, availabilityZone: subnet.availabilityZone };
}
