import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { InputRangeError } from "../../lib/errors.ts";
import { fingerprintOf } from "../../lib/fingerprint.ts";
import { FINAL_STATUSES, isFinal, type Job, JOB_STATUSES, type Outcome } from "../../lib/job.ts";
import type { JobFilter, Store } from "../../lib/store.ts";
import type { FakeClock } from "../../testing/fake-clock.ts";
import { makeJob, makeJobs, makeScheduled } from "../../testing/factories.ts";
import { addAll, type Cases, claim, claimOne, idsOf, listAll } from "./harness.ts";

const DONE: Outcome = { kind: "completed", result: null };

/** Runs `job` to its end. */
async function run(store: Store, job: Job, outcome: Outcome, clock: FakeClock): Promise<void> {
  await addAll(store, [job], clock.now());
  await store.settle([{ job: await claimOne(store, clock.now(), job.type), outcome }], clock.now());
}

/** Two jobs of each status and type, their times and priorities mixed, all tagged "t". */
async function addMixed(store: Store, clock: FakeClock): Promise<void> {
  const error = { name: "Error", message: "no", attempt: 1, at: clock.now() };
  const outcomes: Record<string, (n: number) => Outcome> = {
    completed: () => DONE,
    failed: () => ({ kind: "failed", error, retryAt: null }),
    cancelled: () => ({ kind: "cancelled", reason: null }),
    retrying: (n) => ({ kind: "failed", error, retryAt: clock.now() + 50_000 - n * 1_000 }),
  };
  const make = (id: string, n: number) =>
    makeJob({
      id,
      type: n % 2 === 0 ? "test" : "test:more",
      tags: ["t"],
      priority: n % 3,
      createdAt: clock.now(),
    });
  for (let n = 0; n < 4; n++) {
    for (const [status, outcome] of Object.entries(outcomes)) {
      clock.advance(1);
      await run(store, make(`${status}-${n}`, n), outcome(n), clock);
    }
    clock.advance(1);
    await addAll(store, [make(`running-${n}`, n)], clock.now());
    await claimOne(store, clock.now(), n % 2 === 0 ? "test" : "test:more");
  }
  for (let n = 0; n < 4; n++) {
    const scheduledAt = clock.now() + 9_000 - n * 1_000;
    await addAll(store, [
      make(`pending-${n}`, n),
      { ...make(`scheduled-${n}`, n), status: "scheduled", scheduledAt },
    ], clock.now());
  }
}

/** The order in which a list by one status shows jobs. */
const ORDERS: Partial<Record<Job["status"], (a: Job, b: Job) => number>> = {
  running: (a, b) => a.startedAt! - b.startedAt!,
  pending: (a, b) => b.priority - a.priority || a.scheduledAt - b.scheduledAt || (a.seq < b.seq ? -1 : 1),
  scheduled: (a, b) => a.scheduledAt - b.scheduledAt,
  retrying: (a, b) => a.scheduledAt - b.scheduledAt,
  completed: (a, b) => b.finishedAt! - a.finishedAt!,
  failed: (a, b) => b.finishedAt! - a.finishedAt!,
  cancelled: (a, b) => b.finishedAt! - a.finishedAt!,
};

/** Finding jobs. */
export const listCases: Cases = {
  async "list() without conditions shows every job, newest first"({ open, clock }) {
    const [store, other] = await open(2);
    await addMixed(store, clock);

    const jobs = await listAll(other);

    assertEquals(jobs.length, 28);
    assertEquals(jobs, jobs.toSorted((a, b) => a.seq < b.seq ? 1 : -1));
  },

  async "list() by status shows each status in its own order"({ open, clock }) {
    const [store] = await open(1);
    await addMixed(store, clock);
    for (const status of JOB_STATUSES) {
      const jobs = await listAll(store, { status: [status] });

      assertEquals(new Set(jobs.map((job) => job.id.split("-")[0])), new Set([status]));
      assertEquals(jobs.length, 4);
      const order = ORDERS[status];
      if (order !== undefined) assertEquals(idsOf(jobs), idsOf(jobs.toSorted(order)), status);
    }
  },

  async "list() by a final status goes by when jobs finished, not by when they were added"({ open, clock }) {
    const [store] = await open(1);
    await addAll(store, ["a", "b", "c"].map((id) => makeJob({ id, tags: ["t"] })), clock.now());
    const [a, b, c] = await claim(store, clock.now());
    for (const job of [b!, c!, a!]) {
      clock.advance(1);
      await store.settle([{ job, outcome: DONE }], clock.now());
    }

    for (const filter of [{ status: ["completed"] }, { type: "test" }, { tag: "t" }] as const) {
      assertEquals(idsOf(await listAll(store, filter)), ["a", "c", "b"]);
      assertEquals(idsOf(await listAll(store, filter, 1)), ["a", "c", "b"]);
    }
  },

  async "list() of running jobs shows first what runs longest"({ open, clock }) {
    const [first, second] = await open(2);
    await addAll(first, ["a", "b", "c"].map((id, i) => makeJob({ id, priority: i })), clock.now());
    for (const store of [first, second, first]) {
      clock.advance(1_000);
      await claim(store, clock.now(), ["test"], 1);
    }

    assertEquals(idsOf(await listAll(second, { status: ["running"] })), ["c", "b", "a"]);
  },

  async "list() by several statuses shows one after the other, in the order of a job's life"(
    { open, clock },
  ) {
    const [store] = await open(1);
    await addMixed(store, clock);
    const statuses = ["failed", "scheduled", "pending"] as const;
    assertEquals(
      idsOf(await listAll(store, { status: statuses })),
      idsOf(await listAll(store, { status: statuses.toReversed() })),
    );
    for (
      const status of [["scheduled", "retrying"], ["pending", "failed", "cancelled"], JOB_STATUSES] as const
    ) {
      const expected: string[] = [];
      for (const each of status) expected.push(...idsOf(await listAll(store, { status: [each] })));

      assertEquals(idsOf(await listAll(store, { status })), expected);
      assertEquals(idsOf(await listAll(store, { status }, 3)), expected);
    }
    assertEquals(await listAll(store, { status: [] }), []);
  },

  async "list() by type or tag shows unfinished jobs first, as they will be claimed, then the finished"(
    { open, clock },
  ) {
    const [store] = await open(1);
    await addMixed(store, clock);
    for (const filter of [{ type: "test" }, { tag: "t" }, { type: "test", tag: "t" }]) {
      const jobs = await listAll(store, filter);

      assertEquals(jobs.length, 28);
      const firstFinished = jobs.findIndex((job) => isFinal(job.status));
      assertEquals(jobs.slice(firstFinished).every((job) => isFinal(job.status)), true);
      const finished = jobs.slice(firstFinished);
      assertEquals(idsOf(finished), idsOf(finished.toSorted((a, b) => b.finishedAt! - a.finishedAt!)));
      const pending = jobs.filter((job) => job.status === "pending");
      assertEquals(idsOf(pending), idsOf(pending.toSorted(ORDERS.pending)));
    }
  },

  async "list() shows no job twice and none too few, whatever the size of its pages"({ open, clock }) {
    const [store] = await open(1);
    await addMixed(store, clock);
    const filters: JobFilter[] = [
      {},
      { tag: "t" },
      { type: "test" },
      { type: "test:more" },
      { queue: "default" },
      ...JOB_STATUSES.map((each) => ({ status: [each] })),
      { status: FINAL_STATUSES },
      { status: ["pending", "completed"], type: "test" },
      { status: ["scheduled"], tag: "t" },
    ];
    for (const filter of filters) {
      const jobs = await listAll(store, filter, 200);
      assertNotEquals(jobs, []);
      for (const limit of [1, 3, jobs.length]) assertEquals(await listAll(store, filter, limit), jobs);
    }
  },

  async "list() fills its pages, and says how many entries it read"({ open, clock }) {
    const [store] = await open(1);
    await addAll(store, makeJobs(25), clock.now());

    const sizes: number[] = [];
    let cursor: string | undefined;
    for (;;) {
      const page = await store.list({}, { cursor, limit: 10 });
      if (page.jobs.length > 0) sizes.push(page.jobs.length);
      assertEquals(page.scanned >= page.jobs.length && page.scanned <= 25, true);
      if (page.nextCursor === null) break;
      cursor = page.nextCursor;
    }

    assertEquals(sizes, [10, 10, 5]);
    assertEquals(await store.list({ queue: "unknown" }, { limit: 10 }).then(({ jobs }) => jobs), []);
  },

  async "list() finds jobs by the cause of the last error they remember"({ open, clock }) {
    const [store] = await open(1);
    const failed = (id: string, type: string, ...messages: string[]) => {
      const errors = messages.map((message, i) => ({
        name: "Error",
        message,
        attempt: i + 1,
        at: clock.now(),
      }));
      return makeJob({ id, type, errors });
    };
    const [first, second] = [failed("a", "test", "Other", "No user 1"), failed("b", "test", "No user 22")];
    const others = [
      failed("c", "test", "No user 1", "Other"),
      failed("d", "else", "No user 1"),
      makeJob({ id: "e" }),
    ];
    await addAll(store, [first, second, ...others], clock.now());

    const fingerprint = fingerprintOf("test", "Error", "No user #");
    assertEquals(idsOf(await listAll(store, { fingerprint })).sort(), ["a", "b"]);
    assertEquals(await listAll(store, { fingerprint, type: "else" }), []);
    assertEquals(await listAll(store, { fingerprint: "none" }), []);
  },

  async "list() finds jobs by every condition, and all given ones must hold"({ open, clock }) {
    const [store] = await open(1);
    const at = clock.now();
    const wanted = makeJob({
      id: "order-1",
      type: "email:send",
      queue: "mail",
      tags: ["vip", "eu"],
      createdBy: "ada",
      createdAt: at + 5,
      data: { user: { name: "Zoë", Password: "geheim" }, n: 7 },
    });
    const other = makeJob({ id: "other", createdAt: at + 10, data: { user: { name: "Bob" }, n: 8 } });
    await addAll(store, [makeJob({ id: "first", createdAt: at }), wanted, other], at);
    const conditions: JobFilter[] = [
      { type: "email:send" },
      { type: "email" },
      { queue: "mail" },
      { tag: "vip" },
      { tag: "eu" },
      { text: "ORDER-1" },
      { text: "zoë" },
      { text: "geheim" },
      { data: [{ path: "user.name", value: "Zoë" }, { path: "n", value: "7" }] },
      { createdBy: "ada" },
      { createdAfter: at + 5, createdBefore: at + 10 },
      { status: ["pending"], createdAfter: at + 1, createdBefore: at + 6 },
    ];
    for (const filter of conditions) {
      assertEquals(await listAll(store, filter), [wanted], JSON.stringify(filter));
    }
    assertEquals(await listAll(store, Object.assign({}, ...conditions.slice(0, 5))), [wanted]);
    for (
      const filter of [
        { type: "emai" },
        { tag: "vi" },
        { tag: "vip", type: "test" },
        { queue: "mail", createdBy: "bob" },
        { text: "geheim", redact: ["password"] },
        { data: [{ path: "user.Password", value: "geheim" }], redact: ["password"] },
        { createdBefore: at },
        { createdAfter: at + 11 },
        { finishedBefore: at + 1_000 },
        { status: ["completed"], text: "order" },
      ] satisfies JobFilter[]
    ) {
      assertEquals(await listAll(store, filter), [], JSON.stringify(filter));
    }
  },

  async "list() finds finished jobs by when they finished"({ open, clock }) {
    const [store] = await open(1);
    const start = clock.now();
    for (let n = 0; n < 5; n++) {
      await run(store, makeJob({ id: `${n}`, tags: ["t"] }), DONE, clock);
      clock.advance(10);
    }
    const range = { finishedAfter: start + 10, finishedBefore: start + 40 };

    for (
      const filter of [{ status: FINAL_STATUSES }, { status: ["completed"] }, { type: "test" }, {
        tag: "t",
      }] as const
    ) {
      assertEquals(idsOf(await listAll(store, { ...filter, ...range })), ["3", "2", "1"]);
      assertEquals(idsOf(await listAll(store, { ...filter, ...range }, 1)), ["3", "2", "1"]);
    }
    assertEquals(idsOf(await listAll(store, range)).sort(), ["1", "2", "3"]);
  },

  async "list() reads at most 2,000 entries for a page, and its cursor goes on behind them"({ open, clock }) {
    const [store] = await open(1);
    const needles = [makeJob({ id: "needle-1" }), makeJob({ id: "needle-2", priority: -1 })];
    await addAll(store, [needles[0]!, ...makeJobs(2_100), needles[1]!], clock.now());

    for (
      const [filter, found] of [[{}, [1, 0]], [{ status: ["pending"] }, [0, 1]], [{ type: "test" }, [
        0,
        1,
      ]]] as const
    ) {
      let cursor: string | undefined;
      const jobs: Job[] = [];
      let pages = 0;
      for (let more = true; more; pages++) {
        const page = await store.list({ ...filter, text: "needle" }, { cursor, limit: 10 });
        assert(page.scanned <= 2_000, `${page.scanned} entries were read`);
        jobs.push(...page.jobs);
        cursor = page.nextCursor ?? undefined;
        more = page.nextCursor !== null;
      }
      assertEquals(idsOf(jobs), found.map((i) => needles[i]!.id));
      assert(pages >= 2, "One page has read everything");
    }
  },

  async "list() goes on where it was when jobs come and go between pages"({ open, clock }) {
    const [store] = await open(1);
    const jobs = makeJobs(12);
    await addAll(store, jobs, clock.now());
    for (const [filter, order] of [[{}, jobs.toReversed()], [{ status: ["pending"] }, jobs]] as const) {
      const there = new Set(idsOf(await listAll(store)));
      const ids = idsOf(order).filter((id) => there.has(id));
      const first = await store.list(filter, { limit: 4 });
      await addAll(store, makeJobs(2), clock.now());
      await store.remove(ids[3]!); // the very job behind which the next page begins
      await store.remove(ids[5]!);

      const seen = idsOf(first.jobs);
      for (let cursor = first.nextCursor; cursor !== null;) {
        const page = await store.list(filter, { cursor, limit: 4 });
        seen.push(...idsOf(page.jobs));
        cursor = page.nextCursor;
      }

      assertEquals(seen.filter((id) => ids.includes(id)), ids.filter((id) => id !== ids[5]));
    }
  },

  async "list() refuses a cursor somebody changed, and one of another list"({ open, clock }) {
    const [store] = await open(1);
    await addAll(store, makeJobs(5, { tags: ["t"] }), clock.now());
    const { nextCursor } = await store.list({ status: ["pending"] }, { limit: 2 });
    const middle = Math.floor(nextCursor!.length / 2);
    const other = nextCursor![middle] === "A" ? "B" : "A";
    const changed = [
      nextCursor!.slice(0, middle) + other + nextCursor!.slice(middle + 1),
      nextCursor!.slice(0, -2),
      `${nextCursor}AAAA`,
      "",
      "x",
      "!",
      "漢字",
    ];

    for (const cursor of changed) {
      const error = await assertRejects(
        () => store.list({ status: ["pending"] }, { cursor, limit: 2 }),
        InputRangeError,
      );
      assertEquals(error.issues[0]?.path, "cursor");
    }
    for (
      const filter of [{}, { status: ["completed"] }, { status: ["pending"], tag: "t" }] satisfies JobFilter[]
    ) {
      await assertRejects(() => store.list(filter, { cursor: nextCursor!, limit: 2 }), InputRangeError);
    }
    assertEquals(
      (await store.list({ status: ["pending"] }, { cursor: nextCursor!, limit: 2 })).jobs.length,
      2,
    );
  },

  async "list() shows a job once while it moves from process to process"({ open, clock }) {
    const [first, second] = await open(2);
    await addAll(
      first,
      [makeJob({ id: "a", tags: ["t"] }), makeScheduled(10, { id: "b", tags: ["t"] })],
      clock.now(),
    );
    const check = async (...statuses: Job["status"][]) => {
      for (const store of [first, second]) {
        for (const filter of [{}, { tag: "t" }, { type: "test" }]) {
          const jobs = (await listAll(store, filter)).toSorted((a, b) => a.id < b.id ? -1 : 1);
          assertEquals(jobs.map((job) => job.status), statuses);
        }
      }
    };

    await check("pending", "scheduled");
    await second.promote(clock.now() + 10);
    await check("pending", "pending");
    const [a] = await claim(first, clock.now(), ["test"], 1);
    await check("running", "pending");
    await claim(second, clock.now(), ["test"], 1);
    await check("running", "running");
    await first.settle([{ job: a!, outcome: DONE }], clock.now());
    await check("completed", "running");
  },
};
