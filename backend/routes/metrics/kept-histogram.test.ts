import { assertEquals } from "@std/assert";
import { Registry } from "prom-client";
import { BUCKET_BOUNDS, count, type Histogram } from "../../lib/history.ts";
import { samplesOf, valueOf } from "../../testing/prometheus.ts";
import { KeptHistogram } from "./kept-histogram.ts";

const DAY = 86_400_000;

/** What Prometheus reads of a type whose attempts took so many milliseconds each. */
async function textOf(times: readonly number[], type = "a"): Promise<string> {
  const counted: Histogram = [];
  for (const time of times) count(counted, time);
  const registry = new Registry();
  registry.registerMetric(new KeptHistogram("took", "How long it took.", new Map([[type, counted]])));
  return await registry.metrics();
}

Deno.test("A bucket counts all that took as long as its bound or less, and +Inf everything", async () => {
  const text = await textOf([0, 1, 2, 100, 101, DAY, DAY + 1, 5 * DAY]);

  const bucket = (le: string) => valueOf(text, "took_bucket", { type: "a", le });
  assertEquals(["0.001", "0.002", "0.05", "0.1", "0.2"].map(bucket), [2, 3, 3, 4, 5]);
  assertEquals(["21600", "86400", "+Inf"].map(bucket), [5, 6, 8]);
  assertEquals(valueOf(text, "took_count"), 8);
});

Deno.test("A histogram has every bucket of the history, each but once and in order, also when nothing was counted", async () => {
  const samples = samplesOf(await textOf([])).filter(({ name }) => name === "took_bucket");

  const bounds = samples.map(({ labels }) => Number(labels.le?.replace("Inf", "Infinity")));
  assertEquals(bounds, [...BUCKET_BOUNDS.map((ms) => ms / 1000), Infinity]);
  assertEquals(samples.filter(({ value }) => value !== 0), []);
});

Deno.test("The sum takes each time for the middle of its bucket, and what took more than a day for one and a half", async () => {
  const sum = async (time: number) => valueOf(await textOf([time, time]), "took_sum");

  assertEquals([await sum(1), await sum(1500), await sum(2 * DAY)], [0.001, 3, 2 * 1.5 * 86_400]);
});

Deno.test("Types are shown by their names, whatever these hold", async () => {
  const type = 'a"b\\c\nd{e="f"}';

  const samples = samplesOf(await textOf([1], type));

  assertEquals(new Set(samples.map(({ labels }) => labels.type)), new Set([type]));
});
