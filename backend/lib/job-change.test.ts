import { assertEquals } from "@std/assert";
import { makeJob } from "../testing/factories.ts";
import { changedJob, condensed, type JobChange } from "./job-change.ts";

function changesOf(id: string, ...events: JobChange["event"][]): JobChange[] {
  return events.map((event) => {
    const isFinal = event === "completed" || event === "failed" || event === "cancelled";
    const job = changedJob(makeJob({ id, seq: id, status: isFinal ? event : "pending" }));
    return { event, at: 0, job };
  });
}

function toldOf(changes: readonly JobChange[], id: string): string[] {
  return changes.filter(({ job }) => job.id === id).map(({ event }) => event);
}

Deno.test("condensed() leaves few changes as they are", () => {
  const changes = changesOf("a", "added", "started", "completed");

  assertEquals(condensed(changes), changes);
});

Deno.test("condensed() of many keeps each end of a job or an attempt, and what came last", () => {
  const others = Array.from({ length: 200 }, (_, i) => changesOf(`${i}`, "added")).flat();
  const changes = [
    ...changesOf("ended", "added", "started", "retrying", "started", "completed"),
    ...changesOf("again", "started", "failed", "added", "started"),
    ...changesOf("runs", "added", "started", "progress"),
    ...others,
  ];

  const told = condensed(changes);

  assertEquals(toldOf(told, "ended"), ["retrying", "completed"]);
  assertEquals(toldOf(told, "again"), ["failed", "started"]);
  assertEquals(toldOf(told, "runs"), ["progress"]);
  assertEquals(told.slice(-200), others);
});
