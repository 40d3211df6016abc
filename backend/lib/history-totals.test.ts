import { assertEquals } from "@std/assert";
import { emptyPoint, type HistoryPoint } from "./history.ts";
import { HistoryTotals } from "./history-totals.ts";

const MINUTE = 60_000;
const NOW = 100 * MINUTE;

/** A history that tests write, and the ranges that were read of it. */
function setup() {
  const points: HistoryPoint[] = [];
  const ranges: { from: number; to: number }[] = [];
  const totals = new HistoryTotals((range) => {
    ranges.push(range);
    return Promise.resolve(points.filter(({ at }) => at >= range.from && at < range.to));
  });
  const add = (at: number, added: number, type = "a") => points.push({ ...emptyPoint(at, type), added });
  const added = async (now: number, type = "a") => (await totals.upTo(now)).get(type)?.added ?? 0;
  return { points, ranges, totals, add, added };
}

Deno.test("HistoryTotals counts from the minute of its first call on, by type", async () => {
  const { add, totals } = setup();
  add(NOW - MINUTE, 100);
  add(NOW, 1);
  add(NOW, 2, "b");

  const found = await totals.upTo(NOW + 1);

  assertEquals([...found].map(([type, { added }]) => [type, added]), [["a", 1], ["b", 2]]);
});

Deno.test("HistoryTotals sees what is written late, counts nothing twice and never goes down", async () => {
  const { points, add, added } = setup();
  const seen: number[] = [];
  for (let minute = 0; minute < 30; minute++) {
    add(NOW + minute * MINUTE, 1);
    add(NOW + Math.max(0, minute - 1) * MINUTE, 10); // of a process that wrote the minute before late
    seen.push(await added(NOW + minute * MINUTE + 1), await added(NOW + minute * MINUTE + 59_999));
  }

  assertEquals(seen, seen.toSorted((a, b) => a - b));
  assertEquals(seen.at(-1), 330);
  points.splice(0, points.length); // it is kept for some days only
  assertEquals(await added(NOW + 35 * MINUTE), 24 * 11 + 10);
});

Deno.test("HistoryTotals reads again only the minutes that may still change, and at most an hour", async () => {
  const { ranges, totals } = setup();

  for (const minutes of [0, 20, 20, 500]) await totals.upTo(NOW + minutes * MINUTE);

  assertEquals(
    ranges.map(({ from }) => (from - NOW) / MINUTE),
    [0, 0, 15, 440],
  );
});

Deno.test("HistoryTotals never goes down after a pause that is longer than what it reads", async () => {
  const { add, added } = setup();
  await added(NOW);
  add(NOW, 1);
  add(NOW + 2 * MINUTE, 2);
  const seen = [await added(NOW + 3 * MINUTE)];

  seen.push(...await Promise.all([1, 2].map(() => added(NOW + 200 * MINUTE))));
  add(NOW + 200 * MINUTE, 4);
  seen.push(await added(NOW + 201 * MINUTE), await added(NOW + 400 * MINUTE));

  assertEquals(seen, [3, 3, 3, 7, 7]);
});

Deno.test("HistoryTotals counts each minute once when it is asked several times at once", async () => {
  const { add, added } = setup();
  await added(NOW);
  add(NOW, 1);
  add(NOW + 10 * MINUTE, 2);

  const found = await Promise.all([1, 2, 3].map(() => added(NOW + 10 * MINUTE)));

  assertEquals(found, [3, 3, 3]);
});

Deno.test("HistoryTotals goes on and never goes down when the clock steps back", async () => {
  const { add, added } = setup();
  await added(NOW);
  add(NOW, 1);
  add(NOW + 19 * MINUTE, 10);
  const seen = [await added(NOW + 20 * MINUTE)];
  add(NOW + 2 * MINUTE, 5); // before what is settled: not counted
  add(NOW + 16 * MINUTE, 2);
  seen.push(await added(NOW + 3 * MINUTE), await added(NOW + 25 * MINUTE));

  assertEquals(seen, [11, 13, 13]);
});
