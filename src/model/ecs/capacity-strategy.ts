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

const FARGATE_PROVIDERS: readonly string[] = ["FARGATE", "FARGATE_SPOT"];

/** AWS's own two, which every account has; all others launch on an Auto Scaling group. */
export function isFargateProvider(name: string | undefined): boolean {
  return name !== undefined && FARGATE_PROVIDERS.includes(name);
}

/** The launch type that a launch type or a strategy stands for; a strategy has providers of one kind only. */
export function launchTypeOf(capacity: {
  readonly launchType?: wire.LaunchType | undefined;
  readonly capacityProviderStrategy: readonly wire.CapacityProviderStrategyItem[];
}): wire.LaunchType {
  if (capacity.launchType !== undefined) return capacity.launchType;
  const [first] = capacity.capacityProviderStrategy;
  return first !== undefined && !isFargateProvider(first.capacityProvider) ? "EC2" : "FARGATE";
}
