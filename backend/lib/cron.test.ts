import { assert, assertEquals, assertThrows } from "@std/assert";
import { Random } from "../testing/crash/random.ts";
import { CronSyntaxError, parseCron } from "./cron.ts";
import { InputRangeError, InputTypeError, isInputError } from "./errors.ts";

const NOON = new Date("2026-01-15T12:00:00Z");

Deno.test("parseCron() is in UTC by default, and says what it was given", () => {
  const cron = parseCron(" 30 2 * * mon-fri ");

  assertEquals(cron.next(NOON), new Date("2026-01-16T02:30:00Z"));
  assertEquals([cron.expression, cron.timezone, cron.warnings, cron.neverFires], [
    " 30 2 * * mon-fri ",
    "UTC",
    [],
    false,
  ]);
});

Deno.test("parseCron() takes a zone in any case, and offsets", () => {
  const cases: [string, string, string][] = [
    ["america/new_york", "America/New_York", "2026-01-15T14:00:00Z"],
    ["US/Eastern", "US/Eastern", "2026-01-15T14:00:00Z"],
    ["+05:30", "+05:30", "2026-01-16T03:30:00Z"],
  ];
  for (const [timezone, name, next] of cases) {
    const cron = parseCron("0 9 * * *", { timezone });
    assertEquals([cron.timezone, cron.next(NOON)], [name, new Date(next)]);
  }
});

Deno.test("next() of an impossible date is null at once (rule 2), and 29 February goes past 2100", () => {
  const never = parseCron("0 0 31 2 *");

  assertEquals([never.next(NOON), never.prev(NOON), never.neverFires, never.warnings.length], [
    null,
    null,
    true,
    1,
  ]);
  assertEquals(parseCron("0 0 29 2 *").next(new Date("2096-03-01Z")), new Date("2104-02-29Z"));
  assertEquals(parseCron("0 0 29 2 *").prev(new Date("2104-02-29Z")), new Date("2096-02-29Z"));
  assertEquals(parseCron("0 0 29 2 +MON#5").next(NOON), new Date("2044-02-29Z"));
});

Deno.test("next() is null after the last year, and prev() before the first", () => {
  const cron = parseCron("0 0 0 1 1 * 1999,2001");

  assertEquals(cron.upcoming(5, new Date(0)), [new Date("1999-01-01Z"), new Date("2001-01-01Z")]);
  assertEquals(cron.next(NOON), null);
  assertEquals(cron.prev(NOON), new Date("2001-01-01Z"));
  assertEquals(cron.prev(new Date("1999-01-01Z")), null);
  assertEquals(cron.neverFires, false);
  assertEquals(parseCron("0 0 0 1 1 * 2099").next(new Date("2099-01-01Z")), null);
});

Deno.test("next() and prev() go on before 1970 and after 2099", () => {
  const cron = parseCron("0 12 * * *", { timezone: "Europe/Paris" });

  assertEquals(cron.next(new Date("1950-06-01Z")), new Date("1950-06-01T11:00:00Z"));
  assertEquals(cron.prev(new Date("1800-06-01Z")), new Date("1800-05-31T11:50:39Z"));
  assertEquals(cron.next(new Date("2500-06-01Z")), new Date("2500-06-01T10:00:00Z"));
});

Deno.test("upcoming() gives as many as there are, and none for 0", () => {
  assertEquals(parseCron("@daily").upcoming(2, NOON), [new Date("2026-01-16Z"), new Date("2026-01-17Z")]);
  assertEquals(parseCron("@daily").upcoming(0, NOON), []);
  assertEquals(parseCron("0 0 31 2 *").upcoming(3, NOON), []);
  for (const count of [-1, 1.5, 10_001, NaN]) {
    assertThrows(() => parseCron("@daily").upcoming(count, NOON), InputRangeError, "count: ");
  }
});

Deno.test("@every counts from the anchor, whatever the zone", () => {
  const anchor = new Date("2026-03-08T06:45:00Z");
  const cron = parseCron("@every 1h30m", { anchor, timezone: "America/New_York" });

  assertEquals(cron.upcoming(2, anchor), [
    new Date("2026-03-08T08:15:00Z"),
    new Date("2026-03-08T09:45:00Z"),
  ]);
  assertEquals(parseCron("@every 1h30m", { anchor: anchor.getTime() }).next(anchor), cron.next(anchor));
  assertEquals([cron.matches(new Date("2026-03-08T08:15:00Z")), cron.matches(anchor)], [true, false]);
  assertEquals(cron.prev(new Date("2026-03-08T08:15:00Z")), null);
  assertEquals(parseCron("@every 15m").next(new Date(1)), new Date(900_000));
  assertEquals([cron.warnings, cron.neverFires], [[], false]);
});

Deno.test("H gives a schedule times of its own, the same on every call", () => {
  const times = ["a", "b", "a"].map((seed) => parseCron("H H * * *", { seed }).next(NOON)!.getTime());

  assertEquals(times[0], times[2]);
  assert(times[0] !== times[1]);
});

Deno.test("parseCron() refuses other than text, and options of the wrong kind, by their names", () => {
  const refused: [string, unknown, unknown][] = [
    ...[undefined, null, 5, {}, [], new Date()].map((value) =>
      ["expression", value, {}] as [string, unknown, unknown]
    ),
    ["options", "* * * * *", null],
    ["options", "* * * * *", "UTC"],
    ["options", "* * * * *", []],
    ["timeZone", "* * * * *", { timeZone: "UTC" }],
    ["timezone", "* * * * *", { timezone: 5 }],
    ["seed", "* * * * *", { seed: 5 }],
    ["dst", "* * * * *", { dst: 1 }],
    ["anchor", "* * * * *", { anchor: "2026-01-01" }],
  ];
  for (const [path, expression, options] of refused) {
    const error = assertThrows(() => parseCron(expression as string, options as object), InputTypeError);
    assertEquals(error.issues[0]?.path, path, error.message);
  }
});

Deno.test("parseCron() refuses options out of range, by their names", () => {
  const refused: [string, object][] = [
    ["timezone", { timezone: "Mars/Phobos" }],
    ["timezone", { timezone: "" }],
    ["seed", { seed: "" }],
    ["dst", { dst: "Vixie" }],
    ["anchor", { anchor: NaN }],
    ["anchor", { anchor: 9e15 }],
    ["anchor", { anchor: new Date(NaN) }],
  ];
  for (const [path, options] of refused) {
    const error = assertThrows(() => parseCron("* * * * *", options), InputRangeError);
    assertEquals(error.issues[0]?.path, path, error.message);
  }
});

Deno.test("next(), prev(), upcoming() and matches() refuse what is no valid Date", () => {
  const cron = parseCron("* * * * *");
  const calls: [string, (date: Date) => unknown][] = [
    ["after", (date) => cron.next(date)],
    ["before", (date) => cron.prev(date)],
    ["after", (date) => cron.upcoming(1, date)],
    ["date", (date) => cron.matches(date)],
  ];
  for (const [path, call] of calls) {
    assertEquals(assertThrows(() => call(new Date(NaN)), InputRangeError).issues[0]?.path, path);
    for (const value of [undefined, null, 0, "2026-01-01"]) {
      assertEquals(assertThrows(() => call(value as unknown as Date), InputTypeError).issues[0]?.path, path);
    }
  }
});

Deno.test("CronSyntaxError is told like any refused input", () => {
  const error = assertThrows(() => parseCron("30 22-2 * * *"), CronSyntaxError);
  const message =
    'Cannot parse hour (column 3) of "30 22-2 * * *": range 22-2 runs backwards; write 22-23,0-2';

  assert(isInputError(error) && error instanceof RangeError);
  assertEquals([error.name, error.message, error.code], ["CronSyntaxError", message, "invalid_input"]);
  assertEquals(error.issues, [{ path: "expression", message }]);
  assertEquals([error.field, error.column, error.found, error.suggestion], ["hour", 3, "22-2", "22-23,0-2"]);
});

/** What the text of fuzzed expressions is made of. */
const ALPHABET = [
  ..."0123456789*/-,?LW#H()+@ \t\nabcdefJANMONSUNFRI.٣é–😀\u0000\ud800",
  "@every ",
  "@daily",
  "MON-",
  "* * ",
  "59",
  "H(",
];

Deno.test("parseCron() throws nothing but CronSyntaxError, whatever the text", () => {
  const random = new Random(99);
  let refused = 0;
  for (let i = 0; i < 20_000; i++) {
    const text = Array.from(
      { length: random.between(0, random.pick([8, 20, 300])) },
      () => random.pick(ALPHABET),
    ).join("");
    try {
      const cron = parseCron(text, { seed: "x" });
      cron.describe();
      assert(Array.isArray(cron.warnings));
      cron.next(NOON);
      cron.prev(NOON);
    } catch (error) {
      if (!(error instanceof CronSyntaxError)) throw error;
      assert(error.message.length < 600 && error.message.isWellFormed(), error.message);
      refused++;
    }
  }
  assert(refused > 15_000);
});
