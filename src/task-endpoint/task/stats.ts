/**
 * Resource use of containers, in Docker's own form (Docker Engine API, ContainerStats); version 4 of the metadata adds
 * the rates of the network.
 */
import type { TaskContainer } from "../../model/ecs/records.ts";

/** As Docker Engine answers; undefined when the container does not run. */
export type ContainerStats = Readonly<Record<string, unknown>>;

export interface StatsSource {
  statsOf(container: TaskContainer): Promise<ContainerStats | undefined>;
  /** With `network_rate_stats`, from the second time on that one is asked. */
  statsWithRates(container: TaskContainer): Promise<ContainerStats | undefined>;
}

interface Sample {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly received: number;
  readonly sent: number;
}

/** A rate over longer than that tells nothing of now. */
const OLDEST_SAMPLE_MS = 60_000;

export function createStatsSource(
  read: (containerId: string) => Promise<ContainerStats | undefined>,
): StatsSource {
  const samples = new Map<string, Sample>();
  const statsOf = async ({ lastStatus, runtimeId }: TaskContainer) =>
    lastStatus !== "RUNNING" || runtimeId === undefined ? undefined : read(runtimeId);
  return {
    statsOf,
    async statsWithRates(container) {
      const stats = await statsOf(container);
      if (stats === undefined) return undefined;
      const key = container.runtimeId ?? "";
      const sample = sampleOf(stats);
      const before = samples.get(key);
      for (const [other, { at }] of samples) if (sample.at - at > OLDEST_SAMPLE_MS) samples.delete(other);
      samples.set(key, sample);
      const rates = ratesBetween(before, sample);
      return rates === undefined ? stats : { ...stats, network_rate_stats: rates };
    },
  };
}

function sampleOf(stats: ContainerStats): Sample {
  const at = Date.parse(String(stats["read"] ?? ""));
  let received = 0;
  let sent = 0;
  for (const one of Object.values(membersOf(stats["networks"]))) {
    const counters = membersOf(one);
    received += Number(counters["rx_bytes"] ?? 0);
    sent += Number(counters["tx_bytes"] ?? 0);
  }
  return { at: Number.isNaN(at) ? 0 : at, received, sent };
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function ratesBetween(before: Sample | undefined, now: Sample): object | undefined {
  const seconds = before === undefined ? 0 : (now.at - before.at) / 1000;
  if (before === undefined || seconds <= 0 || seconds * 1000 > OLDEST_SAMPLE_MS) return undefined;
  return {
    rx_bytes_per_sec: (now.received - before.received) / seconds,
    tx_bytes_per_sec: (now.sent - before.sent) / seconds,
  };
}
