import { assertEquals } from "@std/assert";
import { makeJobs } from "../../testing/factories.ts";
import { FakeClock } from "../../testing/fake-clock.ts";
import { claim, idsOf } from "../conformance/harness.ts";
import { interceptCommits } from "./faulty-kv.ts";
import { KvLab } from "./fixture.ts";

Deno.test("a claim that was refused while pages were being read takes no job out of a wrong page", async () => {
  const clock = new FakeClock();
  const now = clock.now();
  const release = Promise.withResolvers<void>();
  let holds = false;
  const openKv = async (path: string) => {
    const kv = await Deno.openKv(path);
    const list = kv.list.bind(kv);
    kv.list = <T>(...[selector, options]: Parameters<Deno.Kv["list"]>) => {
      const walk = list<T>(selector, options);
      if (!holds || !("prefix" in selector) || !("start" in selector)) return walk;
      const next = walk.next.bind(walk); // it goes on where an earlier read ended
      walk.next = async () => (await release.promise, next());
      return walk;
    };
    return kv;
  };
  const lab = new KvLab(clock, { openKv });
  try {
    const [store, rival] = [await lab.open(), await lab.open()];
    await rival.insert(makeJobs(700).map((job) => ({ job })), now);
    const claimed = await claim(store, now, ["test"], 1);

    claimed.push(...await claim(rival, now, ["test"], 1)); // moves the lock
    holds = true;
    claimed.push(...await claim(store, now, ["test"], 600)); // begins to read more, and is refused
    holds = false;
    release.resolve();
    for (const holder of [rival, store]) {
      for (let more = 1; more > 0;) {
        const some = await claim(holder, now, ["test"], 200);
        claimed.push(...some);
        more = some.length;
      }
    }

    const ids = idsOf(claimed);
    assertEquals([ids.length, new Set(ids).size], [700, 700]);
    assertEquals(ids, ids.toSorted()); // in the order of adding
  } finally {
    release.resolve();
    await lab.dispose();
  }
});

/** Longer than what is in memory is trusted. */
const LATER = 2_000;

/** A store that has just found nothing to claim; the answers of its commits can be kept back. And a rival on its file. */
async function openSlow() {
  const clock = new FakeClock();
  const gates: PromiseWithResolvers<void>[] = [];
  let keepsBack = (_commit: number) => false;
  let commits = 0;
  let arrived = Promise.withResolvers<void>();
  const slow = async (path: string) =>
    interceptCommits(await Deno.openKv(path), async (op) => {
      const isKept = keepsBack(++commits);
      const answer = await op.commit();
      if (isKept) {
        const gate = Promise.withResolvers<void>();
        gates.push(gate);
        arrived.resolve();
        await gate.promise;
      }
      return answer;
    });
  const opened: string[] = [];
  const lab = new KvLab(clock, {
    openKv: (path) => opened.push(path) <= 2 ? slow(path) : Deno.openKv(path),
  });
  const store = await lab.open();
  await claim(store, clock.now());
  return {
    clock,
    lab,
    store,
    /** Keeps back the answer of the next commit but `skipped`. @returns Resolves once that is applied. */
    keepBack(skipped = 0): Promise<void> {
      const wanted = commits + skipped + 1;
      const others = keepsBack;
      keepsBack = (commit) => commit === wanted || others(commit);
      arrived = Promise.withResolvers();
      return arrived.promise;
    },
    /** Lets so much time pass that the next claim reads again, and what else a store does meanwhile. */
    async later() {
      clock.advance(LATER);
      await clock.asleep(2);
    },
    /** Lets the answer through that has been kept back longest. */
    answer: () => gates.shift()?.resolve(),
    async [Symbol.asyncDispose]() {
      for (const { resolve } of gates) resolve();
      await lab.dispose();
    },
  };
}

Deno.test("jobs that were read and claimed before the answer to their add came are not claimed again", async () => {
  await using test = await openSlow();
  const { store, clock } = test;
  const applied = test.keepBack(1); // what the second writer stores
  const adds = makeJobs(64).map((job) => store.insert([{ job }], clock.now()));
  await applied;
  await test.later();

  const claimed = await claim(store, clock.now(), ["test"], 64);
  test.answer();
  await Promise.all(adds);
  claimed.push(...await claim(store, clock.now(), ["test"], 64));

  assertEquals([claimed.length, new Set(idsOf(claimed)).size], [64, 64]);
});

Deno.test("jobs that are being claimed when the answer to their add comes are not claimed again", async () => {
  await using test = await openSlow();
  const { store, clock } = test;
  let applied = test.keepBack(1);
  const adds = makeJobs(64).map((job) => store.insert([{ job }], clock.now()));
  await applied;
  await test.later();

  applied = test.keepBack();
  const claiming = claim(store, clock.now(), ["test"], 64);
  await applied;
  test.answer(); // to the add
  await Promise.all(adds);
  test.answer(); // to the claim
  const claimed = [...await claiming, ...await claim(store, clock.now(), ["test"], 64)];

  assertEquals([claimed.length, new Set(idsOf(claimed)).size], [64, 64]);
});

Deno.test("jobs that another process claimed before the answer to their add came are not claimed again", async () => {
  await using test = await openSlow();
  const { store, clock, lab } = test;
  const rival = await lab.open();
  const applied = test.keepBack();
  const adds = makeJobs(2).map((job) => store.insert([{ job }], clock.now()));
  await applied;

  const claimed = await claim(rival, clock.now(), ["test"], 2);
  clock.advance(LATER);
  claimed.push(...await claim(store, clock.now(), ["test"], 2)); // reads that nothing is left
  test.answer();
  await Promise.all(adds);
  claimed.push(...await claim(store, clock.now(), ["test"], 2));

  assertEquals([claimed.length, new Set(idsOf(claimed)).size], [2, 2]);
});
