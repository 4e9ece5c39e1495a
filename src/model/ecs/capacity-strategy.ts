/** Which capacity provider a task goes to (API reference, CapacityProviderStrategyItem: base and weight). */
import type * as wire from "@aws-sdk/client-ecs";

/**
 * The provider whose base is not full, else the one that is furthest behind its weight; undefined without a strategy.
 * `held` counts the tasks that a provider has already, of those among which the strategy divides.
 */
export function pickCapacityProvider(
  strategy: readonly wire.CapacityProviderStrategyItem[],
  held: (capacityProvider: string | undefined) => number,
): string | undefined {
  const base = strategy.find((item) => held(item.capacityProvider) < (item.base ?? 0));
  if (base !== undefined) return base.capacityProvider;
  const share = (item: wire.CapacityProviderStrategyItem): number =>
    (Math.max(0, held(item.capacityProvider) - (item.base ?? 0)) + 1) / (item.weight ?? 1);
  return strategy.filter((item) => (item.weight ?? 0) > 0).sort((a, b) => share(a) - share(b))[0]
    ?.capacityProvider;
}
