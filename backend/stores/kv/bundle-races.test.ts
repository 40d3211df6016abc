import { assertEquals } from "@std/assert";
import { cancel } from "../../lib/job.ts";
import { makeJob, makeJobs } from "../../testing/factories.ts";
import { assertConsistent, claim, listAll } from "../conformance/harness.ts";
import { setUp } from "../../testing/bundled-jobs.ts";
import { interceptCommits } from "./faulty-kv.ts";
import { createKeys } from "./keys.ts";

const keys = createKeys("cronosaur");

Deno.test("bundles: jobs whose process is taken for dead while it stores them are added once", async () => {
  for (const own of [false, true]) {
    let dying = false;
    const openKv = async (path: string) => {
      const kv = await Deno.openKv(path);
      return interceptCommits(kv, async (op) => {
        const result = await op.commit();
        if (!dying) return result;
        dying = false;
        await kv.delete(keys.proc("a"));
        throw new Error("The answer is lost");
      });
    };
    await using test = await setUp({ openKv });
    const { lab, clock } = test;
    const store = await lab.open("a");
    await store.insert([{ job: makeJob({ type: "other" }) }], clock.now());
    const jobs = makeJobs(4).map((job, i) => own ? { ...job, id: `own ${i}` } : job);

    dying = true;
    const added = await store.insert(jobs.map((job) => ({ job })), clock.now());

    assertEquals(added.map(({ outcome }) => outcome), Array(4).fill("added"));
    await store.insert([{ job: makeJob() }], clock.now());
    assertEquals((await store.stats(clock.now())).pending, 6);
    await assertConsistent(store);
  }
});

Deno.test("bundles: jobs that are added again after that leave those alone that were stored with them", async () => {
  for (
    const [call, ...own] of [["insert"], ["insert", 0], ["insert", 0, 1, 2, 3, 4, 5, 6, 7], [
      "commit",
    ]] as const
  ) {
    let meanwhile: (() => Promise<unknown>) | null = null;
    const openKv = async (path: string) => {
      const kv = await Deno.openKv(path);
      return interceptCommits(kv, async (op) => {
        const work = meanwhile;
        meanwhile = null;
        const result = await op.commit();
        if (work === null) return result;
        await kv.delete(keys.proc("a"));
        await work();
        throw new Error("The answer is lost");
      });
    };
    await using test = await setUp({ openKv });
    const { lab, clock } = test;
    const [store, other] = [await lab.open("a"), await lab.open("b")];
    await store.insert([{ job: makeJob({ type: "other" }) }], clock.now());
    const jobs = makeJobs(8).map((job, i) => own.some((n) => n === i) ? { ...job, id: `own ${i}` } : job);

    meanwhile = () => Promise.all(jobs.slice(3).map(({ id }) => other.remove(id)));
    const insert = jobs.map((job) => ({ job }));
    await (call === "insert"
      ? store.insert(insert, clock.now())
      : store.commit({ put: [], insert }, clock.now()));

    for (const { id } of [jobs[1]!, jobs[3]!]) {
      assertEquals((await other.get(id))?.status, "pending");
    }
  }
});

Deno.test("bundles: a cancel that comes late does not bring back a job that ended and was removed meanwhile", async () => {
  let opened = 0;
  let meanwhile: (() => Promise<unknown>) | null = null;
  const openKv = async (path: string) => {
    const kv = await Deno.openKv(path);
    if (++opened !== 3) return kv; // the second store's handle for writing
    return interceptCommits(kv, async (op) => {
      const work = meanwhile;
      meanwhile = null;
      await work?.();
      return await op.commit();
    });
  };
  await using test = await setUp({ openKv });
  const { lab, clock } = test;
  const [owner, other] = [await lab.open(), await lab.open()];
  await test.add(owner);
  const [job] = await claim(owner, clock.now(), ["test"], 8);

  meanwhile = async () => {
    await test.complete(owner, [job!]);
    await owner.remove(job!.id);
  };

  assertEquals(await other.change(job!.id, (found) => cancel(found, clock.now())), null);
  assertEquals(await other.get(job!.id), null);
  await assertConsistent(other);
});

Deno.test("bundles: jobs that leave one bundle at once, from different places and processes, are gone", async () => {
  await using test = await setUp();
  const { lab, clock } = test;
  const [store, other] = [await lab.open(), await lab.open()];
  await test.add(store);
  const finished = (await claim(store, clock.now(), ["test"], 8)).slice(0, 6);
  for (const job of finished) {
    await test.complete(store, [job]);
    clock.advance(1); // each stands in a page of its own
  }

  await Promise.all(finished.map(({ id }, i) => (i % 2 === 0 ? store : other).remove(id)));

  for (const { id } of finished) assertEquals(await store.get(id), null);
  assertEquals((await listAll(store)).length, 2);
  await assertConsistent(store);
});

/** A database in which `meanwhile` happens, once it is set, behind the first read of a job's record or a bundle. */
class Interrupted {
  meanwhile: (() => Promise<unknown>) | null = null;

  readonly openKv = async (path: string): Promise<Deno.Kv> => {
    const kv = await Deno.openKv(path);
    const getMany = async (wanted: Deno.KvKey[]) => {
      const entries = await kv.getMany(wanted);
      await this.#interrupt(wanted[0]);
      return entries;
    };
    const list = async function* (this: Interrupted, selector: { start?: Deno.KvKey }, options: object) {
      yield* kv.list(selector as Deno.KvListSelector, options);
      await this.#interrupt(selector.start);
    }.bind(this);
    return new Proxy(kv, {
      get(target, name) {
        if (name === "getMany") return getMany;
        if (name === "list") return list;
        const value = Reflect.get(target, name, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  };

  async #interrupt(key?: Deno.KvKey): Promise<void> {
    const { meanwhile } = this;
    if (meanwhile === null || ![keys.jobs()[0], keys.bundles()[0]].includes(String(key?.[0]))) return;
    this.meanwhile = null;
    await meanwhile();
  }
}

Deno.test("bundles: a job is found, and listed, while it is written again and its bundle goes", async () => {
  for (const how of ["get", "list"]) {
    const interrupted = new Interrupted();
    await using test = await setUp(interrupted);
    const { lab, clock, jobs } = test;
    const store = await lab.open();
    await test.add(store);
    const running = await claim(store, clock.now(), ["test"], 8);

    interrupted.meanwhile = () => test.complete(store, running);
    const found = how === "get" ? [await store.get(jobs[3]!.id)] : await listAll(store);

    assertEquals(await test.bundles(), []);
    assertEquals(found.map((job) => job?.status), Array(how === "get" ? 1 : 8).fill("completed"));
  }
});
