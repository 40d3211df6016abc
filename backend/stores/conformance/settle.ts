import { assertEquals } from "@std/assert";
import { InvalidStatusError } from "../../lib/errors.ts";
import { cancel, type JobError, type Outcome, type RunningJob, settle } from "../../lib/job.ts";
import { makeJob, makeJobs } from "../../testing/factories.ts";
import { addAll, type Cases, claim, claimOne, withoutLease } from "./harness.ts";

const DONE: Outcome = { kind: "completed", result: { ok: true } };

function errorAt(now: number, attempt = 1): JobError {
  return { name: "TypeError", message: "no", stack: "at x", attempt, at: now };
}

/** How attempts end. */
export const settleCases: Cases = {
  async "settle() stores every outcome as the pure settle() says"({ open, clock }) {
    const [store, other] = await open(2);
    const now = clock.now();
    const outcomes: Outcome[] = [
      DONE,
      { kind: "completed", result: null },
      { kind: "completed", result: "Zoë 🚀" },
      { kind: "completed", result: 0 },
      { kind: "failed", error: errorAt(now), retryAt: now + 1_000 },
      { kind: "failed", error: errorAt(now), retryAt: null },
      { kind: "cancelled", reason: "no longer needed" },
      { kind: "cancelled", reason: null },
      { kind: "snoozed", until: now + 5_000 },
      { kind: "released" },
    ];
    await addAll(store, makeJobs(outcomes.length), now);
    const claimed = await claim(store, now);
    clock.advance(10);

    const settled = await store.settle(
      claimed.map((job, i) => ({ job, outcome: outcomes[i]! })),
      clock.now(),
    );

    const expected = claimed.map((job, i) => settle(job, outcomes[i]!, clock.now()));
    assertEquals(settled, expected);
    for (const job of expected) assertEquals(await other.get(job.id), job);
  },

  async "settle() fails a job for good after its last attempt"({ open, clock }) {
    const [store] = await open(1);
    await addAll(store, [makeJob({ id: "a", maxAttempts: 2 })], clock.now());

    for (const [attempt, status] of [[1, "retrying"], [2, "failed"]] as const) {
      const job = await claimOne(store, clock.now());
      assertEquals(job.attempt, attempt);
      const error = errorAt(clock.now(), attempt);
      await store.settle([{ job, outcome: { kind: "failed", error, retryAt: clock.now() } }], clock.now());
      assertEquals((await store.get("a"))?.status, status);
      await store.promote(clock.now());
    }
    assertEquals((await store.get("a"))?.errors.map((error) => error.attempt), [1, 2]);
    assertEquals(await claim(store, clock.now()), []);
  },

  async "settle() gives the attempt of a snoozed or released job back"({ open, clock }) {
    const [store] = await open(1);
    await addAll(store, [makeJob({ id: "a", maxAttempts: 1 })], clock.now());

    for (const outcome of [{ kind: "snoozed", until: clock.now() }, { kind: "released" }] as const) {
      const job = await claimOne(store, clock.now());
      assertEquals(job.attempt, 1);
      await store.settle([{ job, outcome }], clock.now());
      await store.promote(clock.now());
    }
    const last = await claimOne(store, clock.now());
    assertEquals(last.attempt, 1);
  },

  async "settle() puts a released job back into its place"({ open, clock }) {
    const [store, other] = await open(2);
    await addAll(store, ["a", "b", "c"].map((id) => makeJob({ id })), clock.now());
    const [job] = await claim(store, clock.now(), ["test"], 1);
    clock.advance(10);

    await store.settle([{ job: job!, outcome: { kind: "released" } }], clock.now());

    assertEquals((await claim(other, clock.now())).map(({ id }) => id), ["a", "b", "c"]);
  },

  async "settle() of nothing answers nothing"({ open, clock }) {
    const [store] = await open(1);

    assertEquals(await store.settle([], clock.now()), []);
  },

  async "settle() answers in the order of its jobs, and a lost lease rejects no other"({ open, clock }) {
    const [store] = await open(1);
    await addAll(store, makeJobs(3), clock.now());
    const [a, b, c] = await claim(store, clock.now());
    await store.settle([{ job: b!, outcome: DONE }], clock.now());

    const settled = await store.settle([a!, b!, c!].map((job) => ({ job, outcome: DONE })), clock.now());

    assertEquals(settled, [settle(a!, DONE, clock.now()), "lost", settle(c!, DONE, clock.now())]);
  },

  async "settle() of one job many times at once stores one of them"({ open, clock }) {
    const [store] = await open(1);
    await addAll(store, [makeJob({ id: "a" })], clock.now());
    const job = await claimOne(store, clock.now());

    const results = await Promise.all(
      Array.from(
        { length: 5 },
        (_, i) => store.settle([{ job, outcome: { kind: "completed", result: i } }], clock.now()),
      ),
    );

    const stored = results.flat().filter((result) => result !== "lost");
    assertEquals(stored, [await store.get("a")]);
    const twice = await store.settle([{ job, outcome: DONE }, { job, outcome: DONE }], clock.now());
    assertEquals(twice, ["lost", "lost"]);
  },

  async "settle() refuses an earlier run of a job this process claimed again"({ open, clock }) {
    const [store] = await open(1);
    await addAll(store, [makeJob({ id: "a" })], clock.now());
    const former = await claimOne(store, clock.now());
    await store.settle([{ job: former, outcome: { kind: "snoozed", until: clock.now() } }], clock.now());
    await store.promote(clock.now());
    const current = await claimOne(store, clock.now());

    assertEquals(await store.settle([{ job: former, outcome: DONE }], clock.now()), ["lost"]);

    assertEquals(await store.get("a"), withoutLease(current));
    assertEquals(await store.settle([{ job: current, outcome: DONE }], clock.now()), [
      settle(current, DONE, clock.now()),
    ]);
  },

  async "settle() refuses a job another process holds"({ open, clock }) {
    const [first, second] = await open(2);
    await addAll(first, [makeJob({ id: "a" })], clock.now());
    const job = await claimOne(first, clock.now());

    assertEquals(await second.settle([{ job, outcome: DONE }], clock.now()), ["lost"]);

    assertEquals(await second.get("a"), withoutLease(job));
    assertEquals(await first.settle([{ job, outcome: DONE }], clock.now()), [settle(job, DONE, clock.now())]);
  },

  async "settle() refuses a made-up lease"({ open, clock }) {
    const [store] = await open(1);
    await addAll(store, [makeJob({ id: "a" })], clock.now());
    const job = await claimOne(store, clock.now());

    const forged: RunningJob = { ...job, lease: `${job.lease}x` };
    assertEquals(await store.settle([{ job: forged, outcome: DONE }], clock.now()), ["lost"]);

    assertEquals((await store.get("a"))?.status, "running");
  },

  async "settle() reads its jobs before it returns"({ open, clock }) {
    const [store] = await open(1);
    await addAll(store, [makeJob({ id: "a" })], clock.now());
    const result = { items: [1] };
    const settlements = [{
      job: await claimOne(store, clock.now()),
      outcome: { kind: "completed", result } as const,
    }];

    const settled = store.settle(settlements, clock.now());
    result.items.push(2);
    settlements.pop();

    assertEquals((await settled).length, 1);
    assertEquals((await store.get("a"))?.result, { items: [1] });
  },

  async "settle() keeps the errors of the last ten attempts"({ open, clock }) {
    const [store] = await open(1);
    await addAll(store, [makeJob({ id: "a", maxAttempts: 100 })], clock.now());
    for (let attempt = 1; attempt <= 12; attempt++) {
      const job = await claimOne(store, clock.now());
      const error = errorAt(clock.now(), attempt);
      await store.settle([{ job, outcome: { kind: "failed", error, retryAt: clock.now() } }], clock.now());
      await store.promote(clock.now());
    }

    const { errors = [] } = await store.get("a") ?? {};
    assertEquals(errors.map((error) => error.attempt), [3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  },

  async "settle() ends a job cancelled that was asked to stop before, however its handler ended"(
    { open, clock },
  ) {
    const [first, second] = await open(2);
    const outcomes: Outcome[] = [
      DONE,
      { kind: "failed", error: errorAt(clock.now()), retryAt: clock.now() },
      { kind: "snoozed", until: clock.now() },
      { kind: "released" },
    ];
    await addAll(first, makeJobs(outcomes.length), clock.now());
    const claimed = await claim(first, clock.now());
    const askedAt = clock.now();
    for (const { id } of claimed) await second.change(id, (job) => cancel(job, askedAt));
    clock.advance(10);

    const settled = await first.settle(
      claimed.map((job, i) => ({ job, outcome: outcomes[i]! })),
      clock.now(),
    );

    for (const job of settled) {
      if (job === "lost") throw new Error("A lease was lost");
      assertEquals([job.status, job.result, job.finishedAt], ["cancelled", null, clock.now()]);
      assertEquals(job.cancelRequestedAt, askedAt);
      assertEquals(await second.get(job.id), job);
    }
    await first.promote(clock.now());
    assertEquals(await claim(first, clock.now()), []);
  },

  async "settle() racing with cancel: who comes first wins, and both know it"({ open, clock }) {
    const [first, second] = await open(2);
    const jobs = makeJobs(20);
    await addAll(first, jobs, clock.now());
    const claimed = await claim(first, clock.now(), ["test"], 20);

    const [settled, ...cancelled] = await Promise.all([
      Promise.all(claimed.map((job) => first.settle([{ job, outcome: DONE }], clock.now()))),
      ...claimed.map((job) =>
        second.change(job.id, (current) => cancel(current, clock.now())).catch((error) => error)
      ),
    ]);

    for (const [i, result] of settled.flat().entries()) {
      if (result === "lost") throw new Error("A lease was lost");
      const refused = cancelled[i] instanceof InvalidStatusError;
      assertEquals(result.status, refused ? "completed" : "cancelled");
      assertEquals(await second.get(result.id), result);
    }
  },

  async "settle() keeps what the handler said of its progress"({ open, clock }) {
    const [store] = await open(1);
    await addAll(store, [makeJob({ id: "a" })], clock.now());
    const job = await claimOne(store, clock.now());
    const progress = { percent: 80, note: "almost", at: clock.now() };
    await store.progress(job, progress);

    const [settled] = await store.settle([{ job, outcome: DONE }], clock.now());

    assertEquals(settled, { ...settle(job, DONE, clock.now()), progress });
    assertEquals(await store.get("a"), settled);
  },
};
