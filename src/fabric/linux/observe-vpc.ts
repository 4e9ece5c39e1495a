/** What the kernel holds of one VPC. */

import { VPC_TABLE } from "../firewall/compile-firewall.ts";
import { readStamp, stampListing } from "../firewall/ruleset.ts";
import type { ObservedLink } from "../links/plan-links.ts";
import type { RoutingState } from "../routing/plan-routes.ts";
import { readRouting } from "../routing/read-routes.ts";
import { CommandError, ipShow, run } from "./commands.ts";

export interface ObservedVpc {
  readonly links: readonly ObservedLink[];
  readonly routing: RoutingState;
}

export async function observeVpc(namespace: string): Promise<ObservedVpc> {
  const objects = await ipShow(namespace, ["link show", "route show table all", "rule show"]);
  const links = objects
    .filter((object) => "ifindex" in object)
    .map((object) => {
      const alias = object["ifalias"];
      return { name: String(object["ifname"]), alias: typeof alias === "string" ? alias : undefined };
    });
  return { links, routing: readRouting(objects) };
}

/** The fingerprint of the firewall in force; undefined when there is none of ours. */
export async function observeFirewall(namespace: string): Promise<string | undefined> {
  return observeStamp(namespace, VPC_TABLE);
}

/** What a table of ours was last made as; undefined when it is not there. */
export async function observeStamp(namespace: string, table: string): Promise<string | undefined> {
  try {
    return readStamp((await run(namespace, ["nft", ...stampListing(table)])).stdout);
  } catch (error) {
    if (error instanceof CommandError && /No such file or directory/.test(error.stderr)) return undefined;
    throw error;
  }
}
