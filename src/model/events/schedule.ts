/**
 * When a rule runs by itself (EventBridge user guide, "Setting a schedule pattern for scheduled rules (legacy)"): at a
 * steady rate, or at the minutes that a cron expression names, in UTC.
 */
import { type Cron, nextMinute, parseCron } from "./cron.ts";

export type Schedule =
  | { readonly kind: "rate"; readonly periodMs: number }
  | { readonly kind: "cron"; readonly cron: Cron };

const UNIT_MS = { minute: 60_000, hour: 60 * 60_000, day: 24 * 60 * 60_000 } as const;

/** Undefined when EventBridge does not take it. It wants `1 minute` but `2 minutes`. */
export function parseSchedule(expression: string): Schedule | undefined {
  const rate = /^rate\(([1-9]\d{0,8}) (minute|hour|day)(s?)\)$/.exec(expression);
  if (rate !== null) {
    const value = Number(rate[1]);
    const unit = rate[2];
    if (unit !== "minute" && unit !== "hour" && unit !== "day") return undefined;
    return (value === 1) === (rate[3] === "") ? { kind: "rate", periodMs: value * UNIT_MS[unit] } : undefined;
  }
  const fields = /^cron\((\S.*\S)\)$/.exec(expression)?.[1];
  const cron = fields === undefined ? undefined : parseCron(fields.split(/\s+/));
  return cron === undefined ? undefined : { kind: "cron", cron };
}

/**
 * The first time after `after`, in milliseconds since the epoch; undefined when there is none any more. A rate runs
 * for the first time one period after `since`, when the schedule was set.
 */
export function nextTime(
  schedule: Schedule,
  { after, since }: { readonly after: number; readonly since: number },
): number | undefined {
  if (schedule.kind === "cron") return nextMinute(schedule.cron, Math.max(after, since));
  const { periodMs } = schedule;
  return since + Math.max(Math.floor((after - since) / periodMs) + 1, 1) * periodMs;
}
