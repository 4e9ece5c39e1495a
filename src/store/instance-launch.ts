/**
 * What launching EC2 instances makes: the instances and their network interfaces. Shared by RunInstances and Auto
 * Scaling. Codes and texts of refusals are EC2's.
 */
import type { Random } from "../lib/random.ts";
import { failure, type Result, success } from "../lib/result.ts";
import { cidrContainsAddress, parseAddress, parseCidr } from "../model/cidr.ts";
import {
  isReservedAddress,
  newMacAddress,
  pickPrivateAddress,
  pickPublicAddress,
} from "../model/ec2/addresses.ts";
import { newBlockDevices } from "../model/ec2/block-devices.ts";
import { findMachineImage, type MachineImage } from "../model/ec2/images.ts";
import { findInstanceType, type InstanceType } from "../model/ec2/instance-types.ts";
import {
  checkUserData,
  type LaunchData,
  type LaunchInterface,
  LaunchRefused,
  launchTags,
} from "../model/ec2/launch-data.ts";
import type { Instance, NetworkInterface, Subnet } from "../model/ec2/records.ts";
import { inScope, type Scope } from "../model/scope.ts";
import type { StoreReader } from "./store.ts";
import { addresses, keyPairs, networkInterfaces, securityGroups, subnets, vpcs } from "./tables/ec2.ts";
import { instanceProfiles } from "./tables/iam.ts";

export interface LaunchRequest {
  readonly scope: Scope;
  /** Already merged with its launch template. */
  readonly data: LaunchData;
  /** RunInstances' own, beside the data; an interface of the data may name one instead. */
  readonly subnetId?: string | undefined;
  readonly privateIpAddress?: string | undefined;
  readonly count: number;
  readonly clientToken?: string | undefined;
  readonly launchTemplate?: Instance["launchTemplate"];
}

export interface LaunchOptions {
  readonly random: Random;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** For example `198.18.0.0/16`. */
  readonly publicPool: string;
}

export interface PlannedLaunch {
  readonly reservationId: string;
  readonly instances: readonly Instance[];
  /** To be put: new ones, and free ones that are now attached. */
  readonly interfaces: readonly NetworkInterface[];
}

export interface LaunchRefusal {
  readonly code: string;
  readonly message: string;
}

export function planLaunch(
  store: StoreReader,
  request: LaunchRequest,
  options: LaunchOptions,
): Result<PlannedLaunch, LaunchRefusal> {
  try {
    return success(new Launch(store, request, options).plan());
  } catch (error) {
    if (error instanceof LaunchRefused) return failure({ code: error.code, message: error.message });
    throw error;
  }
}

class Launch {
  readonly #store: StoreReader;
  readonly #request: LaunchRequest;
  readonly #options: LaunchOptions;
  readonly #type: InstanceType;
  readonly #image: MachineImage;
  /** Addresses that this launch has given out already. */
  readonly #taken = new Set<string>();

  constructor(store: StoreReader, request: LaunchRequest, options: LaunchOptions) {
    this.#store = store;
    this.#request = request;
    this.#options = options;
    const { ImageId, InstanceType: typeName = "m1.small" } = request.data;
    if (!ImageId)
      throw new LaunchRefused("MissingParameter", "The request must contain the parameter ImageId");
    const image = findMachineImage(request.scope.region, ImageId);
    if (image === undefined) throw imageMissing(ImageId);
    const type = findInstanceType(typeName);
    if (type === undefined)
      throw new LaunchRefused("InvalidParameterValue", `Invalid value '${typeName}' for InstanceType.`);
    if (type.architecture !== image.architecture) {
      throw new LaunchRefused(
        "InvalidParameterValue",
        `The architecture '${type.architecture}' of the specified instance type does not match the architecture '${image.architecture}' of the specified AMI. Specify an instance type and an AMI that have matching architectures, and try again. You can use 'describe-instance-types' or 'describe-images' to discover the architecture of the instance type or AMI.`,
      );
    }
    this.#image = image;
    this.#type = type;
  }

  plan(): PlannedLaunch {
    const { random } = this.#options;
    const { data, count } = this.#request;
    this.#checkKey(data.KeyName);
    checkUserData(data.UserData);
    const reservationId = `r-${random.hex(17)}`;
    const instances: Instance[] = [];
    const interfaces: NetworkInterface[] = [];
    for (let index = 0; index < count; index++) {
      const instanceId = `i-${random.hex(17)}`;
      const own = this.#interfacesOf(instanceId);
      const [primary] = own;
      if (primary === undefined)
        throw new LaunchRefused("InvalidParameterCombination", "A primary network interface is required");
      interfaces.push(...own);
      instances.push(this.#instance(instanceId, reservationId, index, primary));
    }
    return { reservationId, instances, interfaces };
  }

  #instance(
    instanceId: string,
    reservationId: string,
    launchIndex: number,
    primary: NetworkInterface,
  ): Instance {
    const { scope, data, clientToken, launchTemplate } = this.#request;
    const { now } = this.#options;
    const ecs2023 = this.#image.ecs?.family === "amazon-linux-2023" || this.#image.name.startsWith("al2023");
    return {
      account: scope.account,
      region: scope.region,
      instanceId,
      reservationId,
      launchIndex,
      imageId: this.#image.imageId,
      instanceType: this.#type.name,
      vpcId: primary.vpcId,
      subnetId: primary.subnetId,
      availabilityZone: primary.availabilityZone,
      keyName: data.KeyName,
      userData: data.UserData === "" ? undefined : data.UserData,
      iamInstanceProfileArn: this.#profileArn(data.IamInstanceProfile),
      metadataOptions: {
        // Amazon Linux 2023 images ask for version 2 and let it reach one hop further.
        httpTokens: data.MetadataOptions?.HttpTokens ?? (ecs2023 ? "required" : "optional"),
        httpEndpoint: data.MetadataOptions?.HttpEndpoint ?? "enabled",
        httpPutResponseHopLimit: data.MetadataOptions?.HttpPutResponseHopLimit ?? (ecs2023 ? 2 : 1),
        instanceMetadataTags: data.MetadataOptions?.InstanceMetadataTags ?? "disabled",
      },
      monitoring: data.Monitoring?.Enabled ?? false,
      ebsOptimized: data.EbsOptimized ?? false,
      disableApiTermination: data.DisableApiTermination ?? false,
      disableApiStop: data.DisableApiStop ?? false,
      shutdownBehavior: data.InstanceInitiatedShutdownBehavior ?? "stop",
      creditSpecification: this.#credits(data.CreditSpecification?.CpuCredits),
      blockDevices: newBlockDevices(data, this.#image, this.#options.random),
      launchTemplate,
      clientToken,
      launchTime: now,
      tags: launchTags("instance", data),
      desiredState: "running",
      rebootsAsked: 0,
      state: "pending",
      stateChangedAt: now,
      rebootsDone: 0,
      userDataDone: false,
      consoleOutput: "",
    };
  }

  /** T2 starts standard, newer ones unlimited (EC2 user guide, "Burstable performance instances"). */
  #credits(given: string | undefined): Instance["creditSpecification"] {
    if (!this.#type.burstable) return undefined;
    if (given === "standard" || given === "unlimited") return given;
    return this.#type.name.startsWith("t2.") ? "standard" : "unlimited";
  }

  #interfacesOf(instanceId: string): NetworkInterface[] {
    const { data } = this.#request;
    const given = data.NetworkInterfaces ?? [];
    const specs = given.length > 0 ? given : [{ DeviceIndex: 0 }];
    if (specs.length > this.#type.maximumInterfaces) {
      throw new LaunchRefused(
        "AttachmentLimitExceeded",
        `Interface count ${specs.length} exceeds the limit for ${this.#type.name}`,
      );
    }
    const sorted = [...specs].sort((a, b) => (a.DeviceIndex ?? 0) - (b.DeviceIndex ?? 0));
    if ((sorted[0]?.DeviceIndex ?? 0) !== 0) {
      throw new LaunchRefused(
        "InvalidParameterCombination",
        "When specifying network interfaces, you must include a device at index 0.",
      );
    }
    return sorted.map((spec) => this.#interface(instanceId, spec));
  }

  #interface(instanceId: string, spec: LaunchInterface): NetworkInterface {
    const { random, now } = this.#options;
    const { data } = this.#request;
    const deviceIndex = spec.DeviceIndex ?? 0;
    const attachment = {
      attachmentId: `eni-attach-${random.hex(17)}`,
      instanceAttachment: {
        instanceId,
        deviceIndex,
        deleteOnTermination: spec.DeleteOnTermination ?? spec.NetworkInterfaceId === undefined,
        attachTime: now,
      },
    };
    if (spec.NetworkInterfaceId) return { ...this.#freeInterface(spec.NetworkInterfaceId), ...attachment };
    const subnet = this.#subnet(spec.SubnetId ?? this.#request.subnetId);
    const asked =
      spec.PrivateIpAddress ??
      spec.PrivateIpAddresses?.find(({ Primary }) => Primary)?.PrivateIpAddress ??
      (deviceIndex === 0 ? this.#request.privateIpAddress : undefined);
    const address = this.#address(subnet, asked);
    const wantsPublic = spec.AssociatePublicIpAddress ?? (deviceIndex === 0 && subnet.mapPublicIpOnLaunch);
    return {
      account: subnet.account,
      region: subnet.region,
      networkInterfaceId: `eni-${random.hex(17)}`,
      vpcId: subnet.vpcId,
      subnetId: subnet.subnetId,
      availabilityZone: subnet.availabilityZone,
      privateIpAddress: address,
      macAddress: newMacAddress(random),
      groupIds: this.#groups(subnet, spec.Groups ?? data.SecurityGroupIds ?? [], data.SecurityGroups ?? []),
      sourceDestCheck: true,
      description: spec.Description ?? "",
      owner: { kind: "user" },
      ...attachment,
      amazonPublicIp: wantsPublic ? this.#publicAddress() : undefined,
      linkState: "absent",
      createTime: now,
      tags: launchTags("network-interface", data),
    };
  }

  #freeInterface(id: string): NetworkInterface {
    const found = this.#store.get(networkInterfaces, id);
    if (found === undefined || !inScope(found, this.#request.scope)) {
      throw new LaunchRefused(
        "InvalidNetworkInterfaceID.NotFound",
        `The networkInterface ID '${id}' does not exist`,
      );
    }
    if (found.attachmentId !== undefined || this.#request.count > 1) {
      throw new LaunchRefused("InvalidNetworkInterface.InUse", `Interface: [${id}] in use.`);
    }
    return found;
  }

  #subnet(id: string | undefined): Subnet {
    const { scope, data } = this.#request;
    if (!id) {
      const zone = data.Placement?.AvailabilityZone;
      const standard = this.#store
        .where(subnets, "scope", `${scope.account}/${scope.region}`)
        .find((one) => one.defaultForAz && (zone === undefined || one.availabilityZone === zone));
      if (standard !== undefined) return standard;
      throw this.#noDefaultSubnet();
    }
    const subnet = this.#store.get(subnets, id);
    if (subnet === undefined || !inScope(subnet, scope)) {
      throw new LaunchRefused("InvalidSubnetID.NotFound", `The subnet ID '${id}' does not exist`);
    }
    return subnet;
  }

  #noDefaultSubnet(): LaunchRefused {
    const { account, region } = this.#request.scope;
    const vpc = this.#store.where(vpcs, "scope", `${account}/${region}`).find(({ isDefault }) => isDefault);
    return vpc === undefined
      ? new LaunchRefused("VPCIdNotSpecified", "No default VPC for this user")
      : new LaunchRefused(
          "MissingInput",
          `No subnets found for the default VPC '${vpc.vpcId}'. Please specify a subnet.`,
        );
  }

  #address(subnet: Subnet, asked: string | undefined): string {
    const used = new Set(
      this.#store.where(networkInterfaces, "subnet", subnet.subnetId).map((one) => one.privateIpAddress),
    );
    for (const address of this.#taken) used.add(address);
    if (asked !== undefined) {
      const value = parseAddress(asked);
      const cidr = parseCidr(subnet.cidrBlock);
      if (value === undefined || cidr === undefined || !cidrContainsAddress(cidr, value)) {
        throw new LaunchRefused(
          "InvalidParameterValue",
          "Address does not fall within the subnet's address range",
        );
      }
      if (isReservedAddress(subnet.cidrBlock, asked)) {
        throw new LaunchRefused("InvalidParameterValue", "Address is in subnet's reserved address range");
      }
      if (used.has(asked)) throw new LaunchRefused("InvalidIPAddress.InUse", `Address ${asked} is in use.`);
      this.#taken.add(asked);
      return asked;
    }
    const address = pickPrivateAddress(subnet.cidrBlock, used, this.#options.random);
    if (address === undefined) {
      throw new LaunchRefused(
        "InsufficientFreeAddressesInSubnet",
        `There are not enough free addresses in subnet '${subnet.subnetId}' to satisfy the requested number of instances.`,
      );
    }
    this.#taken.add(address);
    return address;
  }

  #publicAddress(): string {
    const used = new Set(this.#taken);
    for (const { publicIp } of this.#store.list(addresses)) used.add(publicIp);
    for (const { amazonPublicIp } of this.#store.list(networkInterfaces)) {
      if (amazonPublicIp !== undefined) used.add(amazonPublicIp);
    }
    const address = pickPublicAddress(this.#options.publicPool, used, this.#options.random);
    if (address === undefined) {
      throw new LaunchRefused(
        "InsufficientAddressCapacity",
        "Not enough available addresses to satisfy your minimum request.",
      );
    }
    this.#taken.add(address);
    return address;
  }

  #groups(subnet: Subnet, ids: readonly string[], names: readonly string[]): string[] {
    const inVpc = this.#store.where(securityGroups, "vpc", subnet.vpcId);
    const byName = names.map((name) => {
      const found = inVpc.find(({ groupName }) => groupName === name);
      if (found === undefined) {
        throw new LaunchRefused("InvalidGroup.NotFound", `The security group '${name}' does not exist`);
      }
      return found.groupId;
    });
    for (const id of ids) {
      const found = this.#store.get(securityGroups, id);
      if (found === undefined || !inScope(found, subnet)) {
        throw new LaunchRefused("InvalidGroup.NotFound", `The security group '${id}' does not exist`);
      }
      if (found.vpcId !== subnet.vpcId) {
        throw new LaunchRefused(
          "InvalidParameter",
          `Security group ${id} and subnet ${subnet.subnetId} belong to different networks.`,
        );
      }
    }
    const all = [...new Set([...ids, ...byName])];
    if (all.length > 0) return all;
    return inVpc.filter(({ groupName }) => groupName === "default").map(({ groupId }) => groupId);
  }

  #checkKey(keyName: string | undefined): void {
    if (!keyName) return;
    const { account, region } = this.#request.scope;
    if (this.#store.count(keyPairs, "name", `${account}/${region}|${keyName}`) > 0) return;
    throw new LaunchRefused("InvalidKeyPair.NotFound", `The key pair '${keyName}' does not exist`);
  }

  #profileArn(given: LaunchData["IamInstanceProfile"]): string | undefined {
    const name = given?.Name ?? given?.Arn?.split("/").at(-1);
    if (given === undefined || !name) return undefined;
    const profile = this.#store.get(instanceProfiles, `${this.#request.scope.account}/${name}`);
    if (profile !== undefined && (given.Arn === undefined || given.Arn === profile.arn)) return profile.arn;
    throw new LaunchRefused(
      "InvalidParameterValue",
      given.Arn === undefined
        ? `Value (${name}) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name`
        : `Value (${given.Arn}) for parameter iamInstanceProfile.arn is invalid. Invalid IAM Instance Profile ARN`,
    );
  }
}

function imageMissing(imageId: string): LaunchRefused {
  return /^ami-[0-9a-f]{8,17}$/.test(imageId)
    ? new LaunchRefused("InvalidAMIID.NotFound", `The image id '[${imageId}]' does not exist`)
    : new LaunchRefused("InvalidAMIID.Malformed", `Invalid id: "${imageId}"`);
}
