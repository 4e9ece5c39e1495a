/** Checks of single values that several operations share. */
import { type Cidr, parseCidr } from "../../model/cidr.ts";
import { invalidCidrBlock } from "./errors.ts";

/** Largest and smallest block of a VPC and of a subnet (VPC user guide, "VPC CIDR blocks", "Subnet sizing"). */
const LARGEST_PREFIX = 16;
const SMALLEST_PREFIX = 28;

/** The block with its host bits cleared, as EC2 stores it. Throws InvalidParameterValue. */
export function requireCidr(text: string, parameter = "cidrBlock"): Cidr {
  const cidr = parseCidr(text);
  if (cidr === undefined) throw invalidCidrBlock(text, parameter);
  return cidr;
}

export function hasNetworkSize(cidr: Cidr): boolean {
  return cidr.prefixLength >= LARGEST_PREFIX && cidr.prefixLength <= SMALLEST_PREFIX;
}

/** The names of the members that are set, for operations that change one attribute a call. */
export function givenAttributes(attributes: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(attributes).filter((name) => attributes[name] !== undefined);
}
