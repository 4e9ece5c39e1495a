/** Which addresses may be targets of a group, and where in the VPC they are. */
import type * as wire from "@aws-sdk/client-elastic-load-balancing-v2";
import { type Cidr, cidrContainsAddress, parseAddress, parseCidr } from "../../model/cidr.ts";
import type { Subnet } from "../../model/ec2/records.ts";
import type { TargetGroup } from "../../model/elb/records.ts";
import type { StoreReader } from "../../store/store.ts";
import { subnets } from "../../store/tables/ec2.ts";
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

/** A target that may be registered. Throws ValidationError or InvalidTarget. */
export function readTarget(
  store: StoreReader,
  target: wire.TargetDescription,
  index: number,
  group: TargetGroup,
): ReadTarget {
  const read = readTargetId(target, index, group);
  // There are no instances here that could be running.
  if (group.targetType !== "ip") throw invalidTarget(`Instance ID '${read.targetId}' is not valid`);
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
