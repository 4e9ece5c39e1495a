import type * as wire from "@aws-sdk/client-ec2";
import { type MachineImage, machineImages } from "../../model/ec2/images.ts";
import type { HandlerContext } from "../operation.ts";
import { type FilterTable, filtered } from "./filters.ts";
import { imageMalformed, imagesNotFound } from "./instance-errors.ts";

type Listed = MachineImage & { readonly tags: readonly [] };

const FILTERS: FilterTable<Listed> = {
  architecture: (image) => image.architecture,
  "block-device-mapping.device-name": (image) => image.rootDeviceName,
  "block-device-mapping.volume-type": (image) => image.rootVolumeType,
  "creation-date": (image) => dateOf(image),
  description: (image) => image.description,
  "ena-support": () => true,
  hypervisor: () => "xen",
  "image-id": (image) => image.imageId,
  "image-type": () => "machine",
  "is-public": () => true,
  name: (image) => image.name,
  "owner-alias": () => "amazon",
  "owner-id": (image) => image.ownerId,
  "root-device-name": (image) => image.rootDeviceName,
  "root-device-type": () => "ebs",
  state: () => "available",
  "virtualization-type": () => "hvm",
};

/** Amazon's public images; there are no others, as none can be made here. */
export function describeImages(
  input: wire.DescribeImagesRequest,
  context: HandlerContext,
): wire.DescribeImagesResult {
  const all = machineImages(context.scope.region);
  const ids = input.ImageIds ?? [];
  for (const id of ids) {
    if (all.some((image) => image.imageId === id)) continue;
    throw /^ami-([0-9a-f]{8}|[0-9a-f]{17})$/.test(id) ? imagesNotFound([id]) : imageMalformed(id);
  }
  const owners = input.Owners ?? [];
  const chosen = all
    .filter((image) => ids.length === 0 || ids.includes(image.imageId))
    .filter((image) => owners.length === 0 || owners.includes("amazon") || owners.includes(image.ownerId))
    .map((image): Listed => ({ ...image, tags: [] }));
  return { Images: filtered(chosen, input.Filters, FILTERS).map(describeImage) };
}

function describeImage(image: MachineImage): wire.Image {
  return {
    ImageId: image.imageId,
    Name: image.name,
    Description: image.description,
    ImageLocation: `amazon/${image.name}`,
    ImageOwnerAlias: "amazon",
    OwnerId: image.ownerId,
    CreationDate: dateOf(image),
    Architecture: image.architecture,
    ImageType: "machine",
    State: "available",
    Public: true,
    Hypervisor: "xen",
    VirtualizationType: "hvm",
    EnaSupport: true,
    SriovNetSupport: "simple",
    RootDeviceName: image.rootDeviceName,
    RootDeviceType: "ebs",
    BlockDeviceMappings: [
      {
        DeviceName: image.rootDeviceName,
        Ebs: {
          SnapshotId: image.snapshotId,
          VolumeSize: image.rootVolumeGiB,
          VolumeType: image.rootVolumeType === "gp3" ? "gp3" : "gp2",
          DeleteOnTermination: true,
          Encrypted: false,
        },
      },
    ],
    PlatformDetails: "Linux/UNIX",
    UsageOperation: "RunInstances",
    Tags: [],
  };
}

function dateOf({ creationDate }: MachineImage): string {
  return new Date(creationDate).toISOString();
}
