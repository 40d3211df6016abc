import { assertEquals, assertRejects } from "@std/assert";
import { emptyPoint, type HistoryPoint } from "./history.ts";
import { HistorySeries } from "./history-series.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** The last three hours of a history that tests write, and the ranges that were read of it. */
function setup() {
  const points: HistoryPoint[] = [];
  const ranges: { from: number; to: number }[] = [];
  const series = new HistorySeries((range) => {
    ranges.push(range);
    return Promise.resolve(points.filter(({ at }) => at >= range.from && at < range.to));
  }, { step: HOUR, count: 3 });
  const add = (at: number, added: number, type = "a") => points.push({ ...emptyPoint(at, type), added });
  const added = async (now: number, type?: string) => {
    return (await series.upTo(now, type)).buckets.map((bucket) => bucket.added);
  };
  return { points, ranges, series, add, added };
}

Deno.test("HistorySeries ends with the bucket of now, wherever in it now lies", async () => {
  for (const now of [10 * HOUR, 10 * HOUR + 1, 11 * HOUR - 1]) {
    assertEquals(await setup().series.upTo(now), {
      from: 8 * HOUR,
      to: 11 * HOUR,
      buckets: [8, 9, 10].map((hour) => emptyPoint(hour * HOUR, "")),
      types: [],
    });
  }
});

Deno.test("HistorySeries adds up what happened within each bucket, and leaves out what lies outside", async () => {
  const { points, series } = setup();
  points.push(
    { ...emptyPoint(8 * HOUR - MINUTE, "a"), added: 100 },
    { ...emptyPoint(8 * HOUR, "a"), added: 1, runTime: [1] },
    { ...emptyPoint(9 * HOUR - MINUTE, "b"), added: 2, failed: 1, runTime: [0, 4] },
    { ...emptyPoint(10 * HOUR, "a"), completed: 3, retried: 5 },
    { ...emptyPoint(11 * HOUR, "a"), added: 100 },
  );

  for (let i = 0; i < 2; i++) {
    assertEquals((await series.upTo(10 * HOUR + MINUTE)).buckets, [
      { ...emptyPoint(8 * HOUR, ""), added: 3, failed: 1, runTime: [1, 4] },
      emptyPoint(9 * HOUR, ""),
      { ...emptyPoint(10 * HOUR, ""), completed: 3, retried: 5 },
    ]);
  }
});

Deno.test("HistorySeries adds up each type over all buckets, the one that ended most often first", async () => {
  const { points, series } = setup();
  points.push(
    { ...emptyPoint(8 * HOUR, "a"), completed: 1, added: 9, waitTime: [1] },
    { ...emptyPoint(9 * HOUR, "b:c"), completed: 2 },
    { ...emptyPoint(10 * HOUR, "b:c"), failed: 1, waitTime: [0, 1] },
    { ...emptyPoint(11 * HOUR, "a"), completed: 100 },
  );
  const b = { ...emptyPoint(8 * HOUR, "b:c"), completed: 2, failed: 1, waitTime: [0, 1] };
  const a = { ...emptyPoint(8 * HOUR, "a"), completed: 1, added: 9, waitTime: [1] };

  assertEquals((await series.upTo(10 * HOUR)).types, [b, a]);
  assertEquals((await series.upTo(10 * HOUR)).types, [b, a]); // as kept
  assertEquals((await series.upTo(10 * HOUR, "b")).types, [b]);
});

Deno.test("HistorySeries shows one type with its family", async () => {
  const { add, added } = setup();
  for (const [i, type] of ["mail", "mail:send", "mailing"].entries()) add(10 * HOUR, 10 ** i, type);

  assertEquals((await added(10 * HOUR, "mail")).at(-1), 11);
  assertEquals((await added(10 * HOUR, "mailing")).at(-1), 100);
  assertEquals((await added(10 * HOUR)).at(-1), 111);
});

Deno.test("HistorySeries reads a bucket until five minutes after its end, and then never again", async () => {
  const { ranges, add, added } = setup();
  add(9 * HOUR, 1);

  assertEquals(await added(10 * HOUR), [0, 1, 0]);
  add(10 * HOUR - MINUTE, 10); // of a process that wrote late
  assertEquals(await added(10 * HOUR + 4 * MINUTE), [0, 11, 0]);
  assertEquals(await added(10 * HOUR + 5 * MINUTE, "a"), [0, 11, 0]);
  add(10 * HOUR + 5 * MINUTE, 100);
  assertEquals(await added(10 * HOUR + 6 * MINUTE, "a"), [0, 11, 100]);
  assertEquals(await added(11 * HOUR), [11, 100, 0]);
  assertEquals(await added(13 * HOUR), [0, 0, 0]);

  assertEquals(
    ranges.map(({ from, to }) => [from / HOUR, to / HOUR]),
    [[8, 11], [9, 11], [9, 11], [10, 11], [10, 12], [11, 14]],
  );
});

Deno.test("HistorySeries reads what several ask for at once only once", async () => {
  const { ranges, add, added } = setup();
  add(8 * HOUR, 1);

  const found = await Promise.all(["a", "b", undefined].map((type) => added(10 * HOUR + 30 * MINUTE, type)));

  assertEquals(found, [[1, 0, 0], [0, 0, 0], [1, 0, 0]]);
  assertEquals(ranges.map(({ from }) => from / HOUR), [8, 10, 10]);
});

Deno.test("HistorySeries goes on when the clock steps back, and after a read that failed", async () => {
  const { add, added } = setup();
  add(8 * HOUR, 1);
  await added(10 * HOUR + 30 * MINUTE);
  assertEquals(await added(8 * HOUR), [0, 0, 1]);
  assertEquals(await added(10 * HOUR), [1, 0, 0]);

  let fails = true;
  const series = new HistorySeries(
    () => fails ? Promise.reject(new Error("away")) : Promise.resolve([]),
    { step: HOUR, count: 1 },
  );
  await assertRejects(() => series.upTo(HOUR), Error, "away");
  fails = false;
  assertEquals((await series.upTo(HOUR)).buckets.length, 1);
});
