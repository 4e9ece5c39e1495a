/** Looking capacity providers up by what their users call them. */
import { arn } from "../model/arn.ts";
import type { CapacityProvider } from "../model/ecs/records.ts";
import type { Scope } from "../model/scope.ts";
import type { StoreReader } from "./store.ts";
import { capacityProviders } from "./tables/ecs.ts";

export function capacityProviderNamed(
  store: StoreReader,
  scope: Scope,
  name: string,
): CapacityProvider | undefined {
  return store.get(capacityProviders, arn("ecs", scope, `capacity-provider/${name}`));
}

/** Whether managed scaling brings an instance when there is none for a task, so that the task may wait for it. */
export function bringsInstances(store: StoreReader, scope: Scope, name: string): boolean {
  const provider = capacityProviderNamed(store, scope, name);
  return (
    provider?.status === "ACTIVE" && provider.autoScalingGroupProvider.managedScaling?.status === "ENABLED"
  );
}
