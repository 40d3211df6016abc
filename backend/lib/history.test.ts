import { assert, assertEquals } from "@std/assert";
import { makeJob } from "../testing/factories.ts";
import { START } from "../testing/fake-clock.ts";
import {
  addPoint,
  BUCKET_BOUNDS,
  count,
  countEnded,
  emptyPoint,
  type Histogram,
  type HistoryPoint,
  minuteOf,
  percentile,
  percentilesOf,
} from "./history.ts";
import { cancel, type Outcome, retry, settle, start } from "./job.ts";

function histogramOf(...times: number[]): Histogram {
  const histogram: Histogram = [];
  for (const ms of times) count(histogram, ms);
  return histogram;
}

Deno.test("minuteOf() is the start of the minute", () => {
  assertEquals(minuteOf(START), START);
  assertEquals(minuteOf(START + 59_999), START);
  assertEquals(minuteOf(START + 60_000), START + 60_000);
});

Deno.test("count() puts a time into the first bucket whose bound it does not exceed, and the longest into the last", () => {
  for (const [i, bound] of BUCKET_BOUNDS.entries()) {
    assertEquals(histogramOf(bound).length, i + 1);
    assertEquals(histogramOf(bound + 0.5).length, i + 2);
  }
  assertEquals(histogramOf(0, 1, 2, 2, 4), [2, 2, 1]);
  assertEquals(histogramOf(Infinity).length, BUCKET_BOUNDS.length + 1);
});

Deno.test("countEnded() counts each end of an attempt, and no job given back", () => {
  const job = makeJob({ scheduledAt: START });
  const running = start(job, { workerId: "w", lease: "l", now: START + 40 });
  const now = START + 340;
  const error = { name: "Error", message: "no", attempt: 1, at: now };
  const outcomes: [Outcome, Partial<ReturnType<typeof emptyPoint>>][] = [
    [{ kind: "completed", result: null }, { completed: 1, ended: { default: 1 } }],
    [{ kind: "failed", error, retryAt: null }, { failed: 1, ended: { default: 1 } }],
    [{ kind: "failed", error, retryAt: now }, { retried: 1 }],
    [{ kind: "cancelled", reason: null }, { cancelled: 1, ended: { default: 1 } }],
  ];
  for (const [outcome, counted] of outcomes) {
    const point = emptyPoint(START, "test");
    countEnded(point, running, settle(running, outcome, now), now);
    const times = { runTime: histogramOf(300), waitTime: histogramOf(40) };
    assertEquals(point, { ...emptyPoint(START, "test"), ...counted, ...times });
  }
  for (const outcome of [{ kind: "released" }, { kind: "snoozed", until: now }] as const) {
    const point = emptyPoint(START, "test");
    countEnded(point, running, settle(running, outcome, now), now);
    assertEquals(point, emptyPoint(START, "test"));
  }
});

Deno.test("countEnded() counts no negative time when the clock was set back", () => {
  const running = start(makeJob({ scheduledAt: START + 500 }), {
    workerId: "w",
    lease: "l",
    now: START + 100,
  });
  const point = emptyPoint(START, "test");

  countEnded(point, running, settle(running, { kind: "completed", result: null }, START), START);

  assertEquals([point.runTime, point.waitTime], [[1], [1]]);
});

Deno.test("countEnded() counts what is cancelled while it waits, and no other change", () => {
  const job = makeJob();
  const point = emptyPoint(START, "test");

  countEnded(point, job, cancel(job, START), START);
  assertEquals(point, { ...emptyPoint(START, "test"), cancelled: 1, ended: { default: 1 } });

  const over = cancel(job, START);
  for (const [before, after] of [[job, job], [over, over], [over, retry(over, START)]] as const) {
    countEnded(point, before, after, START);
  }
  assertEquals(point, { ...emptyPoint(START, "test"), cancelled: 1, ended: { default: 1 } });
});

Deno.test("countEnded() tells a hundred queues apart, whatever they are called", () => {
  const point = emptyPoint(START, "test");
  for (let i = 0; i < 150; i++) {
    const job = makeJob({ queue: i === 0 ? "__proto__" : `q${i}` });
    for (let n = 0; n < 2; n++) countEnded(point, job, cancel(job, START), START);
  }
  const sum = emptyPoint(START, "test");
  for (const each of [point, point]) addPoint(sum, each);

  assertEquals([point.cancelled, Object.keys(point.ended).length], [300, 100]);
  assertEquals(Object.entries(sum.ended).slice(0, 2), [["__proto__", 4], ["q1", 4]]);
});

Deno.test("addPoint() adds up counts and histograms of any length", () => {
  const point: HistoryPoint = {
    ...emptyPoint(START, "test"),
    added: 1,
    completed: 2,
    ended: { a: 1, b: 1 },
    runTime: [1],
    waitTime: [0, 0, 5],
  };
  addPoint(point, {
    ...emptyPoint(START, "test"),
    added: 10,
    completed: 20,
    failed: 30,
    cancelled: 40,
    retried: 50,
    ended: { b: 5, c: 5 },
    runTime: [1, 2, 3],
    waitTime: [1],
  });

  assertEquals(point, {
    at: START,
    type: "test",
    added: 11,
    completed: 22,
    failed: 30,
    cancelled: 40,
    retried: 50,
    ended: { a: 1, b: 6, c: 5 },
    runTime: [2, 2, 3],
    waitTime: [1, 0, 5],
  });
});

Deno.test("percentile() lies within the bucket where the fraction is reached, and rises with it", () => {
  assertEquals(percentile([], 0.5), null);
  assertEquals(percentile([0, 0], 0.5), null);
  const histogram = histogramOf(...Array.from({ length: 99 }, () => 7), 900);
  const [p50, p95, p100] = [0.5, 0.95, 1].map((p) => percentile(histogram, p) ?? NaN);
  assert(p50! > 5 && p50! < p95! && p95! <= 10 && p100! > 500 && p100! <= 1_000, `${p50} ${p95} ${p100}`);
  assert((percentile(histogramOf(Infinity), 0.5) ?? 0) >= BUCKET_BOUNDS.at(-1)!);
});

Deno.test("percentilesOf() gives tenths of a millisecond, and null of nothing", () => {
  const histogram = histogramOf(3);
  for (let i = 0; i < 6; i++) histogram[histogram.length - 1]!++;
  const all = percentilesOf(histogram);

  assertEquals(percentilesOf([]), null);
  assertEquals(Object.values(all ?? {}).map((ms) => Number(ms.toFixed(1))), Object.values(all ?? {}));
});
