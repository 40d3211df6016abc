import { assertEquals, assertThrows } from "@std/assert";
import { CronSyntaxError, parseCron } from "../../backend/lib/cron.ts";
import { mended, partsOf } from "./expression.ts";

Deno.test("mended() writes what was suggested where it belongs, and what comes of it can be read", () => {
  const cases: [string, string][] = [
    ["30 22-2 * * *", "30 22-23,0-2 * * *"],
    ["  0,10-5   *  * * * ", "  0,10-59,0-5   *  * * * "],
    ["0 0 * * FRI-MON", "0 0 * * FRI-SAT,SUN-MON"],
    ["5–10 * * * *", "5-10 * * * *"],
    ["* * * *", "* * * * *"],
    ["@every 15", "@every 15s"],
    ["@dayly", "@daily"],
  ];
  for (const [expression, better] of cases) {
    const { field, column, suggestion } = assertThrows(() => parseCron(expression), CronSyntaxError);
    const found = mended(expression, field, column, suggestion ?? "");
    assertEquals(found, better);
    parseCron(found);
  }
});

Deno.test("partsOf() names the parts of five, six and seven", () => {
  const names = (expression: string) => partsOf(expression).map(([name]) => name).join(" ");
  assertEquals(names("0 3 * * *"), "minute hour day month weekday");
  assertEquals(names(" 0  0 3 * * * "), "second minute hour day month weekday");
  assertEquals(names("0 0 3 * * * 2030"), "second minute hour day month weekday year");
  for (const other of ["@daily", "@every 15m", "", "* * * *", "* * * * * * * *"]) {
    assertEquals(partsOf(other), [], other);
  }
});
