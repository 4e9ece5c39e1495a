/**
 * The DHCP options set that every VPC of an account uses: the Amazon DNS server and the region's domain. It exists
 * without having been made, so its id follows from account and region.
 */
import { createHash } from "node:crypto";
import type { DhcpOptions } from "../../model/ec2/records.ts";
import { dhcpOptions } from "../../store/tables/ec2.ts";
import { findInScope, type Lookup } from "./resolve.ts";
import { ID_KINDS } from "./resource-ids.ts";

export function defaultDhcpOptions(lookup: Lookup): DhcpOptions {
  const { account, region } = lookup.scope;
  const digest = createHash("sha256").update(`${account}/${region}`).digest("hex").slice(0, 17);
  const dhcpOptionsId = `${ID_KINDS.dhcpOptions.prefix}-${digest}`;
  return findInScope(lookup, dhcpOptions, dhcpOptionsId) ?? { account, region, dhcpOptionsId, tags: [] };
}
