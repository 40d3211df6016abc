import { assertEquals } from "@std/assert";
import { type Job, update } from "../../lib/job.ts";
import { makeJob, makeJobs } from "../../testing/factories.ts";
import { addAll, type Cases, claimAll, idsOf, listAll } from "./harness.ts";

/** Adding jobs. */
export const insertCases: Cases = {
  async "insert() stores every field of a job"({ open, clock }) {
    const [store] = await open(1);
    const job = makeJob({
      id: "order-1",
      type: "email:send",
      data: { to: "ada@example.com", n: [1, 2.5, -3, null, true], "": { "a.b": "c" } },
      queue: "mail",
      status: "scheduled",
      priority: -1000,
      tags: ["a", "b"],
      maxAttempts: 7,
      errors: [{ name: "Error", message: "no", stack: "at x", attempt: 1, at: clock.now() }],
      scheduledAt: clock.now() + 5_000,
      updatedAt: clock.now() + 1,
      expiresAt: clock.now() + 10_000,
      createdBy: "ada",
      traceContext: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      backoff: { type: "fixed", delay: 1, max: 2, factor: 3, jitter: 0 },
      timeout: 0,
      keepFor: 0,
      unique: { key: "k", until: clock.now() + 60_000 },
      retryOf: "order-0",
    });

    await addAll(store, [job], clock.now());

    assertEquals(await store.get("order-1"), job);
    assertEquals(await listAll(store), [job]);
  },

  async "insert() of no jobs stores nothing"({ open, clock }) {
    const [store] = await open(1);

    assertEquals(await store.insert([], clock.now()), []);
    assertEquals(await listAll(store), []);
  },

  async "insert() makes jobs visible to every process"({ open, clock }) {
    const [first, second] = await open(2);
    const job = makeJob();

    await addAll(first, [job], clock.now());

    assertEquals(await second.get(job.id), job);
  },

  async "insert() keeps the order in which jobs were added"({ open, clock }) {
    const [store] = await open(1);
    const jobs = makeJobs(25);

    await addAll(store, jobs.slice(0, 10), clock.now());
    for (const job of jobs.slice(10)) await addAll(store, [job], clock.now());

    assertEquals(idsOf(await claimAll(store, clock)), idsOf(jobs));
  },

  async "insert() answers in the order of its jobs, also when it stores only some"({ open, clock }) {
    const [store] = await open(1);
    const [a, b, c] = ["a", "b", "c"].map((id) => makeJob({ id }));
    await addAll(store, [b!], clock.now());

    const inserted = await store.insert(
      [{ job: a! }, { job: makeJob({ id: "b" }) }, { job: c! }],
      clock.now(),
    );

    assertEquals(inserted, [
      { id: "a", outcome: "added" },
      { id: "b", outcome: "exists" },
      { id: "c", outcome: "added" },
    ]);
    assertEquals(await listAll(store), [c, b, a]);
  },

  async "insert() stores nothing under an id that is taken, whatever became of that job"({ open, clock }) {
    const [store] = await open(1);
    const first = makeJob({ id: "a", data: 1 });
    await addAll(store, [first], clock.now());
    for (const settled of [false, true]) {
      if (settled) {
        const [job] = await claimAll(store, clock);
        await store.settle([{ job: job!, outcome: { kind: "completed", result: null } }], clock.now());
      }
      const again = await store.insert([{ job: makeJob({ id: "a", data: 2 }) }], clock.now());

      assertEquals(again, [{ id: "a", outcome: "exists" }]);
      assertEquals((await store.get("a"))?.data, 1);
    }
    assertEquals((await listAll(store)).length, 1);
  },

  async "insert() of one id twice in one call stores the first"({ open, clock }) {
    const [store] = await open(1);
    const jobs = [makeJob({ id: "a", data: 1 }), makeJob({ id: "a", data: 2 })];

    const inserted = await store.insert(jobs.map((job) => ({ job })), clock.now());

    assertEquals(inserted, [{ id: "a", outcome: "added" }, { id: "a", outcome: "exists" }]);
    assertEquals(await listAll(store), [jobs[0]]);
  },

  async "insert() of one id by many racing callers stores exactly one"({ open, clock }) {
    const stores = await open(3);
    const jobs = Array.from({ length: 30 }, (_, i) => makeJob({ id: `id-${i % 3}`, data: i }));

    const results = await Promise.all(
      jobs.map((job, i) => stores[i % stores.length]!.insert([{ job }], clock.now())),
    );

    assertEquals(results.map(([result]) => result?.id), idsOf(jobs));
    const winners = jobs.filter((_, i) => results[i]![0]!.outcome === "added");
    assertEquals(winners.map(({ id }) => id).sort(), ["id-0", "id-1", "id-2"]);
    for (const winner of winners) assertEquals(await stores[0].get(winner.id), winner);
  },

  async "insert() by many racing callers stores every job"({ open, clock }) {
    const stores = await open(3);
    const jobs = makeJobs(150);

    const results = await Promise.all(
      jobs.map((job, i) => stores[i % stores.length]!.insert([{ job }], clock.now())),
    );

    assertEquals(results.flat(), jobs.map(({ id }) => ({ id, outcome: "added" as const })));
    assertEquals(idsOf(await listAll(stores[0])), idsOf(jobs).reverse());
  },

  async "insert() takes a thousand jobs at once"({ open, clock }) {
    const [store] = await open(1);
    const jobs = makeJobs(1_000, { data: { text: "x".repeat(1_000) } });

    await addAll(store, jobs, clock.now());

    assertEquals(idsOf(await listAll(store)), idsOf(jobs).reverse());
  },

  async "insert() reads its jobs before it returns"({ open, clock }) {
    const [store] = await open(1);
    const data = { items: [1] };
    const inserts = [{ job: makeJob({ id: "a", data }) }];

    const inserted = store.insert(inserts, clock.now());
    data.items.push(2);
    inserts.push({ job: makeJob({ id: "b", data }) });

    assertEquals(await inserted, [{ id: "a", outcome: "added" }]);
    assertEquals((await store.get("a"))?.data, { items: [1] });
  },

  async "get() gives a copy that nobody else sees change"({ open, clock }) {
    const [store] = await open(1);
    await addAll(store, [makeJob({ id: "a", data: { items: [1] } })], clock.now());

    const reads = [() => store.get("a"), async () => (await listAll(store))[0]];
    for (const read of reads) {
      const job = await read();
      (job?.data as { items: number[] }).items.push(2);

      assertEquals((await store.get("a"))?.data, { items: [1] });
    }
  },

  async "claim(), change() and settle() give jobs whose changes nobody stores"({ open, clock }) {
    const [store] = await open(1);
    await addAll(store, [makeJob({ id: "a", data: { items: [1] } })], clock.now());
    const spoil = (job: Job | "lost" | null | undefined) =>
      void ((job as Job).data as { items: number[] }).items.push(2);
    const stored = async () => (await store.get("a"))?.data;

    spoil(await store.change("a", (job) => update(job, { priority: 1 }, clock.now())));
    assertEquals(await stored(), { items: [1] });
    const [running] = await claimAll(store, clock);
    const untouched = structuredClone(running!);
    spoil(running);
    assertEquals(await stored(), { items: [1] });
    const [settled] = await store.settle([{ job: untouched, outcome: { kind: "released" } }], clock.now());
    spoil(settled);
    assertEquals(await stored(), { items: [1] });
  },

  async "get() finds a job by its own id and by its seq"({ open, clock }) {
    const [store] = await open(1);
    const [named, unnamed] = [makeJob({ id: "a" }), makeJob()];
    await addAll(store, [named, unnamed], clock.now());

    assertEquals(await store.get("a"), named);
    assertEquals(await store.get(named.seq), named);
    assertEquals(await store.get(unnamed.id), unnamed);
    assertEquals(await store.get(makeJob().id), null);
    assertEquals(await store.get("b"), null);
  },

  async "get() and list() give any text and any JSON back as it was"({ open, clock }) {
    const [store] = await open(1);
    const text = 'Zoë 漢字 🚀 \u0000 \u2028 \ud800 " \\ /';
    const jobs = [
      ...[text, "", 0, -1.5e300, true, false, null, [], {}, [[[]]], { [text]: text }].map((data) =>
        makeJob({ data })
      ),
      makeJob({ data: JSON.parse('{"__proto__":{"a":1},"constructor":1}') }),
      makeJob({
        id: "A:b.c_d@e-f",
        tags: ["naïve", "日本"],
        queue: "почта",
        type: "größe:ä",
        createdBy: "Zoë 🚀",
      }),
    ];

    await addAll(store, jobs, clock.now());

    for (const job of jobs) assertEquals(await store.get(job.id), job);
    assertEquals(await listAll(store), jobs.toReversed());
    assertEquals(idsOf(await listAll(store, { tag: "日本" })), ["A:b.c_d@e-f"]);
    assertEquals(idsOf(await claimAll(store, clock, ["größe:ä"])), ["A:b.c_d@e-f"]);
  },
};
