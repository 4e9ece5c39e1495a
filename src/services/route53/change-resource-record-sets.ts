import type * as wire from "@aws-sdk/client-route-53";
import { type AliasTargetState, planChanges } from "../../model/route53/change-batch.ts";
import { normaliseName } from "../../model/route53/domain-names.ts";
import type { RecordSet } from "../../model/route53/records.ts";
import { findLoadBalancerByDnsName } from "../../store/dns-zones.ts";
import type { StoreReader } from "../../store/store.ts";
import { hostedZones, recordSets } from "../../store/tables/route53.ts";
import type { HandlerContext } from "../operation.ts";
import { recordChange } from "./changes.ts";
import { invalidChangeBatch } from "./errors.ts";
import { readChanges } from "./read-changes.ts";
import { requireHostedZone, requireOwnManagement } from "./resolve.ts";

/** All changes of the batch, or none. Throws InvalidChangeBatch with everything that is wrong. */
export function changeResourceRecordSets(
  input: wire.ChangeResourceRecordSetsRequest,
  context: HandlerContext,
): wire.ChangeResourceRecordSetsResponse {
  const { store } = context;
  const zone = requireHostedZone(input.HostedZoneId, context);
  requireOwnManagement(zone);
  const plan = planChanges(readChanges(input.ChangeBatch, zone), {
    zone,
    existing: store.where(recordSets, "zone", zone.id),
    findAliasTarget: (alias) => findAliasTarget(store, alias),
  });
  if (!plan.ok) throw invalidChangeBatch(plan.messages);
  const change = store.transaction((tx) => {
    for (const set of plan.deletes) tx.delete(recordSets, recordSets.key(set));
    for (const set of plan.puts) tx.put(recordSets, set);
    return recordChange(tx, context, input.ChangeBatch?.Comment);
  });
  return { ChangeInfo: change };
}

/** Where services that Berth does not run keep the names of their resources: CloudFront, S3, API Gateway and more. */
const OTHER_AWS_NAMES =
  /\.(amazonaws\.com|cloudfront\.net|awsglobalaccelerator\.com|elasticbeanstalk\.com)\.$/;

function findAliasTarget(store: StoreReader, alias: NonNullable<RecordSet["aliasTarget"]>): AliasTargetState {
  const target = normaliseName(alias.dnsName);
  const loadBalancer = findLoadBalancerByDnsName(store, target);
  if (loadBalancer !== undefined) {
    return loadBalancer.canonicalHostedZoneId === alias.hostedZoneId ? "found" : "outside-zone";
  }
  // Another hosted zone of the user's is never a target, and names of load balancers are all known.
  if (store.get(hostedZones, alias.hostedZoneId) !== undefined) return "outside-zone";
  if (/\.elb\.([a-z0-9-]+\.)?amazonaws\.com\.$/.test(target)) return "not-found";
  return OTHER_AWS_NAMES.test(target) ? "found" : "outside-zone";
}
