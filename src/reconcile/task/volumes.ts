/**
 * Where the volumes of a task are: with the task, on its instance, or in a directory that stands for a file system
 * (API reference, Volume). Pure.
 */
import { join } from "node:path";
import type * as wire from "@aws-sdk/client-ecs";
import type { Task } from "../../model/ecs/records.ts";
import type { Mount, MountSource } from "../../runtime/container-runtime.ts";

export interface VolumePlaces {
  readonly task: Task;
  /** The instance that the task is on, under launch type EC2. */
  readonly instanceId: string | undefined;
  /** Holds a directory for each EFS file system. */
  readonly fileSystems: string;
}

export function mountsOf(
  places: VolumePlaces,
  volumes: readonly wire.Volume[],
  { mountPoints }: wire.ContainerDefinition,
): Mount[] {
  return (mountPoints ?? []).flatMap(({ sourceVolume, containerPath, readOnly }) => {
    const volume = volumes.find(({ name }) => name === sourceVolume);
    if (volume === undefined || containerPath === undefined) return [];
    return [{ source: sourceOf(places, volume), containerPath, readOnly: readOnly ?? false }];
  });
}

function sourceOf(places: VolumePlaces, volume: wire.Volume): MountSource {
  const { task, instanceId } = places;
  const { name = "", host, dockerVolumeConfiguration: docker, efsVolumeConfiguration: efs } = volume;
  const own = { kind: "volume", sandboxId: task.taskId, volume: name } as const;
  if (efs !== undefined) return fileSystem(places, efs);
  if (docker !== undefined) {
    const { scope, autoprovision, labels, driverOpts } = docker;
    const options = { labels, driverOptions: driverOpts };
    return scope === "shared" && instanceId !== undefined
      ? { ...own, ...options, sandboxId: instanceId, mustExist: autoprovision !== true }
      : { ...own, ...options };
  }
  const path = host?.sourcePath;
  return path !== undefined && path !== "" && instanceId !== undefined
    ? { kind: "machine", sandboxId: instanceId, path }
    : own;
}

/** An access point has a directory of its own: which one of the file system it is, nobody has said. */
function fileSystem(
  { task, fileSystems }: VolumePlaces,
  { fileSystemId = "", rootDirectory, authorizationConfig }: wire.EFSVolumeConfiguration,
): MountSource {
  const accessPoint = authorizationConfig?.accessPointId;
  const place = accessPoint === undefined ? ["files"] : ["access-points", accessPoint];
  return {
    kind: "directory",
    root: join(fileSystems, task.account, task.region, fileSystemId, ...place),
    path: accessPoint === undefined ? (rootDirectory ?? "/") : "/",
  };
}
