import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nextTime, parseSchedule } from "./schedule.ts";

/** The times that follow, as `YYYY-MM-DD HH:MM`; from Thursday, 1 January 2026, 10:20:30 unless told otherwise. */
function times(expression: string, count: number, from = "2026-01-01T10:20:30Z"): string[] {
  const schedule = parseSchedule(expression);
  assert.ok(schedule, expression);
  const since = Date.parse(from);
  const found: string[] = [];
  let after: number | undefined = since;
  while (found.length < count) {
    after = nextTime(schedule, { after, since });
    if (after === undefined) break;
    found.push(new Date(after).toISOString().replace("T", " ").slice(0, 16));
  }
  return found;
}

describe("rates", () => {
  it("run each period from when they were set", () => {
    const schedule = parseSchedule("rate(5 minutes)");
    assert.ok(schedule);
    const since = 1000;
    const next = (after: number) => nextTime(schedule, { after, since });
    assert.equal(next(0), 301_000);
    assert.equal(next(1000), 301_000);
    assert.equal(next(300_999), 301_000);
    assert.equal(next(301_000), 601_000);
    assert.equal(next(10_000_000), 10_201_000);
  });

  it("are minutes, hours and days", () => {
    assert.deepEqual(parseSchedule("rate(1 minute)"), { kind: "rate", periodMs: 60_000 });
    assert.deepEqual(parseSchedule("rate(12 hours)"), { kind: "rate", periodMs: 43_200_000 });
    assert.deepEqual(parseSchedule("rate(1 day)"), { kind: "rate", periodMs: 86_400_000 });
  });

  for (const text of [
    "rate(10 seconds)",
    "rate(10 years)",
    "rate(1 minutes)",
    "rate(1 hours)",
    "rate(1 days)",
    "rate(10 minute)",
    "rate(10 hour)",
    "rate(10 day)",
    "rate()",
    "rate(10)",
    "rate(10 minutess)",
    "rate(foo minutes)",
    "rate(0 minutes)",
    "rate(-10 minutes)",
    "rate(1.5 minutes)",
    "rate(10 MINUTES)",
    "rate( 10 minutes )",
    " rate(10 minutes)",
    "rate(10  minutes)",
    "every(5 minutes)",
    "at(2026-01-01T00:00:00)",
    "",
  ]) {
    it(`does not take ${JSON.stringify(text)}`, () => assert.equal(parseSchedule(text), undefined));
  }
});

describe("cron expressions", () => {
  const cases: readonly (readonly [expression: string, ...times: string[]])[] = [
    ["cron(0 12 * * ? *)", "2026-01-01 12:00", "2026-01-02 12:00"],
    ["cron(15 10 * * ? *)", "2026-01-02 10:15"],
    ["cron(20 10 * * ? *)", "2026-01-02 10:20"],
    ["cron(21 10 * * ? *)", "2026-01-01 10:21"],
    ["cron(* * * * ? *)", "2026-01-01 10:21", "2026-01-01 10:22"],
    ["cron(0/15 * * * ? *)", "2026-01-01 10:30", "2026-01-01 10:45", "2026-01-01 11:00"],
    ["cron(*/20 * * * ? *)", "2026-01-01 10:40", "2026-01-01 11:00"],
    ["cron(1/10 * * * ? *)", "2026-01-01 10:21", "2026-01-01 10:31"],
    ["cron(5-15/5 * * * ? *)", "2026-01-01 11:05", "2026-01-01 11:10", "2026-01-01 11:15"],
    ["cron(0 18 ? * MON-FRI *)", "2026-01-01 18:00", "2026-01-02 18:00", "2026-01-05 18:00"],
    ["cron(0 18 ? * mon,Wed *)", "2026-01-05 18:00", "2026-01-07 18:00"],
    ["cron(0 8 1 * ? *)", "2026-02-01 08:00", "2026-03-01 08:00"],
    ["cron(0/30 20-23 ? * MON-FRI *)", "2026-01-01 20:00", "2026-01-01 20:30"],
    ["cron(0 23-1 * * ? *)", "2026-01-01 23:00", "2026-01-02 00:00", "2026-01-02 01:00", "2026-01-02 23:00"],
    ["cron(0 0 ? * 7-1 *)", "2026-01-03 00:00", "2026-01-04 00:00", "2026-01-10 00:00"],
    ["cron(0 0 1 JAN,JUL ? *)", "2026-07-01 00:00", "2027-01-01 00:00"],
    ["cron(0 0 1 2/3 ? *)", "2026-02-01 00:00", "2026-05-01 00:00"],
    ["cron(0 9 L * ? *)", "2026-01-31 09:00", "2026-02-28 09:00", "2026-03-31 09:00"],
    ["cron(0 9 LW * ? *)", "2026-01-30 09:00", "2026-02-27 09:00"],
    // 15 February and 15 March are Sundays, 15 August is a Saturday.
    ["cron(0 9 15W 2,3,8 ? *)", "2026-02-16 09:00", "2026-03-16 09:00", "2026-08-14 09:00"],
    // 1 August is a Saturday, 1 November a Sunday, 31 May a Sunday.
    ["cron(0 9 1W 8,11 ? *)", "2026-08-03 09:00", "2026-11-02 09:00"],
    ["cron(0 9 31W 5,6,7 ? *)", "2026-05-29 09:00", "2026-07-31 09:00"],
    ["cron(0 9 ? * L *)", "2026-01-03 09:00", "2026-01-10 09:00"],
    ["cron(0 9 ? * 6L *)", "2026-01-30 09:00", "2026-02-27 09:00"],
    ["cron(0 9 ? * FRIL *)", "2026-01-30 09:00"],
    ["cron(0 9 ? * 3#2 *)", "2026-01-13 09:00", "2026-02-10 09:00"],
    ["cron(0 9 ? * TUE#2 *)", "2026-01-13 09:00"],
    ["cron(0 9 ? * 5#5 *)", "2026-01-29 09:00", "2026-04-30 09:00"],
    ["cron(0 0 29 2 ? *)", "2028-02-29 00:00", "2032-02-29 00:00"],
    ["cron(0 0 31 * ? *)", "2026-01-31 00:00", "2026-03-31 00:00"],
    ["cron(0 0 1 1 ? 2028-2030/2)", "2028-01-01 00:00", "2030-01-01 00:00"],
    ["cron(30 4  1/5 *   ? 2026)", "2026-01-06 04:30", "2026-01-11 04:30"],
  ];
  for (const [expression, ...expected] of cases) {
    it(`${expression} is next due ${expected[0]}`, () => {
      assert.deepEqual(times(expression, expected.length), expected);
    });
  }

  it("end with their last year", () => {
    assert.deepEqual(times("cron(0 0 1 2 ? 2026)", 3), ["2026-02-01 00:00"]);
    assert.deepEqual(times("cron(0 0 * * ? 2020)", 1), []);
    assert.deepEqual(times("cron(0 20 * * ? 2500)", 1), []);
    assert.deepEqual(times("cron(0 0 30 2 ? *)", 1), []);
  });

  it("go over the ends of months and years", () => {
    assert.deepEqual(times("cron(0 0 * * ? *)", 1, "2026-12-31T23:59:59Z"), ["2027-01-01 00:00"]);
    assert.deepEqual(times("cron(59 23 L 2 ? *)", 1, "2026-12-31T23:59:59Z"), ["2027-02-28 23:59"]);
  });

  for (const fields of [
    "0 12 * * *",
    "0 12 * * * *",
    "0 12 ? * ? *",
    "0 12 1 * 2 *",
    "0 12 * * ? * *",
    "60 12 * * ? *",
    "0 24 * * ? *",
    "0 12 0 * ? *",
    "0 12 32 * ? *",
    "0 12 * 13 ? *",
    "0 12 * 0 ? *",
    "0 12 ? * 0 *",
    "0 12 ? * 8 *",
    "0 12 ? * MONDAY *",
    "0 12 3#1 * ? *",
    "0 12 ? * 3#6 *",
    "0 12 ? * 3#0 *",
    "0 12 ? * 3#1,6#3 *",
    "0 12 L,1 * ? *",
    "0 12 40W * ? *",
    "0/0 12 * * ? *",
    "/5 12 * * ? *",
    "0-10-20 12 * * ? *",
    "1//2 12 * * ? *",
    "a 12 * * ? *",
    "-1 12 * * ? *",
    "1, 12 * * ? *",
    "? 12 * * ? *",
    "0 L * * ? *",
    " 0 12 * * ? *",
    "",
  ]) {
    it(`does not take cron(${fields})`, () => assert.equal(parseSchedule(`cron(${fields})`), undefined));
  }
});
