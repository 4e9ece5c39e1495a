/** Finding what a request names, within the request's account and region. */
import type {
  Instance,
  InternetGateway,
  NatGateway,
  NetworkInterface,
  RouteTable,
  SecurityGroup,
  Subnet,
  Vpc,
} from "../../model/ec2/records.ts";
import { inScope, type Scope } from "../../model/scope.ts";
import type { StoreReader } from "../../store/store.ts";
import type { TableDefinition } from "../../store/table.ts";
import {
  instances,
  internetGateways,
  natGateways,
  networkInterfaces,
  routeTables,
  securityGroups,
  subnets,
  vpcs,
} from "../../store/tables/ec2.ts";
import { missingParameter } from "./errors.ts";
import { checkIdForm, ID_KINDS, type IdKind, notFound } from "./resource-ids.ts";
import { groupNameNotFound, noDefaultVpc } from "./security-group-errors.ts";

/** What looking up needs of a handler's context. */
export interface Lookup {
  readonly store: StoreReader;
  readonly scope: Scope;
}

/** Every record of a table that the caller's account has in the caller's region. */
export function listInScope<R extends Scope, I extends string>(
  lookup: Lookup,
  table: TableDefinition<R, I | "scope">,
): R[] {
  return lookup.store.where(table, "scope", `${lookup.scope.account}/${lookup.scope.region}`);
}

export function findInScope<R extends Scope, I extends string>(
  lookup: Lookup,
  table: TableDefinition<R, I>,
  key: string,
): R | undefined {
  const record = lookup.store.get(table, key);
  return record !== undefined && inScope(record, lookup.scope) ? record : undefined;
}

/** Throws MissingParameter, the kind's `….Malformed` or its `….NotFound`. */
export function requireById<R extends Scope, I extends string>(
  lookup: Lookup,
  table: TableDefinition<R, I>,
  kind: IdKind,
  id: string | undefined,
  parameter: string,
): R {
  if (id === undefined || id === "") throw missingParameter(parameter);
  checkIdForm(kind, id);
  const record = findInScope(lookup, table, id);
  if (record === undefined) throw notFound(kind, [id]);
  return record;
}

export function requireVpc(lookup: Lookup, id: string | undefined): Vpc {
  return requireById(lookup, vpcs, ID_KINDS.vpc, id, "vpcId");
}

export function requireSubnet(lookup: Lookup, id: string | undefined): Subnet {
  return requireById(lookup, subnets, ID_KINDS.subnet, id, "subnetId");
}

export function requireInternetGateway(lookup: Lookup, id: string | undefined): InternetGateway {
  return requireById(lookup, internetGateways, ID_KINDS.internetGateway, id, "internetGatewayId");
}

export function requireRouteTable(lookup: Lookup, id: string | undefined): RouteTable {
  return requireById(lookup, routeTables, ID_KINDS.routeTable, id, "routeTableId");
}

export function requireNatGateway(lookup: Lookup, id: string | undefined): NatGateway {
  return requireById(lookup, natGateways, ID_KINDS.natGateway, id, "natGatewayId");
}

export function requireNetworkInterface(lookup: Lookup, id: string | undefined): NetworkInterface {
  return requireById(lookup, networkInterfaces, ID_KINDS.networkInterface, id, "networkInterfaceId");
}

export function requireSecurityGroup(lookup: Lookup, id: string | undefined): SecurityGroup {
  return requireById(lookup, securityGroups, ID_KINDS.securityGroup, id, "groupId");
}

export function requireInstance(lookup: Lookup, id: string | undefined): Instance {
  return requireById(lookup, instances, ID_KINDS.instance, id, "instanceId");
}

/** Of an instance that lives: undefined once it is terminated. */
export function findPrimaryInterface(lookup: Lookup, instanceId: string): NetworkInterface | undefined {
  return lookup.store
    .where(networkInterfaces, "instance", instanceId)
    .find(({ instanceAttachment }) => instanceAttachment?.deviceIndex === 0);
}

export function findDefaultVpc(lookup: Lookup): Vpc | undefined {
  return listInScope(lookup, vpcs).find((vpc) => vpc.isDefault);
}

/** By id, or by name in the default VPC: names alone mean nothing elsewhere. */
export function requireSecurityGroupByIdOrName(
  lookup: Lookup,
  input: { readonly GroupId?: string | undefined; readonly GroupName?: string | undefined },
): SecurityGroup {
  if (input.GroupId) return requireSecurityGroup(lookup, input.GroupId);
  if (!input.GroupName) throw missingParameter("groupName or groupId");
  const vpc = findDefaultVpc(lookup);
  if (vpc === undefined) throw noDefaultVpc();
  const group = lookup.store
    .where(securityGroups, "vpc", vpc.vpcId)
    .find((candidate) => candidate.groupName === input.GroupName);
  if (group === undefined) throw groupNameNotFound(input.GroupName);
  return group;
}
