import { assertEquals, assertRejects } from "@std/assert";
import { InvalidStatusError, UniqueConflictError } from "../../lib/errors.ts";
import { isFinal, retry } from "../../lib/job.ts";
import { makeJob } from "../../testing/factories.ts";
import { addAll, type Cases, claim, claimAll, claimOne, idsOf, listAll } from "./harness.ts";
import { add, DONE, wanting } from "./unique.ts";

/** Unique keys over retries, and when callers race for them. */
export const uniqueRaceCases: Cases = {
  async "unique: of many racing adds of one key exactly one is added, and all name it"({ open, clock }) {
    const stores = await open(3);
    for (
      const [onConflict, outcome] of [["keep", "exists"], ["reject", "rejected"], [
        "replace",
        "replaced",
      ]] as const
    ) {
      const key = { key: onConflict, until: null };
      const results = await Promise.all(
        Array.from(
          { length: 24 },
          (_, i) =>
            add(
              stores[i % stores.length]!,
              makeJob({ type: onConflict, data: i, unique: key }),
              onConflict,
              clock.now(),
            ),
        ),
      );

      const added = results.filter((result) => result.outcome === "added");
      assertEquals(added.length, 1);
      assertEquals(results.filter((result) => result.outcome === outcome).length, results.length - 1);
      assertEquals(new Set(idsOf(results)).size, 1);
      assertEquals(idsOf(await listAll(stores[0], { type: onConflict })), [added[0]!.id]);
    }
  },

  async "unique: a claim racing with a replace runs the job once, old or new"({ open, clock }) {
    const [first, second] = await open(2);
    for (let round = 0; round < 8; round++) {
      const type = `round-${round}`;
      const key = { key: type, until: null };
      await addAll(first, [makeJob({ type, data: "old", unique: key })], clock.now());

      const fresh = makeJob({ type, data: "new", unique: key });
      const [claimed, { outcome, id }] = await Promise.all([
        claim(first, clock.now(), [type]),
        add(second, fresh, "replace", clock.now()),
      ]);

      claimed.push(...await claimAll(first, clock, [type]));
      const data = claimed.map((job) => job.data);
      assertEquals(data, outcome === "added" ? ["old", "new"] : ["new"]);
      assertEquals(claimed.at(-1)?.id, id);
    }
  },

  async "unique: a finished job that is retried takes its key again"({ open, clock }) {
    const [store] = await open(1);
    await addAll(store, [wanting({ id: "a" })], clock.now());
    await store.settle([{ job: await claimOne(store, clock.now()), outcome: DONE }], clock.now());
    await addAll(store, [wanting({ id: "b" })], clock.now());
    await store.settle([{ job: await claimOne(store, clock.now()), outcome: DONE }], clock.now());

    await store.change("a", (job) => retry(job, clock.now()));

    assertEquals(await add(store, wanting(), "keep", clock.now()), { id: "a", outcome: "exists" });
    await assertRejects(() => store.change("b", (job) => retry(job, clock.now())), UniqueConflictError);
  },

  async "unique: a job that is retried within its own time is not in its own way"({ open, clock }) {
    const [store] = await open(1);
    const until = clock.now() + 1_000;
    await addAll(store, [makeJob({ id: "a", unique: { key: "k", until } })], clock.now());
    await store.settle([{ job: await claimOne(store, clock.now()), outcome: DONE }], clock.now());

    assertEquals((await store.change("a", (job) => retry(job, clock.now())))?.status, "pending");
    assertEquals(await add(store, wanting(), "keep", clock.now()), { id: "a", outcome: "exists" });
  },

  async "unique: a retry is refused while another job holds the key, and changes nothing"({ open, clock }) {
    const [store] = await open(1);
    await addAll(store, [wanting({ id: "a" })], clock.now());
    await store.settle([{ job: await claimOne(store, clock.now()), outcome: DONE }], clock.now());
    await addAll(store, [wanting({ id: "b" })], clock.now());
    const before = await store.get("a");

    const error = await assertRejects(
      () => store.change("a", (job) => retry(job, clock.now())),
      UniqueConflictError,
    );

    assertEquals([error.key, error.holderId], ["k", "b"]);
    assertEquals(await store.get("a"), before);
  },

  async "unique: of a retry and an add that race exactly one gets the key"({ open, clock }) {
    const [first, second] = await open(2);
    for (let round = 0; round < 8; round++) {
      const type = `round-${round}`;
      const key = { key: type, until: null };
      await addAll(first, [makeJob({ id: type, type, unique: key })], clock.now());
      await first.settle([{ job: await claimOne(first, clock.now(), type), outcome: DONE }], clock.now());

      const [retried, added] = await Promise.all([
        first.change(type, (job) => retry(job, clock.now())).catch((error) => error),
        add(second, makeJob({ type, unique: key }), "keep", clock.now()),
      ]);

      assertEquals(retried instanceof UniqueConflictError, added.outcome === "added");
      const unfinished = (await listAll(first, { type })).filter((job) => !isFinal(job.status));
      assertEquals(idsOf(unfinished), [added.id]);
    }
  },

  async "unique: of many racing retries of jobs with one key exactly one gets it"({ open, clock }) {
    const [first, second] = await open(2);
    for (const id of ["a", "b", "c", "d"]) {
      await addAll(first, [wanting({ id })], clock.now());
      await first.settle([{ job: await claimOne(first, clock.now()), outcome: DONE }], clock.now());
    }

    const results = await Promise.allSettled(
      ["a", "b", "c", "d", "a", "b"].map((id, i) =>
        (i % 2 === 0 ? first : second).change(id, (job) => retry(job, clock.now()))
      ),
    );

    for (const result of results) {
      if (result.status === "fulfilled") continue;
      const known = result.reason instanceof UniqueConflictError ||
        result.reason instanceof InvalidStatusError;
      assertEquals(known, true, String(result.reason));
    }
    assertEquals(results.filter(({ status }) => status === "fulfilled").length, 1);
    assertEquals((await first.stats(clock.now())).pending, 1);
  },
};
