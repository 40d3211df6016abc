import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { START } from "../../testing/fake-clock.ts";
import { HOUR, MINUTE } from "../../testing/test-scheduler.ts";
import { InputRangeError } from "../errors.ts";
import { checkDeclaration, type Declaration, type ScheduleOptions } from "./definition.ts";
import {
  create,
  declare,
  edit,
  leaveCode,
  revert,
  type ScheduleRecord,
  setEnabled,
  stateOf,
  type TimingOf,
  withRuns,
} from "./record.ts";
import { Timing } from "./timing.ts";

const ADA = { at: START + 10 * MINUTE, by: "Ada" };
const timingOf: TimingOf = (definition, createdAt) => new Timing("t", definition, createdAt);

function says(expression: string, options: ScheduleOptions = {}): Declaration {
  return checkDeclaration(expression, null, options);
}

/** As code declared it at START. */
function declared(expression = "0 * * * *", options: ScheduleOptions = {}): ScheduleRecord {
  return create(says(expression, options), { at: START, by: null }, { fromCode: true, timingOf });
}

function made(expression = "0 * * * *"): ScheduleRecord {
  return create(says(expression), { at: START, by: "Ada" }, { fromCode: false, timingOf });
}

/** As code declares it ten minutes later. */
function again(record: ScheduleRecord, expression: string, options: ScheduleOptions = {}): ScheduleRecord {
  return declare(record, says(expression, options), START + 10 * MINUTE, timingOf);
}

function edited(record: ScheduleRecord, expression: string, options: ScheduleOptions = {}): ScheduleRecord {
  return edit(record, says(expression, options), ADA, timingOf);
}

/** What is in force, what code says, who edited it, and when it is due. */
function summary({ definition, code, edited, nextTickAt }: ScheduleRecord): unknown[] {
  const due = nextTickAt === null ? null : (nextTickAt - START) / MINUTE;
  return [definition.expression, code?.definition.expression ?? null, edited?.by ?? null, due];
}

Deno.test("create() is due at the first tick after it was made, if it is enabled", () => {
  assertEquals(summary(declared()), ["0 * * * *", "0 * * * *", null, 60]);
  assertEquals(summary(made()), ["0 * * * *", null, null, 60]);
  assertEquals(declared("0 * * * *", { enabled: false }).nextTickAt, null);
  assertEquals(declared("0 0 31 2 *").nextTickAt, null);
});

Deno.test("declare() changes nothing if code says what it said", () => {
  const record = declared();
  assertStrictEquals(again(record, "0 * * * *"), record);
  const changed = edited(record, "*/5 * * * *");
  assertStrictEquals(again(changed, "0 * * * *"), changed);
});

Deno.test("declare() of new code wins over old code", () => {
  const record = again(declared(), "*/30 * * * *");

  assertEquals(summary(record), ["*/30 * * * *", "*/30 * * * *", null, 30]);
  assertEquals(record.changes.at(-1), {
    at: START + 10 * MINUTE,
    by: null,
    what: "declared",
    before: { expression: "0 * * * *" },
    after: { expression: "*/30 * * * *" },
  });
});

Deno.test("declare() leaves what a person changed, and keeps the new code beside it", () => {
  const record = again(edited(declared(), "*/5 * * * *"), "*/30 * * * *");

  assertEquals(summary(record), ["*/5 * * * *", "*/30 * * * *", "Ada", 15]);
});

Deno.test("declare() of what a person has made it already ends the edit", () => {
  assertEquals(summary(again(edited(declared(), "*/5 * * * *"), "*/5 * * * *")), [
    "*/5 * * * *",
    "*/5 * * * *",
    null,
    15,
  ]);
});

Deno.test("declare() of a name that a person has made leaves it, as edited", () => {
  assertEquals(summary(again(made("*/5 * * * *"), "*/30 * * * *")), [
    "*/5 * * * *",
    "*/30 * * * *",
    "Ada",
    5,
  ]);
  assertEquals(again(made(), "0 * * * *").edited, null);
});

Deno.test("declare() keeps the next tick if it does not change when the schedule is due", () => {
  const missed = { ...declared(), nextTickAt: START - 5 * HOUR };

  assertEquals(again(missed, "0 * * * *", { overlap: "allow" }).nextTickAt, START - 5 * HOUR);
  assertEquals(again(missed, "0 * * * *", { timezone: "Asia/Kolkata" }).nextTickAt, START + 30 * MINUTE);
});

Deno.test("declare() follows code's `enabled` when that changes, and else leaves it to people", () => {
  const disabled = setEnabled(declared(), false, ADA, timingOf);

  assertEquals(again(disabled, "*/30 * * * *").enabled, false);
  const off = again(declared(), "0 * * * *", { enabled: false });
  assertEquals([off.enabled, off.nextTickAt], [false, null]);
  const on = again(setEnabled(off, false, ADA, timingOf), "0 * * * *");
  assertEquals([on.enabled, on.nextTickAt], [true, START + HOUR]);
});

Deno.test("leaveCode() and declare() again: it keeps its next tick meanwhile", () => {
  const record = declared();
  const left = leaveCode(record, START + MINUTE);
  const back = again(left, "0 * * * *");

  assertEquals([stateOf(left), left.nextTickAt], ["not in code", START + HOUR]);
  assertEquals([stateOf(back), back.nextTickAt], ["active", START + HOUR]);
  assertEquals(back.changes.map(({ what }) => what), ["created", "not in code", "in code again"]);
  assertStrictEquals(leaveCode(left, START), left);
  const byPerson = made();
  assertStrictEquals(leaveCode(byPerson, START), byPerson);
});

Deno.test("edit() and revert(): there and back", () => {
  const record = edited(declared(), "*/5 * * * *", { jitter: 1000 });
  assertEquals(summary(record), ["*/5 * * * *", "0 * * * *", "Ada", 15]);
  assertEquals(record.changes.at(-1)?.after, { expression: "*/5 * * * *", jitter: 1000 });
  const back = revert(record, { at: START + 20 * MINUTE, by: "Bob" }, timingOf);

  assertEquals(summary(back), ["0 * * * *", "0 * * * *", null, 60]);
  assertEquals([back.changes.at(-1)?.what, back.changes.at(-1)?.by], ["reverted", "Bob"]);
  assertStrictEquals(revert(back, ADA, timingOf), back);
  assertEquals(edited(record, "0 * * * *").edited, null);
  assertEquals(edited(made(), "*/5 * * * *").edited, null);
});

Deno.test("edit() refuses what cannot be read", () => {
  assertThrows(() => edited(declared(), "61 * * * *"), InputRangeError, "Cannot parse minute");
});

Deno.test("edit() of maxRuns or endAt ends a schedule, or begins it again", () => {
  const ran = { ...declared("0 * * * *", { maxRuns: 2 }), runCount: 2, nextTickAt: null };
  assertEquals(stateOf(ran), "ended");
  const more = edited(ran, "0 * * * *", { maxRuns: 3 });
  assertEquals([stateOf(more), more.nextTickAt], ["active", START + HOUR]);
  assertEquals(stateOf(edited(more, "0 * * * *", { endAt: START + 11 * MINUTE })), "ended");
});

Deno.test("setEnabled() forgets what waits, and counts from now", () => {
  const busy = { ...declared("0 * * * *", { overlap: "queue" }), queued: [1], backlog: [2] };
  const off = setEnabled(busy, false, ADA, timingOf);
  const on = setEnabled(off, true, { at: START + 5 * HOUR, by: null }, timingOf);

  assertEquals([off.nextTickAt, off.queued, off.backlog, stateOf(off)], [null, [], [], "disabled"]);
  assertEquals(on.nextTickAt, START + 6 * HOUR);
  assertStrictEquals(setEnabled(on, true, ADA, timingOf), on);
  const unreadable = { ...busy, definition: { ...busy.definition, expression: "?" } };
  assertEquals(setEnabled(unreadable, false, ADA, timingOf).enabled, false);
});

Deno.test("edit() to runs that may be together drops what was queued", () => {
  const busy = { ...declared("0 * * * *", { overlap: "queue" }), queued: [1] };

  assertEquals(edited(busy, "0 * * * *", { overlap: "queue", jitter: 5 }).queued, [1]);
  assertEquals(edited(busy, "0 * * * *", { overlap: "skip" }).queued, [1]);
  assertEquals(edited(busy, "0 * * * *", { overlap: "allow" }).queued, []);
  assertEquals(edited(busy, "0 * * * *", { overlap: "cancel-previous" }).queued, []);
});

Deno.test("withRuns() keeps the last 50", () => {
  const runs = Array.from({ length: 70 }, (_, i) => [i, null] as const);

  assertEquals(withRuns(declared(), runs).runs.map(([at]) => at), runs.slice(20).map(([at]) => at));
});
