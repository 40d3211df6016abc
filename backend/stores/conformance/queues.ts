import { assert, assertEquals } from "@std/assert";
import type { QueuePause, Store } from "../../lib/store.ts";
import { makePause } from "../../testing/factories.ts";
import type { Cases } from "./harness.ts";

const ADA = makePause({ at: 1_000, by: "ada" });
const BOB = makePause({ at: 2_000, by: "bob" });
const CID = makePause({ at: 3_000, note: "endpoint of “ACME” is down \u202e💥" });
const DAN = makePause({ at: 4_000, by: "dan", note: "back at 18:00" });

/** Fails unless each of `stores` tells of queue "q" alone that it is paused, and `pause` of that; null: nothing. */
async function assertPaused(stores: readonly Store[], pause: QueuePause | null): Promise<void> {
  const queue = { name: "q", paused: true };
  for (const store of stores) {
    assertEquals(await store.queues(), [pause === null ? queue : { ...queue, pause }]);
  }
}

/** Who paused a queue, when and why. */
export const queueCases: Cases = {
  async "setPaused() keeps who did it, when and why, for every process and those that come later"(
    { open, crash },
  ) {
    const [first, second] = await open(2);

    assertEquals(await first.setPaused("q", true, DAN), DAN);

    await assertPaused([first, second], DAN);
    await first.close();
    await crash(second);
    const [later] = await open(1);
    await assertPaused([later], DAN);
  },

  async "setPaused() of a paused queue leaves the first pause, and tells it, unless there is another note"(
    { open },
  ) {
    const [first, second] = await open(2);
    assertEquals(await first.setPaused("q", true, ADA), ADA);
    assertEquals(await second.setPaused("q", true, BOB), ADA);
    assertEquals(await second.setPaused("q", true), ADA);
    assertEquals(await second.setPaused("q", true, CID), CID);
    assertEquals(await first.setPaused("q", true, BOB), CID);
    assertEquals(await second.setPaused("q", true, { ...BOB, note: CID.note }), CID);
    assertEquals(await first.setPaused("q", true, DAN), DAN);
    assertEquals(await first.setPaused("q", true), DAN);

    await assertPaused([first, second], DAN);
  },

  async "setPaused() without a word pauses all the same, until somebody says who it is"({ open }) {
    const [first, second] = await open(2);
    assertEquals(await first.setPaused("q", true), null);
    assertEquals(await second.setPaused("q", true), null);
    await assertPaused([first, second], null);

    assertEquals(await second.setPaused("q", true, ADA), ADA);
    await assertPaused([first, second], ADA);
  },

  async "setPaused() with a note stands, however many race it"({ open }) {
    const stores = await open(3);
    for (let round = 0; round < 5; round++) {
      const pauses = [ADA, CID, undefined, BOB].flatMap((said) => stores.map((store) => ({ store, said })));
      const told = await Promise.all(pauses.map(({ store, said }) => store.setPaused("q", true, said)));

      await assertPaused(stores, CID);
      const firsts = told.filter((pause) => pause?.note === null);
      assert(new Set(firsts.map((pause) => pause?.by)).size <= 1, "two pauses stood without a note");
      assertEquals(await stores[0].setPaused("q", false), null);
    }
  },

  async "setPaused() to resume a queue forgets its pause, and the next one is its own"({ open }) {
    const [first, second] = await open(2);
    await first.setPaused("q", true, DAN);
    assertEquals(await second.setPaused("q", false), null);
    assertEquals(await second.setPaused("q", false), null);

    for (const store of [first, second]) assertEquals(await store.queues(), [{ name: "q", paused: false }]);
    assertEquals(await first.setPaused("q", true, BOB), BOB);
    await assertPaused([second], BOB);
    await second.setPaused("q", false);
    assertEquals(await first.setPaused("q", true), null);
    await assertPaused([second], null);
  },

  async "setPaused() stores what it was given, whatever becomes of that"({ open }) {
    const [store] = await open(1);
    const given = { ...ADA };
    const pausing = store.setPaused("q", true, given);
    given.by = "mallory";

    const told = await pausing;
    assertEquals(told, ADA);
    Object.assign(told ?? {}, DAN);
    await assertPaused([store], ADA);
  },
};
