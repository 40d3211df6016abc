import { assertEquals } from "@std/assert";
import { cancel, expire, type Outcome, retry } from "../../lib/job.ts";
import { makeJob, makeScheduled } from "../../testing/factories.ts";
import { addAll, type Cases, claim, claimAll, claimOne, idsOf } from "./harness.ts";

/** What becomes of waiting jobs as time passes: promote and expire. */
export const timeCases: Cases = {
  async "promote() makes due jobs pending and says when the next is due"({ open, clock }) {
    const [first, second] = await open(2);
    const now = clock.now();
    const jobs = [3_000, 1_000, 2_000, 1_000].map((delay, i) => makeScheduled(delay, { id: `${i}` }));
    await addAll(first, jobs, now);

    assertEquals(await second.promote(now), { promoted: 0, nextDueAt: now + 1_000 });
    assertEquals(await second.promote(now + 1_000), { promoted: 2, nextDueAt: now + 2_000 });
    assertEquals(await first.get("1"), { ...jobs[1]!, status: "pending" });
    assertEquals(await first.promote(now + 9_000), { promoted: 2, nextDueAt: null });
    assertEquals(await second.promote(now + 9_000), { promoted: 0, nextDueAt: null });
    assertEquals(idsOf(await claim(first, now + 9_000)), ["1", "3", "2", "0"]);
  },

  async "promote() lets a failed job run its next attempt"({ open, clock }) {
    const [store] = await open(1);
    const now = clock.now();
    await addAll(store, [makeJob({ id: "a" })], now);
    const error = { name: "Error", message: "no", attempt: 1, at: now };
    const outcome: Outcome = { kind: "failed", error, retryAt: now + 1_000 };
    await store.settle([{ job: await claimOne(store, now), outcome }], now);

    assertEquals(await store.promote(now + 999), { promoted: 0, nextDueAt: now + 1_000 });
    assertEquals(await claim(store, now + 999), []);
    assertEquals(await store.promote(now + 1_000), { promoted: 1, nextDueAt: null });
    const again = await claimOne(store, now + 1_000);
    assertEquals([again.attempt, again.errors], [2, [error]]);
  },

  async "promote() does nothing when the clock was set back"({ open, clock }) {
    const [store] = await open(1);
    const now = clock.now();
    await addAll(store, [makeScheduled(1_000)], now);

    assertEquals(await store.promote(now - 60_000), { promoted: 0, nextDueAt: now + 1_000 });
    assertEquals(await store.promote(now + 1_000), { promoted: 1, nextDueAt: null });
    assertEquals(await store.promote(now - 60_000), { promoted: 0, nextDueAt: null });
  },

  async "promote() by many racing callers makes each job pending once"({ open, clock }) {
    const stores = await open(3);
    const jobs = Array.from({ length: 60 }, (_, i) => makeScheduled(1 + i % 7));
    await addAll(stores[0], jobs, clock.now());
    clock.advance(1_000);

    const results = await Promise.all(
      [...stores, ...stores].map((store) => store.promote(clock.now())),
    );
    results.push(await stores[0].promote(clock.now()));

    assertEquals(results.reduce((sum, { promoted }) => sum + promoted, 0), 60);
    assertEquals(idsOf(await claimAll(stores[1], clock)).sort(), idsOf(jobs).sort());
  },

  async "promote() racing with cancel and remove brings no job back"({ open, clock }) {
    const [first, second] = await open(2);
    const jobs = Array.from({ length: 20 }, () => makeScheduled(1));
    await addAll(first, jobs, clock.now());
    clock.advance(1_000);

    await Promise.all([
      first.promote(clock.now()),
      ...jobs.map(({ id }, i) =>
        i % 2 === 0 ? second.change(id, (job) => cancel(job, clock.now())) : second.remove(id)
      ),
    ]);
    await first.promote(clock.now());

    assertEquals(await claim(first, clock.now()), []);
    assertEquals((await first.stats(clock.now())).cancelled, 10);
  },

  async "promote() takes hundreds of jobs"({ open, clock }) {
    const [store] = await open(1);
    const jobs = Array.from({ length: 700 }, () => makeScheduled(1, { data: "x".repeat(1_000) }));
    await addAll(store, jobs, clock.now());
    clock.advance(1_000);

    let promoted = 0;
    for (let more = 1; more > 0; promoted += more) more = (await store.promote(clock.now())).promoted;

    assertEquals(promoted, 700);
    assertEquals((await store.stats(clock.now())).pending, 700);
  },

  async "expire() cancels waiting jobs whose time to start has passed"({ open, clock }) {
    const [store, other] = await open(2);
    const expiresAt = clock.now() + 1_000;
    const [pending, scheduled, later, never] = [
      makeJob({ expiresAt }),
      makeScheduled(5_000, { expiresAt }),
      makeJob({ expiresAt: expiresAt + 1 }),
      makeJob(),
    ];
    await addAll(store, [pending, scheduled, later, never], clock.now());

    assertEquals(await other.expire(expiresAt - 1), 0);
    assertEquals(await other.expire(expiresAt), 2);
    assertEquals(await other.expire(expiresAt), 0);

    for (const job of [pending, scheduled]) assertEquals(await store.get(job.id), expire(job, expiresAt));
    assertEquals(await store.promote(clock.now() + 5_000), { promoted: 0, nextDueAt: null });
    assertEquals(idsOf(await claim(store, clock.now())), [later.id, never.id]);
  },

  async "expire() spares jobs that have started once"({ open, clock }) {
    const [store] = await open(1);
    const expiresAt = clock.now() + 1_000;
    await addAll(store, ["runs", "snoozed", "retries"].map((id) => makeJob({ id, expiresAt })), clock.now());
    const [, snoozed, retries] = await claim(store, clock.now());
    const error = { name: "Error", message: "no", attempt: 1, at: clock.now() };
    await store.settle([
      { job: snoozed!, outcome: { kind: "snoozed", until: clock.now() + 10 } },
      { job: retries!, outcome: { kind: "failed", error, retryAt: clock.now() + 10 } },
    ], clock.now());

    assertEquals(await store.expire(expiresAt), 0);
    await store.promote(expiresAt);
    assertEquals(await store.expire(expiresAt), 0);
    assertEquals(idsOf(await claim(store, expiresAt)).sort(), ["retries", "snoozed"]);
  },

  async "expire() cancels a job that was claimed but given back before it started"({ open, clock }) {
    const [store] = await open(1);
    const expiresAt = clock.now() + 1_000;
    await addAll(store, [makeJob({ id: "a", expiresAt })], clock.now());
    await store.settle(
      [{ job: await claimOne(store, clock.now()), outcome: { kind: "released" } }],
      clock.now(),
    );

    assertEquals(await store.expire(expiresAt), 1);
    assertEquals((await store.get("a"))?.status, "cancelled");
  },

  async "expire() spares a running job, and cancels it if it then goes back without having started"(
    { open, clock },
  ) {
    const [store] = await open(1);
    const expiresAt = clock.now() + 1_000;
    await addAll(store, [makeJob({ id: "a", expiresAt })], clock.now());
    const job = await claimOne(store, clock.now());

    assertEquals(await store.expire(expiresAt), 0);
    await store.settle([{ job, outcome: { kind: "released" } }], expiresAt);

    assertEquals(await store.expire(expiresAt), 1);
    assertEquals((await store.get("a"))?.status, "cancelled");
  },

  async "expire() spares a job that was retried after it had expired"({ open, clock }) {
    const [store] = await open(1);
    await addAll(store, [makeJob({ id: "a", expiresAt: clock.now() + 1 })], clock.now());
    clock.advance(10);
    assertEquals(await store.expire(clock.now()), 1);

    await store.change("a", (job) => retry(job, clock.now()));

    assertEquals(await store.expire(clock.now()), 0);
    assertEquals(idsOf(await claim(store, clock.now())), ["a"]);
  },

  async "expire() racing with claim: a job runs or expires, never both"({ open, clock }) {
    const [first, second, third] = await open(3);
    const jobs = Array.from({ length: 20 }, () => makeJob({ expiresAt: clock.now() + 1_000 }));
    await addAll(first, jobs, clock.now());

    const [claimed, ...expired] = await Promise.all([
      claim(first, clock.now(), ["test"], 20), // its clock says there is time yet
      second.expire(clock.now() + 1_000),
      third.expire(clock.now() + 1_000),
    ]);
    const rest = await first.expire(clock.now() + 1_000);

    assertEquals(expired.reduce((sum, n) => sum + n, rest), 20 - claimed.length);
    const stats = await first.stats(clock.now());
    assertEquals([stats.running, stats.cancelled], [claimed.length, 20 - claimed.length]);
  },
};
