import { assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { VersionConflictError } from "../../lib/errors.ts";
import { makeJob, makeJobs } from "../../testing/factories.ts";
import { addAll, type Cases, claim, idsOf, listAll, told } from "./harness.ts";

/** Records, and jobs that are added together with them. */
export const recordCases: Cases = {
  async "commit() writes records that every process reads, by kind and key"({ open, clock }) {
    const [first, second] = await open(2);
    const value = { text: "Zoë 🚀 \u0000", list: [1, null, { "": false }], none: null };
    await first.commit({
      put: [
        { kind: "schedule", key: "b", value, expect: null },
        { kind: "schedule", key: "a", value: 1, expect: null },
        { kind: "schedule", key: "ö:/ .", value: "x".repeat(20_000), expect: null },
        { kind: "session", key: "a", value: false, expect: null },
      ],
    }, clock.now());

    assertEquals((await second.record("schedule", "b"))?.value, value);
    assertEquals((await second.records("schedule")).map((record) => [record.key, record.value]), [
      ["a", 1],
      ["b", value],
      ["ö:/ .", "x".repeat(20_000)],
    ]);
    assertEquals(await second.records("schedule").then((all) => all[0]), await first.record("schedule", "a"));
    assertEquals((await second.record("session", "a"))?.value, false);
    assertEquals(await second.record("session", "b"), null);
    assertEquals(await second.records("none"), []);
  },

  async "recordPage() gives the last records of a kind, page by page"({ open, clock }) {
    const [first, second] = await open(2);
    const keys = Array.from({ length: 120 }, (_, i) => `k${String(i).padStart(3, "0")}`);
    for (let at = 0; at < keys.length; at += 60) {
      const put = keys.slice(at, at + 60).map((key) => ({ kind: "k", key, value: { key }, expect: null }));
      await first.commit({ put }, clock.now());
    }
    const others = ["j", "l"].map((kind) => ({ kind, key: "k050", value: "other", expect: null }));
    await first.commit({ put: others }, clock.now());

    const pages: string[][] = [];
    let before: string | undefined;
    do {
      const page = await second.recordPage("k", before === undefined ? { limit: 50 } : { before, limit: 50 });
      pages.push(page.map(({ key }) => key));
      before = page.at(-1)?.key;
    } while (before !== undefined);

    assertEquals(pages.map(({ length }) => length), [50, 50, 20, 0]);
    assertEquals(pages.flat(), keys.toReversed());
    const [record] = await second.recordPage("k", { before: "k0505", limit: 1 });
    assertEquals(record, await first.record("k", "k050"));
    assertEquals(await second.recordPage("k", { before: "a", limit: 1 }), []);
    assertEquals(await second.recordPage("none", { limit: 10 }), []);
  },

  async "commit() gives a record another version with every write"({ open, clock }) {
    const [store] = await open(1);
    const versions: string[] = [];
    for (let n = 0; n < 3; n++) {
      const expect = versions.at(-1) ?? null;
      await store.commit({ put: [{ kind: "k", key: "a", value: "same", expect }] }, clock.now());
      versions.push((await store.record("k", "a"))!.version);
    }

    assertEquals(new Set(versions).size, 3);
  },

  async "commit() refuses a record that is not at its expected version, and writes nothing"({ open, clock }) {
    const [first, second] = await open(2);
    await first.commit({ put: [{ kind: "k", key: "a", value: 1, expect: null }] }, clock.now());
    const old = (await second.record("k", "a"))!.version;
    await first.commit({ put: [{ kind: "k", key: "a", value: 2, expect: old }] }, clock.now());
    const job = makeJob();
    for (const [key, expect] of [["a", old], ["a", null], ["missing", old]] as const) {
      const put = [{ kind: "k", key: "other", value: 1, expect: null }, { kind: "k", key, value: 3, expect }];

      const error = await assertRejects(
        () => second.commit({ put, insert: [{ job }] }, clock.now()),
        VersionConflictError,
        `Cannot write k "${key}"`,
      );

      assertEquals([error.kind, error.key], ["k", key]);
      assertEquals((await first.records("k")).map(({ value }) => value), [2]);
      assertEquals(await first.get(job.id), null);
    }
  },

  async "commit() deletes a record, which may then be written as a new one"({ open, clock }) {
    const [first, second] = await open(2);
    await first.commit({ put: [{ kind: "k", key: "a", value: 1, expect: null }] }, clock.now());
    const { version } = (await first.record("k", "a"))!;
    await assertRejects(
      () =>
        second.commit(
          { put: [{ kind: "k", key: "a", value: undefined, expect: `${version}x` }] },
          clock.now(),
        ),
      VersionConflictError,
    );

    await second.commit({ put: [{ kind: "k", key: "a", value: undefined, expect: version }] }, clock.now());

    assertEquals(await first.record("k", "a"), null);
    assertEquals(await first.records("k"), []);
    await first.commit({ put: [{ kind: "k", key: "a", value: 2, expect: null }] }, clock.now());
    assertNotEquals((await second.record("k", "a"))?.version, version);
  },

  async "commit() of one record by many racing callers succeeds once"({ open, clock }) {
    const stores = await open(3);
    for (let round = 0; round < 4; round++) {
      const expect = (await stores[0].record("k", "a"))?.version ?? null;
      const jobs = makeJobs(9, { type: `round-${round}` });
      const results = await Promise.allSettled(jobs.map((job, i) =>
        stores[i % 3]!.commit(
          { put: [{ kind: "k", key: "a", value: job.id, expect }], insert: [{ job }] },
          clock.now(),
        )
      ));

      const winners = jobs.filter((_, i) => results[i]!.status === "fulfilled");
      assertEquals(winners.length, 1);
      for (const result of results) {
        if (result.status === "rejected") assertEquals(result.reason.code, "version_conflict");
      }
      assertEquals((await stores[1].record("k", "a"))?.value, winners[0]!.id);
      assertEquals(await listAll(stores[2], { type: `round-${round}` }), winners);
    }
  },

  async "commit() by racing callers that delete one record, or write the same, succeeds once"(
    { open, clock },
  ) {
    const stores = await open(3);
    const race = async (value: unknown) => {
      const expect = (await stores[0].record("k", "a"))?.version ?? null;
      const put = [{ kind: "k", key: "a", value, expect }];
      const results = await Promise.allSettled(Array.from({ length: 9 }, (_, i) => {
        return stores[i % 3]!.commit({ put }, clock.now());
      }));
      const refused = results.flatMap((result) => result.status === "rejected" ? [result.reason.code] : []);
      assertEquals(refused, Array(8).fill("version_conflict"));
    };
    for (let round = 0; round < 4; round++) {
      await race("same");
      await race("same");
      await race(undefined);
    }
  },

  async "commit() leaves out jobs whose id or unique key is taken, whatever they say of conflicts"(
    { open, clock },
  ) {
    const [first, second] = await open(2);
    const [waits, runs] = ["waits", "runs"].map((key) => ({ key, until: null }));
    const holders = [
      makeJob({ id: "runs", unique: runs, priority: 9 }),
      makeJob({ id: "waits", unique: waits }),
    ];
    await addAll(first, [...holders, makeJob({ id: "taken", data: "old" })], clock.now());
    const [running] = await claim(first, clock.now(), ["test"], 1);
    const unwanted = ([undefined, "keep", "reject", "replace"] as const).flatMap((onConflict) => [
      { job: makeJob({ id: "taken", data: "new" }), onConflict },
      { job: makeJob({ unique: waits, data: "new" }), onConflict },
      { job: makeJob({ unique: runs, data: "new" }), onConflict },
    ]);

    await second.commit({
      put: [{ kind: "k", key: "a", value: 1, expect: null }],
      insert: [{ job: makeJob({ id: "new", priority: 1 }) }, ...unwanted],
    }, clock.now());

    assertEquals((await first.record("k", "a"))?.value, 1);
    assertEquals((await first.get("taken"))?.data, "old");
    assertEquals(await first.get("waits"), holders[1]);
    assertEquals(running?.id, "runs");
    await told(first, "work", clock, () => addAll(second, [makeJob({ id: "last" })], clock.now()));
    assertEquals(idsOf(await claim(first, clock.now())), ["new", "waits", "taken", "last"]);
  },

  async "commit() of jobs alone, or of nothing, is fine"({ open, clock }) {
    const [store] = await open(1);
    const job = makeJob();

    await store.commit({ put: [] }, clock.now());
    await store.commit({ put: [], insert: [{ job }] }, clock.now());

    assertEquals(await listAll(store), [job]);
  },

  async "commit() reads what it is given before it returns"({ open, clock }) {
    const [store] = await open(1);
    const value = { n: 1 };
    const put = [{ kind: "k", key: "a", value, expect: null }];
    const data = { n: 1 };

    const committed = store.commit({ put, insert: [{ job: makeJob({ id: "a", data }) }] }, clock.now());
    value.n = 2;
    data.n = 2;
    put.pop();
    await committed;

    const record = await store.record("k", "a");
    assertEquals(record?.value, { n: 1 });
    assertEquals((await store.get("a"))?.data, { n: 1 });
    (record!.value as { n: number }).n = 3;
    assertEquals((await store.record("k", "a"))?.value, { n: 1 });
  },
};
