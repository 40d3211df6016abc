import { assertEquals } from "@std/assert";
import { parseCron } from "../cron.ts";
import { CronPatterns } from "./patterns.ts";

Deno.test("CronPatterns mean what their names say", () => {
  const first = (expression: string) => {
    const cron = parseCron(expression);
    assertEquals(cron.warnings, [], expression);
    return cron.upcoming(2, new Date("2026-01-01T00:00:00Z")).map((time) => time.toISOString().slice(0, 19));
  };
  const expected: Record<keyof typeof CronPatterns, [string, string]> = {
    EVERY_SECOND: ["2026-01-01T00:00:01", "2026-01-01T00:00:02"],
    EVERY_10_SECONDS: ["2026-01-01T00:00:10", "2026-01-01T00:00:20"],
    EVERY_30_SECONDS: ["2026-01-01T00:00:30", "2026-01-01T00:01:00"],
    EVERY_MINUTE: ["2026-01-01T00:01:00", "2026-01-01T00:02:00"],
    EVERY_5_MINUTES: ["2026-01-01T00:05:00", "2026-01-01T00:10:00"],
    EVERY_10_MINUTES: ["2026-01-01T00:10:00", "2026-01-01T00:20:00"],
    EVERY_15_MINUTES: ["2026-01-01T00:15:00", "2026-01-01T00:30:00"],
    EVERY_30_MINUTES: ["2026-01-01T00:30:00", "2026-01-01T01:00:00"],
    HOURLY: ["2026-01-01T01:00:00", "2026-01-01T02:00:00"],
    EVERY_2_HOURS: ["2026-01-01T02:00:00", "2026-01-01T04:00:00"],
    EVERY_6_HOURS: ["2026-01-01T06:00:00", "2026-01-01T12:00:00"],
    EVERY_12_HOURS: ["2026-01-01T12:00:00", "2026-01-02T00:00:00"],
    DAILY_MIDNIGHT: ["2026-01-02T00:00:00", "2026-01-03T00:00:00"],
    DAILY_3AM: ["2026-01-01T03:00:00", "2026-01-02T03:00:00"],
    DAILY_NOON: ["2026-01-01T12:00:00", "2026-01-02T12:00:00"],
    WEEKDAYS_9AM: ["2026-01-01T09:00:00", "2026-01-02T09:00:00"],
    WEEKLY_MONDAY_9AM: ["2026-01-05T09:00:00", "2026-01-12T09:00:00"],
    WEEKLY_SUNDAY_MIDNIGHT: ["2026-01-04T00:00:00", "2026-01-11T00:00:00"],
    MONTHLY_FIRST: ["2026-02-01T00:00:00", "2026-03-01T00:00:00"],
    MONTHLY_LAST: ["2026-01-31T00:00:00", "2026-02-28T00:00:00"],
    QUARTERLY: ["2026-04-01T00:00:00", "2026-07-01T00:00:00"],
    YEARLY: ["2027-01-01T00:00:00", "2028-01-01T00:00:00"],
  };

  for (const [name, times] of Object.entries(expected)) {
    assertEquals(first(CronPatterns[name as keyof typeof CronPatterns]), times, name);
  }
});
