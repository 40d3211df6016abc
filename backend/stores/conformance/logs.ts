import { assertEquals, assertRejects } from "@std/assert";
import { InputRangeError } from "../../lib/errors.ts";
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
