import { assertEquals, assertRejects } from "@std/assert";
import { FakeClock, START } from "../../testing/fake-clock.ts";
import { KvLab } from "../../stores/kv/fixture.ts";
import { MemoryData, MemoryStore } from "../../stores/memory.ts";
import { checkDeclaration } from "./definition.ts";
import { create, type ScheduleRecord } from "./record.ts";
import { changedSince, ScheduleTable } from "./table.ts";
import { Timing } from "./timing.ts";

function record(expression = "* * * * *"): ScheduleRecord {
  return create(checkDeclaration(expression, null), { at: START, by: null }, {
    fromCode: false,
    timingOf: (definition, createdAt) => new Timing("t", definition, createdAt),
  });
}

async function tables(count: number): Promise<ScheduleTable[]> {
  const data = new MemoryData();
  const stores = Array.from({ length: count }, () => new MemoryStore({ data }));
  for (const store of stores) await store.open(START);
  return stores.map((store) => new ScheduleTable(store));
}

Deno.test("ScheduleTable.change() writes, deletes and leaves, and says so in the revision", async () => {
  const [table] = await tables(1) as [ScheduleTable];
  const before = await table.revision();
  const made = await table.change(["a", "b", "c"], START, (name) => name === "c" ? undefined : record());
  assertEquals(
    made,
    new Map([
      ["a", { before: null, after: record(), revision: 1 }],
      ["b", { before: null, after: record(), revision: 2 }],
    ]),
  );
  assertEquals((await table.readAll()).map(({ name }) => name), ["a", "b"]);
  const stored = await table.read("a");
  assertEquals(
    await table.change(["a", "b", "z"], START, (name, stored) => name === "b" ? stored?.record : null),
    new Map([["a", { before: stored, after: null, revision: 3 }]]),
  );

  assertEquals(await table.read("a"), null);
  assertEquals((await table.read("b"))?.record, record());
  const after = await table.revision();
  assertEquals(after, { count: 3, names: ["a", "b", "a"] });
  assertEquals(changedSince(before, after), new Map([[1, "a"], [2, "b"], [3, "a"]]));
  assertEquals(changedSince({ count: 2, names: [] }, after), new Map([[3, "a"]]));
  assertEquals(changedSince(after, after), new Map());
});

Deno.test("ScheduleTable.change() writes nothing if the change throws", async () => {
  const [table] = await tables(1) as [ScheduleTable];
  const change = (name: string) => {
    if (name === "b") throw new RangeError("no");
    return record();
  };

  await assertRejects(() => table.change(["a", "b"], START, change), RangeError, "no");
  assertEquals(await table.readAll(), []);
});

Deno.test("changedSince() cannot tell what more than a hundred changes ago was", async () => {
  const [table] = await tables(1) as [ScheduleTable];
  const before = await table.revision();
  const names = Array.from({ length: 101 }, (_, i) => `s${i}`);
  await table.change(names, START, () => record());
  const after = await table.revision();

  assertEquals(changedSince(before, after), null);
  assertEquals(changedSince(after, before), null);
  assertEquals(changedSince({ count: 1, names: [] }, after)?.size, 100);
});

Deno.test("ScheduleTable.change() loses no tick that comes in between, although that is no change", async () => {
  const data = new MemoryData();
  const store = new MemoryStore({ data });
  await store.open(START);
  const table = new ScheduleTable(store);
  await table.change(["a"], START, () => record());
  const { record: read } = store;
  store.record = async (kind, key) => {
    const found = await read.call(store, kind, key);
    if (kind === "schedule") {
      store.record = read;
      const stored = (await table.read("a"))!;
      await store.commit({ put: [table.put(stored, { ...stored.record, runCount: 1 })] }, START);
    }
    return found;
  };
  await table.change(["a"], START, (_, stored) => ({ ...stored!.record, enabled: false }));

  const { runCount, enabled } = (await table.read("a"))!.record;
  assertEquals([runCount, enabled], [1, false]);
});

Deno.test("ScheduleTable.change() by many at once loses none of the changes", async () => {
  const all = await tables(3);
  await all[0]!.change(["a"], START, () => ({ ...record(), runCount: 0 }));
  await Promise.all(
    Array.from({ length: 30 }, (_, i) =>
      all[i % 3]!.change(
        ["a"],
        START,
        (_, stored) => ({ ...stored!.record, runCount: stored!.record.runCount + 1 }),
      )),
  );

  assertEquals((await all[1]!.read("a"))?.record.runCount, 30);
  assertEquals((await all[2]!.revision()).count, 31);
});

Deno.test("ScheduleTable.change() tells what it changed, not what was there a moment before", async () => {
  const all = await tables(2);
  await all[0]!.change(["a"], START, () => ({ ...record(), runCount: 0 }));
  const raise = (table: ScheduleTable) =>
    table.change(["a"], START, (_, stored) => ({
      ...stored!.record,
      runCount: stored!.record.runCount + 1,
    }));
  const changed = await Promise.all([...all, ...all].map(async (table) => (await raise(table)).get("a")!));

  assertEquals(changed.map(({ before, after }) => after!.runCount - before!.record.runCount), [1, 1, 1, 1]);
  assertEquals(changed.map(({ revision }) => revision).sort(), [2, 3, 4, 5]);
  assertEquals(changed.map(({ after }) => after!.runCount).sort(), [1, 2, 3, 4]);
});

Deno.test("ScheduleTable.change() of two that remove a schedule at once removes it for one of them", async () => {
  const lab = new KvLab(new FakeClock());
  try {
    const all = [new ScheduleTable(await lab.open()), new ScheduleTable(await lab.open())];
    await all[0]!.change(["a"], START, () => record());
    const removed = await Promise.all(all.map((table) => table.change(["a"], START, () => null)));

    assertEquals(removed.map(({ size }) => size).sort(), [0, 1]);
    assertEquals((await all[0]!.revision()).count, 2);
  } finally {
    await lab.dispose();
  }
});
