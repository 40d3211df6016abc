import { assertEquals } from "@std/assert";
import { makeJob } from "../../testing/factories.ts";
import { FakeClock } from "../../testing/fake-clock.ts";
import { claim } from "../conformance/harness.ts";
import { interceptCommits } from "./faulty-kv.ts";
import { KvLab } from "./fixture.ts";

Deno.test("prune() goes on when a commit is refused, as any may be by what else is in it", async () => {
  const clock = new FakeClock();
  let isRefused = false;
  const openKv = async (path: string) =>
    interceptCommits(await Deno.openKv(path), async (op) => {
      if (!isRefused) return await op.commit();
      isRefused = false;
      return { ok: false };
    });
  const lab = new KvLab(clock, { openKv });
  try {
    const store = await lab.open();
    await store.insert([{ job: makeJob() }], clock.now());
    const [job] = await claim(store, clock.now());
    for (let i = 0; i < 105; i++) { // more than one commit deletes
      await store.appendLogs(job!.seq, [{ at: clock.now(), attempt: 1, level: "info", message: "x" }]);
      clock.advance(1);
    }
    await store.settle([{ job: job!, outcome: { kind: "completed", result: null } }], clock.now());
    clock.advance(1_000);

    isRefused = true;
    const old = { finishedBefore: { completed: clock.now() }, keepFor: false, now: clock.now(), limit: 10 };
    assertEquals([await store.prune(old), isRefused], [1, false]);
  } finally {
    await lab.dispose();
  }
});
