import { assertEquals } from "@std/assert";
import { describeRuns, formatDue, formatNear, reasonIn } from "./schedule-words.ts";

const NOW = Date.parse("2026-03-05T14:32:00Z");

Deno.test("describeRuns() counts how runs ended", () => {
  assertEquals(describeRuns([]), "No runs so far");
  assertEquals(describeRuns(["failed"]), "The last run: 1 failed");
  assertEquals(describeRuns(["completed", "missed", "completed"]), "Last 3 runs: 2 good, 1 missed");
});

Deno.test("formatDue() says how far a run is, and that one is late", () => {
  assertEquals(formatDue("2026-03-05T14:34:10Z", NOW), "in 2 min 10 s");
  assertEquals(formatDue("2026-03-05T14:32:00Z", NOW), "now");
  assertEquals(formatDue("2026-03-05T14:31:55Z", NOW), "now");
  assertEquals(formatDue("2026-03-05T14:28:00Z", NOW), "overdue by 4 min");
});

Deno.test("formatNear() is as short as it is clear", () => {
  assertEquals(formatNear("2026-03-05T14:35:00Z", "UTC", NOW), "14:35");
  assertEquals(formatNear("2026-03-05T23:30:00Z", "Europe/Berlin", NOW), "Fri 00:30");
  assertEquals(formatNear("2026-03-31T04:00:00Z", "UTC", NOW), "Mar 31, 04:00");
  assertEquals(formatNear("2027-03-31T04:00:00Z", "UTC", NOW), "Mar 31, 2027, 04:00");
  assertEquals(formatNear("2026-03-05T14:35:00Z", "Mars/Olympus", NOW), "14:35 UTC");
});

Deno.test("reasonIn() leaves out where it is and what to write", () => {
  const message =
    'Cannot parse hour (column 3) of "30 22-2 * * *": range 22-2 runs backwards; write 22-23,0-2';
  assertEquals(reasonIn(message), "range 22-2 runs backwards");
  assertEquals(reasonIn("must be a time zone"), "must be a time zone");
});
