/**
 * EventBridge's cron expressions: minutes, hours, day of month, month, day of week (1 is Sunday) and year, where one of
 * the two days is `?` (EventBridge user guide, "Cron expressions").
 */

export interface Cron {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  /** Days of that month, in any order. `month` counts from 1. */
  readonly days: (year: number, month: number) => ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  readonly years: ReadonlySet<number>;
}

interface Field {
  readonly from: number;
  readonly to: number;
  /** Of the values from `from` on. */
  readonly names?: readonly string[];
}

const MINUTES: Field = { from: 0, to: 59 };
const HOURS: Field = { from: 0, to: 23 };
const DAYS: Field = { from: 1, to: 31 };
const MONTHS: Field = {
  from: 1,
  to: 12,
  names: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
};
const WEEKDAYS: Field = { from: 1, to: 7, names: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"] };
const YEARS: Field = { from: 1970, to: 2199 };
/** A year beyond the last that the guide names is taken; it is only never reached. */
const YEAR = /^\d{4}$/;
const SATURDAY = 7;
const SUNDAY = 1;
const MINUTE_MS = 60_000;

/** Undefined when EventBridge does not take it. */
export function parseCron(fields: readonly string[]): Cron | undefined {
  if (fields.length !== 6) return undefined;
  const [minute = "", hour = "", day = "", month = "", weekday = "", year = ""] = fields;
  const minutes = fieldValues(minute, MINUTES);
  const hours = fieldValues(hour, HOURS);
  const months = fieldValues(month, MONTHS);
  const years = YEAR.test(year) ? new Set([Number(year)]) : fieldValues(year, YEARS);
  if ((day === "?") === (weekday === "?")) return undefined;
  const days = weekday === "?" ? daysOfMonth(day) : daysOfWeek(weekday);
  if (minutes === undefined || hours === undefined || months === undefined) return undefined;
  if (years === undefined || days === undefined) return undefined;
  return { minutes, hours, days, months, years };
}

/** The first minute after `after` that the expression names, both in milliseconds since the epoch. */
export function nextMinute(cron: Cron, after: number): number | undefined {
  const start = (Math.floor(after / MINUTE_MS) + 1) * MINUTE_MS;
  const first = new Date(start);
  for (let year = first.getUTCFullYear(); year <= YEARS.to; year++) {
    if (!cron.years.has(year)) continue;
    for (const month of ascending(cron.months)) {
      if (Date.UTC(year, month, 1) <= start) continue;
      for (const day of ascending(cron.days(year, month))) {
        const found = timeOfDay(cron, Date.UTC(year, month - 1, day), start);
        if (found !== undefined) return found;
      }
    }
  }
  return undefined;
}

function timeOfDay({ hours, minutes }: Cron, midnight: number, start: number): number | undefined {
  for (const hour of ascending(hours)) {
    for (const minute of ascending(minutes)) {
      const at = midnight + (hour * 60 + minute) * MINUTE_MS;
      if (at >= start) return at;
    }
  }
  return undefined;
}

/** `*`, `5`, `1-5`, `MON-FRI`, `0/15`, `*`+`/15`, and lists of them. A range may run over the end: `22-2`. */
function fieldValues(text: string, field: Field): Set<number> | undefined {
  const values = new Set<number>();
  for (const part of text.split(",")) {
    const [range = "", step, ...more] = part.split("/");
    if (more.length > 0 || (step !== undefined && !/^[1-9]\d{0,3}$/.test(step))) return undefined;
    const ends = endsOf(range, field, step !== undefined);
    if (ends === undefined) return undefined;
    const size = field.to - field.from + 1;
    const length = ((ends.to - ends.from + size) % size) + 1;
    for (let at = 0; at < length; at += Number(step ?? 1)) {
      values.add(field.from + ((ends.from - field.from + at) % size));
    }
  }
  return values;
}

function endsOf(
  range: string,
  field: Field,
  stepped: boolean,
): { readonly from: number; readonly to: number } | undefined {
  if (range === "*") return field;
  const [first = "", last, ...more] = range.split("-");
  const from = fieldValue(first, field);
  const to = last === undefined ? (stepped ? field.to : from) : fieldValue(last, field);
  return more.length > 0 || from === undefined || to === undefined ? undefined : { from, to };
}

function fieldValue(text: string, { from, to, names }: Field): number | undefined {
  const named = names?.indexOf(text.toUpperCase()) ?? -1;
  if (named >= 0) return from + named;
  const value = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  return value >= from && value <= to ? value : undefined;
}

/** `L` is the last day, `15W` the weekday nearest to the 15th within the month, `LW` the last weekday. */
function daysOfMonth(text: string): Cron["days"] | undefined {
  if (text === "L") return (year, month) => new Set([lastDay(year, month)]);
  if (text === "LW") return (year, month) => new Set([nearestWeekday(year, month, lastDay(year, month))]);
  const near = /^(\d{1,2})W$/.exec(text);
  if (near !== null) {
    const wanted = fieldValue(near[1] ?? "", DAYS);
    if (wanted === undefined) return undefined;
    return (year, month) =>
      new Set(wanted > lastDay(year, month) ? [] : [nearestWeekday(year, month, wanted)]);
  }
  const days = fieldValues(text, DAYS);
  if (days === undefined) return undefined;
  return (year, month) => new Set([...days].filter((day) => day <= lastDay(year, month)));
}

/** `L` is Saturday, `6L` the month's last Friday, `3#2` its second Tuesday; those stand alone. */
function daysOfWeek(text: string): Cron["days"] | undefined {
  if (text === "L") return (year, month) => weekdaysOf(year, month, new Set([SATURDAY]));
  const nth = /^([^#]+)#([1-5])$/.exec(text);
  if (nth !== null) {
    const weekday = fieldValue(nth[1] ?? "", WEEKDAYS);
    if (weekday === undefined) return undefined;
    return (year, month) => pick(weekdaysOf(year, month, new Set([weekday])), Number(nth[2]) - 1);
  }
  const last = /^(.+)L$/.exec(text);
  if (last !== null) {
    const weekday = fieldValue(last[1] ?? "", WEEKDAYS);
    if (weekday === undefined) return undefined;
    return (year, month) => pick(weekdaysOf(year, month, new Set([weekday])), -1);
  }
  const weekdays = fieldValues(text, WEEKDAYS);
  return weekdays === undefined ? undefined : (year, month) => weekdaysOf(year, month, weekdays);
}

function weekdaysOf(year: number, month: number, wanted: ReadonlySet<number>): Set<number> {
  const days = Array.from({ length: lastDay(year, month) }, (_, index) => index + 1);
  return new Set(days.filter((day) => wanted.has(weekdayOf(year, month, day))));
}

/** Counted from the first, or from the end where negative; none when the month has none. */
function pick(days: ReadonlySet<number>, index: number): Set<number> {
  const day = ascending(days).at(index);
  return new Set(day === undefined ? [] : [day]);
}

/** It does not leave the month: the Monday after a Sunday the 1st, the Friday before a Sunday that ends it. */
function nearestWeekday(year: number, month: number, day: number): number {
  const weekday = weekdayOf(year, month, day);
  if (weekday === SATURDAY) return day === 1 ? 3 : day - 1;
  if (weekday === SUNDAY) return day === lastDay(year, month) ? day - 2 : day + 1;
  return day;
}

/** 1 is Sunday. */
function weekdayOf(year: number, month: number, day: number): number {
  return new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 1;
}

function lastDay(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

function ascending(values: ReadonlySet<number>): number[] {
  return [...values].sort((a, b) => a - b);
}
