import { assertEquals } from "@std/assert";
import { makeJob } from "../../testing/factories.ts";
import { FakeClock } from "../../testing/fake-clock.ts";
import { claim } from "../conformance/harness.ts";
import { interceptCommits } from "./faulty-kv.ts";
import { KvLab } from "./fixture.ts";

Deno.test("prune() goes on when a commit is refused, as any may be by what else is in it", async () => {
  const clock = new FakeClock();
  let refused = 0;
  const openKv = async (path: string) =>
    interceptCommits(await Deno.openKv(path), async (op) => {
      if (refused === 0) return await op.commit();
      refused--;
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

    refused = 5;
    const old = { finishedBefore: { completed: clock.now() }, keepFor: false, now: clock.now(), limit: 10 };
    assertEquals([await store.prune(old), refused], [1, 0]);
  } finally {
    await lab.dispose();
  }
});
