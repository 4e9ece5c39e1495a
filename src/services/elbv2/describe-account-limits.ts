import type * as wire from "@aws-sdk/client-elastic-load-balancing-v2";
import type { HandlerContext } from "../operation.ts";
import { onePage } from "./pages.ts";

/** The default quotas; those that concern what Berth has are held by the operations. */
const LIMITS: readonly (readonly [name: string, most: number])[] = [
  ["target-groups", 3000],
  ["targets-per-application-load-balancer", 1000],
  ["listeners-per-application-load-balancer", 50],
  ["rules-per-application-load-balancer", 100],
  ["network-load-balancers", 50],
  ["targets-per-network-load-balancer", 3000],
  ["targets-per-availability-zone-per-network-load-balancer", 500],
  ["listeners-per-network-load-balancer", 50],
  ["condition-values-per-alb-rule", 5],
  ["condition-wildcards-per-alb-rule", 5],
  ["target-groups-per-action-on-application-load-balancer", 5],
  ["target-groups-per-action-on-network-load-balancer", 1],
  ["certificates-per-application-load-balancer", 25],
  ["certificates-per-network-load-balancer", 25],
  ["targets-per-target-group", 1000],
  ["target-id-registrations-per-application-load-balancer", 1000],
  ["target-groups-per-application-load-balancer", 100],
  ["application-load-balancers", 50],
];

export function describeAccountLimits(
  input: wire.DescribeAccountLimitsInput,
  _context: HandlerContext,
): wire.DescribeAccountLimitsOutput {
  const entries = LIMITS.map(([name, most], index) => ({ name, most, index }));
  const shown = onePage(entries, input, ({ index }) => String(index).padStart(3, "0"));
  return {
    Limits: shown.items.map(({ name, most }) => ({ Name: name, Max: String(most) })),
    ...(shown.nextToken === undefined ? {} : { NextMarker: shown.nextToken }),
  };
}
