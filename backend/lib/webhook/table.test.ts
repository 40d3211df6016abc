import { assert, assertEquals, assertRejects } from "@std/assert";
import { KvLab } from "../../stores/kv/fixture.ts";
import { MemoryStore } from "../../stores/memory.ts";
import { FakeClock } from "../../testing/fake-clock.ts";
import { VersionConflictError } from "../errors.ts";
import { NO_FEED } from "./feed-state.ts";
import { EndpointTable } from "./table.ts";

const MINUTE = 60_000;

Deno.test("Of two processes on a KV file that move the feed on to the same place, one is told that it did", async () => {
  const clock = new FakeClock();
  const lab = new KvLab(clock);
  try {
    const [first, second] = [new EndpointTable(await lab.open()), new EndpointTable(await lab.open())];
    const from = await first.feed();
    const to = { ...NO_FEED, at: clock.now() };

    const stored = await first.advance(from, to, [], clock.now());
    // Refused, it looks up whether its write was stored after all, and finds one that says the same.
    await assertRejects(() => second.advance(from, to, [], clock.now()), VersionConflictError);

    assert(stored !== null);
    assertEquals(await second.feed(), stored);
  } finally {
    await lab.dispose();
  }
});

Deno.test("noteAttempt() writes of the deliveries that arrive within a minute one, unless one failed between", async () => {
  const store = new MemoryStore();
  const table = new EndpointTable(store);
  let writes = 0;
  const commit = store.commit.bind(store);
  store.commit = (change, now) => (writes++, commit(change, now));
  const note = async (error: string | null, now: number) => {
    await table.noteAttempt("e", error === null ? { kind: "arrived" } : { kind: "failed", error }, now);
    const { failures, lastSuccessAt } = await table.health("e");
    return [writes, failures, lastSuccessAt];
  };

  assertEquals(await note(null, 0), [1, 0, 0]);
  assertEquals(await note(null, MINUTE - 1), [1, 0, 0]);
  assertEquals(await note(null, MINUTE), [2, 0, MINUTE]);
  assertEquals(await note("no", MINUTE + 1), [3, 1, MINUTE]);
  assertEquals(await note("no", MINUTE + 2), [4, 2, MINUTE]);
  assertEquals(await note(null, MINUTE + 3), [5, 0, MINUTE + 3]);
});
