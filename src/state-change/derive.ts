/** What of the records' changes is told on the default event bus, with the transaction that makes them. */
import type { Scope } from "../model/scope.ts";
import type { Change } from "../store/store.ts";
import type { TableDefinition } from "../store/table.ts";
import { instances } from "../store/tables/ec2.ts";
import { containerInstances, deployments, serviceEvents, tasks } from "../store/tables/ecs.ts";
import { type AnnounceDeps, type Announcement, createAnnounce } from "./announce.ts";
import { announceContainerInstance, instanceWithOtherResources } from "./container-instance.ts";
import { announceDeployment } from "./deployment.ts";
import { announceInstance } from "./ec2-instance.ts";
import { announceServiceActions } from "./service-action.ts";
import { announceTask } from "./task.ts";

/** Once per store, before anything writes to it. */
export function deriveStateChanges(deps: AnnounceDeps): void {
  const { store } = deps;
  const announce = createAnnounce(deps);
  const tell = <R extends Scope, I extends string>(
    table: TableDefinition<R, I>,
    told: (change: Change<R>) => readonly (Announcement | undefined)[],
  ): void =>
    store.derive(table, (change, tx) => {
      for (const announcement of told(change)) {
        if (change.after !== undefined && announcement !== undefined) {
          announce(tx, change.after, announcement);
        }
      }
    });
  tell(tasks, ({ before, after }) => [announceTask(store, before, after)]);
  tell(deployments, ({ before, after }) => announceDeployment(store, before, after));
  tell(serviceEvents, ({ before, after }) => announceServiceActions(store, before, after));
  tell(instances, ({ before, after }) => [announceInstance(before, after)]);
  tell(containerInstances, ({ key, before, after }) => {
    // Where a task of the same transaction brought a later version, all of this was told with that.
    const overtaken = store.get(containerInstances, key)?.version !== after?.version;
    return overtaken ? [] : [announceContainerInstance(store, before, after)];
  });
  store.derive(tasks, ({ before, after }, tx) => {
    const instance = instanceWithOtherResources(store, before, after);
    if (instance === undefined) return;
    const told = announceContainerInstance(store, undefined, instance);
    // Its resources are computed: that they are others is a version of its own only to who is told of it.
    if (told !== undefined && announce(tx, instance, told)) tx.put(containerInstances, instance);
  });
}
