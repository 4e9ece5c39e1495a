/** The machine that an instance is: its sandbox, and its interfaces in that sandbox's namespace. */
import { formatAddress, parseCidr } from "../../model/cidr.ts";
import { privateDnsDomain, privateDnsName } from "../../model/ec2/addresses.ts";
import type { Instance, NetworkInterface, Vpc } from "../../model/ec2/records.ts";
import type { SandboxSpec } from "../../runtime/container-runtime.ts";
import type { StoreReader } from "../../store/store.ts";
import { instances, networkInterfaces, vpcs } from "../../store/tables/ec2.ts";
import { containerInstances } from "../../store/tables/ecs.ts";
import { containerInstanceOf, engineError, type InstanceDeps } from "./write-instance.ts";

/** Nothing of the machine asks for more time than this to end. */
const HALT_SECONDS = 2;

/** Those that hang on the instance itself. */
export function interfacesOf(store: StoreReader, instanceId: string): NetworkInterface[] {
  return store
    .where(networkInterfaces, "instance", instanceId)
    .filter(({ owner }) => owner.kind === "user")
    .sort((one, other) => deviceIndexOf(one) - deviceIndexOf(other));
}

function deviceIndexOf({ instanceAttachment }: NetworkInterface): number {
  return instanceAttachment?.deviceIndex ?? 0;
}

/**
 * What DHCP tells an instance: the host name is the private DNS name of its first address, the name server the base of
 * the VPC's range plus two (VPC user guide, "DHCP option sets", "DNS attributes for your VPC").
 */
export function machineSpec(instance: Instance, primary: NetworkInterface, vpc: Vpc): SandboxSpec {
  const hostname = privateDnsName(primary.privateIpAddress, instance.region);
  return {
    sandboxId: instance.instanceId,
    machine: true,
    hostname,
    nameServers: [formatAddress((parseCidr(vpc.cidrBlock)?.base ?? 0) + 2)],
    searchDomains: [privateDnsDomain(instance.region)],
    hosts: [{ name: hostname, address: primary.privateIpAddress }],
    limits: {},
  };
}

export async function startMachine(deps: InstanceDeps, instance: Instance): Promise<void> {
  const { store, runtime } = deps;
  const { instanceId } = instance;
  const primary = interfacesOf(store, instanceId)[0];
  const vpc = store.get(vpcs, instance.vpcId);
  if (primary === undefined || vpc === undefined) {
    throw new Error(`instance ${instanceId} has no primary interface or no VPC`);
  }
  const made = await runtime.ensureSandbox(machineSpec(instance, primary, vpc));
  if (!made.ok) throw engineError(made.failure);
  const { containerId, processId } = made.value;
  const current = store.get(instances, instanceId);
  if (current === undefined) return;
  const containerInstance = containerInstanceOf(store, instanceId);
  store.transaction((tx) => {
    tx.put(instances, { ...current, sandbox: { containerId, processId } });
    for (const one of interfacesOf(store, instanceId)) tx.put(networkInterfaces, placed(one, made.value));
    // The agent was a process of the old one.
    if (containerInstance?.agentConnected === true) {
      tx.put(containerInstances, {
        ...containerInstance,
        agentConnected: false,
        version: containerInstance.version + 1,
      });
    }
  });
}

/** Interfaces that were attached while it ran. */
export function placeInterfaces({ store }: InstanceDeps, { instanceId, sandbox }: Instance): void {
  if (sandbox === undefined) return;
  const missing = interfacesOf(store, instanceId).filter(
    (one) => one.sandbox?.kind !== "container" || one.sandbox.processId !== sandbox.processId,
  );
  store.transaction((tx) => {
    for (const one of missing) tx.put(networkInterfaces, placed(one, sandbox));
  });
}

/** A sandbox of another process is a new namespace: no link is in it, whatever was true of the old one. */
function placed(
  one: NetworkInterface,
  { containerId, processId }: { readonly containerId: string; readonly processId: number },
): NetworkInterface {
  return { ...one, sandbox: { kind: "container", containerId, processId }, linkState: "absent" };
}

/** Its file system stays, as that of an instance on EBS does. */
export async function haltMachine({ runtime }: InstanceDeps, containerId: string): Promise<void> {
  const halted = await runtime.stopContainer(containerId, HALT_SECONDS);
  if (!halted.ok) throw engineError(halted.failure);
}

export function becomeStopped({ store, clock }: InstanceDeps, instanceId: string): void {
  const current = store.get(instances, instanceId);
  if (current === undefined) return;
  store.transaction((tx) => {
    tx.put(instances, {
      ...current,
      state: "stopped",
      stateChangedAt: clock.now(),
      sandbox: undefined,
      rebootsDone: current.rebootsAsked,
    });
    for (const one of interfacesOf(store, instanceId)) {
      tx.put(networkInterfaces, { ...one, sandbox: undefined, linkState: "absent" });
    }
  });
}
