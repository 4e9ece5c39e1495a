/** The volumes that an instance is launched with. They hold nothing; they are there to be described. */
import type * as wire from "@aws-sdk/client-ec2";
import type { Random } from "../../lib/random.ts";
import type { MachineImage } from "./images.ts";
import { type LaunchData, LaunchRefused, launchTags } from "./launch-data.ts";
import type { BlockDevice } from "./records.ts";

type Mapping = wire.LaunchTemplateBlockDeviceMappingRequest;

/** The root volume first. Throws LaunchRefused. */
export function newBlockDevices(data: LaunchData, image: MachineImage, random: Random): BlockDevice[] {
  const mappings = data.BlockDeviceMappings ?? [];
  const root = mappings.find(({ DeviceName }) => DeviceName === image.rootDeviceName) ?? {};
  const others = mappings.filter(
    (one) => one !== root && one.NoDevice === undefined && one.Ebs !== undefined,
  );
  const tags = launchTags("volume", data);
  return [
    newRootDevice(root, image, random, tags),
    ...others.map((mapping) => {
      const { volumeType = "gp2", sizeGiB = 8, ...rest } = commonOf(mapping, random);
      return {
        ...rest,
        ...performanceOf(mapping, volumeType, sizeGiB),
        deviceName: mapping.DeviceName ?? "",
        tags,
      };
    }),
  ];
}

function newRootDevice(
  mapping: Mapping,
  image: MachineImage,
  random: Random,
  tags: BlockDevice["tags"],
): BlockDevice {
  const {
    volumeType = image.rootVolumeType,
    sizeGiB = image.rootVolumeGiB,
    ...rest
  } = commonOf(mapping, random);
  if (sizeGiB < image.rootVolumeGiB) {
    throw new LaunchRefused(
      "InvalidBlockDeviceMapping",
      `Volume of size ${sizeGiB}GB is smaller than snapshot '${image.snapshotId}', expect size >= ${image.rootVolumeGiB}GB`,
    );
  }
  return {
    ...rest,
    ...performanceOf(mapping, volumeType, sizeGiB),
    deviceName: image.rootDeviceName,
    snapshotId: image.snapshotId,
    tags,
  };
}

function commonOf({ Ebs = {} }: Mapping, random: Random) {
  return {
    volumeId: `vol-${random.hex(17)}`,
    volumeType: Ebs.VolumeType,
    sizeGiB: Ebs.VolumeSize,
    encrypted: Ebs.Encrypted ?? false,
    deleteOnTermination: Ebs.DeleteOnTermination ?? true,
    snapshotId: Ebs.SnapshotId,
  };
}

/** "Amazon EBS volume types": gp3 has 3,000 and 125 MiB/s, gp2 three a GiB. */
function performanceOf({ Ebs = {} }: Mapping, volumeType: string, sizeGiB: number) {
  const usual = volumeType === "gp3" ? 3000 : volumeType === "gp2" ? Math.max(100, 3 * sizeGiB) : undefined;
  return {
    volumeType,
    sizeGiB,
    iops: Ebs.Iops ?? usual,
    throughput: Ebs.Throughput ?? (volumeType === "gp3" ? 125 : undefined),
  };
}
