import { assertEquals } from "@std/assert";
import { makeJobs } from "../../testing/factories.ts";
import { FakeClock } from "../../testing/fake-clock.ts";
import { claim, idsOf } from "../conformance/harness.ts";
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
