import { assertEquals } from "@std/assert";
import { makeRow } from "../testing/job-row.ts";
import { durationOf, nowOf } from "./job-now.ts";
import type { Around, JobRow } from "./jobs.ts";

const NOW = Date.parse("2026-03-05T12:00:00.000Z");
const at = (seconds: number) => new Date(NOW + seconds * 1000).toISOString();

const AROUND: Around = {
  at: NOW,
  paused: ["hooks"],
  able: ["email:send"],
  counts: { pending: 0, scheduled: 0, running: 0, retrying: 0, completed: 0, failed: 0, cancelled: 0 },
  total: null,
  types: [],
  queues: [],
  pending: { default: 1843 },
};

function rowWith(changes: Partial<JobRow>): JobRow {
  return makeRow({ createdAt: at(-60), updatedAt: at(-60), scheduledAt: at(-60), ...changes });
}

function textOf(changes: Partial<JobRow>, place: number | null = null): string {
  return nowOf(rowWith(changes), { around: AROUND, zone: "UTC", now: NOW, place }).text;
}

const ERROR = { name: "SmtpError", message: "TLS handshake failed", at: at(-10), startedAt: at(-12) };

Deno.test("nowOf() says why a pending job waits, or where in line", () => {
  assertEquals(textOf({ queue: "hooks" }), "Queue is paused");
  assertEquals(textOf({ type: "file:import" }), "No worker for this type");
  assertEquals(textOf({}), "in line with 1,842 others");
  assertEquals(textOf({ queue: "small" }), "next in line");
  assertEquals([1, 2, 3, 11, 12, 21].map((place) => textOf({}, place)), [
    "next in line",
    "2nd in line",
    "3rd in line",
    "11th in line",
    "12th in line",
    "21st in line",
  ]);
});

Deno.test("nowOf() says when a job runs, again or for the first time", () => {
  assertEquals(textOf({ status: "scheduled", scheduledAt: at(6.5 * 3600) }), "in 6 h 30 min · 18:30");
  assertEquals(textOf({ status: "scheduled", scheduledAt: at(18 * 3600) }), "in 18 h · Mar 6, 06:00");
  assertEquals(
    textOf({ status: "retrying", scheduledAt: at(42), error: ERROR }),
    "again in 42 s · SmtpError",
  );
});

Deno.test("nowOf() says how far a running job is, and how long it still takes", () => {
  const running = { status: "running", startedAt: at(-40), percent: 64, progressAt: at(-8) } as const;
  assertEquals(textOf(running), "64 % · 10 s left");
  assertEquals(textOf({ ...running, isStopping: true }), "64 % · stopping");
  assertEquals(textOf({ ...running, percent: 0 }), "0 %");
  assertEquals(textOf({ ...running, progressAt: at(-50) }), ""); // of an earlier attempt
  assertEquals(textOf({ ...running, percent: null, progressAt: null, isStopping: true }), "stopping");
});

Deno.test("nowOf() says what went wrong, and nothing where there is nothing to say", () => {
  assertEquals(textOf({ status: "failed", error: ERROR }), "SmtpError: TLS handshake failed");
  assertEquals(textOf({ status: "cancelled" }), "before it ran");
  assertEquals(textOf({ status: "cancelled", startedAt: at(-9), percent: 71 }), "at 71 %");
  assertEquals(textOf({ status: "completed", startedAt: at(-9) }), "");
});

Deno.test("durationOf() measures the run that is or was", () => {
  assertEquals(durationOf(rowWith({}), NOW), null);
  assertEquals(durationOf(rowWith({ status: "running", startedAt: at(-4) }), NOW), 4000);
  assertEquals(
    durationOf(rowWith({ status: "completed", startedAt: at(-9), finishedAt: at(-8) }), NOW),
    1000,
  );
  assertEquals(durationOf(rowWith({ status: "retrying", startedAt: null, error: ERROR }), NOW), 2000);
});
