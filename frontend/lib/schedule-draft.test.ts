import { assertEquals, assertThrows } from "@std/assert";
import { changes, type Draft, DraftError, draftOf, newSchedule } from "./schedule-draft.ts";
import type { Schedule } from "./schedules.ts";

const SCHEDULE = {
  name: "nightly",
  expression: "0 3 * * *",
  timezone: "Europe/Paris",
  dst: "vixie",
  missed: "once",
  missedLimit: 100,
  overlap: "skip",
  jitter: 1500,
  startAt: "2026-01-01T00:00:00.000Z",
  endAt: null,
  maxRuns: 5,
  job: { type: "report", data: { n: 1 }, options: {} },
} as Partial<Schedule> as Schedule;

const draft = draftOf(SCHEDULE, "Asia/Kolkata");

Deno.test("draftOf() shows durations and times as people write them, times in the viewer's zone", () => {
  assertEquals([draft.jitter, draft.startAt, draft.endAt, draft.maxRuns], [
    "1500ms",
    "2026-01-01T05:30:00",
    "",
    "5",
  ]);
});

Deno.test("changes() sends what somebody has changed, and nothing else", () => {
  const changed = (part: Partial<Draft>) => changes({ ...draft, ...part }, draft);
  assertEquals(changed({}), {});
  assertEquals(changed({ expression: "0 4 * * *" }), { expression: "0 4 * * *" });
  assertEquals(changed({ timezone: " UTC ", jitter: "5s" }), { timezone: "UTC", jitter: "5s" });
  assertEquals(changed({ startAt: "", maxRuns: "" }), { startAt: null, maxRuns: null });
  assertEquals(changed({ data: '{"n":2}' }), { job: { type: "report", data: { n: 2 }, options: {} } });
});

Deno.test("A draft that cannot be sent says which field is wrong", () => {
  const wrong = (part: Partial<Draft>) => {
    return assertThrows(() => changes({ ...draft, ...part }, draft), DraftError).fault.path;
  };
  assertEquals(wrong({ data: "{ nope" }), "job.data");
  assertEquals(wrong({ options: "[" }), "job.options");
  assertEquals(wrong({ maxRuns: "many" }), "maxRuns");
  assertEquals(wrong({ missedLimit: "" }), "missedLimit");
});

Deno.test("newSchedule() holds what a schedule needs, and what is not as it begins", () => {
  const empty = draftOf(null, "UTC");
  const made = newSchedule({ ...empty, name: "a", type: " mail ", options: "", overlap: "queue" });
  assertEquals(made, {
    name: "a",
    expression: "0 3 * * *",
    overlap: "queue",
    job: { type: "mail", data: {}, options: {} },
  });
});
