import { assert, assertEquals, assertMatch, assertNotEquals, assertStrictEquals } from "@std/assert";
import { makeJob } from "../../testing/factories.ts";
import { START } from "../../testing/fake-clock.ts";
import { checkOptions } from "../options.ts";
import { checkDeclaration } from "./definition.ts";
import { create, withRuns } from "./record.ts";
import { jobIdOf, openJobs, withOutcomes } from "./runs.ts";
import { Timing } from "./timing.ts";

const record = create(checkDeclaration("* * * * *", null), { at: START, by: null }, {
  fromCode: true,
  timingOf: (definition, createdAt) => new Timing("t", definition, createdAt),
});

Deno.test("jobIdOf() is an id that add() takes, another for each name, tick and tail", () => {
  const names = ["daily", "Täglich um drei", "a b", "a/b", "x".repeat(100), "ü".repeat(100)];
  const ids = names.flatMap((name) => [
    jobIdOf(name, START),
    jobIdOf(name, START + 1000),
    jobIdOf(name, START, "1a2b3c4d"),
  ]);

  assertEquals(ids[0], "schedule:daily@2026-01-01T00:00:00.000Z");
  assertMatch(ids[3] ?? "", /^schedule:[0-9a-f-]{36}@2026-01-01T00:00:00\.000Z$/);
  assertEquals(new Set(ids).size, ids.length);
  for (const jobId of ids) assertEquals(checkOptions({ jobId }, START).jobId, jobId);
  assertNotEquals(jobIdOf("a b", START), jobIdOf("a c", START));
});

Deno.test("withOutcomes() notes how jobs ended, and that some are gone", () => {
  const seen = withRuns(record, [[1, "skipped"], [2, null], [3, null], [4, null], [5, null, "tail"], [
    6,
    null,
  ]]);
  const id = (at: number, tail?: string) => jobIdOf("t", at, tail);
  assertEquals(openJobs("t", seen), [id(2), id(3), id(4), id(5, "tail"), id(6)]);
  const known = withOutcomes(
    "t",
    seen,
    new Map([
      [id(2), makeJob({ status: "completed" })],
      [id(3), makeJob({ status: "running" })],
      [id(4), null],
      [id(5, "tail"), makeJob({ status: "failed" })],
    ]),
  );

  assertEquals(known.runs, [[1, "skipped"], [2, "completed"], [3, null], [4, "removed"], [
    5,
    "failed",
    "tail",
  ], [
    6,
    null,
  ]]);
  assertStrictEquals(withOutcomes("t", seen, new Map()), seen);
  assert(openJobs("t", known).length === 2);
});
