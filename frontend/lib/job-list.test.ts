import { assertEquals } from "@std/assert";
import { type JobEvent, keptBy, mergeEvent } from "./job-list.ts";
import { makeRow } from "../testing/job-row.ts";
import type { JobList } from "./jobs.ts";
import { queryIn } from "./jobs-query.ts";

const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();

function listOf(ids: string, nextCursor: string | null): JobList {
  const rows = [...ids].map((id) => makeRow({ id }));
  return { rows, nextCursor, scanned: null, tags: [], refusal: null };
}

/** Which of `shown` are kept when the page now has `fresh`. */
function kept(shown: string, fresh: string, { next = "more" as string | null, query = "" } = {}): string {
  const { rows } = listOf(shown, null);
  const isKept = keptBy(listOf(fresh, next), rows, queryIn(new URLSearchParams(query)));
  return rows.filter(isKept).map(({ id }) => id).join("");
}

Deno.test("keptBy() keeps what others have pushed off the page, and not what is gone", () => {
  assertEquals(kept("abcd", "xyab"), "abcd");
  assertEquals(kept("abcd", "wxyz"), "abcd");
  assertEquals(kept("abcd", "xacd"), "acd");
  assertEquals(kept("abcd", "acd", { next: null }), "acd");
  assertEquals(kept("abcd", "", { next: null }), "");
});

Deno.test("keptBy() keeps what may have moved in a list that is not by age", () => {
  assertEquals(kept("abcd", "xacd", { query: "type=email" }), "abcd");
  assertEquals(kept("abcd", "acd", { query: "type=email", next: null }), "acd");
});

Deno.test("mergeEvent() shows what became of a job, unless the row was read later", () => {
  const row = makeRow({
    status: "running",
    startedAt: at(2),
    updatedAt: at(3),
    workerId: "w",
    isStopping: true,
  });
  const event: JobEvent = {
    id: "a",
    status: "completed",
    priority: 5,
    attempt: 1,
    maxAttempts: 3,
    progress: { percent: 100, at: at(4) },
    scheduledAt: at(1),
    startedAt: at(2),
    finishedAt: at(4),
    at: at(4),
  };

  const { status, percent, finishedAt, workerId, isStopping } = mergeEvent(row, event);
  assertEquals([status, percent, finishedAt, workerId, isStopping], ["completed", 100, at(4), null, false]);
  assertEquals(mergeEvent({ ...row, updatedAt: at(5) }, event).status, "running");
});
