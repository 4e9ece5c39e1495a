/** Token buckets: so many requests a second, and so many at once. */
import type { Clock } from "../../lib/clock.ts";

export interface RateLimit {
  /** Whether that caller may ask now; it then has one request less. */
  admits(caller: string): boolean;
}

/** Full buckets need not be remembered. */
const MOST_REMEMBERED = 10_000;

export function createRateLimit(
  clock: Clock,
  { perSecond, burst }: { readonly perSecond: number; readonly burst: number },
): RateLimit {
  const buckets = new Map<string, { readonly left: number; readonly at: number }>();
  const leftIn = (bucket: { readonly left: number; readonly at: number } | undefined, now: number) =>
    bucket === undefined ? burst : Math.min(burst, bucket.left + ((now - bucket.at) * perSecond) / 1000);
  return {
    admits(caller) {
      const now = clock.now();
      if (buckets.size >= MOST_REMEMBERED) {
        for (const [key, bucket] of buckets) if (leftIn(bucket, now) >= burst) buckets.delete(key);
      }
      const left = leftIn(buckets.get(caller), now);
      buckets.set(caller, { left: left >= 1 ? left - 1 : left, at: now });
      return left >= 1;
    },
  };
}
