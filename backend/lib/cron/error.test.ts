import { assert, assertEquals, assertThrows } from "@std/assert";
import { Random } from "../../testing/crash/random.ts";
import { CronSyntaxError, parseCron } from "../cron.ts";

function refusal(expression: string, seed?: string): CronSyntaxError {
  return assertThrows(() => parseCron(expression, { seed }), CronSyntaxError, undefined, expression);
}

/** Refused expressions: field, column and what to write instead. */
const REFUSED:
  readonly (readonly [expression: string, field: string, column: number, suggestion: string | null])[] = [
    ["*/0 * * * *", "minute", 2, "*"],
    ["5/0 * * * *", "minute", 2, "5"],
    ["60 * * * *", "minute", 0, "0"],
    ["0-60 * * * *", "minute", 0, "0-59"],
    ["61 * * * *", "minute", 0, null],
    ["* 24 * * *", "hour", 2, "0"],
    ["* 8,25 * * *", "hour", 4, null],
    ["* * 0 * *", "day of month", 4, null],
    ["* * 32 * *", "day of month", 4, null],
    ["* * * 0 *", "month", 6, null],
    ["* * * 13 *", "month", 6, null],
    ["* * * * 8", "day of week", 8, null],
    ["60 * * * * *", "second", 0, "0"],
    ["0 0 0 1 1 * 1969", "year", 12, null],
    ["0 0 0 1 1 * 2100", "year", 12, null],
    ["0 0 0 1 1 * 2030-2026", "year", 12, "2026-2030"],
    ["0 0 0 1 1 * H", "year", 12, null],
    ["0 0 0 1 1 * ?", "year", 12, "*"],
    ["5- * * * *", "minute", 0, "5-59"],
    ["-5 * * * *", "minute", 0, "0-5"],
    ["/5 * * * *", "minute", 0, "*/5"],
    ["*/ * * * *", "minute", 1, "*/2"],
    ["*/-5 * * * *", "minute", 2, "*/5"],
    ["*5 * * * *", "minute", 1, "*/5"],
    ["*-5 * * * *", "minute", 1, "*/5"],
    ["5 5 5-7-9 * *", "day of month", 7, null],
    ["1.5 * * * *", "minute", 1, null],
    ["1e3 * * * *", "minute", 1, null],
    ["0x5 * * * *", "minute", 1, null],
    [", * * * *", "minute", 0, "*"],
    ["1,,2 * * * *", "minute", 2, "1,2"],
    ["1, * * * *", "minute", 2, "1"],
    [",1 * * * *", "minute", 0, "1"],
    ["* * * * MON-", "day of week", 8, "MON-SAT"],
    ["* * * * MON,", "day of week", 12, "MON"],
    ["* * * * +,", "day of week", 9, "+*"],
    ["* * * * +", "day of week", 9, "+*"],
    ["* * * * MON,+TUE", "day of week", 12, "+MON,TUE"],
    ["* * +5 * *", "day of month", 4, "5"],
    ["* * * * #", "day of week", 8, null],
    ["* * * * #2", "day of week", 8, "MON#2"],
    ["* * * * MON#", "day of week", 12, null],
    ["* * * * MON#0", "day of week", 12, null],
    ["* * * * MON#6", "day of week", 12, null],
    ["* * * * MON#-1", "day of week", 12, "MON#L"],
    ["* * * * 8#1", "day of week", 8, null],
    ["* * * * 1-5#2", "day of week", 11, null],
    ["* * * * L", "day of week", 8, null],
    ["* * * * L#", "day of week", 8, null],
    ["* * * * FRIL5", "day of week", 12, null],
    ["* * * * 15W", "day of week", 8, null],
    ["* * * * 5W", "day of week", 9, null],
    ["* * WL * *", "day of month", 4, "LW"],
    ["* * W * *", "day of month", 4, null],
    ["* * 32W * *", "day of month", 4, null],
    ["* * 0W * *", "day of month", 4, null],
    ["* * 1-15W * *", "day of month", 8, null],
    ["* * L-0 * *", "day of month", 6, "L"],
    ["* * L-31 * *", "day of month", 6, null],
    ["* * L- * *", "day of month", 6, null],
    ["* * L-3W * *", "day of month", 7, null],
    ["* * 15-L * *", "day of month", 7, null],
    ["* * 5#3 * *", "day of month", 5, null],
    ["L * * * *", "minute", 0, null],
    ["? * * * *", "minute", 0, "*"],
    ["* * ?,5 * *", "day of month", 4, "*,5"],
    ["* * ?/2 * *", "day of month", 4, "*/2"],
    ["* * * MON *", "month", 6, null],
    ["* * * * JAN", "day of week", 8, null],
    ["* * * * MONDAY", "day of week", 8, "MON"],
    ["* * * * THUR-FRI", "day of week", 8, "THU-FRI"],
    ["* * * SEPT *", "month", 6, "SEP"],
    ["* * * JAN- *", "month", 6, "JAN-DEC"],
    ["* 22-2 * * *", "hour", 2, "22-23,0-2"],
    ["* 23-0 * * *", "hour", 2, "23,0"],
    ["* 1,22-2,5 * * *", "hour", 4, "1,22-23,0-2,5"],
    ["* 22-2/2 * * *", "hour", 2, "22,0,2"],
    ["* * 25-5 * *", "day of month", 4, "25-31,1-5"],
    ["* * * NOV-FEB *", "month", 6, "NOV-DEC,JAN-FEB"],
    ["* * * * FRI-MON", "day of week", 8, "FRI-SAT,SUN-MON"],
    ["* * * * sat-mon", "day of week", 8, "SAT,SUN-MON"],
    ["* * * * 5-1", "day of week", 8, "5-6,0-1"],
    ["* * * * 6-0", "day of week", 8, "6-7"],
    ["* * * * 7-2", "day of week", 8, "0-2"],
    ["٣ * * * *", "minute", 0, null],
    ["1٣ * * * *", "minute", 1, null],
    ["５ * * * *", "minute", 0, null],
    ["1–5 * * * *", "minute", 1, "1-5"],
    ["😀 * * * *", "minute", 0, null],
    ["* * * * FRİ", "day of week", 8, null],
    ["H * * * *", "minute", 0, null],
    ["@", "expression", 0, null],
    ["@dayly", "expression", 0, "@daily"],
    ["@evry 5m", "expression", 0, "@every 15m"],
    ["@toString", "expression", 0, null],
    ["  @reboot", "expression", 2, null],
    ["@daily 5", "expression", 7, "@daily"],
    ["@every", "expression", 6, "@every 15m"],
    ["@every 0s", "expression", 7, "@every 1s"],
    ["", "expression", 0, null],
    [" \t\n", "expression", 3, null],
    ["*", "expression", 1, "* * * * *"],
    ["5 4 * *", "expression", 7, "5 4 * * *"],
    ["* * * * * * * *", "expression", 14, null],
    ["*".repeat(300), "expression", 256, null],
  ];

Deno.test("A refused expression is told by field, column and the form that works", () => {
  for (const [expression, field, column, suggestion] of REFUSED) {
    const error = refusal(expression);

    assertEquals([error.field, error.column, error.suggestion], [field, column, suggestion], error.message);
    assert(error.allowed !== "", error.message);
    assert(error.message.startsWith(`Cannot parse ${field} (column ${column}) of "`), error.message);
    assert(
      error.message.endsWith(suggestion === null ? `allowed are ${error.allowed}` : `write ${suggestion}`),
    );
  }
});

Deno.test("H is refused where it cannot choose", () => {
  const cases: [string, number, string | null][] = [
    ["H(5) * * * *", 0, "5"],
    ["H(0-29 * * * *", 0, "H(0-29)"],
    ["H() * * * *", 2, null],
    ["H(0-60) * * * *", 0, "H(0-59)"],
    ["H(30-10) * * * *", 0, null],
    ["H(5-) * * * *", 0, "H(5-59)"],
    ["H(*) * * * *", 2, null],
    ["H(0-29)5 * * * *", 7, null],
    ["H-5 * * * *", 1, null],
    ["H5 * * * *", 1, null],
    ["H/0 * * * *", 2, "H"],
    ["HH * * * *", 0, null],
  ];
  for (const [expression, column, suggestion] of cases) {
    const error = refusal(expression, "name");
    assertEquals([error.column, error.suggestion], [column, suggestion], error.message);
  }
  assert(refusal("H * * * *").message.includes('the option "seed" gives none'));
});

Deno.test("@reboot is refused with the reason", () => {
  assert(refusal("@reboot").message.includes("names no time"));
});

/** Puts what an error says to write in the place that it names. */
function repaired(expression: string, { field, suggestion }: CronSyntaxError): string {
  if (suggestion === null || field === "expression") return suggestion ?? "";
  const words = expression.trim().split(/\s+/);
  const names = ["minute", "hour", "day of month", "month", "day of week"];
  if (words.length > 5) names.unshift("second");
  names.push("year");
  return words.with(names.indexOf(field), suggestion).join(" ");
}

Deno.test("What an error says to write works", () => {
  for (const [expression, , , suggestion] of REFUSED) {
    if (suggestion !== null) parseCron(repaired(expression, refusal(expression)));
  }
});

/** Ways to spoil a field. */
const FAULTS: readonly ((random: Random) => string)[] = [
  (random) => `${random.between(100, 9999)}`,
  (random) => `*/${"0".repeat(random.between(1, 3))}`,
  (random) => `${random.between(10, 20)}-${random.between(0, 9)}`,
  (random) => `${random.between(0, 9)}-`,
  (random) => `-${random.between(0, 9)}`,
  (random) => `${random.between(1, 5)},,${random.between(1, 5)}`,
  (random) => `${random.between(1, 5)}/`,
  (random) => `${random.between(1, 5)}${random.pick(["x", "%", ".5", "~", "W#", "LL", ":00", "=", "$"])}`,
  (random) =>
    random.pick(["FOO", "SUNDAY", "JANUARY", "WL", "#", "L#", "@", "/", "-", "!", "()", "H(", "*-", "**"]),
  (random) => `*${random.between(1, 9)}`,
  (random) => String.fromCodePoint(random.pick([0x0660, 0x0966, 0xff10]) + random.between(0, 9)),
];

Deno.test("100 random malformed expressions are refused with field, column and fix", () => {
  const random = new Random(100);
  const names = ["minute", "hour", "day of month", "month", "day of week"];
  for (let i = 0; i < 100; i++) {
    const words = names.map(() => random.pick(["*", "1", "*/2", "1-3", "2,4"]));
    const place = random.between(0, 4);
    words[place] = random.pick(FAULTS)(random);
    const expression = words.join(random.pick([" ", "  ", "\t"]));
    let error = refusal(expression, "seed");
    const start = words.slice(0, place).join("\t").length + (place === 0 ? 0 : 1);

    assertEquals(error.field, names[place], error.message);
    assert(error.column >= start, error.message);
    assert(error.found !== undefined && error.allowed.length > 0, error.message);
    for (let rounds = 0, text = expression; error.suggestion !== null; rounds++) {
      assert(rounds < 3, error.message);
      text = repaired(text, error);
      try {
        parseCron(text, { seed: "seed" });
        break;
      } catch (next) {
        assert(next instanceof CronSyntaxError);
        error = next;
      }
    }
  }
});
