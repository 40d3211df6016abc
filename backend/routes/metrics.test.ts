import { assert, assertEquals } from "@std/assert";
import { Api } from "../testing/api.ts";
import { samplesOf, valueOf } from "../testing/prometheus.ts";
import { MemoryData, MemoryStore } from "../stores/memory.ts";

async function scrape(api: Api): Promise<string> {
  const { status, headers, body } = await api.call<string>("GET", "/metrics", { role: "viewer" });
  assertEquals(status, 200);
  assertEquals(headers.get("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  return body;
}

/** An API over a queue that runs: with a registered process and jobs of several types and ends. */
async function busy(): Promise<Api> {
  const api = new Api({ queue: { maxAttempts: 1 } });
  api.queue.process("good", () => api.clock.advance(100));
  api.queue.process("bad", () => {
    throw new Error("no");
  });
  api.queue.process("again", (job) => {
    if (job.attempt === 1) throw new Error("once");
  }, { maxAttempts: 2, backoff: { type: "fixed", delay: 0, jitter: 0 } });
  await scrape(api); // counting begins
  await api.queue.addMany(["good", "good", "bad", "again"].map((type) => ({ type, data: 1 })));
  await api.queue.drain();
  await api.queue.add("other work", 1, { queue: "slow" });
  const cancelled = await api.queue.add("good", 1, { delay: 1000 });
  await api.queue.cancel(cancelled);
  await api.queue.pause("slow");
  api.clock.advance(5000);
  return api;
}

Deno.test("GET /metrics counts the jobs of the store by queue, type and status", async () => {
  await using api = await busy();
  const text = await scrape(api);

  assertEquals(valueOf(text, "cronosaur_store_up"), 1);
  const queue = (name: string, status: string) =>
    valueOf(text, "cronosaur_queue_jobs", { queue: name, status });
  assertEquals([queue("default", "completed"), queue("default", "failed"), queue("slow", "pending")], [
    3,
    1,
    1,
  ]);
  assertEquals(valueOf(text, "cronosaur_type_jobs", { type: "good", status: "completed" }), 2);
  assertEquals(valueOf(text, "cronosaur_queue_oldest_pending_seconds", { queue: "slow" }), 5);
  assertEquals(valueOf(text, "cronosaur_queue_oldest_pending_seconds", { queue: "default" }), 0);
  assertEquals(valueOf(text, "cronosaur_queue_paused", { queue: "slow" }), 1);
  assertEquals(valueOf(text, "cronosaur_queue_paused", { queue: "default" }), 0);
});

Deno.test("GET /metrics counts what happened since it was first asked, and how long attempts took", async () => {
  await using api = await busy();
  const text = await scrape(api);
  const total = (name: string, type: string) => valueOf(text, `cronosaur_jobs_${name}_total`, { type });

  assertEquals([total("added", "good"), total("completed", "good"), total("cancelled", "good")], [3, 2, 1]);
  assertEquals([total("failed", "bad"), total("retried", "again"), total("completed", "again")], [1, 1, 1]);
  assertEquals(total("failed", "good"), 0);
  const buckets = samplesOf(text).filter(({ name, labels }) =>
    name === "cronosaur_job_run_seconds_bucket" && labels.type === "good"
  );
  assertEquals(buckets.find(({ labels }) => labels.le === "0.05")?.value, 0);
  assertEquals(buckets.find(({ labels }) => labels.le === "0.2")?.value, 2);
  assertEquals(buckets.at(-1), {
    name: "cronosaur_job_run_seconds_bucket",
    labels: { type: "good", le: "+Inf" },
    value: 2,
  });
  assertEquals(valueOf(text, "cronosaur_job_run_seconds_count", { type: "good" }), 2);
  const sum = valueOf(text, "cronosaur_job_run_seconds_sum", { type: "good" }) ?? 0;
  assert(sum > 0.1 && sum <= 0.4);
  assertEquals(valueOf(text, "cronosaur_job_wait_seconds_count", { type: "again" }), 2);
});

Deno.test("GET /metrics shows a type that nothing has happened to at 0, so that its first event is a rise", async () => {
  await using api = new Api();
  await api.queue.add("good", 1, { delay: 3_600_000 });
  api.clock.advance(60_000); // counting begins after that

  const text = await scrape(api);

  for (const name of ["added", "completed", "failed", "cancelled", "retried"]) {
    assertEquals(valueOf(text, `cronosaur_jobs_${name}_total`, { type: "good" }), 0, name);
  }
  assertEquals(valueOf(text, "cronosaur_job_run_seconds_bucket", { type: "good", le: "+Inf" }), 0);
});

Deno.test("GET /metrics never lets a total go down: not when jobs are deleted, nor when history is", async () => {
  await using api = await busy();
  const before = await scrape(api);
  await api.queue.prune({ olderThan: 0 });
  api.clock.advance(30 * 60_000);
  await scrape(api);
  api.clock.advance(8 * 86_400_000);
  const after = await scrape(api);

  const totals = samplesOf(before).filter(({ name }) =>
    /^cronosaur_job.*_(total|count|bucket|sum)$/.test(name)
  );
  assert(totals.length > 100);
  for (const { name, labels, value } of totals) {
    const later = valueOf(after, name, labels);
    assertEquals(later, value, `${name} ${JSON.stringify(labels)}`);
  }
});

Deno.test("GET /metrics never lets a total go down when types come and go, of which not all have a series", async () => {
  await using api = new Api();
  const scrapeAdded = async () => {
    const samples = samplesOf(await scrape(api)).filter(({ name }) => name === "cronosaur_jobs_added_total");
    return Object.fromEntries(samples.map(({ labels, value }) => [labels.type, value]));
  };
  const types = Array.from({ length: 41 }, (_, i) => `type-${i}`);
  await scrape(api); // counting begins
  const ids = await api.queue.addMany(types.map((type) => ({ type, data: 1 })));
  const before = await scrapeAdded();
  const crowdedOut = types.filter((type) => !Object.hasOwn(before, type));
  for (const id of ids) await api.queue.cancel(id);
  await api.queue.prune({ olderThan: 0 });
  await api.queue.addMany(crowdedOut.map((type) => ({ type, data: 1 })));

  assertEquals([crowdedOut.length, before.other], [1, 1]);
  assertEquals(await scrapeAdded(), { ...before, other: 2 });
});

Deno.test("GET /metrics has a bounded number of series, and loses no job", async () => {
  await using api = new Api();
  await scrape(api);
  const types = Array.from({ length: 300 }, (_, i) => ({
    type: `type-${i}`,
    data: 1,
    options: { queue: `queue-${i}` },
  }));
  await api.queue.addMany(types);
  const first = await scrape(api);
  await api.queue.addMany(types);
  const second = await scrape(api);

  const sum = (text: string, wanted: string) => {
    return samplesOf(text).filter(({ name }) => name === wanted).reduce((all, { value }) => all + value, 0);
  };
  for (const [text, count] of [[first, 300], [second, 600]] as const) {
    for (const name of ["cronosaur_queue_jobs", "cronosaur_type_jobs", "cronosaur_jobs_added_total"]) {
      assertEquals(sum(text, name), count, name);
    }
    assert(samplesOf(text).length < 5000);
    assertEquals(valueOf(text, "cronosaur_jobs_added_total", { type: "other" }), count * 260 / 300);
  }
});

Deno.test("GET /metrics shows types of any name as they are", async () => {
  await using api = new Api();
  const names = ['a"b', "a\\b", "__proto__", "constructor", "ünï", "{x=1}"];
  await api.queue.addMany(names.map((type) => ({ type, data: 1 })));

  const samples = samplesOf(await scrape(api)).filter(({ name, labels, value }) =>
    name === "cronosaur_type_jobs" && labels.status === "pending" && value === 1
  );

  assertEquals(samples.map(({ labels }) => labels.type).sort(), names.sort());
});

Deno.test("GET /metrics shows queues of any name as they are, also those without a pending job", async () => {
  await using api = new Api();
  const names = ['a"b', "__proto__", "constructor", "toString"];
  await api.queue.addMany(names.map((queue) => ({ type: "a", data: 1, options: { queue, delay: 1000 } })));

  const ages = samplesOf(await scrape(api)).filter(({ name }) => /queue_oldest_pending/.test(name));

  const shown = ages.map(({ labels, value }) => [labels.queue ?? "", value]);
  assertEquals(shown.sort(), names.map((name) => [name, 0]).sort());
});

Deno.test("GET /metrics tells of every process, and of schedules by state", async () => {
  await using api = new Api();
  api.scheduler.schedule("nightly", "0 3 * * *", () => {});
  await api.queue.start();
  await api.scheduler.start();
  await api.scheduler.create({ name: "off", expression: "@daily", job: { type: "a" }, enabled: false });

  const text = await scrape(api);

  assertEquals(valueOf(text, "cronosaur_workers", { state: "running" }), 1);
  assertEquals(valueOf(text, "cronosaur_workers", { state: "dead" }), 0);
  assertEquals(valueOf(text, "cronosaur_worker_concurrency"), 5);
  assertEquals(valueOf(text, "cronosaur_schedules", { state: "active" }), 1);
  assertEquals(valueOf(text, "cronosaur_schedules", { state: "disabled" }), 1);
  assertEquals(valueOf(text, "cronosaur_schedules", { state: "broken" }), 0);
  assert((valueOf(text, "process_resident_memory_bytes") ?? 0) > 1_000_000);
  assertEquals(valueOf(text, "cronosaur_store_ping_seconds_count"), 1);
});

Deno.test("GET /metrics counts how long the store took for each time it was asked", async () => {
  await using api = new Api();
  const record = api.store.record.bind(api.store);
  api.store.record = (kind, key) => {
    if (kind === "ping") api.clock.advance(5);
    return record(kind, key);
  };
  await scrape(api);

  const text = await scrape(api);

  const bucket = (le: string) => valueOf(text, "cronosaur_store_ping_seconds_bucket", { le });
  assertEquals([bucket("0.002"), bucket("0.005"), bucket("+Inf")], [0, 2, 2]);
  assertEquals(valueOf(text, "cronosaur_store_ping_seconds_sum"), 0.01);
});

Deno.test("GET /metrics says that the store does not answer, and answers itself", async () => {
  await using api = new Api();
  await scrape(api);
  await api.queue.stop();

  const text = await scrape(api);

  assertEquals(valueOf(text, "cronosaur_store_up"), 0);
  assertEquals(valueOf(text, "cronosaur_workers"), undefined);
  assert(valueOf(text, "process_cpu_seconds_total") !== undefined);
});

Deno.test("GET /metrics does not wait for a store that hangs", async () => {
  await using api = new Api();
  const { promise: forever, resolve } = Promise.withResolvers<never>();
  api.store.record = () => forever;
  const scraped = scrape(api);
  await api.clock.asleep(1);

  api.clock.advance(5000);

  assertEquals(valueOf(await scraped, "cronosaur_store_up"), 0);
  resolve(undefined as never);
});

Deno.test("GET /metrics tells of what other processes on the store did, the same as they do", async () => {
  const data = new MemoryData();
  const apis = [1, 2].map((n) => {
    return new Api({ queue: { store: new MemoryStore({ data, workerId: `process-${n}` }) } });
  });
  const [first, second] = apis as [Api, Api];
  await Promise.all([scrape(first), scrape(second)]);
  second.queue.process("good", () => {});
  await first.queue.add("good", 1);
  await second.queue.drain();

  const texts = await Promise.all([scrape(first), scrape(second)]);

  for (const text of texts) {
    assertEquals(valueOf(text, "cronosaur_jobs_completed_total", { type: "good" }), 1);
    assertEquals(valueOf(text, "cronosaur_job_run_seconds_count", { type: "good" }), 1);
    assertEquals(valueOf(text, "cronosaur_type_jobs", { type: "good", status: "completed" }), 1);
  }
  await first[Symbol.asyncDispose]();
  await second[Symbol.asyncDispose]();
});

Deno.test("GET /metrics counts a process that died as dead, and shows nothing else of it", async () => {
  const data = new MemoryData();
  const store = new MemoryStore({ data, workerId: "dead" });
  await using dead = new Api({ queue: { store } });
  await using alive = new Api({ queue: { store: new MemoryStore({ data, workerId: "alive" }) } });
  for (const { queue } of [dead, alive]) {
    queue.process("good", () => {});
    await queue.start();
  }
  store.crash();

  const text = await scrape(alive);

  const count = (state: string) => valueOf(text, "cronosaur_workers", { state });
  assertEquals([count("running"), count("draining"), count("dead")], [1, 0, 1]);
  const shown = samplesOf(text).filter(({ name }) => name === "cronosaur_worker_concurrency");
  assertEquals(shown.map(({ labels }) => labels.worker), ["alive"]);
});

Deno.test("GET /metrics counts schedules anew after a minute, and not before", async () => {
  await using api = new Api();
  const active = async () => valueOf(await scrape(api), "cronosaur_schedules", { state: "active" });
  const counts = [await active()];
  await api.scheduler.create({ name: "nightly", expression: "@daily", job: { type: "a" } });

  for (const ms of [59_999, 1]) {
    api.clock.advance(ms);
    counts.push(await active());
  }

  assertEquals(counts, [0, 0, 1]);
});

Deno.test("Two APIs of one process count each for themselves", async () => {
  await using first = await busy();
  await using second = new Api();

  assertEquals(valueOf(await scrape(second), "cronosaur_jobs_added_total", { type: "good" }), undefined);
  assertEquals(valueOf(await scrape(first), "cronosaur_jobs_added_total", { type: "good" }), 3);
});
