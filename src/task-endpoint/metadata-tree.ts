/** What an instance is told about itself under `/latest/meta-data/` (EC2 user guide, "Instance metadata categories"). */
import { privateDnsName, publicDnsName } from "../model/ec2/addresses.ts";
import { findInstanceType } from "../model/ec2/instance-types.ts";
import type { Instance, NetworkInterface } from "../model/ec2/records.ts";
import { publicAddressOf } from "../store/network-interfaces.ts";
import type { StoreReader } from "../store/store.ts";
import { autoScalingInstances } from "../store/tables/autoscaling.ts";
import { keyPairs, networkInterfaces, securityGroups, subnets, vpcs } from "../store/tables/ec2.ts";

/** A text, or a directory. A name that is undefined is not there. */
export type MetadataTree = string | MetadataDirectory;
export interface MetadataDirectory {
  readonly [name: string]: MetadataTree | undefined;
}

/** Names of a directory, one a line, those of directories with a slash. */
export function renderTree(tree: MetadataTree): string {
  if (typeof tree === "string") return tree;
  return Object.entries(tree)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => (typeof value === "string" ? name : `${name}/`))
    .join("\n");
}

export function findInTree(tree: MetadataTree, path: readonly string[]): MetadataTree | undefined {
  let found: MetadataTree | undefined = tree;
  for (const name of path) {
    if (found === undefined || typeof found === "string") return undefined;
    found = Object.hasOwn(found, name) ? found[name] : undefined;
  }
  return found;
}

/** `iam`: what depends on the instance's role, which changes in time. */
export function metadataTree(
  store: StoreReader,
  instance: Instance,
  iam: MetadataDirectory | undefined,
): MetadataDirectory {
  const attached = interfacesOf(store, instance.instanceId);
  const primary = attached[0];
  const address = primary?.privateIpAddress ?? "";
  const publicIp = primary === undefined ? undefined : publicAddressOf(store, primary);
  const hostname = privateDnsName(address, instance.region);
  const type = findInstanceType(instance.instanceType);
  return {
    "ami-id": instance.imageId,
    "ami-launch-index": String(instance.launchIndex),
    "ami-manifest-path": "(unknown)",
    autoscaling: autoScalingOf(store, instance.instanceId),
    "block-device-mapping": blockDevices(instance),
    hostname,
    iam,
    "instance-action": "none",
    "instance-id": instance.instanceId,
    "instance-life-cycle": "on-demand",
    "instance-type": instance.instanceType,
    "local-hostname": hostname,
    "local-ipv4": address,
    mac: primary?.macAddress,
    network: {
      interfaces: {
        macs: Object.fromEntries(attached.map((one) => [one.macAddress, describeInterface(store, one)])),
      },
    },
    placement: {
      "availability-zone": instance.availabilityZone,
      "availability-zone-id": store.get(subnets, instance.subnetId)?.availabilityZoneId,
      region: instance.region,
    },
    profile: "default-hvm",
    "public-hostname": publicHostname(store, instance, publicIp),
    "public-ipv4": publicIp,
    "reservation-id": instance.reservationId,
    "security-groups": primary === undefined ? "" : groupNames(store, primary),
    services: { domain: "amazonaws.com", partition: "aws" },
    system: type?.hypervisor === "xen" ? "xen" : "nitro",
    tags:
      instance.metadataOptions.instanceMetadataTags === "enabled" && instance.tags.length > 0
        ? { instance: Object.fromEntries(instance.tags.map(({ key, value }) => [key, value])) }
        : undefined,
  };
}

/** `0=<name>` lists the key; its directory is `0`. */
export function publicKeyOf(
  store: StoreReader,
  { account, region, keyName }: Instance,
): { readonly name: string; readonly openSshKey: string } | undefined {
  if (keyName === undefined) return undefined;
  const [pair] = store.where(keyPairs, "name", `${account}/${region}|${keyName}`);
  return pair === undefined ? undefined : { name: keyName, openSshKey: pair.publicKey };
}

/** All that take a device index, those of tasks too; the primary one first. */
export function interfacesOf(store: StoreReader, instanceId: string): NetworkInterface[] {
  return store
    .where(networkInterfaces, "instance", instanceId)
    .filter(({ instanceAttachment }) => instanceAttachment?.deviceIndex !== undefined)
    .sort((one, other) => deviceIndexOf(one) - deviceIndexOf(other));
}

function deviceIndexOf({ instanceAttachment }: NetworkInterface): number {
  return instanceAttachment?.deviceIndex ?? 0;
}

function describeInterface(store: StoreReader, one: NetworkInterface): MetadataDirectory {
  const publicIp = publicAddressOf(store, one);
  const vpcCidr = store.get(vpcs, one.vpcId)?.cidrBlock;
  return {
    "device-number": String(deviceIndexOf(one)),
    "interface-id": one.networkInterfaceId,
    "ipv4-associations": publicIp === undefined ? undefined : { [publicIp]: one.privateIpAddress },
    "local-hostname": privateDnsName(one.privateIpAddress, one.region),
    "local-ipv4s": one.privateIpAddress,
    mac: one.macAddress,
    "owner-id": one.account,
    "public-hostname": publicHostname(store, one, publicIp),
    "public-ipv4s": publicIp,
    "security-group-ids": one.groupIds.join("\n"),
    "security-groups": groupNames(store, one),
    "subnet-id": one.subnetId,
    "subnet-ipv4-cidr-block": store.get(subnets, one.subnetId)?.cidrBlock,
    "vpc-id": one.vpcId,
    "vpc-ipv4-cidr-block": vpcCidr,
    "vpc-ipv4-cidr-blocks": vpcCidr,
  };
}

function publicHostname(
  store: StoreReader,
  { vpcId, region }: Pick<NetworkInterface, "vpcId" | "region">,
  publicIp: string | undefined,
): string | undefined {
  if (publicIp === undefined || store.get(vpcs, vpcId)?.enableDnsHostnames !== true) return undefined;
  return publicDnsName(publicIp, region);
}

function groupNames(store: StoreReader, { groupIds }: NetworkInterface): string {
  return groupIds.map((id) => store.get(securityGroups, id)?.groupName ?? id).join("\n");
}

function blockDevices({ blockDevices: devices }: Instance): MetadataDirectory {
  const root = devices[0]?.deviceName ?? "/dev/xvda";
  const others = devices.slice(1).map(({ deviceName }, index) => [`ebs${index + 1}`, deviceName]);
  return { ami: root, ...Object.fromEntries(others), root };
}

/** Amazon EC2 Auto Scaling user guide, "Retrieve the target lifecycle state through instance metadata". */
function autoScalingOf(store: StoreReader, instanceId: string): MetadataDirectory | undefined {
  const member = store.get(autoScalingInstances, instanceId);
  if (member === undefined) return undefined;
  const state = String(member.lifecycleState);
  const target = /^Terminat/.test(state)
    ? "Terminated"
    : /^(?:Standby|EnteringStandby)/.test(state)
      ? "Standby"
      : /^Detach/.test(state)
        ? "Detached"
        : "InService";
  return { "target-lifecycle-state": target };
}
