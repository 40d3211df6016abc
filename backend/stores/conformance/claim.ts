import { assertEquals, assertNotEquals } from "@std/assert";
import { InvalidStatusError } from "../../lib/errors.ts";
import { cancel, type RunningJob, start, update } from "../../lib/job.ts";
import { claimBy, makeJob, makeJobs, makeScheduled } from "../../testing/factories.ts";
import {
  addAll,
  type Cases,
  claim,
  claimAll,
  claimOne,
  idsOf,
  listAll,
  told,
  withoutLease,
} from "./harness.ts";

/** Taking jobs. */
export const claimCases: Cases = {
  async "claim() starts a job: its next attempt, its time, its worker"({ open, clock }) {
    const [store, other] = await open(2);
    const job = makeJob({ id: "a", data: { n: 1 }, tags: ["t"] });
    await addAll(store, [job], clock.now());
    clock.advance(5);

    const [running, ...others] = await claim(store, clock.now());

    const { lease, workerId } = running!;
    assertEquals(others, []);
    assertEquals(running, start(job, { workerId, lease, now: clock.now() }));
    assertEquals(workerId, store.workerId);
    for (const process of [store, other]) assertEquals(await process.get("a"), withoutLease(running!));
    assertEquals(await listAll(other, { status: ["running"] }), [withoutLease(running!)]);
  },

  async "claim() finds the first job of a queue as soon as it is stored, also after it found nothing"(
    { open, clock },
  ) {
    const [store, other] = await open(2);
    for (const process of [store, other]) assertEquals(await claim(process, clock.now()), []);
    await addAll(store, [makeJob({ id: "a" })], clock.now());
    assertEquals(idsOf(await claim(store, clock.now())), ["a"]);

    await addAll(store, [makeJob({ id: "b", queue: "another" })], clock.now());

    assertEquals(idsOf(await claim(other, clock.now())), ["b"]);
  },

  async "claim() called while jobs are being added hands each of them to one, in order, and obeys a pause"(
    { open, clock },
  ) {
    const [first, second] = await open(2);
    const now = clock.now();
    await addAll(first, [makeJob({ type: "other" })], now);
    for (const store of [first, second]) assertEquals(await claim(store, now), []);

    const jobs = [makeJob({ id: "b" }), makeJob({ id: "a", priority: 1 }), makeJob({ id: "c" })];
    const adding = first.insert(jobs.map((job) => ({ job })), now);
    const claimed = (await Promise.all([first, second].map((store) => claim(store, now)))).flat();
    await adding;
    const rest = (await Promise.all([first, second].map((store) => claim(store, now)))).flat();
    assertEquals(idsOf([...claimed, ...rest]).sort(), ["a", "b", "c"]);
    assertEquals(idsOf(await listAll(first, { status: ["running"] })).sort(), ["a", "b", "c"]);

    await second.setPaused("default", true);
    const late = first.insert([{ job: makeJob({ id: "d" }) }], now);
    assertEquals(await claim(first, now), []);
    await late;
    assertEquals((await first.get("d"))?.status, "pending");
    await second.setPaused("default", false);
    assertEquals(idsOf(await claim(first, now)), ["d"]);
  },

  async "claim() hands jobs out by priority, then due time, then order of adding"({ open, clock }) {
    const [store] = await open(1);
    const now = clock.now();
    const jobs = [
      makeJob({ id: "f", priority: -1_000 }),
      makeJob({ id: "d", scheduledAt: now - 1 }),
      makeJob({ id: "e", scheduledAt: now }),
      makeJob({ id: "b", priority: 1_000, scheduledAt: now - 1 }),
      makeJob({ id: "c", priority: 1_000 }),
      makeJob({ id: "a", priority: 1_000, scheduledAt: now - 5_000 }),
      makeJob({ id: "e2", scheduledAt: now }),
      makeJob({ id: "e1", priority: 0, scheduledAt: now, createdAt: now - 100 }),
    ];
    await addAll(store, jobs, now);

    const order = jobs.filter((job) => job.id.startsWith("e")).sort((a, b) => a.seq < b.seq ? -1 : 1);
    assertEquals(idsOf(await claim(store, now, ["test"], 3)), ["a", "b", "c"]);
    assertEquals(idsOf(await claim(store, now)), ["d", ...idsOf(order), "f"]);
  },

  async "claim() ranks the jobs of all its types and queues as one line"({ open, clock }) {
    const [store] = await open(1);
    const jobs = Array.from(
      { length: 24 },
      (_, i) => makeJob({ type: `type-${i % 3}`, queue: `queue-${i % 2}`, priority: (i * 7) % 5 - 2 }),
    );
    await addAll(store, jobs, clock.now());
    const types = ["type-0", "type-1", "type-2"];

    const claimed: RunningJob[] = [];
    for (let i = 0; i < 6; i++) claimed.push(...await claim(store, clock.now(), types, 4));

    const ranked = jobs.toSorted((a, b) => b.priority - a.priority || (a.seq < b.seq ? -1 : 1));
    assertEquals(idsOf(claimed), idsOf(ranked));
  },

  async "claim() sees a better job added meanwhile: by its own process at once, by another's once told of work"(
    { open, clock },
  ) {
    const [first, second] = await open(2);
    await addAll(first, [makeJob(), makeJob(), makeJob()], clock.now());
    await claim(first, clock.now(), ["test"], 1);

    await addAll(first, [makeJob({ id: "own", priority: 1 })], clock.now());
    assertEquals(idsOf(await claim(first, clock.now(), ["test"], 1)), ["own"]);
    await told(
      first,
      "work",
      clock,
      () => addAll(second, [makeJob({ id: "other", priority: 1 })], clock.now()),
    );
    assertEquals(idsOf(await claim(first, clock.now(), ["test"], 1)), ["other"]);
  },

  async "claim() takes only the exact types it names"({ open, clock }) {
    const [store] = await open(1);
    await addAll(store, [makeJob({ type: "email:send" }), makeJob({ id: "a", type: "email" })], clock.now());

    assertEquals(idsOf(await claim(store, clock.now(), ["email", "emai", "email:"])), ["a"]);
    assertEquals(await claim(store, clock.now(), []), []);
  },

  async "claim() is not held up by jobs of types it does not handle"({ open, clock }) {
    const [store] = await open(1);
    await addAll(store, makeJobs(1_200, { type: "other", priority: 10 }), clock.now());
    await addAll(store, [makeJob({ id: "a" })], clock.now());

    assertEquals(idsOf(await claim(store, clock.now(), ["test"], 1)), ["a"]);
  },

  async "claim() takes no more of a type than asked for, and no more in all than its limit"({ open, clock }) {
    const [store] = await open(1);
    await addAll(store, [
      ...makeJobs(5, { type: "a", priority: 3 }),
      ...makeJobs(5, { type: "b", priority: 2 }),
      ...makeJobs(5, { type: "c", priority: 1 }),
    ], clock.now());
    const types = new Map([["a", 2], ["b", 0], ["c", 3]]);
    const typesOf = (jobs: RunningJob[]) => jobs.map(({ type }) => type).join("");

    assertEquals(typesOf(await store.claim({ types, queues: null, limit: 4, now: clock.now() })), "aacc");
    assertEquals(typesOf(await store.claim({ types, queues: null, limit: 100, now: clock.now() })), "aaccc");
    const most = new Map([["a", 1_000], ["b", 1_000], ["c", 1_000]]);
    assertEquals(typesOf(await store.claim({ types: most, queues: null, limit: 1, now: clock.now() })), "a");
    assertEquals(
      typesOf(await store.claim({ types: most, queues: null, limit: 1_000, now: clock.now() })),
      "bbbbb",
    );
  },

  async "claim() takes only from the queues it names"({ open, clock }) {
    const [store] = await open(1);
    const jobs = ["x", "y", "z"].map((queue) => makeJob({ id: queue, queue }));
    await addAll(store, jobs, clock.now());

    assertEquals(await store.claim(claimBy(clock.now(), { queues: [] })), []);
    assertEquals(await store.claim(claimBy(clock.now(), { queues: ["unknown"] })), []);
    assertEquals(idsOf(await store.claim(claimBy(clock.now(), { queues: ["y", "z"] }))), ["y", "z"]);
    assertEquals(idsOf(await store.claim(claimBy(clock.now()))), ["x"]);
  },

  async "claim() takes none of a paused queue until it is resumed"({ open, clock }) {
    const [first, second] = await open(2);
    const jobs = Array.from({ length: 8 }, (_, i) => makeJob({ id: `${i}`, queue: i % 2 === 0 ? "x" : "y" }));
    await addAll(first, jobs, clock.now());
    assertEquals(idsOf(await claim(first, clock.now(), ["test"], 2)), ["0", "1"]);

    await second.setPaused("x", true);

    for (const store of [first, second]) {
      assertEquals(idsOf(await claim(store, clock.now(), ["test"], 1)), [store === first ? "3" : "5"]);
    }
    assertEquals(idsOf(await claim(first, clock.now())), ["7"]);
    assertEquals(await claim(first, clock.now()), []);
    await first.setPaused("x", false);
    assertEquals(idsOf(await claim(second, clock.now())), ["2", "4", "6"]);
  },

  async "claim() takes no job before it has been promoted, and then by its due time"({ open, clock }) {
    const [store] = await open(1);
    await addAll(
      store,
      [makeJob({ id: "now" }), makeScheduled(5, { id: "later", priority: 1 })],
      clock.now(),
    );

    assertEquals(idsOf(await claim(store, clock.now() + 10)), ["now"]);
    await store.promote(clock.now() + 10);
    assertEquals(idsOf(await claim(store, clock.now() + 10)), ["later"]);
  },

  async "claim() proves each claim by another lease"({ open, clock }) {
    const [store] = await open(1);
    await addAll(store, [makeJob()], clock.now());
    const first = await claimOne(store, clock.now());
    await store.settle([{ job: first, outcome: { kind: "snoozed", until: clock.now() } }], clock.now());
    await store.promote(clock.now());
    const second = await claimOne(store, clock.now());

    assertEquals(second.attempt, first.attempt);
    assertNotEquals(second.lease, first.lease);
  },

  async "claim() hands a job to exactly one of many racing callers"({ open, clock }) {
    const stores = await open(3);
    const jobs = makeJobs(60);
    await addAll(stores[0], jobs, clock.now());

    const claimed: RunningJob[] = [];
    for (let round = 0; round < 60 && claimed.length < jobs.length; round++) {
      const results = await Promise.all(
        stores.flatMap((store) => [
          claim(store, clock.now(), ["test"], 2),
          claim(store, clock.now(), ["test"], 1),
        ]),
      );
      for (const [i, result] of results.entries()) {
        for (const job of result) assertEquals(job.workerId, stores[Math.floor(i / 2)]?.workerId);
      }
      claimed.push(...results.flat());
    }

    assertEquals(idsOf(claimed).sort(), idsOf(jobs).sort());
    assertEquals(claimed.every((job) => job.attempt === 1), true);
  },

  async "claim() racing with adds loses none and takes none twice"({ open, clock }) {
    const [first, second] = await open(2);
    const jobs = makeJobs(40);

    const claims: Promise<RunningJob[]>[] = [];
    const adds: Promise<void>[] = [];
    for (const job of jobs) {
      adds.push(addAll(first, [job], clock.now()));
      claims.push(claim(second, clock.now(), ["test"], 2), claim(first, clock.now(), ["test"], 1));
    }
    await Promise.all(adds);
    const claimed = (await Promise.all(claims)).flat();
    claimed.push(...await claimAll(second, clock));

    assertEquals(idsOf(claimed).sort(), idsOf(jobs).sort());
  },

  async "claim() after a promote takes nothing that another process claimed before it"({ open, clock }) {
    const [first, second] = await open(2);
    const jobs = makeJobs(10);
    await addAll(first, [...jobs, makeScheduled(1_000)], clock.now());
    await claim(first, clock.now(), ["test"], 2); // it may have read further ahead
    const others = new Set(idsOf(await claim(second, clock.now(), ["test"], 4)));

    clock.advance(2_000);
    assertEquals((await first.promote(clock.now())).promoted, 1);

    const claimed = await claim(first, clock.now(), ["test"], 10);
    assertEquals(idsOf(claimed).filter((id) => others.has(id)), []);
    assertEquals((await first.stats(clock.now())).running, 2 + others.size + claimed.length);
  },

  async "claim() racing with cancel: a job runs or is cancelled, never both"({ open, clock }) {
    const [first, second] = await open(2);
    const jobs = makeJobs(20);
    const now = clock.now();
    await addAll(first, jobs, now);

    const [claimed, ...cancelled] = await Promise.all([
      claim(first, now, ["test"], 20),
      ...jobs.map((job) => second.change(job.id, (current) => cancel(current, now))),
    ]);

    const running = new Set([...idsOf(claimed), ...idsOf(await claimAll(first, clock))]);
    for (const job of cancelled) {
      const found = await first.get(job!.id);
      assertEquals(found?.status, running.has(job!.id) ? "running" : "cancelled");
      assertEquals(found?.cancelRequestedAt, now);
    }
  },

  async "claim() racing with remove: a job runs or is gone, never both"({ open, clock }) {
    const [first, second] = await open(2);
    const jobs = makeJobs(20);
    await addAll(first, jobs, clock.now());

    const [claimed, ...removed] = await Promise.all([
      claim(first, clock.now(), ["test"], 20),
      ...jobs.map((job) => second.remove(job.id).catch((error) => error)),
    ]);

    const running = new Set([...idsOf(claimed), ...idsOf(await claimAll(first, clock))]);
    for (const [i, { id }] of jobs.entries()) {
      if (running.has(id)) assertEquals(removed[i] instanceof InvalidStatusError, true, String(removed[i]));
      else assertEquals(removed[i], true);
      assertEquals((await first.get(id))?.status, running.has(id) ? "running" : undefined);
    }
  },

  async "claim() racing with update: a job runs as it was or as it is, once"({ open, clock }) {
    const [first, second] = await open(2);
    const jobs = makeJobs(20);
    await addAll(first, jobs, clock.now());

    const [claimed, ...updated] = await Promise.all([
      claim(first, clock.now(), ["test"], 20),
      ...jobs.map((job) =>
        second.change(job.id, (current) => update(current, { priority: 7 }, clock.now())).catch((error) =>
          error
        )
      ),
    ]);

    const all = [...claimed, ...await claimAll(first, clock)];
    assertEquals(idsOf(all).sort(), idsOf(jobs).sort());
    const refused = new Set(
      jobs.filter((_, i) => updated[i] instanceof InvalidStatusError).map(({ id }) => id),
    );
    for (const job of all) assertEquals(job.priority, refused.has(job.id) ? 0 : 7);
  },

  async "claim() can take a thousand jobs, and each of them can be settled"({ open, clock }) {
    const [store] = await open(1);
    const jobs = makeJobs(1_000);
    await addAll(store, jobs, clock.now());

    const claimed: RunningJob[] = [];
    while (claimed.length < 1_000) {
      const more = await claim(store, clock.now(), ["test"], 1_000 - claimed.length);
      assertNotEquals(more, []);
      claimed.push(...more);
    }
    const outcome = { kind: "completed", result: null } as const;
    const settled = await store.settle(claimed.map((job) => ({ job, outcome })), clock.now());

    assertEquals(idsOf(claimed), idsOf(jobs));
    assertEquals(settled.filter((job) => job === "lost"), []);
    assertEquals((await store.stats(clock.now())).completed, 1_000);
  },
};
