/** What a container sees of files, memory, devices and other processes, as Docker's create call has it. Pure. */
import type Docker from "dockerode";
import type { ContainerSpec } from "../container-runtime.ts";

/** Ids of containers, and what mounts have become. */
export interface OtherContainers {
  /** Where the processes of another container are shared. */
  readonly processNamespaceId?: string | undefined;
  readonly ipcNamespaceId?: string | undefined;
  readonly mountsFromIds?:
    | readonly { readonly containerId: string; readonly readOnly: boolean }[]
    | undefined;
  readonly mounts?: readonly Docker.MountSettings[] | undefined;
  /** Path of the socket that output is forwarded to. */
  readonly outputSocket?: string | undefined;
}

export function isolationOptions(
  spec: ContainerSpec,
  others: OtherContainers,
  memoryBytes: number | undefined,
): Docker.HostConfig {
  const { sharedMemoryBytes, devices, sysctls, securityOptions, swapBytes, swappiness } = spec;
  return {
    Mounts: [...(others.mounts ?? [])],
    ...(others.mountsFromIds === undefined
      ? {}
      : {
          VolumesFrom: others.mountsFromIds.map(
            ({ containerId, readOnly }) => `${containerId}${readOnly ? ":ro" : ""}`,
          ),
        }),
    ...(spec.temporaryFileSystems === undefined ? {} : { Tmpfs: temporaryFileSystems(spec) }),
    ...(sharedMemoryBytes === undefined ? {} : { ShmSize: sharedMemoryBytes }),
    ...(devices === undefined
      ? {}
      : {
          Devices: devices.map(({ hostPath, containerPath, permissions }) => ({
            PathOnHost: hostPath,
            PathInContainer: containerPath,
            CgroupPermissions: permissions,
          })),
        }),
    ...(sysctls === undefined ? {} : { Sysctls: { ...sysctls } }),
    ...(securityOptions === undefined ? {} : { SecurityOpt: [...securityOptions] }),
    // The engine's number is memory and swap together; without a limit of memory it takes none.
    ...(swapBytes === undefined || memoryBytes === undefined ? {} : { MemorySwap: memoryBytes + swapBytes }),
    ...(swappiness === undefined ? {} : { MemorySwappiness: swappiness }),
    ...(others.processNamespaceId === undefined ? {} : { PidMode: `container:${others.processNamespaceId}` }),
    ...ipcMode(spec, others),
  };
}

function temporaryFileSystems({ temporaryFileSystems: given = [] }: ContainerSpec): Record<string, string> {
  return Object.fromEntries(
    given.map(({ containerPath, sizeBytes, options }) => [
      containerPath,
      [`size=${sizeBytes}`, ...options].join(","),
    ]),
  );
}

function ipcMode({ ipcNamespace }: ContainerSpec, { ipcNamespaceId }: OtherContainers): Docker.HostConfig {
  if (ipcNamespace?.kind === "none") return { IpcMode: "none" };
  return ipcNamespaceId === undefined ? {} : { IpcMode: `container:${ipcNamespaceId}` };
}
