import { assert, assertEquals } from "@std/assert";
import type { WholeJob } from "./job.ts";
import { isNews, isStale } from "./job-news.ts";

const WAITING = {
  id: "a",
  status: "pending",
  updatedAt: "2026-01-01T00:00:00.000Z",
  waitsFor: [{ reason: "queue_paused" }],
  progress: null,
} as unknown as WholeJob;
const FAILED: WholeJob = { ...WAITING, status: "failed", waitsFor: [] };

Deno.test("isStale() is true of what changed, and now and then of what did not", () => {
  assert(isStale({ ...WAITING, waitsFor: [] }, WAITING, 0), "the queue runs again");
  assert(isStale(FAILED, { ...FAILED, updatedAt: "2026-01-01T00:00:01.000Z" }, 0));
  assert(!isStale({ ...WAITING, progress: { percent: 1, note: null, at: "" } }, WAITING, 0));

  assertEquals([4_999, 5_000].map((ms) => isStale({ ...WAITING }, WAITING, ms)), [false, true]);
  assertEquals([59_999, 60_000].map((ms) => isStale({ ...FAILED }, FAILED, ms)), [false, true]);
});

Deno.test("isNews() is true of what happened to this job, while it is there", () => {
  const data = { job: WAITING, isGone: false, isAhead: false };

  assert(isNews("job.started", { id: "a" }, data));
  assert(!isNews("job.started", { id: "b" }, data));
  assert(!isNews("job.started", { id: "a" }, { ...data, isGone: true }));
  assert(!isNews("schedule.fired", { name: "a" }, data));
  // More cannot be news within the same moment.
  assertEquals(["stats", "worker.joined"].map((event) => isNews(event as "stats", {}, data)), [true, false]);
});
