/** Settings of a container definition that the engine takes nearly as they are (API reference, LinuxParameters). Pure. */
import type * as wire from "@aws-sdk/client-ecs";
import type { TaskDefinition } from "../../model/ecs/records.ts";
import type { ContainerNetwork, ContainerSpec, SharedNamespace } from "../../runtime/container-runtime.ts";

const MIB = 1024 * 1024;

type LinuxSpec = Pick<
  ContainerSpec,
  | "initProcessEnabled"
  | "capabilities"
  | "temporaryFileSystems"
  | "sharedMemoryBytes"
  | "devices"
  | "swapBytes"
  | "swappiness"
>;

export function linuxSettings({ linuxParameters = {} }: wire.ContainerDefinition): LinuxSpec {
  const { capabilities, initProcessEnabled, tmpfs, sharedMemorySize, devices, maxSwap, swappiness } =
    linuxParameters;
  return {
    initProcessEnabled,
    capabilities: { add: capabilities?.add ?? [], drop: capabilities?.drop ?? [] },
    temporaryFileSystems: filled(tmpfs)?.map(({ containerPath = "", size = 0, mountOptions }) => ({
      containerPath,
      sizeBytes: size * MIB,
      options: mountOptions ?? [],
    })),
    sharedMemoryBytes: sharedMemorySize === undefined ? undefined : sharedMemorySize * MIB,
    devices: filled(devices)?.map(({ hostPath = "", containerPath, permissions }) => ({
      hostPath,
      containerPath: containerPath ?? hostPath,
      permissions: devicePermissions(permissions),
    })),
    swapBytes: maxSwap === undefined ? undefined : maxSwap * MIB,
    // It counts only together with `maxSwap`.
    swappiness: maxSwap === undefined ? undefined : swappiness,
  };
}

function devicePermissions(given: readonly wire.DeviceCgroupPermission[] | undefined): string {
  const letters = { read: "r", write: "w", mknod: "m" };
  return (filled(given) ?? (["read", "write", "mknod"] as const)).map((each) => letters[each] ?? "").join("");
}

function filled<T>(list: readonly T[] | undefined): readonly T[] | undefined {
  return list === undefined || list.length === 0 ? undefined : list;
}

/**
 * What an instance has under /dev for everyone. Its disks and other hardware do not exist, and those of the machine
 * that Berth runs on are not the task's.
 */
const DEVICES = /^\/dev\/(null|zero|full|random|urandom|tty|fuse|kvm|net\/tun)$/;

/** The engine's words for a device that is not there. */
export function missingDevice({ linuxParameters }: wire.ContainerDefinition): string | undefined {
  const missing = (linuxParameters?.devices ?? []).find(({ hostPath = "" }) => !DEVICES.test(hostPath));
  return missing === undefined
    ? undefined
    : `error gathering device information while adding custom device "${missing.hostPath}": no such file or directory`;
}

const ofNetwork = (name: string) => name.startsWith("net.");
/** Those that the kernel has in each IPC namespace (developer guide, "systemControls"). */
const ofIpc = (name: string) =>
  /^(kernel\.(msgmax|msgmnb|msgmni|sem|shmall|shmmax|shmmni|shm_rmid_forced)$|fs\.mqueue\.)/.test(name);

function systemControls(
  containers: readonly wire.ContainerDefinition[],
  wanted: (name: string) => boolean,
): Record<string, string> {
  return Object.fromEntries(
    containers
      .flatMap((container) => container.systemControls ?? [])
      .flatMap(({ namespace, value }) =>
        namespace !== undefined && wanted(namespace) ? [[namespace, value ?? ""] as const] : [],
      ),
  );
}

/** What is set once in a namespace that several containers share: that of the last one holds. */
export function sandboxControls({ definition }: TaskDefinition) {
  const containers = definition.containerDefinitions ?? [];
  const network = definition.networkMode === "awsvpc";
  const ipc = definition.ipcMode === "task";
  const sizes = containers.flatMap(({ linuxParameters }) => linuxParameters?.sharedMemorySize ?? []);
  const sysctls = systemControls(containers, (name) => (network && ofNetwork(name)) || (ipc && ofIpc(name)));
  return {
    ...(Object.keys(sysctls).length > 0 ? { sysctls } : {}),
    ...(ipc && sizes.length > 0 ? { sharedMemoryBytes: Math.max(...sizes) * MIB } : {}),
  };
}

/** Of the namespace that a pause container holds for that one container. */
export function networkControls(container: wire.ContainerDefinition): Record<string, string> {
  return systemControls([container], ofNetwork);
}

/** What is left for the container itself. */
export function ownControls(
  { definition }: TaskDefinition,
  container: wire.ContainerDefinition,
  network: ContainerNetwork,
): Record<string, string> {
  const ownNetwork = network.kind === "none";
  return systemControls(
    [container],
    (name) => !(ofNetwork(name) && !ownNetwork) && !(ofIpc(name) && definition.ipcMode === "task"),
  );
}

/** runc's words. On an instance's own network they would be set for all of it. */
export function forbiddenControl(
  container: wire.ContainerDefinition,
  network: ContainerNetwork,
): string | undefined {
  if (network.kind !== "joined") return undefined;
  const found = Object.keys(networkControls(container))[0];
  return found === undefined
    ? undefined
    : `OCI runtime create failed: sysctl "${found}" not allowed in host network namespace: unknown`;
}

/** `task`: with all others of the task; `host`: with everything on the instance. */
export function namespacesOf(
  { definition }: TaskDefinition,
  instanceId: string | undefined,
): Pick<ContainerSpec, "processNamespace" | "ipcNamespace"> {
  const { pidMode, ipcMode } = definition;
  const shared = (mode: string | undefined): SharedNamespace | undefined => {
    if (mode === "task") return { kind: "sandbox" };
    return mode === "host" && instanceId !== undefined
      ? { kind: "joined", sandboxId: instanceId }
      : undefined;
  };
  return {
    processNamespace: shared(pidMode),
    ipcNamespace: ipcMode === "none" ? { kind: "none" } : shared(ipcMode),
  };
}

/** What the container's output is kept in. With `awslogs` it is read from there. */
export function outputOf(
  { logConfiguration }: wire.ContainerDefinition,
  secretOptions: Readonly<Record<string, string>>,
): ContainerSpec["output"] {
  const options = logConfiguration?.options ?? {};
  // The SDK's type does not know `none`; the service does.
  const logDriver: string | undefined = logConfiguration?.logDriver;
  if (logDriver === "none") return { kind: "discard" };
  if (logDriver === "json-file") return { kind: "keep", options: { ...options, ...secretOptions } };
  const common = ["mode", "max-buffer-size"].flatMap((name) => {
    const value = options[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return common.length === 0 ? undefined : { kind: "keep", options: Object.fromEntries(common) };
}
