import { assertEquals, assertStrictEquals } from "@std/assert";
import { HOUR, MINUTE, SECOND, timeOf } from "../../testing/test-scheduler.ts";
import { START } from "../../testing/fake-clock.ts";
import { checkDeclaration, type ScheduleOptions } from "./definition.ts";
import { judge, type Look, release, take } from "./due.ts";
import { create, type ScheduleRecord } from "./record.ts";
import { Timing } from "./timing.ts";

/** An hourly schedule made at midnight whose runs may overlap, and its timing. */
function setup(options: ScheduleOptions = {}, expression = "0 * * * *") {
  const declaration = checkDeclaration(expression, null, { overlap: "allow", ...options });
  const timing = new Timing("t", declaration.definition, START);
  const record = create(declaration, { at: START, by: null }, { fromCode: true, timingOf: () => timing });
  return { record, timing };
}

/** Judges as of `hours` after midnight, nothing having run since `since`. */
function look(hours: number, since = -Infinity, isRunning = false): Look {
  return { now: START + hours * HOUR, since: START + since * HOUR, isRunning };
}

/** What has become of each tick: `01:00:00 skipped`. */
function told({ runs, backlog, queued }: ScheduleRecord): string[] {
  return [
    ...runs.map(([at, outcome]) => `${timeOf(at)} ${outcome}`),
    ...backlog.map((at) => `${timeOf(at)} to add`),
    ...queued.map((at) => `${timeOf(at)} queued`),
  ];
}

Deno.test("judge() leaves a schedule alone that is not due", () => {
  const { record, timing } = setup();

  assertStrictEquals(judge(record, timing, look(0.9)).record, record);
  const ended = { ...record, nextTickAt: null };
  assertStrictEquals(judge(ended, timing, look(5)).record, ended);
});

Deno.test("judge() moves a schedule on to its next tick", () => {
  const { record, timing } = setup();
  const { record: moved, cancels } = judge(record, timing, look(1));

  assertEquals(told(moved), ["01:00:00 to add"]);
  assertEquals([moved.lastTickAt, moved.nextTickAt], [START + HOUR, START + 2 * HOUR]);
  assertEquals(cancels, false);
});

Deno.test("judge() lets missed ticks run as `missed` says", () => {
  const outcomes = (options: ScheduleOptions) => {
    const { record, timing } = setup(options);
    return told(judge(record, timing, look(3.5, 3.4)).record);
  };

  assertEquals(outcomes({ missed: "skip" }), ["01:00:00 missed", "02:00:00 missed", "03:00:00 missed"]);
  assertEquals(outcomes({ missed: "once" }), ["01:00:00 missed", "02:00:00 missed", "03:00:00 to add"]);
  assertEquals(outcomes({ missed: "all" }), ["01:00:00 to add", "02:00:00 to add", "03:00:00 to add"]);
  assertEquals(outcomes({ missed: "all", missedLimit: 2 }), [
    "01:00:00 missed",
    "02:00:00 to add",
    "03:00:00 to add",
  ]);
});

Deno.test("judge() lets all late ticks run, and with one of them `once` runs no missed one", () => {
  for (const missed of ["skip", "once"] as const) {
    const { record, timing } = setup({ missed });
    const moved = judge(record, timing, look(3, 2)).record;

    assertEquals(told(moved), ["01:00:00 missed", "02:00:00 to add", "03:00:00 to add"]);
  }
});

Deno.test("judge() counts a tick as late by when it fires: its jitter may carry it behind the beginning", () => {
  const { record, timing } = setup({ missed: "skip", jitter: HOUR });
  const firesAt = (timing.fireAt(START + HOUR) - START) / HOUR;

  assertEquals(told(judge(record, timing, look(firesAt, firesAt)).record), ["01:00:00 to add"]);
  assertEquals(told(judge(record, timing, look(firesAt, firesAt + 0.001)).record), ["01:00:00 missed"]);
});

Deno.test("judge() skips a tick while others wait to be caught up", () => {
  const { record, timing } = setup({ overlap: "skip" });
  const moved = judge({ ...record, queued: [START] }, timing, look(1, 0, false)).record;

  assertEquals(told(moved), ["01:00:00 skipped", "00:00:00 queued"]);
});

Deno.test("judge() does with a tick that comes while a run goes on what `overlap` says", () => {
  const outcomes = (overlap: ScheduleOptions["overlap"], isRunning: boolean) => {
    const { record, timing } = setup({ overlap });
    const { record: moved, cancels } = judge(record, timing, look(2, 0, isRunning));
    return [...told(moved), ...(cancels ? ["cancels"] : [])];
  };
  const both = (what: string) => ["01:00:00", "02:00:00"].map((time) => `${time} ${what}`);

  assertEquals(outcomes("skip", true), both("skipped"));
  assertEquals(outcomes("skip", false), both("queued"));
  assertEquals(outcomes("allow", true), both("to add"));
  assertEquals(outcomes("queue", true), both("queued"));
  assertEquals(outcomes("cancel-previous", true), ["01:00:00 skipped", "02:00:00 to add", "cancels"]);
  assertEquals(outcomes("cancel-previous", false), ["01:00:00 skipped", "02:00:00 to add"]);
});

Deno.test("judge() queues at most 100 ticks and skips the others", () => {
  const { record, timing } = setup({ overlap: "queue" }, "* * * * *");
  const full = { ...record, queued: Array.from({ length: 99 }, (_, i) => START - (99 - i) * MINUTE) };
  const moved = judge(full, timing, { now: START + 3 * MINUTE, since: 0, isRunning: true }).record;

  assertEquals(moved.queued.length, 100);
  assertEquals(moved.queued.at(-1), START + MINUTE);
  assertEquals(moved.runs.map(([at, outcome]) => [at - START, outcome]), [
    [2 * MINUTE, "skipped"],
    [3 * MINUTE, "skipped"],
  ]);
});

Deno.test("judge() ends a schedule once maxRuns ticks run or are to run", () => {
  const { record, timing } = setup({ maxRuns: 3, missed: "all" });
  const moved = judge({ ...record, runCount: 1 }, timing, look(5)).record;

  assertEquals(told(moved), ["01:00:00 to add", "02:00:00 to add"]);
  assertEquals(moved.nextTickAt, null);
  const skipping = setup({ maxRuns: 3, overlap: "skip" });
  const skipped = judge({ ...skipping.record, runCount: 2 }, skipping.timing, look(1, 0, true)).record;
  assertEquals([told(skipped), skipped.nextTickAt], [["01:00:00 skipped"], START + 2 * HOUR]);
  const queueing = setup({ maxRuns: 3, overlap: "queue" });
  const queued = judge({ ...queueing.record, runCount: 1 }, queueing.timing, look(5, 0, true)).record;
  assertEquals([told(queued), queued.nextTickAt], [["01:00:00 queued", "02:00:00 queued"], null]);
});

Deno.test("judge() ends a schedule at endAt", () => {
  const { record, timing } = setup({ endAt: START + 2 * HOUR, missed: "all" });
  const moved = judge(record, timing, look(9)).record;

  assertEquals([told(moved), moved.nextTickAt], [["01:00:00 to add", "02:00:00 to add"], null]);
});

Deno.test("judge() catches up with at most missedLimit ticks, the latest, however long nothing ran", () => {
  const { record, timing } = setup({ missed: "all", missedLimit: 1000 }, "* * * * * *");
  const now = START + 200 * 24 * HOUR;
  const { backlog, nextTickAt } = judge(record, timing, { now, since: now, isRunning: false }).record;

  assertEquals([backlog.length, backlog[0], backlog.at(-1)], [1000, now - 999 * SECOND, now]);
  assertEquals(nextTickAt, now + SECOND);
});

Deno.test("judge() shows at most five missed ticks, so that the runs before them stay", () => {
  const { record, timing } = setup({ missed: "skip" }, "* * * * *");
  const moved = judge(record, timing, look(24, 24.5)).record;

  assertEquals(moved.runs.length, 5);
  assertEquals(moved.runs.at(-1), [START + 24 * HOUR, "missed"]);
});

Deno.test("release() lets one queued tick run once no run is left", () => {
  const record = { ...setup().record, queued: [1, 2] };

  assertStrictEquals(release(record, true), record);
  const adding = { ...record, backlog: [0] };
  assertStrictEquals(release(adding, false), adding);
  const { backlog, queued } = release(record, false);
  assertEquals([backlog, queued], [[1], [2]]);
});

Deno.test("take() takes ticks in their order and counts them as runs", () => {
  const record = { ...setup().record, backlog: [1, 2, 3] };
  const { ticks, record: taken } = take(record, 2);

  assertEquals([ticks, taken.backlog, taken.runCount], [[1, 2], [3], 2]);
  assertEquals(taken.runs, [[1, null], [2, null]]);
  assertStrictEquals(take({ ...record, backlog: [] }, 2).ticks.length, 0);
});

Deno.test("judge() lets no tick run twice that comes again, whatever became of it", () => {
  const tick = START + HOUR;
  const known: Partial<ScheduleRecord>[] = [
    { runs: [[tick, null]], runCount: 1 },
    { runs: [[tick, "completed"]], runCount: 1 },
    { runs: [[tick, "skipped"]] },
    { backlog: [tick] },
    { queued: [tick] },
  ];
  for (const overlap of ["skip", "allow", "queue", "cancel-previous"] as const) {
    for (const seen of known) {
      const { record, timing } = setup({ overlap, maxRuns: 2 });
      const judged = { ...record, ...seen, lastTickAt: tick };
      const { record: moved, cancels } = judge(judged, timing, look(1, 0, true));

      assertEquals([moved, cancels], [{ ...judged, nextTickAt: tick + HOUR }, false]);
    }
  }
});

Deno.test("judge() lets a tick run at whose time a person has started a run", () => {
  const { record, timing } = setup();
  const moved = judge({ ...record, runs: [[START + HOUR, null, "1a2b3c4d"]] }, timing, look(1)).record;

  assertEquals(told(moved), ["01:00:00 null", "01:00:00 to add"]);
});
