import { assertEquals } from "@std/assert";
import { bulk, done, result, setUp, statusesOf } from "../testing/bulk-setup.ts";
import { START } from "../testing/fake-clock.ts";

Deno.test("A bulk remove leaves alone what was retried after it was listed", async () => {
  await using queue = await setUp([{ id: "old", status: "failed", ...done }, {
    id: "again",
    status: "failed",
    ...done,
  }]);
  const { list } = queue.store;
  queue.store.list = async (...args) => {
    const page = await list.apply(queue.store, args);
    if (page.jobs.some(({ id }) => id === "again")) await queue.retry("again");
    return page;
  };

  assertEquals(await bulk(queue, { action: "remove", filter: { status: ["failed"] } }), result(1, 1));

  queue.store.list = list;
  assertEquals(await statusesOf(queue), { again: "pending" });
});

Deno.test("A bulk retry leaves alone what was retried and has finished again since it was listed", async () => {
  for (
    const which of [{ filter: { status: ["failed" as const] } }, { filter: { type: "test" } }, { ids: ["a"] }]
  ) {
    await using queue = await setUp([{ id: "a", status: "failed", ...done }]);
    let runs = 0;
    queue.process("test", () => void runs++);
    const { change } = queue.store;
    queue.store.change = async (...args) => { // somebody else is just in front of it
      queue.store.change = change;
      await queue.retry("a");
      const [job] = await queue.store.claim({
        types: new Map([["test", 1]]),
        queues: null,
        limit: 1,
        now: queue.now(),
      });
      const settlement = { job: job!, outcome: { kind: "completed", result: null } } as const;
      await queue.store.settle([settlement], queue.now());
      return await change.apply(queue.store, args);
    };

    assertEquals(await bulk(queue, { action: "retry", ...which }), result(0, 1));

    assertEquals([await statusesOf(queue), runs], [{ a: "completed" }, 0]);
  }
});

Deno.test("A bulk cancel leaves alone what is no longer of a status that its filter names", async () => {
  const cancelled: Record<string, string> = {};
  for (
    const [name, which] of Object.entries({
      scheduled: { filter: { status: ["scheduled" as const] } },
      both: { filter: { status: ["pending" as const, "scheduled" as const] } },
      any: { filter: { type: "test" } },
      ids: { ids: ["a"] },
    })
  ) {
    await using queue = await setUp([{ id: "a", status: "scheduled", scheduledAt: START + 1e9 }]);
    const { change } = queue.store;
    queue.store.change = async (...args) => {
      queue.store.change = change;
      await queue.update("a", { scheduledAt: queue.now() });
      return await change.apply(queue.store, args);
    };

    const { changed, skipped } = await bulk(queue, { action: "cancel", ...which });

    const { a } = await statusesOf(queue);
    cancelled[name] = `${a}: ${changed} changed, ${skipped} skipped`;
  }

  assertEquals(cancelled, {
    scheduled: "pending: 0 changed, 1 skipped",
    both: "cancelled: 1 changed, 0 skipped",
    any: "cancelled: 1 changed, 0 skipped",
    ids: "cancelled: 1 changed, 0 skipped",
  });
});
