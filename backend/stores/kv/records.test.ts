/** What becomes of records whose commit got no answer before their process was declared dead. */
import { assertEquals, assertRejects } from "@std/assert";
import { VersionConflictError } from "../../lib/errors.ts";
import { FakeClock } from "../../testing/fake-clock.ts";
import { interceptCommits } from "./faulty-kv.ts";
import { KvLab } from "./fixture.ts";
import type { KvStore } from "./store.ts";

/** A process that has stored a record, and does not hear of its next commit before another has declared it dead. */
async function setUp() {
  const clock = new FakeClock();
  let afterwards: (() => Promise<void>) | null = null;
  const openKv = async (path: string) =>
    interceptCommits(await Deno.openKv(path), async (op) => {
      const result = await op.commit();
      if (afterwards === null) return result;
      const declareDead = afterwards;
      afterwards = null;
      await declareDead();
      throw new Error("the answer was lost");
    });
  const lab = new KvLab(clock, { openKv });
  const [store, other] = [await lab.open(), await lab.open()];
  await store.commit({ put: [{ kind: "k", key: "a", value: 1, expect: null }] }, clock.now());
  const { version } = (await store.record("k", "a"))!;
  afterwards = async () => {
    lab.crash(store);
    await other.rescue(clock.now());
  };
  const write = (by: KvStore, value: unknown) =>
    by.commit({ put: [{ kind: "k", key: "a", value, expect: version }] }, clock.now());
  return { store, other, write, [Symbol.asyncDispose]: () => lab.dispose() };
}

Deno.test("records: a write that was stored before its process was declared dead is known by its value", async () => {
  await using test = await setUp();
  await test.write(test.store, 2);

  assertEquals((await test.other.record("k", "a"))?.value, 2);
});

Deno.test("records: a delete is not known so, since others leave the same", async () => {
  await using test = await setUp();
  await assertRejects(() => test.write(test.store, undefined), VersionConflictError);

  assertEquals(await test.other.record("k", "a"), null);
  await assertRejects(() => test.write(test.other, undefined), VersionConflictError);
});
