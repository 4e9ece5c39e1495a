import type * as wire from "@aws-sdk/client-route-53";
import { UPPER_ALPHANUMERIC } from "../../lib/random.ts";
import { nameFault, normaliseName } from "../../model/route53/domain-names.ts";
import type { HostedZone } from "../../model/route53/records.ts";
import { newNameServers, newZoneRecordSets } from "../../model/route53/zone-defaults.ts";
import { hostedZones, recordSets } from "../../store/tables/route53.ts";
import type { HandlerContext } from "../operation.ts";
import { recordChange } from "./changes.ts";
import { checkLength } from "./constraints.ts";
import {
  conflictingDomainExists,
  hostedZoneAlreadyExists,
  invalidDomainName,
  invalidInput,
  noSuchDelegationSet,
} from "./errors.ts";
import { bareId, findConflictingZone, requireVpc, zonesOfAccount } from "./resolve.ts";
import { describeDelegationSet, describeHostedZone, describeVpc } from "./views/hosted-zone.ts";

export function createHostedZone(
  input: wire.CreateHostedZoneRequest,
  context: HandlerContext,
): wire.CreateHostedZoneResponse {
  const zone = newHostedZone(input, context);
  const change = context.store.transaction((tx) => {
    tx.put(hostedZones, zone);
    for (const set of newZoneRecordSets(zone)) tx.put(recordSets, set);
    return recordChange(tx, context, undefined);
  });
  const [vpc] = zone.vpcs;
  return {
    HostedZone: describeHostedZone(context.store, zone),
    ChangeInfo: change,
    DelegationSet: describeDelegationSet(zone),
    ...(vpc === undefined ? {} : { VPC: describeVpc(vpc.vpcId, vpc.region) }),
    Location: `https://route53.amazonaws.com/2013-04-01/hostedzone/${zone.id}`,
  };
}

function newHostedZone(input: wire.CreateHostedZoneRequest, context: HandlerContext): HostedZone {
  const sentName = input.Name ?? "";
  const callerReference = input.CallerReference ?? "";
  const comment = input.HostedZoneConfig?.Comment;
  checkLength(sentName, "name", 0, 1024);
  checkLength(callerReference, "callerReference", 1, 128);
  checkLength(comment ?? "", "hostedZoneConfig.comment", 0, 256);
  const fault = nameFault(sentName);
  if (fault !== undefined) throw invalidDomainName(fault);
  const privateZone = input.VPC !== undefined;
  if (!privateZone && input.HostedZoneConfig?.PrivateZone === true) {
    throw invalidInput("When you create a private hosted zone, you must specify a VPC.");
  }
  if (input.DelegationSetId !== undefined) throw noSuchDelegationSet(bareId(input.DelegationSetId));
  if (zonesOfAccount(context).some((zone) => zone.callerReference === callerReference)) {
    throw hostedZoneAlreadyExists();
  }
  const name = normaliseName(sentName);
  const vpc = privateZone ? requireVpc(input.VPC, context) : undefined;
  const conflict = vpc === undefined ? undefined : findConflictingZone(context.store, name, vpc.vpcId);
  if (vpc !== undefined && conflict !== undefined) {
    throw conflictingDomainExists(alreadyAssociated(vpc.vpcId, vpc.region, conflict.id));
  }
  return {
    id: newZoneId(context),
    account: context.scope.account,
    name,
    callerReference,
    comment: comment === "" ? undefined : comment,
    privateZone,
    vpcs: vpc === undefined ? [] : [vpc],
    nameServers: newNameServers(privateZone, context.random),
    tags: [],
  };
}

export function alreadyAssociated(vpcId: string, region: string, zoneId: string): string {
  return `The VPC ${vpcId} in region ${region} has already been associated with the hosted zone ${zoneId} with the same domain name.`;
}

function newZoneId(context: HandlerContext): string {
  return `Z0${context.random.digits(7)}${context.random.text(12, UPPER_ALPHANUMERIC)}`;
}
