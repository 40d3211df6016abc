import { assertEquals } from "@std/assert";
import { cancel, type Outcome, rescue, settle } from "../../lib/job.ts";
import type { Store, StoreChange } from "../../lib/store.ts";
import { makeJob, makeJobs, makeReport } from "../../testing/factories.ts";
import { addAll, type Cases, claim, claimAll, claimOne, idsOf, withoutLease } from "./harness.ts";

const DONE: Outcome = { kind: "completed", result: null };

/** When the job was rescued: where a lease decides, some time after its process died. */
async function rescuedAt(store: Store, id: string): Promise<number> {
  const { updatedAt = 0 } = await store.get(id) ?? {};
  return updatedAt;
}

/** What becomes of the jobs of a process that died. */
export const rescueCases: Cases = {
  async "rescue() leaves the jobs of living processes alone"({ open, clock, crash, rescueBy }) {
    const [first, second, third] = await open(3);
    await addAll(first, makeJobs(2), clock.now());
    const [kept] = await claim(first, clock.now(), ["test"], 1);
    await claim(third, clock.now(), ["test"], 1);
    assertEquals(await second.rescue(clock.now()), 0);

    await crash(third);
    await first.heartbeat(makeReport(), clock.now());

    assertEquals(await rescueBy(second), 1);
    assertEquals(await second.get(kept!.id), withoutLease(kept!));
    assertEquals(await first.settle([{ job: kept!, outcome: DONE }], clock.now()), [
      settle(kept!, DONE, clock.now()),
    ]);
  },

  async "rescue() gives jobs back as the pure rescue() says: charged if started, else untouched"(
    { open, clock, crash, rescueBy },
  ) {
    const [first, second] = await open(2);
    await addAll(first, ["idle", "ran", "runs"].map((id) => makeJob({ id })), clock.now());
    const [idle, ran, runs] = await claim(first, clock.now());
    await first.started(ran!);
    first.ended(ran!);
    await first.started(runs!);
    const progress = { percent: 50, note: "half", at: clock.now() };
    await first.progress(runs!, progress);
    await crash(first);

    assertEquals(await rescueBy(second), 3);

    const at = await rescuedAt(second, "idle");
    assertEquals(await second.get("idle"), rescue(idle!, false, at));
    assertEquals(await second.get("ran"), rescue(ran!, false, at));
    assertEquals(await second.get("runs"), rescue({ ...runs!, progress }, true, at));
    assertEquals((await claim(second, clock.now())).map(({ id, attempt }) => [id, attempt]), [
      ["idle", 1],
      ["ran", 1],
      ["runs", 2],
    ]);
  },

  async "rescue() puts jobs that were not started back into their place"({ open, clock, crash, rescueBy }) {
    const [first, second] = await open(2);
    await addAll(first, ["a", "b", "c", "d"].map((id) => makeJob({ id })), clock.now());
    await claim(first, clock.now(), ["test"], 2);
    await crash(first);
    clock.advance(10);
    await rescueBy(second);

    assertEquals(idsOf(await claim(second, clock.now())), ["a", "b", "c", "d"]);
  },

  async "rescue() fails a job at its last attempt, saying how many processes died"(
    { open, openAs, clock, crash, rescueBy },
  ) {
    const [rescuer] = await open(1);
    await addAll(rescuer, [makeJob({ id: "a", maxAttempts: 2 })], clock.now());
    for (const [deaths, status] of [[1, "pending"], [2, "failed"]] as const) {
      const victim = await openAs(`victim-${deaths}`);
      const job = await claimOne(victim, clock.now());
      assertEquals(job.attempt, deaths);
      await victim.started(job);
      await crash(victim);

      assertEquals(await rescueBy(rescuer), 1);

      const rescued = await rescuer.get("a");
      assertEquals([rescued?.status, rescued?.deaths], [status, deaths]);
    }
    const { errors = [] } = await rescuer.get("a") ?? {};
    assertEquals(errors.map(({ name, message, attempt }) => [name, message, attempt]), [
      ["ProcessDiedError", "process died 1 time while running it", 1],
      ["ProcessDiedError", "process died 2 times while running it", 2],
    ]);
    assertEquals(await claim(rescuer, clock.now()), []);
  },

  async "rescue() ends a job cancelled that was asked to stop before its process died"(
    { open, clock, crash, rescueBy },
  ) {
    const [first, second] = await open(2);
    await addAll(first, makeJobs(2), clock.now());
    const claimed = await claim(first, clock.now());
    await first.started(claimed[0]!);
    for (const { id } of claimed) await second.change(id, (job) => cancel(job, clock.now()));
    await crash(first);

    assertEquals(await rescueBy(second), 2);

    for (const { id } of claimed) {
      const job = await second.get(id);
      assertEquals([job?.status, job?.deaths, job?.workerId], ["cancelled", 0, null]);
    }
    assertEquals(await claim(second, clock.now()), []);
  },

  async "cancel of a job whose process has died holds when the job is rescued"(
    { open, clock, crash, rescueBy },
  ) {
    const [first, second] = await open(2);
    await addAll(first, [makeJob({ id: "a" })], clock.now());
    await first.started(await claimOne(first, clock.now()));
    await crash(first);

    await second.change("a", (job) => cancel(job, clock.now()));
    await rescueBy(second);

    assertEquals((await second.get("a"))?.status, "cancelled");
  },

  async "settle() refuses a process whose job was rescued, and the new run is untouched"(
    { open, clock, crash, rescueBy },
  ) {
    const [first, second] = await open(2);
    await addAll(first, [makeJob({ id: "a" })], clock.now());
    const stale = await claimOne(first, clock.now());
    await crash(first);
    await rescueBy(second);
    const current = await claimOne(second, clock.now());

    await first.progress(stale, { percent: 99, note: "stale", at: clock.now() });
    assertEquals(await first.settle([{ job: stale, outcome: DONE }], clock.now()), ["lost"]);

    assertEquals(await second.get("a"), withoutLease(current));
    assertEquals(await second.settle([{ job: current, outcome: DONE }], clock.now()), [
      settle(current, DONE, clock.now()),
    ]);
    assertEquals(await first.settle([{ job: stale, outcome: DONE }], clock.now()), ["lost"]);
  },

  async "settle() refuses a rescued job that nobody has claimed again"({ open, clock, crash, rescueBy }) {
    const [first, second] = await open(2);
    await addAll(first, [makeJob({ id: "a" })], clock.now());
    const stale = await claimOne(first, clock.now());
    await crash(first);
    await rescueBy(second);

    const outcome: Outcome = { kind: "snoozed", until: clock.now() + 1 };
    assertEquals(await first.settle([{ job: stale, outcome }], clock.now()), ["lost"]);

    assertEquals((await second.get("a"))?.status, "pending");
  },

  async "settle() refuses the former run of a job that came back to the very process that lost it"(
    { open, clock, crash, rescueBy },
  ) {
    const [first, second] = await open(2);
    await addAll(first, [makeJob({ id: "a" })], clock.now());
    const stale = await claimOne(first, clock.now());
    await crash(first);
    await rescueBy(second);
    await first.heartbeat(makeReport(), clock.now());
    const current = await claimOne(first, clock.now());

    assertEquals(await first.settle([{ job: stale, outcome: DONE }], clock.now()), ["lost"]);

    assertEquals(await second.get("a"), withoutLease(current));
    assertEquals(await first.settle([{ job: current, outcome: DONE }], clock.now()), [
      settle(current, DONE, clock.now()),
    ]);
  },

  async "a process that was declared dead learns what it lost, and can go on"(
    { open, clock, crash, rescueBy },
  ) {
    const [first, second] = await open(2);
    await addAll(first, makeJobs(2), clock.now());
    const claimed = await claim(first, clock.now());
    await crash(first);
    await rescueBy(second);
    const lost: string[] = [];
    const told = new Promise<void>((resolve) => {
      first.watch((change: StoreChange) => {
        if (change.kind !== "lost") return;
        lost.push(...change.seqs);
        if (lost.length >= claimed.length) resolve();
      });
    });

    const answer = await first.heartbeat(makeReport(), clock.now());
    await told;

    assertEquals(answer.cancel, []);
    assertEquals(lost.toSorted(), claimed.map(({ seq }) => seq).sort());
    await addAll(first, [makeJob({ id: "new" })], clock.now());
    const again = await claim(first, clock.now());
    assertEquals(idsOf(again), [...idsOf(claimed), "new"]);
    assertEquals(
      (await first.settle(again.map((job) => ({ job, outcome: DONE })), clock.now())).includes("lost"),
      false,
    );
  },

  async "adds of a process that was declared dead meanwhile are stored once"(
    { open, clock, crash, rescueBy },
  ) {
    const [first, second] = await open(2);
    await addAll(first, [makeJob({ id: "a" })], clock.now());
    await claimOne(first, clock.now());
    await crash(first);
    await rescueBy(second);

    const jobs = makeJobs(10);
    const results = await Promise.all(jobs.map((job) => first.insert([{ job }], clock.now())));

    assertEquals(results.flat(), jobs.map(({ id }) => ({ id, outcome: "added" as const })));
    assertEquals(idsOf(await claimAll(second, clock)), ["a", ...idsOf(jobs)]);
  },

  async "rescue() by many racing callers gives each job back once"({ open, openAs, clock, crash, rescueBy }) {
    const [first, second] = await open(2);
    const jobs = makeJobs(40);
    await addAll(first, jobs, clock.now());
    for (const name of ["victim-1", "victim-2"]) {
      const victim = await openAs(name);
      for (const job of await claim(victim, clock.now(), ["test"], 20)) await victim.started(job);
      await crash(victim);
    }

    const counts = await Promise.all(
      [first, second, first, second].map((store) => store.rescue(clock.now())),
    );
    const rest = await rescueBy(first);

    assertEquals(counts.reduce((sum, n) => sum + n, rest), 40);
    const claimed = await claimAll(second, clock);
    assertEquals(idsOf(claimed).sort(), idsOf(jobs).sort());
    for (const job of claimed) assertEquals([job.attempt, job.deaths, job.errors.length], [2, 1, 1]);
  },

  async "rescue() racing with the settlements of a process taken for dead: each job ends once"(
    { open, clock, crash, rescueBy },
  ) {
    const [first, second] = await open(2);
    await addAll(first, makeJobs(20), clock.now());
    const claimed = await claim(first, clock.now(), ["test"], 20);
    await crash(first);

    const [settled] = await Promise.all([
      Promise.all(claimed.map((job) => first.settle([{ job, outcome: DONE }], clock.now()))),
      rescueBy(second),
    ]);

    const again = new Set(idsOf(await claimAll(second, clock)));
    for (const [i, [result]] of settled.entries()) {
      assertEquals(again.has(claimed[i]!.id), result === "lost");
    }
  },

  async "rescue() gives back hundreds of jobs"({ open, clock, crash, rescueBy }) {
    const [first, second] = await open(2);
    const jobs = makeJobs(300, { data: "x".repeat(3_000) });
    await addAll(first, jobs, clock.now());
    const claimed = await claim(first, clock.now(), ["test"], 300);
    assertEquals(claimed.length, 300);
    for (const job of claimed.slice(0, 10)) await first.started(job);
    await crash(first);

    assertEquals(await rescueBy(second), 300);
    assertEquals(await rescueBy(second), 0);

    assertEquals((await second.stats(clock.now())).pending, 300);
    const again = await claimAll(second, clock);
    assertEquals(again.filter((job) => job.attempt === 2).length, 10);
    assertEquals(again.every((job) => job.data === jobs[0]!.data), true);
  },

  async "open() under the id of a dead process rescues its jobs first"({ openAs, clock, crash }) {
    const first = await openAs("mail-1");
    await addAll(first, [makeJob({ id: "a" }), makeJob({ id: "b" })], clock.now());
    const [a, b] = await claim(first, clock.now());
    await first.started(a!);
    await crash(first);

    const second = await openAs("mail-1");

    assertEquals(second.workerId, "mail-1");
    assertEquals([(await second.get("a"))?.status, (await second.get("a"))?.attempt], ["pending", 1]);
    assertEquals(await second.get("b"), rescue(b!, false, await rescuedAt(second, "b")));
    const again = await claim(second, clock.now());
    assertEquals(new Map(again.map(({ id, attempt }) => [id, attempt])), new Map([["a", 2], ["b", 1]]));
    assertEquals(await first.settle([{ job: a!, outcome: DONE }], clock.now()), ["lost"]);
    assertEquals(await second.settle(again.map((job) => ({ job, outcome: DONE })), clock.now()), [
      settle(again[0]!, DONE, clock.now()),
      settle(again[1]!, DONE, clock.now()),
    ]);
  },
};
