import { assertEquals, assertRejects } from "@std/assert";
import { InputRangeError } from "../../lib/errors.ts";
import { type Outcome, retry } from "../../lib/job.ts";
import type { LogLine, Store } from "../../lib/store.ts";
import { makeJob } from "../../testing/factories.ts";
import { addAll, type Cases, claim, claimOne, listAll } from "./harness.ts";

function makeLines(count: number, overrides: Partial<LogLine> = {}): LogLine[] {
  return Array.from(
    { length: count },
    (_, i) => ({ attempt: 1, at: i, level: "info", message: `line ${i}`, ...overrides }),
  );
}

async function allLogs(store: Store, id: string, limit: number): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  for (let cursor: string | undefined, pages = 0; pages < 1_000; pages++) {
    const page = await store.logs(id, { cursor, limit });
    lines.push(...page?.lines ?? []);
    assertEquals((page?.lines.length ?? 0) <= limit, true);
    if (page === null || page.nextCursor === null) return lines;
    cursor = page.nextCursor;
  }
  throw new Error("The log does not end");
}

const DONE: Outcome = { kind: "completed", result: null };

/** Adds a job that writes `lines` and ends at `now`. */
async function addLogged(store: Store, id: string, now: number, outcome = DONE, lines = 2): Promise<void> {
  await addAll(store, [makeJob({ id, createdAt: now })], now);
  const job = await claimOne(store, now);
  await store.appendLogs(job.seq, makeLines(lines));
  await store.settle([{ job, outcome }], now);
}

/** Prunes logs until the end, `limit` jobs at a time. @returns Of how many jobs. */
async function pruneAllLogs(
  store: Store,
  request: { finishedBefore: number; dryRun?: boolean },
  limit = 100,
): Promise<number> {
  let jobs = 0;
  for (let cursor: string | undefined, calls = 0; calls < 1_000; calls++) {
    const pruned = await store.pruneLogs({ ...request, limit, cursor });
    assertEquals(pruned.jobs <= limit, true);
    jobs += pruned.jobs;
    if (pruned.nextCursor === null) return jobs;
    cursor = pruned.nextCursor;
  }
  throw new Error("The logs do not end");
}

async function countLines(store: Store, ids: readonly string[]): Promise<number[]> {
  return await Promise.all(ids.map(async (id) => (await allLogs(store, id, 200)).length));
}

/** What handlers say while they run: logs and progress. */
export const logCases: Cases = {
  async "logs() gives a job's lines, oldest first, page by page"({ open, clock }) {
    const [first, second] = await open(2);
    const job = makeJob({ id: "a" });
    await addAll(first, [job, makeJob({ id: "b" })], clock.now());
    const lines = makeLines(23);
    lines[3] = {
      attempt: 1,
      at: 3,
      level: "error",
      message: "Zoë 🚀\n\u0000",
      fields: { n: [1, { a: null }], "": "x" },
    };

    await first.appendLogs(job.seq, lines.slice(0, 10));
    await first.appendLogs(job.seq, []);
    await first.appendLogs(job.seq, lines.slice(10, 11));
    await first.appendLogs(job.seq, lines.slice(11));

    for (const id of ["a", job.seq]) {
      for (const limit of [1, 7, 10, 200]) assertEquals(await allLogs(second, id, limit), lines);
    }
    assertEquals(await second.logs("b", { limit: 10 }), { lines: [], nextCursor: null });
  },

  async "logs() answers null for a job that is not there"({ open }) {
    const [store] = await open(1);

    assertEquals(await store.logs("a", { limit: 10 }), null);
  },

  async "logs() keeps the order of lines written without waiting"({ open, clock }) {
    const [store] = await open(1);
    const job = makeJob();
    await addAll(store, [job], clock.now());
    const lines = makeLines(40, { at: clock.now() });

    await Promise.all(lines.map((line) => store.appendLogs(job.seq, [line])));

    assertEquals(await allLogs(store, job.id, 9), lines);
  },

  async "logs() keeps the lines of every attempt, a thousand each and more than a value holds"(
    { open, clock },
  ) {
    const [store] = await open(1);
    const job = makeJob({ id: "a" });
    await addAll(store, [job], clock.now());
    const lines = [1, 2].flatMap((attempt) =>
      makeLines(1_000, { attempt, at: attempt, message: "é".repeat(200), fields: { attempt } })
    );

    await store.appendLogs(job.seq, lines.slice(0, 1_000));
    await store.appendLogs(job.seq, lines.slice(1_000));

    assertEquals(await allLogs(store, "a", 200), lines);
  },

  async "logs() refuses a cursor somebody changed, and one of another job"({ open, clock }) {
    const [store] = await open(1);
    const [a, b] = [makeJob(), makeJob()];
    await addAll(store, [a, b], clock.now());
    for (const job of [a, b]) await store.appendLogs(job.seq, makeLines(5));
    const cursor = (await store.logs(a.id, { limit: 2 }))?.nextCursor ?? "";

    for (const wrong of [cursor.slice(0, -1), `x${cursor.slice(1)}`, "", "?"]) {
      const error = await assertRejects(() => store.logs(a.id, { cursor: wrong, limit: 2 }), InputRangeError);
      assertEquals(error.issues[0]?.path, "cursor");
    }
    await assertRejects(() => store.logs(b.id, { cursor, limit: 2 }), InputRangeError);
  },

  async "appendLogs() reads its lines before it returns"({ open, clock }) {
    const [store] = await open(1);
    const job = makeJob({ id: "a" });
    await addAll(store, [job], clock.now());
    const lines = makeLines(2);

    const appended = store.appendLogs(job.seq, lines);
    lines[0]!.message = "changed";
    lines.pop();
    await appended;

    assertEquals((await allLogs(store, "a", 10)).map(({ message }) => message), ["line 0", "line 1"]);
  },

  async "pruneLogs() deletes the lines of jobs that finished before a time, and keeps the jobs"(
    { open, clock },
  ) {
    const [first, second] = await open(2);
    const start = clock.now();
    const error = { name: "Error", message: "no", attempt: 1, at: start };
    await addLogged(first, "old-1", start);
    await addLogged(first, "old-2", start, { kind: "failed", error, retryAt: null });
    await addLogged(first, "old-3", start, { kind: "cancelled", reason: null });
    await addLogged(first, "waits", start, { kind: "snoozed", until: start + 90_000 });
    await addAll(first, [makeJob({ id: "runs" }), makeJob({ id: "late", priority: 1 })], start);
    const [late, runs] = await claim(first, start);
    for (const job of [late!, runs!]) await first.appendLogs(job.seq, makeLines(2));
    await first.settle([{ job: late!, outcome: DONE }], start + 10);
    await addLogged(first, "new", start + 10);
    const ids = ["old-1", "old-2", "old-3", "waits", "runs", "late", "new"];
    const before = await listAll(first);

    assertEquals(await pruneAllLogs(second, { finishedBefore: start }), 0);
    assertEquals(await pruneAllLogs(second, { finishedBefore: start + 10, dryRun: true }), 3);
    assertEquals(await countLines(second, ids), [2, 2, 2, 2, 2, 2, 2]);
    assertEquals(await pruneAllLogs(second, { finishedBefore: start + 10 }), 3);

    assertEquals(await countLines(first, ids), [0, 0, 0, 2, 2, 2, 2]);
    assertEquals(await listAll(first), before);
    assertEquals(await pruneAllLogs(first, { finishedBefore: start + 10 }), 0);
    assertEquals(await pruneAllLogs(first, { finishedBefore: start + 11 }), 2);
    assertEquals(await countLines(first, ids), [0, 0, 0, 2, 2, 0, 0]);
  },

  async "pruneLogs() looks at no more jobs than its limit, and goes on where it stopped"({ open, clock }) {
    const [store] = await open(1);
    const start = clock.now();
    const ids = Array.from({ length: 7 }, (_, i) => `${i}`);
    for (const id of ids) {
      const outcome: Outcome = Number(id) % 2 === 0 ? DONE : { kind: "snoozed", until: start + 90_000 };
      await addLogged(store, id, start, outcome);
    }
    const finishedBefore = start + 1;

    assertEquals((await store.pruneLogs({ finishedBefore, limit: 3 })).jobs, 2);
    assertEquals(await countLines(store, ids), [0, 2, 0, 2, 2, 2, 2]);
    assertEquals(await pruneAllLogs(store, { finishedBefore }, 1), 2);
    assertEquals(await countLines(store, ids), [0, 2, 0, 2, 0, 2, 0]);
    await assertRejects(() => store.pruneLogs({ finishedBefore, limit: 1, cursor: "?" }), InputRangeError);
  },

  async "pruneLogs() deletes a log however long it is"({ open, clock }) {
    const [store] = await open(1);
    await addAll(store, [makeJob({ id: "a" })], clock.now());
    const job = await claimOne(store, clock.now());
    await Promise.all(makeLines(230).map((line) => store.appendLogs(job.seq, [line])));
    await store.settle([{ job, outcome: DONE }], clock.now());

    assertEquals(await pruneAllLogs(store, { finishedBefore: clock.now() + 1 }), 1);

    assertEquals(await store.logs("a", { limit: 10 }), { lines: [], nextCursor: null });
    assertEquals(await pruneAllLogs(store, { finishedBefore: clock.now() + 1 }), 0);
  },

  async "pruneLogs() by many racing callers counts each job once"({ open, clock }) {
    const stores = await open(3);
    for (let n = 0; n < 20; n++) await addLogged(stores[0], `${n}`, clock.now());
    const request = { finishedBefore: clock.now() + 1 };

    const counts = await Promise.all([...stores, ...stores].map((store) => pruneAllLogs(store, request)));
    counts.push(await pruneAllLogs(stores[0], request));

    assertEquals(counts.reduce((sum, count) => sum + count), 20);
  },

  async "pruneLogs() racing with retry never takes the lines of the new run"({ open, clock }) {
    const [first, second] = await open(2);
    const now = clock.now();
    const ids = Array.from({ length: 10 }, (_, i) => `${i}`);
    for (const id of ids) await addLogged(first, id, now);
    const fresh = makeLines(3, { message: "new run" });

    await Promise.all([
      pruneAllLogs(first, { finishedBefore: now + 1 }),
      ...ids.map(async (id) => {
        const job = await second.change(id, (current) => retry(current, now));
        await second.appendLogs(job!.seq, fresh);
      }),
    ]);
    await pruneAllLogs(first, { finishedBefore: now + 1 });

    for (const id of ids) assertEquals((await allLogs(first, id, 10)).slice(-3), fresh);
  },

  async "progress() shows how far a running job is, to every process"({ open, clock }) {
    const [first, second] = await open(2);
    await addAll(first, [makeJob({ id: "a" })], clock.now());
    const job = await claimOne(first, clock.now());
    for (const [percent, note] of [[10, null], [55.5, "Zoë 🚀"], [40, null]] as const) {
      const progress = { percent, note, at: clock.now() };

      await first.progress(job, progress);

      assertEquals((await second.get("a"))?.progress, progress);
      assertEquals((await listAll(second))[0]?.progress, progress);
    }
  },

  async "progress() of a run that no longer holds its job is dropped"({ open, clock }) {
    const [first, second] = await open(2);
    await addAll(first, [makeJob({ id: "a" }), makeJob({ id: "b" })], clock.now());
    const [a, b] = await claim(first, clock.now());
    const outcome = { kind: "completed", result: null } as const;
    await first.settle([{ job: a!, outcome }], clock.now());
    const progress = { percent: 99, note: null, at: clock.now() };

    await first.progress(a!, progress);
    await second.progress(b!, progress);
    await first.progress({ ...b!, lease: "made up" }, progress);

    assertEquals((await second.get("a"))?.progress, null);
    assertEquals((await second.get("b"))?.progress, null);
  },

  async "progress() racing with settle never brings the run back"({ open, clock }) {
    const [store] = await open(1);
    await addAll(store, Array.from({ length: 10 }, (_, i) => makeJob({ id: `${i}` })), clock.now());
    const claimed = await claim(store, clock.now());
    const outcome = { kind: "snoozed", until: clock.now() } as const;

    await Promise.all(claimed.flatMap((job) => [
      store.settle([{ job, outcome }], clock.now()),
      store.progress(job, { percent: 1, note: "late", at: clock.now() }),
    ]));

    for (const { id } of claimed) {
      assertEquals((await store.get(id))?.status, "scheduled");
    }
  },
};
