import { assertEquals } from "@std/assert";
import { formatBytes, formatCount, formatDuration, formatJobs, formatUtc } from "./format.ts";
import { formatTime } from "./format-time.ts";
import { lastSegment } from "./urls.ts";

Deno.test("Numbers have separators, and jobs their plural", () => {
  assertEquals([formatCount(1234567), formatCount(0.05), formatCount(12.34)], ["1,234,567", "0.1", "12.3"]);
  assertEquals([formatJobs(1), formatJobs(0), formatJobs(1240)], ["1 job", "0 jobs", "1,240 jobs"]);
  assertEquals([formatBytes(0), formatBytes(999), formatBytes(12_400_000)], ["0 B", "999 B", "12.4 MB"]);
});

Deno.test("Durations have the one or two units that count", () => {
  const written = [-5, 0, 420, 1000, 1500, 9999, 59_999, 60_000, 90_000, 3_600_000, 12_000_000, 90_000_000]
    .map(formatDuration);

  assertEquals(written, [
    "0 ms",
    "0 ms",
    "420 ms",
    "1 s",
    "1.5 s",
    "9.9 s",
    "59 s",
    "1 min",
    "1 min 30 s",
    "1 h",
    "3 h 20 min",
    "1 d 1 h",
  ]);
});

Deno.test("Times are in the viewer's zone, with the year if it is another", () => {
  const at = "2026-03-29T00:59:59.500Z";
  const now = Date.parse("2026-11-22T00:00:00Z");

  assertEquals(formatTime(at, "Europe/Berlin", now), "Mar 29, 01:59:59");
  assertEquals(formatTime("2025-12-31T23:00:00Z", "Asia/Tokyo", now), "Jan 1, 2026, 08:00:00");
  assertEquals(formatUtc(at), "2026-03-29 00:59:59 UTC");
});

Deno.test("lastSegment() decodes the whole name at the end of a path", () => {
  const of = (path: string) => lastSegment(new URL(path, "http://localhost"));

  assertEquals([of("/ops/admin/jobs/a%2Fb%3A1"), of("/admin/jobs/x/?y=1")], ["a/b:1", "x"]);
});
