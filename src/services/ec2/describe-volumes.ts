/** The volumes of instances: they come and go with them, and hold nothing. */
import type * as wire from "@aws-sdk/client-ec2";
import { shownState } from "../../model/ec2/instance-state.ts";
import type { BlockDevice, Instance } from "../../model/ec2/records.ts";
import { instances } from "../../store/tables/ec2.ts";
import { CodedError, type HandlerContext } from "../operation.ts";
import { page } from "../page.ts";
import { invalidNextToken } from "./errors.ts";
import { type FilterTable, filtered } from "./filters.ts";
import { listInScope } from "./resolve.ts";
import { checkIdForm, ID_KINDS } from "./resource-ids.ts";
import { describeTagList } from "./tagging.ts";

interface Volume extends BlockDevice {
  readonly instance: Instance;
}

const FILTERS: FilterTable<Volume> = {
  "attachment.delete-on-termination": (volume) => volume.deleteOnTermination,
  "attachment.device": (volume) => volume.deviceName,
  "attachment.instance-id": (volume) => volume.instance.instanceId,
  "attachment.status": () => "attached",
  "availability-zone": (volume) => volume.instance.availabilityZone,
  encrypted: (volume) => volume.encrypted,
  size: (volume) => volume.sizeGiB,
  "snapshot-id": (volume) => volume.snapshotId,
  status: () => "in-use",
  "volume-id": (volume) => volume.volumeId,
  "volume-type": (volume) => volume.volumeType,
};

export function describeVolumes(
  input: wire.DescribeVolumesRequest,
  context: HandlerContext,
): wire.DescribeVolumesResult {
  const all = listInScope(context, instances)
    .filter((instance) => shownState(instance) !== "terminated")
    .flatMap((instance) => instance.blockDevices.map((device): Volume => ({ ...device, instance })));
  const ids = input.VolumeIds ?? [];
  for (const id of ids) {
    checkIdForm(ID_KINDS.volume, id);
    if (!all.some((volume) => volume.volumeId === id)) {
      throw new CodedError("InvalidVolume.NotFound", `The volume '${id}' does not exist.`);
    }
  }
  const chosen = ids.length === 0 ? all : all.filter((volume) => ids.includes(volume.volumeId));
  const { items, nextToken } = page(filtered(chosen, input.Filters, FILTERS), {
    token: input.NextToken,
    limit: input.MaxResults ?? Number.POSITIVE_INFINITY,
    key: ({ volumeId }) => volumeId,
    invalidToken: invalidNextToken,
  });
  return { Volumes: items.map(describeVolume), NextToken: nextToken };
}

function describeVolume(volume: Volume): wire.Volume {
  const { instance } = volume;
  const at = new Date(instance.launchTime);
  return {
    VolumeId: volume.volumeId,
    AvailabilityZone: instance.availabilityZone,
    CreateTime: at,
    Size: volume.sizeGiB,
    SnapshotId: volume.snapshotId ?? "",
    State: "in-use",
    VolumeType: volume.volumeType as wire.VolumeType,
    Iops: volume.iops,
    Throughput: volume.throughput,
    Encrypted: volume.encrypted,
    MultiAttachEnabled: false,
    Attachments: [
      {
        VolumeId: volume.volumeId,
        InstanceId: instance.instanceId,
        Device: volume.deviceName,
        State: "attached",
        AttachTime: at,
        DeleteOnTermination: volume.deleteOnTermination,
      },
    ],
    Tags: describeTagList(volume.tags),
  };
}
