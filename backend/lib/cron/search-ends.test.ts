import { assertEquals } from "@std/assert";
import { parseCron } from "../cron.ts";
import { LATEST } from "./calendar.ts";

Deno.test("prev() asked from inside the second pass goes back to the first", () => {
  const cron = parseCron("45 1 * * *", { timezone: "America/New_York" });

  for (const before of ["06:00:00", "06:10:00", "06:45:00", "06:59:59", "07:30:00"]) {
    assertEquals(cron.prev(new Date(`2026-11-01T${before}Z`)), new Date("2026-11-01T05:45:00Z"), before);
  }
});

Deno.test("next() asked in the last second before the clocks go forward gives the run of times left out", () => {
  const cron = parseCron("30 2 * * *", { timezone: "America/New_York" });

  for (const after of ["06:59:58.999", "06:59:59", "06:59:59.999"]) {
    assertEquals(cron.next(new Date(`2026-03-08T${after}Z`)), new Date("2026-03-08T07:00:00Z"), after);
  }
  assertEquals(cron.next(new Date("2026-03-08T07:00:00Z")), new Date("2026-03-09T06:30:00Z"));
});

Deno.test("next() finds the second pass, and prev() the first, of what else is a year away", () => {
  const cron = parseCron("30 1 1 11 *", { timezone: "America/New_York", dst: "both" });
  const passes = [new Date("2026-11-01T05:30:00Z"), new Date("2026-11-01T06:30:00Z")];

  assertEquals(cron.upcoming(2, new Date("2026-01-01T00:00:00Z")), passes);
  assertEquals(cron.prev(new Date("2026-11-01T06:30:00Z")), passes[0]);
  assertEquals(
    parseCron("* 1 1 11 *", { timezone: "America/New_York" }).next(new Date("2026-11-01T05:59:30Z")),
    new Date("2026-11-01T06:00:00Z"),
  );
});

Deno.test("A schedule whose times are all left out has no next", () => {
  const options = { timezone: "America/New_York" };
  const after = new Date("2026-01-01T00:00:00Z");

  assertEquals(parseCron("30 2 8-14 3 +SUN", { ...options, dst: "skip" }).next(after), null);
  assertEquals(parseCron("*/5 2 8-14 3 +SUN", options).next(after), null);
  assertEquals(parseCron("30 2 8-14 3 +SUN", options).next(after), new Date("2026-03-08T07:00:00Z"));
  assertEquals(
    parseCron("*/5 2 8-14 3 +SUN", options).prev(after),
    new Date("2006-03-12T07:55:00Z"),
  );
});

Deno.test("A search that finds nothing for 400 years gives up, in both directions", () => {
  const cron = parseCron("30 2 8-14 3 +SUN", { timezone: "America/New_York", dst: "skip" });

  assertEquals(cron.next(new Date("2007-01-01T00:00:00Z")), null);
  assertEquals(cron.prev(new Date("2406-01-01T00:00:00Z")), new Date("2006-03-12T07:30:00Z"));
  assertEquals(cron.prev(new Date("9999-01-01T00:00:00Z")), null);
});

Deno.test("A search ends at both ends of time", () => {
  for (const timezone of ["UTC", "America/New_York", "Pacific/Apia", "Asia/Kolkata"]) {
    for (const expression of ["* * * * * *", "30 2 * * *", "0 0 29 2 *", "0 0 31 2 *", "0 0 29 2 +MON#5"]) {
      const cron = parseCron(expression, { timezone });
      assertEquals(cron.next(new Date(LATEST)), null);
      assertEquals(cron.prev(new Date(-LATEST)), null);
      for (const time of [LATEST - 3.2e12, -LATEST]) {
        const next = cron.next(new Date(time));
        assertEquals(next !== null, !cron.neverFires, `${expression} ${timezone} ${time}`);
        if (next !== null) assertEquals(cron.prev(new Date(next.getTime() + 1)), next);
      }
    }
  }
});
