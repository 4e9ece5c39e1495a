/** The end of an instance: what it had is given back. */
import { endSessionsOf } from "../../store/iam-sessions.ts";
import { addresses, instances, networkInterfaces } from "../../store/tables/ec2.ts";
import { containerInstances } from "../../store/tables/ecs.ts";
import type { InstanceDeps } from "./write-instance.ts";

/**
 * Interfaces with DeleteOnTermination and trunks go, others become free; those of tasks are the tasks' own. ECS makes
 * its container instance INACTIVE by itself (developer guide, "Deregistering an Amazon ECS container instance").
 */
export function terminate({ store, clock }: InstanceDeps, instanceId: string): void {
  const current = store.get(instances, instanceId);
  if (current === undefined) return;
  const now = clock.now();
  store.transaction((tx) => {
    for (const one of store.where(networkInterfaces, "instance", instanceId)) {
      if (one.owner.kind === "ecs-task") continue;
      if (one.owner.kind !== "ecs-trunk" && one.instanceAttachment?.deleteOnTermination !== true) {
        tx.put(networkInterfaces, {
          ...one,
          attachmentId: undefined,
          instanceAttachment: undefined,
          sandbox: undefined,
          linkState: "absent",
        });
        continue;
      }
      for (const address of store.where(addresses, "networkInterface", one.networkInterfaceId)) {
        tx.put(addresses, { ...address, association: undefined });
      }
      tx.delete(networkInterfaces, one.networkInterfaceId);
    }
    for (const one of store.where(containerInstances, "instance", instanceId)) {
      if (one.status === "INACTIVE" && !one.agentConnected) continue;
      tx.put(containerInstances, {
        ...one,
        status: "INACTIVE",
        agentConnected: false,
        trunkInterfaceId: undefined,
        deregisteredAt: one.deregisteredAt ?? now,
        version: one.version + 1,
      });
    }
    endSessionsOf(store, tx, instanceId);
    tx.put(instances, { ...current, state: "terminated", stateChangedAt: now, sandbox: undefined });
  });
}
