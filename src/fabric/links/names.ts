/**
 * What kernel objects are called. Every name carries the installation, so that two installations on one machine
 * never touch each other, and what is left over is found without any state.
 */
import { assert } from "../../lib/assert.ts";

/** Where `ip netns` keeps named namespaces. */
export const NAMESPACE_DIRECTORY = "/run/netns";

/** The end of a VPC's uplink inside the VPC's namespace, and the host link's end inside the internet. */
export const UPLINK = "uplink";
export const HOST_LINK_PEER = "host";

/** `berth-<installation>-vpc-…`: the namespace that routes a VPC; its resolver listens there. */
export function vpcNamespaceName(installation: string, vpcId: string): string {
  assert(/^vpc-[0-9a-f]{8,17}$/.test(vpcId), `a VPC's id, not ${vpcId}`);
  return `${namespacePrefix(installation)}${vpcId}`;
}

/** `berth-<installation>-eni-…`: the namespace of an interface that has one of its own (load balancer node, NAT gateway). */
export function interfaceNamespaceName(installation: string, interfaceId: string): string {
  return `${namespacePrefix(installation)}${requireInterfaceId(interfaceId)}`;
}

/** The namespace between the VPCs' internet gateways and the host. */
export function internetNamespaceName(installation: string): string {
  return `${namespacePrefix(installation)}internet`;
}

export function namespacePrefix(installation: string): string {
  return `berth-${requireInstallation(installation)}-`;
}

/** The host's end of its link to the internet namespace. */
export function hostLinkName(installation: string): string {
  return `berth-${requireInstallation(installation)}`;
}

/** The host's nftables table. */
export function hostTableName(installation: string): string {
  return `berth_${requireInstallation(installation)}`;
}

/** The VPC's end of an interface's link. The kernel allows 15 characters: 13 of the 17 digits of the id. */
export function linkName(interfaceId: string): string {
  return `e-${requireInterfaceId(interfaceId).slice("eni-".length).slice(0, 13)}`;
}

/** Namespaces may hold devices that the kernel puts into each (`tunl0`); they are not ours. */
export function isInterfaceLink(name: string): boolean {
  return name.startsWith("e-");
}

/** The internet's end of a VPC's uplink. */
export function uplinkPeerName(vpcId: string): string {
  return `v-${vpcId.slice("vpc-".length).slice(0, 13)}`;
}

/** Fails on anything that is not a MAC address: what passes is safe in a command. */
export function requireMac(mac: string): string {
  assert(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/.test(mac), `a MAC address, not ${mac}`);
  return mac;
}

function requireInterfaceId(interfaceId: string): string {
  assert(/^eni-[0-9a-f]{8,17}$/.test(interfaceId), `a network interface's id, not ${interfaceId}`);
  return interfaceId;
}

function requireInstallation(installation: string): string {
  assert(/^[0-9a-f]{6}$/.test(installation), `six hexadecimal digits, not ${installation}`);
  return installation;
}
