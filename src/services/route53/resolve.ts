/** Finding Route 53's nouns: by account, since it knows no regions. */
import type * as wire from "@aws-sdk/client-route-53";
import type { HostedZone } from "../../model/route53/records.ts";
import type { StoreReader } from "../../store/store.ts";
import { vpcs } from "../../store/tables/ec2.ts";
import { hostedZones } from "../../store/tables/route53.ts";
import type { HandlerContext } from "../operation.ts";
import { invalidInput, invalidVpcId, managedByCloudMap, noSuchHostedZone } from "./errors.ts";

/** Clients send ids as they got them: with `/hostedzone/` or `/change/` in front, or without. */
export function bareId(id: string | undefined): string {
  return (id ?? "").replace(/^.*\//, "");
}

export function zonesOfAccount(context: HandlerContext): HostedZone[] {
  return context.store.where(hostedZones, "account", context.scope.account);
}

export function requireHostedZone(id: string | undefined, context: HandlerContext): HostedZone {
  const zone = context.store.get(hostedZones, bareId(id));
  if (zone === undefined || zone.account !== context.scope.account) throw noSuchHostedZone(bareId(id));
  return zone;
}

export function requireOwnManagement(zone: HostedZone): void {
  if (zone.linkedService !== undefined) throw managedByCloudMap(zone.id, zone.linkedService.description);
}

/** Throws InvalidInput when the id or the region is missing, InvalidVPCId for a VPC that is not there. */
export function requireVpc(
  vpc: wire.VPC | undefined,
  context: HandlerContext,
): { readonly vpcId: string; readonly region: string } {
  const vpcId = vpc?.VPCId ?? "";
  const region = vpc?.VPCRegion ?? "";
  if (vpcId === "" || region === "") {
    throw invalidInput("Invalid request: Expected both VPCId and VPCRegion in VPC");
  }
  const record = context.store.get(vpcs, vpcId);
  if (record === undefined || record.account !== context.scope.account || record.region !== region) {
    throw invalidVpcId(vpcId, region);
  }
  return { vpcId, region };
}

/** A private zone of the same name that the VPC has already. */
export function findConflictingZone(store: StoreReader, name: string, vpcId: string): HostedZone | undefined {
  return store.where(hostedZones, "vpc", vpcId).find((zone) => zone.name === name);
}
