/** Which VPCs a private zone is seen from. Zones of Cloud Map take further VPCs too. */
import type * as wire from "@aws-sdk/client-route-53";
import { hostedZones } from "../../store/tables/route53.ts";
import type { HandlerContext } from "../operation.ts";
import { recordChange } from "./changes.ts";
import { alreadyAssociated } from "./create-hosted-zone.ts";
import {
  conflictingDomainExists,
  lastVpcAssociation,
  publicZoneVpcAssociation,
  vpcAssociationNotFound,
} from "./errors.ts";
import { findConflictingZone, requireHostedZone, requireVpc } from "./resolve.ts";

export function associateVpcWithHostedZone(
  input: wire.AssociateVPCWithHostedZoneRequest,
  context: HandlerContext,
): wire.AssociateVPCWithHostedZoneResponse {
  const zone = requireHostedZone(input.HostedZoneId, context);
  const vpc = requireVpc(input.VPC, context);
  if (!zone.privateZone) throw publicZoneVpcAssociation();
  const conflict = findConflictingZone(context.store, zone.name, vpc.vpcId);
  if (conflict !== undefined) {
    throw conflictingDomainExists(alreadyAssociated(vpc.vpcId, vpc.region, conflict.id));
  }
  const change = context.store.transaction((tx) => {
    tx.put(hostedZones, { ...zone, vpcs: [...zone.vpcs, vpc] });
    return recordChange(tx, context, input.Comment);
  });
  return { ChangeInfo: change };
}

export function disassociateVpcFromHostedZone(
  input: wire.DisassociateVPCFromHostedZoneRequest,
  context: HandlerContext,
): wire.DisassociateVPCFromHostedZoneResponse {
  const zone = requireHostedZone(input.HostedZoneId, context);
  const vpcId = input.VPC?.VPCId ?? "";
  const left = zone.vpcs.filter((vpc) => vpc.vpcId !== vpcId);
  if (left.length === zone.vpcs.length) {
    // A VPC that is not there at all is another mistake than one that is not associated.
    requireVpc(input.VPC, context);
    throw vpcAssociationNotFound();
  }
  if (left.length === 0) throw lastVpcAssociation();
  const change = context.store.transaction((tx) => {
    tx.put(hostedZones, { ...zone, vpcs: left });
    return recordChange(tx, context, input.Comment);
  });
  return { ChangeInfo: change };
}
