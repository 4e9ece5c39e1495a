/** What the store says about a VPC, as the fabric takes it. Reads records, decides nothing about Linux. */

import type {
  FirewallRule,
  InterfaceConfig,
  RouteConfig,
  SecurityGroupConfig,
  SubnetConfig,
  VpcConfig,
} from "../../fabric/config.ts";
import type {
  NetworkInterface,
  Route,
  SecurityGroup,
  SecurityGroupRule,
  Subnet,
} from "../../model/ec2/records.ts";
import { publicAddressOf, routeTableOf } from "../../store/network-interfaces.ts";
import type { StoreReader } from "../../store/store.ts";
import {
  internetGateways,
  natGateways,
  networkInterfaces,
  securityGroups,
  subnets,
  vpcs,
} from "../../store/tables/ec2.ts";

/** Undefined when there is no such VPC (any more). */
export function compileVpc(store: StoreReader, vpcId: string): VpcConfig | undefined {
  const vpc = store.get(vpcs, vpcId);
  if (vpc === undefined) return undefined;
  const placed = store.where(networkInterfaces, "vpc", vpcId).filter((one) => isInForce(store, one));
  return {
    vpcId,
    cidr: vpc.cidrBlock,
    subnets: store.where(subnets, "vpc", vpcId).map((subnet) => compileSubnet(store, subnet)),
    interfaces: placed.flatMap(compileInterface),
    securityGroups: store.where(securityGroups, "vpc", vpcId).map((group) => compileGroup(store, group)),
    internetGateway: store.count(internetGateways, "vpc", vpcId) > 0,
    publicAddresses: placed.flatMap((one) => {
      const publicIp = publicAddressOf(store, one);
      return one.sandbox === undefined || publicIp === undefined
        ? []
        : [{ publicIp, privateIp: one.privateIpAddress }];
    }),
    dnsSupport: vpc.enableDnsSupport,
  };
}

/** The interface of a NAT gateway that is being deleted is taken away before its record. */
function isInForce(store: StoreReader, one: NetworkInterface): boolean {
  if (one.owner.kind !== "nat-gateway") return true;
  return isNatGatewayInForce(store, one.owner.natGatewayId);
}

function isNatGatewayInForce(store: StoreReader, natGatewayId: string): boolean {
  const state = store.get(natGateways, natGatewayId)?.state;
  return state === "pending" || state === "available";
}

function compileSubnet(store: StoreReader, subnet: Subnet): SubnetConfig {
  const routes = routeTableOf(store, subnet)?.routes ?? [];
  return {
    subnetId: subnet.subnetId,
    cidr: subnet.cidrBlock,
    routes: routes.flatMap((route) => {
      const target = compileTarget(store, subnet.vpcId, route);
      return target === undefined ? [] : [{ destination: route.destinationCidrBlock, target }];
    }),
  };
}

/** Undefined for the local route, which the fabric knows by itself. */
function compileTarget(
  store: StoreReader,
  vpcId: string,
  { target }: Route,
): RouteConfig["target"] | undefined {
  switch (target.kind) {
    case "local":
      return undefined;
    case "internet-gateway":
      return store.get(internetGateways, target.internetGatewayId)?.vpcId === vpcId
        ? { kind: "internet-gateway" }
        : { kind: "blackhole" };
    case "nat-gateway": {
      const gateway = store.get(natGateways, target.natGatewayId);
      return gateway !== undefined && isNatGatewayInForce(store, gateway.natGatewayId)
        ? { kind: "interface", interfaceId: gateway.networkInterfaceId }
        : { kind: "blackhole" };
    }
    case "network-interface":
      return store.get(networkInterfaces, target.networkInterfaceId)?.sandbox === undefined
        ? { kind: "blackhole" }
        : { kind: "interface", interfaceId: target.networkInterfaceId };
  }
}

function compileInterface(one: NetworkInterface): InterfaceConfig[] {
  const { sandbox, owner } = one;
  if (sandbox === undefined) return [];
  return [
    {
      interfaceId: one.networkInterfaceId,
      subnetId: one.subnetId,
      address: one.privateIpAddress,
      macAddress: one.macAddress,
      // A task's interface is the only one of its sandbox, wherever it is plugged in.
      ...(owner.kind === "user" || owner.kind === "ecs-trunk"
        ? { deviceIndex: one.instanceAttachment?.deviceIndex }
        : {}),
      // On an instance a task's interface is attached to that.
      ...(owner.kind === "ecs-task" && one.instanceAttachment === undefined ? { onFargate: true } : {}),
      securityGroupIds: one.groupIds,
      filtering: isFiltered(one) ? "security-groups" : "none",
      sourceDestCheck: one.sourceDestCheck,
      sandbox:
        sandbox.kind === "container"
          ? { kind: "process", processId: sandbox.processId }
          : { kind: "own-namespace", natGateway: owner.kind === "nat-gateway" },
    },
  ];
}

/** NAT gateways have no groups; a Network Load Balancer may have none, and then takes everything. */
function isFiltered({ owner, groupIds }: NetworkInterface): boolean {
  if (owner.kind === "nat-gateway") return false;
  return owner.kind !== "load-balancer" || groupIds.length > 0;
}

function compileGroup(store: StoreReader, group: SecurityGroup): SecurityGroupConfig {
  const { groupId, rules } = group;
  return {
    groupId,
    ingress: rules.filter((rule) => rule.direction === "ingress").flatMap(compileRule),
    egress: rules.filter((rule) => rule.direction === "egress").flatMap(compileRule),
    members: store.where(networkInterfaces, "group", groupId).map((one) => one.privateIpAddress),
  };
}

/** IPv6 is not carried: its rules match nothing. */
function compileRule(rule: SecurityGroupRule): FirewallRule[] {
  const { protocol, peer, fromPort, toPort } = rule;
  if (peer.kind === "cidr6") return [];
  const ports = fromPort === undefined ? undefined : { from: fromPort, to: toPort ?? fromPort };
  return [{ protocol, ports, peer }];
}
