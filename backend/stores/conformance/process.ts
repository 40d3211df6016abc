import { assert, assertEquals, assertRejects } from "@std/assert";
import { ClosedError, WorkerIdInUseError } from "../../lib/errors.ts";
import { cancel, type Outcome, settle } from "../../lib/job.ts";
import type { Store } from "../../lib/store.ts";
import { claimBy, makeJob, makeJobs, makeReport, makeScheduled } from "../../testing/factories.ts";
import { addAll, type Cases, claim, claimOne, idsOf, listAll } from "./harness.ts";

const DONE: Outcome = { kind: "completed", result: null };

/** Calls every method; returns what each rejects with. */
async function callAll(store: Store, now: number): Promise<Map<string, unknown>> {
  const job = makeJob();
  const running = { ...job, status: "running" as const, startedAt: now, workerId: "x", lease: "x" };
  const calls: Record<string, () => Promise<unknown>> = {
    open: () => store.open(now),
    insert: () => store.insert([{ job }], now),
    claim: () => store.claim(claimBy(now)),
    settle: () => store.settle([{ job: running, outcome: DONE }], now),
    heartbeat: () => store.heartbeat(makeReport(), now),
    promote: () => store.promote(now),
    rescue: () => store.rescue(now),
    expire: () => store.expire(now),
    prune: () => store.prune({ finishedBefore: {}, keepFor: true, now, limit: 1 }),
    get: () => store.get(job.id),
    list: () => store.list({}, { limit: 1 }),
    change: () => store.change(job.id, (current) => current),
    remove: () => store.remove(job.id),
    appendLogs: () => store.appendLogs(job.seq, [{ attempt: 1, at: now, level: "info", message: "" }]),
    logs: () => store.logs(job.id, { limit: 1 }),
    pruneLogs: () => store.pruneLogs({ finishedBefore: now, limit: 1 }),
    progress: () => store.progress(running, { percent: 1, note: null, at: now }),
    stats: () => store.stats(now),
    history: () => store.history({ from: 0, to: 1 }),
    queues: () => store.queues(),
    setPaused: () => store.setPaused("q", true),
    workers: () => store.workers(now),
    removeWorker: () => store.removeWorker("x", now),
    record: () => store.record("k", "k"),
    records: () => store.records("k"),
    commit: () => store.commit({ put: [] }, now),
  };
  const answers = new Map<string, unknown>();
  for (const [name, call] of Object.entries(calls)) {
    answers.set(name, await call().then(() => "resolved", (error) => error));
  }
  return answers;
}

/** Processes: their coming and going, and what they say of themselves. */
export const processCases: Cases = {
  async "open() gives each process an id of its own"({ open }) {
    const stores = await open(3);

    const ids = stores.map((store) => store.workerId);
    assertEquals(new Set(ids).size, 3);
    assertEquals(ids.every((id) => id.length > 0), true);
  },

  async "open() refuses the id of a running process, which goes on"({ openAs, clock }) {
    const first = await openAs("mail-1");
    await addAll(first, [makeJob({ id: "a" })], clock.now());
    const job = await claimOne(first, clock.now());

    await assertRejects(() => openAs("mail-1"), WorkerIdInUseError, "mail-1");

    assertEquals(await first.settle([{ job, outcome: DONE }], clock.now()), [settle(job, DONE, clock.now())]);
    await first.close();
    assertEquals((await openAs("mail-1")).workerId, "mail-1");
  },

  async "open() finds what was stored before every process had closed"({ open, clock }) {
    const [first] = await open(1);
    const jobs = [makeJob({ id: "a" }), makeScheduled(1_000, { id: "b" })];
    await addAll(first, jobs, clock.now());
    await first.commit({ put: [{ kind: "k", key: "a", value: 1, expect: null }] }, clock.now());
    await first.close();

    const [second] = await open(1);

    assertEquals(await listAll(second), jobs.toReversed());
    assertEquals((await second.record("k", "a"))?.value, 1);
  },

  async "close() gives claimed jobs back, their attempt too"({ open, clock }) {
    const [first, second] = await open(2);
    await addAll(
      first,
      [...["a", "b"].map((id) => makeJob({ id, maxAttempts: 1 })), makeJob({ id: "c" })],
      clock.now(),
    );
    const [, b, c] = await claim(first, clock.now());
    await first.started(b!);
    await second.change(c!.id, (job) => cancel(job, clock.now()));

    await first.close();

    assertEquals((await second.get("c"))?.status, "cancelled");
    const claimed = await claim(second, clock.now());
    assertEquals(claimed.map(({ id, attempt, deaths }) => [id, attempt, deaths]), [["a", 1, 0], ["b", 1, 0]]);
  },

  async "close() ends after what was asked for before it is stored"({ open, clock }) {
    const [first, second] = await open(2);
    await addAll(first, [makeJob({ id: "a" })], clock.now());
    const job = await claimOne(first, clock.now());
    const added = makeJobs(20);

    const calls = [
      ...added.map((each) => first.insert([{ job: each }], clock.now())),
      first.settle([{ job, outcome: DONE }], clock.now()),
    ];
    await first.close();

    assertEquals((await Promise.allSettled(calls)).map(({ status }) => status), calls.map(() => "fulfilled"));
    assertEquals((await second.get("a"))?.status, "completed");
    assertEquals((await second.stats(clock.now())).pending, 20);
  },

  async "close() may be called again; every other method then rejects with ClosedError"({ open, clock }) {
    const [store, other] = await open(2);
    await Promise.all([store.close(), store.close()]);
    await store.close();

    for (const [method, answer] of await callAll(store, clock.now())) {
      assert(answer instanceof ClosedError, `${method}() answered ${answer}`);
    }
    assertEquals(await listAll(other), []);
  },

  async "close() of a process that was declared dead takes nothing from the others"(
    { open, clock, crash, rescueBy },
  ) {
    const [first, second] = await open(2);
    await addAll(first, [makeJob({ id: "a" })], clock.now());
    await claimOne(first, clock.now());
    await crash(first);
    await rescueBy(second);
    const job = await claimOne(second, clock.now());

    await first.close();

    assertEquals((await second.get("a"))?.status, "running");
    assertEquals(await second.settle([{ job, outcome: DONE }], clock.now()), [
      settle(job, DONE, clock.now()),
    ]);
  },

  async "close() of a process whose id another has taken leaves that one as it is"(
    { open, openAs, clock, crash },
  ) {
    const former = await openAs("mail-1");
    await addAll(former, [makeJob({ id: "a" })], clock.now());
    await claimOne(former, clock.now());
    await crash(former);
    const present = await openAs("mail-1");
    await present.heartbeat(makeReport(), clock.now());
    const job = await claimOne(present, clock.now());

    await former.close();

    const [other] = await open(1);
    assertEquals((await other.workers(clock.now())).map(({ id, alive }) => [id, alive]), [["mail-1", true]]);
    await assertRejects(() => openAs("mail-1"), WorkerIdInUseError);
    assertEquals(await present.settle([{ job, outcome: DONE }], clock.now()), [
      settle(job, DONE, clock.now()),
    ]);
  },

  async 'settle() of a process whose id another has taken answers "lost", again and again'(
    { openAs, clock, crash },
  ) {
    const former = await openAs("mail-1");
    await addAll(former, [makeJob({ id: "a" })], clock.now());
    const job = await claimOne(former, clock.now());
    await crash(former);
    const present = await openAs("mail-1");
    await addAll(present, [makeJob({ id: "b" })], clock.now());

    for (let i = 0; i < 3; i++) {
      assertEquals(await former.settle([{ job, outcome: DONE }], clock.now()), ["lost"]);
    }
  },

  async "workers() shows every process that reports, with what it holds"({ openAs, clock }) {
    const [second, first] = [await openAs("mail-2"), await openAs("mail-1")];
    await openAs("says nothing");
    await addAll(first, makeJobs(2), clock.now());
    const claimed = await claim(first, clock.now());
    const reports = [makeReport({ types: ["a", "b"], pid: 11 }), makeReport({ status: "draining", pid: 22 })];
    await first.heartbeat(reports[0]!, clock.now());
    clock.advance(10);
    await second.heartbeat(reports[1]!, clock.now());

    for (const store of [first, second]) {
      const [one, two, ...others] = await store.workers(clock.now());
      assertEquals({ ...one, jobs: [] }, {
        ...reports[0]!,
        id: "mail-1",
        heartbeatAt: clock.now() - 10,
        alive: true,
        jobs: [],
      });
      assertEquals(one?.jobs.toSorted(), idsOf(claimed).sort());
      assertEquals(two, { ...reports[1]!, id: "mail-2", heartbeatAt: clock.now(), alive: true, jobs: [] });
      assertEquals(others, []);
    }
    await first.heartbeat({ ...reports[0]!, processed: 7 }, clock.now());
    assertEquals((await second.workers(clock.now()))[0]?.processed, 7);
  },

  async "workers() forgets a process that has closed"({ open, clock }) {
    const [first, second] = await open(2);
    for (const store of [first, second]) await store.heartbeat(makeReport(), clock.now());

    await first.close();

    assertEquals(idsOf(await second.workers(clock.now())), [second.workerId]);
  },

  async "removeWorker() asks a live process to stop, until it has"({ open, clock }) {
    const [first, second] = await open(2);
    for (const store of [first, second]) await store.heartbeat(makeReport(), clock.now());

    assertEquals(await second.removeWorker(first.workerId, clock.now()), "stopping");

    for (let beat = 0; beat < 2; beat++) {
      assertEquals((await first.heartbeat(makeReport(), clock.now())).stop, true);
      assertEquals((await second.heartbeat(makeReport(), clock.now())).stop, false);
    }
    assertEquals(await second.removeWorker("unknown", clock.now()), null);
    assertEquals(await second.removeWorker(second.workerId, clock.now()), "stopping");
    assertEquals((await second.heartbeat(makeReport(), clock.now())).stop, true);
  },

  async "removeWorker() forgets a dead process, whose jobs wait again"({ open, clock, crash, rescueBy }) {
    const [first, second] = await open(2);
    for (const store of [first, second]) await store.heartbeat(makeReport(), clock.now());
    await addAll(first, [makeJob({ id: "a" })], clock.now());
    await claimOne(first, clock.now());
    await crash(first);
    await rescueBy(second);
    const dead = (await second.workers(clock.now())).filter(({ alive }) => !alive);
    assertEquals([idsOf(dead), dead[0]?.jobs], [[first.workerId], []]);

    assertEquals(await second.removeWorker(first.workerId, clock.now()), "removed");

    assertEquals(idsOf(await second.workers(clock.now())), [second.workerId]);
    assertEquals(await second.removeWorker(first.workerId, clock.now()), null);
    assertEquals(idsOf(await claim(second, clock.now())), ["a"]);
  },

  async "removeWorker() forgets a dead process only once its jobs wait again"(
    { open, clock, crash, rescueBy },
  ) {
    const [first, second] = await open(2);
    await first.heartbeat(makeReport(), clock.now());
    await addAll(first, [makeJob({ id: "a" })], clock.now());
    await claimOne(first, clock.now());
    await crash(first);

    if (await second.removeWorker(first.workerId, clock.now()) !== "removed") { // it may still be taken for alive
      await rescueBy(second);
      assertEquals(await second.removeWorker(first.workerId, clock.now()), "removed");
    }

    assertEquals(await second.workers(clock.now()), []);
    assertEquals((await second.get("a"))?.status, "pending");
    assertEquals(idsOf(await claim(second, clock.now())), ["a"]);
  },
};
