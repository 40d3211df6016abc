import { assertEquals } from "@std/assert";
import { cancel, type Job, type Outcome, retry, update } from "../../lib/job.ts";
import { makeJob } from "../../testing/factories.ts";
import { addAll, type Cases, claim, claimAll, claimOne, idsOf, listAll, withoutLease } from "./harness.ts";

const MIB = 1_048_576;

/** Text whose JSON takes `bytes` bytes. No two parts of it are the same, so a mixed-up piece shows. */
function textOf(bytes: number): string {
  let text = "";
  for (let n = 0; text.length < bytes; n++) text += `${n},`;
  return text.slice(0, bytes - 2);
}

/** Data and results above what one value of a store may hold. */
export const largeCases: Cases = {
  async "data and results come back whole at every size up to 5 MiB"({ open, clock }) {
    const [store, other] = await open(2);
    const values = [
      ...[1_900, 2_048, 2_100, 16_384, 16_385, 60_000, 65_535, 65_536, 65_537, 200_000].map(textOf),
      "🚀é\u0000".repeat(30_000),
      { list: Array.from({ length: 5_000 }, (_, n) => ({ n, text: `${n}` })) },
      textOf(5 * MIB),
    ];
    const jobs = values.map((data) => makeJob({ data }));
    await addAll(store, jobs, clock.now());

    for (const job of jobs) assertEquals(await other.get(job.id), job);
    const claimed = await claimAll(other, clock);
    assertEquals(claimed.map(({ data }) => data), values);
    for (const job of claimed) {
      const [settled] = await other.settle(
        [{ job, outcome: { kind: "completed", result: job.data } }],
        clock.now(),
      );
      const stored = await store.get(job.id);
      assertEquals([stored?.data, stored?.result, stored?.status], [job.data, job.data, "completed"]);
      assertEquals(settled === "lost" ? settled : settled?.result, job.data);
    }
  },

  async "list() names the jobs of which it leaves out a value"({ open, clock }) {
    const [store] = await open(1);
    const jobs = [1, 16_000, 20_000, 200_000].map((bytes) => makeJob({ data: textOf(bytes + 2) }));
    await addAll(store, jobs, clock.now());
    const filters = [{}, { status: ["pending"] as const }, { type: "test" }];

    for (const filter of filters) {
      const { jobs: listed, partial = [] } = await store.list(filter, { limit: 200 });
      assertEquals(listed.length, jobs.length);
      for (const job of jobs) {
        const found = listed.find(({ seq }) => seq === job.seq);
        assertEquals(found?.data, partial.includes(job.seq) ? null : job.data);
      }
    }
  },

  async "many large jobs in one call are stored, listed, claimed and settled together"({ open, clock }) {
    const [store] = await open(1);
    const jobs = Array.from({ length: 60 }, (_, n) => makeJob({ id: `${n}`, data: textOf(30_000 + n) }));

    await addAll(store, jobs, clock.now());

    assertEquals(idsOf(await listAll(store, {}, 7)), idsOf(jobs).reverse());
    const claimed = await claim(store, clock.now(), ["test"], 60);
    assertEquals(claimed.map(({ data }) => data), jobs.map(({ data }) => data));
    const settled = await store.settle(
      claimed.map((job) => ({ job, outcome: { kind: "completed", result: textOf(20_000) } as const })),
      clock.now(),
    );
    assertEquals(settled.includes("lost"), false);
    for (const { id, data } of jobs.slice(0, 5)) {
      const job = await store.get(id);
      assertEquals([job?.data, job?.result], [data, textOf(20_000)]);
    }
  },

  async "large jobs keep their data through everything that may happen to them"(
    { open, clock, crash, rescueBy },
  ) {
    const [first, second, third] = await open(3);
    const data = textOf(150_000);
    const result = textOf(100_000);
    await addAll(first, [makeJob({ id: "a", data, maxAttempts: 10 })], clock.now());
    const expectData = async (status: Job["status"], withResult = false) => {
      for (const store of [first, second]) {
        const job = await store.get("a");
        assertEquals([job?.status, job?.data === data, job?.result], [
          status,
          true,
          withResult ? result : null,
        ]);
      }
    };
    const error = { name: "Error", message: "no", attempt: 1, at: clock.now() };
    const end = async (outcome: Outcome) => {
      clock.advance(1_000); // a store may look only so often at what others made pending
      const job = await claimOne(first, clock.now());
      assertEquals(job.data === data, true);
      await first.settle([{ job, outcome }], clock.now());
    };

    await first.change("a", (job) => update(job, { priority: 3 }, clock.now()));
    await expectData("pending");
    await first.change("a", (job) => update(job, { scheduledAt: clock.now() + 10 }, clock.now()));
    await expectData("scheduled");
    await second.promote(clock.now() + 10);
    await expectData("pending");
    await end({ kind: "failed", error, retryAt: clock.now() });
    await expectData("retrying");
    await second.promote(clock.now());
    await end({ kind: "snoozed", until: clock.now() });
    await expectData("scheduled");
    await second.promote(clock.now());
    await end({ kind: "released" });
    await expectData("pending");
    await third.started(await claimOne(third, clock.now()));
    await expectData("running");
    await crash(third);
    await rescueBy(second);
    await expectData("pending");
    await second.change("a", (job) => cancel(job, clock.now()));
    await expectData("cancelled");
    await second.change("a", (job) => retry(job, clock.now()));
    await expectData("pending");
    await end({ kind: "completed", result });
    await expectData("completed", true);
    await second.change("a", (job) => retry(job, clock.now()));
    await expectData("pending");
    const running = await claimOne(second, clock.now());
    assertEquals(await first.get("a"), withoutLease(running));
    await first.change("a", (job) => cancel(job, clock.now()));
    await expectData("running");
    await second.settle([{ job: running, outcome: { kind: "completed", result } }], clock.now());
    await expectData("cancelled");
  },

  async "a large job can be replaced by a small one and the other way round"({ open, clock }) {
    const [store] = await open(1);
    const unique = { key: "k", until: null };
    await addAll(store, [makeJob({ id: "a", unique })], clock.now());
    for (const data of [textOf(100_000), "small", textOf(90_000), textOf(120_000)]) {
      const inserted = await store.insert(
        [{ job: makeJob({ unique, data }), onConflict: "replace" }],
        clock.now(),
      );

      assertEquals(inserted, [{ id: "a", outcome: "replaced" }]);
      assertEquals((await store.get("a"))?.data, data);
    }
    assertEquals((await claimOne(store, clock.now())).data, textOf(120_000));
  },

  async "a large job that is not stored leaves what is stored as it was"({ open, clock }) {
    const [first, second] = await open(2);
    const unique = { key: "k", until: null };
    const holder = makeJob({ id: "a", unique, data: textOf(50_000) });
    await addAll(first, [holder], clock.now());

    const jobs = [makeJob({ id: "a", data: textOf(70_000) }), makeJob({ unique, data: textOf(70_000) })];
    const inserted = await second.insert(jobs.map((job) => ({ job })), clock.now());

    assertEquals(inserted, [{ id: "a", outcome: "exists" }, { id: "a", outcome: "exists" }]);
    assertEquals(await first.get("a"), holder);
    assertEquals((await listAll(first)).length, 1);
  },

  async "large jobs of a dead process are all rescued, whole"({ open, clock, crash, rescueBy }) {
    const [first, second] = await open(2);
    const jobs = Array.from({ length: 30 }, (_, n) => makeJob({ data: textOf(30_000 + n) }));
    const huge = makeJob({ data: textOf(2 * MIB) });
    await addAll(first, [...jobs, huge], clock.now());
    const claimed = await claim(first, clock.now(), ["test"], 31);
    await first.started(claimed[0]!);
    await crash(first);

    assertEquals(await rescueBy(second), 31);

    const again = new Map((await claim(second, clock.now(), ["test"], 31)).map((job) => [job.id, job]));
    for (const { id, data } of [...jobs, huge]) assertEquals(again.get(id)?.data === data, true);
    assertEquals(again.get(claimed[0]!.id)?.attempt, 2);
  },

  async "large jobs can be removed and pruned, and their ids used again"({ open, clock }) {
    const [store] = await open(1);
    for (const large of [true, false]) {
      const data = large ? textOf(100_000) : "small";
      await addAll(store, [makeJob({ id: "a", data }), makeJob({ id: "b", data })], clock.now());
      assertEquals(await store.remove("a"), true);
      const job = await claimOne(store, clock.now());
      assertEquals([job.id, job.data], ["b", data]);
      await store.settle([{ job, outcome: { kind: "completed", result: data } }], clock.now());
      const finishedBefore = { completed: clock.now() + 1 };
      assertEquals(await store.prune({ finishedBefore, keepFor: true, now: clock.now(), limit: 10 }), 1);
      assertEquals([await store.get("a"), await store.get("b")], [null, null]);
    }
  },
};
