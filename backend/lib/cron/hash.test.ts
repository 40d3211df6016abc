import { assert, assertEquals } from "@std/assert";
import { hashOf } from "./hash.ts";

Deno.test("hashOf() stays what it is: a change would move every schedule that uses H", () => {
  const fields = ["second", "minute", "hour", "day of month", "month", "day of week"];

  assertEquals(fields.map((field) => hashOf("daily-report", field)), [
    1_393_866_115,
    1_805_450_183,
    1_062_430_051,
    3_219_339_510,
    2_603_436_893,
    2_764_818_318,
  ]);
  assertEquals(hashOf("café ☕", "minute"), 1_302_821_131);
});

Deno.test("hashOf() spreads names that are alike over the minutes, and fields of one name", () => {
  const counts = new Array<number>(60).fill(0);
  for (let i = 0; i < 6000; i++) counts[hashOf(`job-${i}`, "minute") % 60]! += 1;

  assert(Math.min(...counts) > 60 && Math.max(...counts) < 145, String(counts));
  let same = 0;
  for (let i = 0; i < 2400; i++) {
    same += hashOf(`job-${i}`, "minute") % 24 === hashOf(`job-${i}`, "hour") % 24 ? 1 : 0;
  }
  assert(same > 50 && same < 150, String(same));
});
