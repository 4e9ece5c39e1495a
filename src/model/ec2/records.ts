/** EC2's nouns as Berth keeps them. Ids are unique over all accounts; each record carries its scope. */
import type * as wire from "@aws-sdk/client-ec2";
import type { Scope } from "../scope.ts";
import type { Tag } from "../tags.ts";

export interface Vpc extends Scope {
  readonly vpcId: string;
  readonly cidrBlock: string;
  readonly cidrAssociationId: string;
  readonly instanceTenancy: "default" | "dedicated";
  readonly enableDnsSupport: boolean;
  readonly enableDnsHostnames: boolean;
  readonly enableNetworkAddressUsageMetrics: boolean;
  readonly dhcpOptionsId: string;
  readonly isDefault: boolean;
  readonly tags: readonly Tag[];
}

/** An account's default set in a region, stored once it has tags; its values follow from the region. */
export interface DhcpOptions extends Scope {
  readonly dhcpOptionsId: string;
  readonly tags: readonly Tag[];
}

export interface Subnet extends Scope {
  readonly subnetId: string;
  readonly vpcId: string;
  readonly cidrBlock: string;
  readonly availabilityZone: string;
  readonly availabilityZoneId: string;
  readonly mapPublicIpOnLaunch: boolean;
  readonly defaultForAz: boolean;
  readonly tags: readonly Tag[];
}

export interface InternetGateway extends Scope {
  readonly internetGatewayId: string;
  readonly vpcId?: string | undefined;
  readonly tags: readonly Tag[];
}

export type RouteTarget =
  | { readonly kind: "local" }
  | { readonly kind: "internet-gateway"; readonly internetGatewayId: string }
  | { readonly kind: "nat-gateway"; readonly natGatewayId: string }
  | { readonly kind: "network-interface"; readonly networkInterfaceId: string };

export interface Route {
  readonly destinationCidrBlock: string;
  readonly target: RouteTarget;
  readonly origin: "CreateRouteTable" | "CreateRoute";
}

export interface RouteTableAssociation {
  readonly associationId: string;
  readonly main: boolean;
  /** Absent on the main association. */
  readonly subnetId?: string | undefined;
}

export interface RouteTable extends Scope {
  readonly routeTableId: string;
  readonly vpcId: string;
  /** Of the request that made it: the same token again answers with this table. */
  readonly clientToken?: string | undefined;
  readonly routes: readonly Route[];
  readonly associations: readonly RouteTableAssociation[];
  readonly tags: readonly Tag[];
}

export interface NetworkAclEntry {
  readonly ruleNumber: number;
  readonly protocol: string;
  readonly ruleAction: "allow" | "deny";
  readonly egress: boolean;
  readonly cidrBlock: string;
}

/** Stored and shown; the default ACL allows everything, and no other can be made yet. */
export interface NetworkAcl extends Scope {
  readonly networkAclId: string;
  readonly vpcId: string;
  readonly isDefault: boolean;
  readonly entries: readonly NetworkAclEntry[];
  /** One for each subnet of the VPC: `aclassoc-…`. */
  readonly associations: readonly { readonly associationId: string; readonly subnetId: string }[];
  readonly tags: readonly Tag[];
}

export type RulePeer =
  | { readonly kind: "cidr"; readonly cidr: string }
  | { readonly kind: "cidr6"; readonly cidr: string }
  | { readonly kind: "group"; readonly groupId: string };

/** One rule: group, direction, protocol, ports and exactly one peer, as `sgr-…` names it. */
export interface SecurityGroupRule {
  readonly ruleId: string;
  readonly direction: "ingress" | "egress";
  /** `-1` for all, else `tcp`, `udp`, `icmp`, `icmpv6` or a number as text. */
  readonly protocol: string;
  /** For ICMP the type; absent with protocol `-1`. */
  readonly fromPort?: number | undefined;
  /** For ICMP the code; absent with protocol `-1`. */
  readonly toPort?: number | undefined;
  readonly peer: RulePeer;
  readonly description?: string | undefined;
  readonly tags: readonly Tag[];
}

export interface SecurityGroup extends Scope {
  readonly groupId: string;
  readonly groupName: string;
  readonly description: string;
  readonly vpcId: string;
  readonly rules: readonly SecurityGroupRule[];
  readonly tags: readonly Tag[];
}

export interface Address extends Scope {
  readonly allocationId: string;
  readonly publicIp: string;
  readonly association?:
    | {
        readonly associationId: string;
        readonly networkInterfaceId: string;
        readonly privateIpAddress: string;
      }
    | undefined;
  readonly tags: readonly Tag[];
}

export interface NatGateway extends Scope {
  readonly natGatewayId: string;
  readonly vpcId: string;
  readonly subnetId: string;
  readonly connectivityType: "public" | "private";
  readonly allocationId?: string | undefined;
  /** Empty when the gateway failed before it had one. */
  readonly networkInterfaceId: string;
  /** `pending` until the fabric carries it, then `available`; `deleted` ones stay listed for an hour. */
  readonly state: "pending" | "failed" | "available" | "deleting" | "deleted";
  readonly failureCode?: string | undefined;
  readonly failureMessage?: string | undefined;
  /** Of the request that made it: the same token again answers with this gateway. */
  readonly clientToken?: string | undefined;
  /** Milliseconds since the epoch, as all times in records. */
  readonly createTime: number;
  readonly deleteTime?: number | undefined;
  readonly tags: readonly Tag[];
}

export interface InstanceAttachment {
  readonly instanceId: string;
  /** 0 is the primary interface. A branch interface hangs on its trunk and takes no slot: absent. */
  readonly deviceIndex?: number | undefined;
  readonly deleteOnTermination: boolean;
  readonly attachTime: number;
}

/** Who made an ENI and what it hangs on. The EC2 view derives description, requester and attachment from it. */
export type NetworkInterfaceOwner =
  | { readonly kind: "user" }
  | { readonly kind: "ecs-task"; readonly taskArn: string; readonly attachmentArn: string }
  /** Made by ECS for a container instance, so that the ENIs of its tasks can branch off it. */
  | { readonly kind: "ecs-trunk"; readonly containerInstanceArn: string }
  | { readonly kind: "nat-gateway"; readonly natGatewayId: string }
  | {
      readonly kind: "load-balancer";
      readonly loadBalancerArn: string;
      /** `ELB app/<name>/<id>`. */
      readonly description: string;
    };

export interface NetworkInterface extends Scope {
  readonly networkInterfaceId: string;
  readonly vpcId: string;
  readonly subnetId: string;
  readonly availabilityZone: string;
  readonly privateIpAddress: string;
  readonly macAddress: string;
  readonly groupIds: readonly string[];
  readonly sourceDestCheck: boolean;
  readonly description: string;
  readonly owner: NetworkInterfaceOwner;
  /** `eni-attach-…` (`ela-attach-…` for NAT gateways and load balancers); absent on a free ENI. */
  readonly attachmentId?: string | undefined;
  /** On an EC2 instance: a primary one, one attached by hand, a task's, a trunk. Comes and goes with `attachmentId`. */
  readonly instanceAttachment?: InstanceAttachment | undefined;
  /** A public address that AWS, not the user, associated (load balancer nodes, `assignPublicIp`). */
  readonly amazonPublicIp?: string | undefined;
  /**
   * The namespace that holds it. Written by its owner's reconciler: the task's sandbox container, or a
   * namespace that the fabric makes for it (NAT gateways, load balancer nodes). Absent: nowhere yet.
   */
  readonly sandbox?:
    | { readonly kind: "container"; readonly containerId: string; readonly processId: number }
    | { readonly kind: "own-namespace" }
    | undefined;
  /** Written by reconcile/fabric alone: the link exists in that sandbox, with address, routes and rules. */
  readonly linkState: "absent" | "ready";
  /** Of the request that made it: the same token again answers with this interface. */
  readonly clientToken?: string | undefined;
  readonly createTime: number;
  readonly tags: readonly Tag[];
}

export type InstanceState = "pending" | "running" | "shutting-down" | "terminated" | "stopping" | "stopped";

export interface InstanceMetadataOptions {
  readonly httpTokens: "optional" | "required";
  readonly httpEndpoint: "enabled" | "disabled";
  readonly httpPutResponseHopLimit: number;
  readonly instanceMetadataTags: "enabled" | "disabled";
}

/** A virtual machine: on Berth a namespace with its ENIs, held by a container of its own (`sandbox`). */
export interface Instance extends Scope {
  /** `i-` and 17 hexadecimal digits. */
  readonly instanceId: string;
  readonly reservationId: string;
  readonly launchIndex: number;
  readonly imageId: string;
  readonly instanceType: string;
  readonly vpcId: string;
  readonly subnetId: string;
  readonly availabilityZone: string;
  readonly keyName?: string | undefined;
  /** As given: base64. Its shell script runs once, at the first boot. */
  readonly userData?: string | undefined;
  readonly iamInstanceProfileArn?: string | undefined;
  readonly metadataOptions: InstanceMetadataOptions;
  readonly monitoring: boolean;
  readonly ebsOptimized: boolean;
  readonly disableApiTermination: boolean;
  readonly disableApiStop: boolean;
  readonly shutdownBehavior: "stop" | "terminate";
  readonly creditSpecification?: "standard" | "unlimited" | undefined;
  /** Of the volumes that it was launched with; they hold nothing. */
  readonly blockDevices: readonly BlockDevice[];
  readonly launchTemplate?: { readonly launchTemplateId: string; readonly version: string } | undefined;
  readonly clientToken?: string | undefined;
  readonly launchTime: number;
  readonly tags: readonly Tag[];

  /** Written by handlers and reconcile/auto-scaling; `terminated` is final. */
  readonly desiredState: "running" | "stopped" | "terminated";
  /** Raised by RebootInstances; reconcile/instance boots once for each. */
  readonly rebootsAsked: number;
  /** Why it goes or went: `Client.UserInitiatedShutdown: User initiated shutdown`. */
  readonly stateReason?: { readonly code: string; readonly message: string } | undefined;

  /** Everything below is written by reconcile/instance alone. */
  readonly state: InstanceState;
  readonly stateChangedAt: number;
  readonly rebootsDone: number;
  /** The container that holds its namespace. */
  readonly sandbox?: { readonly containerId: string; readonly processId: number } | undefined;
  /** The user data ran to its end, successfully or not. */
  readonly userDataDone: boolean;
  /** What booting printed: GetConsoleOutput shows it. At most 64 KiB, the newest. */
  readonly consoleOutput: string;
}

export interface BlockDevice {
  readonly deviceName: string;
  readonly volumeId: string;
  readonly sizeGiB: number;
  readonly volumeType: string;
  readonly iops?: number | undefined;
  readonly throughput?: number | undefined;
  readonly encrypted: boolean;
  readonly deleteOnTermination: boolean;
  readonly snapshotId?: string | undefined;
  readonly tags: readonly Tag[];
}

export interface LaunchTemplate extends Scope {
  /** `lt-` and 17 hexadecimal digits. */
  readonly launchTemplateId: string;
  readonly launchTemplateName: string;
  readonly createTime: number;
  readonly createdBy: string;
  readonly defaultVersion: number;
  readonly latestVersion: number;
  readonly clientToken?: string | undefined;
  readonly tags: readonly Tag[];
}

export interface LaunchTemplateVersion extends Scope {
  readonly launchTemplateId: string;
  readonly version: number;
  readonly description?: string | undefined;
  readonly createTime: number;
  readonly createdBy: string;
  /** The user's own words. */
  readonly data: wire.RequestLaunchTemplateData;
}

export interface KeyPair extends Scope {
  readonly keyPairId: string;
  readonly keyName: string;
  readonly keyType: "rsa" | "ed25519";
  readonly fingerprint: string;
  /** In OpenSSH's form; the private half is told once and not kept. */
  readonly publicKey: string;
  readonly createTime: number;
  readonly tags: readonly Tag[];
}
