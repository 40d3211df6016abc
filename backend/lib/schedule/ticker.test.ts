import { assertEquals } from "@std/assert";
import { FakeClock, START } from "../../testing/fake-clock.ts";
import { gate } from "../../testing/test-queue.ts";
import { DAY, HOUR, MINUTE, SECOND, TestScheduler } from "../../testing/test-scheduler.ts";
import { MemoryData } from "../../stores/memory.ts";
import { StoreUnavailableError } from "../errors.ts";

/** Callers of the clock that sleep in an idle queue, and in one with a scheduler. */
const QUEUE = 4;
const ALL = 5;

const nothing = () => null;

/** Several programs on one store; each declares schedules by name and expression. */
function programs() {
  const clock = new FakeClock();
  const data = new MemoryData();
  const make = (declared: Record<string, string>) => {
    const scheduler = new TestScheduler({ clock, data });
    for (const [name, expression] of Object.entries(declared)) {
      scheduler.schedule(name, expression, nothing, { overlap: "allow" });
    }
    return scheduler;
  };
  const start = async (declared: Record<string, string>) => {
    const scheduler = make(declared);
    await scheduler.queue.start();
    await scheduler.start();
    return scheduler;
  };
  return { clock, make, start };
}

Deno.test("The loop sleeps until the next tick and adds it then", async () => {
  const { clock, start } = programs();
  clock.advance(400);
  await using scheduler = await start({ a: "* * * * *" });
  const added = scheduler.queue.next("added");
  for (let n = 0; n < 59; n++) {
    await clock.asleep(ALL);
    clock.advance(SECOND);
  }
  await clock.asleep(ALL);
  clock.advance(600);
  const job = await added;

  assertEquals([job.id, job.createdAt], ["schedule:a@2026-01-01T00:01:00.000Z", START + MINUTE]);
});

Deno.test("The loop wakes at once for a change in its process, and within a second for others'", async () => {
  const { clock, start } = programs();
  await using one = await start({});
  await using other = await start({});
  await clock.asleep(2 * ALL);
  const added = one.queue.next("added");
  const job = { type: "t" };
  await other.create({ name: "a", expression: "*/2 * * * * *", job });
  other.schedule("b", "0 0 * * *", nothing);
  await clock.asleep(2 * ALL);
  assertEquals((await one.shown("b")).state, "active");
  await other.stop();
  clock.advance(SECOND);
  await clock.asleep(ALL + QUEUE);
  clock.advance(SECOND);

  assertEquals((await added).id, "schedule:a@2026-01-01T00:00:02.000Z");
});

Deno.test("The loop tries again while the store is away, and says so once", async () => {
  const { clock, start } = programs();
  await using scheduler = await start({ a: "*/10 * * * * *" });
  const { store, log } = scheduler.queue;
  const { commit } = store;
  let tries = 0;
  store.commit = () => Promise.reject(new StoreUnavailableError(`Cannot reach the store, try ${++tries}`));
  for (let n = 0; n < 40; n++) {
    await clock.asleep(ALL);
    clock.advance(SECOND);
  }
  await clock.asleep(ALL);
  store.commit = commit;
  for (let n = 0; n < 8; n++) {
    await clock.asleep(ALL);
    clock.advance(SECOND);
  }
  await clock.asleep(ALL);

  assertEquals(tries > 3, true);
  assertEquals(log.of("error"), ["Cannot {what}, trying again until it works: {error}"]);
  assertEquals((await scheduler.ticks()).length, 4);
});

Deno.test("Ticks of a time in which the store was away for long are missed, as if nothing had run", async () => {
  const { make } = programs();
  await using scheduler = make({ a: "* * * * * *" });
  await scheduler.pass();
  const { store } = scheduler.queue;
  const { record } = store;
  store.record = () => Promise.reject(new StoreUnavailableError("Cannot reach the store"));
  for (let n = 0; n < 90; n++) await scheduler.pass(SECOND).catch(() => {});
  store.record = record;

  assertEquals(await scheduler.pass(), 2); // the one due now and that of a second ago
});

Deno.test("The loop runs a queued tick as soon as the run before it has ended here", async () => {
  const { clock } = programs();
  await using scheduler = new TestScheduler({ clock });
  const { queue } = scheduler;
  const gates = [gate(), gate(), gate()];
  let called = 0;
  scheduler.schedule("a", "* * * * *", () => gates[called++]?.promise, { overlap: "queue" });
  await queue.start();
  await scheduler.start();
  for (let n = 0; n < 130; n++) {
    await clock.asleep(ALL);
    clock.advance(SECOND);
  }
  await clock.asleep(ALL);
  assertEquals((await scheduler.shown("a")).queued, [START + 2 * MINUTE]);
  const added = queue.next("added");
  gates[0]?.resolve();

  assertEquals((await added).id, "schedule:a@2026-01-01T00:02:00.000Z"); // and time stood still
  for (const { resolve } of gates) resolve();
});

Deno.test("A program fires only what it declares itself, and what people made", async () => {
  const { clock, start } = programs();
  await using one = await start({ one: "* * * * *" });
  await using other = await start({ other: "* * * * *" });
  await one.create({ name: "made", expression: "* * * * *", job: { type: "t" } });
  const added: string[][] = [[], []];
  for (const [i, { queue }] of [one, other].entries()) {
    queue.on("added", ({ type }) => added[i]!.push(type));
  }
  for (let n = 0; n < 61; n++) {
    await clock.asleep(2 * ALL);
    clock.advance(SECOND);
  }
  await clock.asleep(2 * ALL);

  assertEquals(added.map((types) => types.filter((type) => type !== "t")), [["schedule:one"], [
    "schedule:other",
  ]]);
  assertEquals(added.flat().filter((type) => type === "t").length >= 1, true);
  assertEquals((await one.ticks()).length, 3);
  for (const name of ["one", "other"]) { // nobody ever took it for gone
    assertEquals((await one.shown(name)).changes.map(({ what }) => what), ["created"]);
  }
});

Deno.test("What no running program declares is shown as not in code, and resumes as `missed` says once one does", async () => {
  const { clock, start } = programs();
  {
    await using one = await start({ gone: "0 * * * *", stays: "0 * * * *" });
    assertEquals((await one.shown("gone")).state, "active");
  }
  clock.advance(10 * MINUTE);
  {
    await using other = await start({ stays: "0 * * * *" });
    const { state, nextTickAt, enabled } = await other.shown("gone");
    assertEquals([state, nextTickAt, enabled], ["not in code", START + HOUR, true]);
    assertEquals((await other.shown("stays")).state, "active");
    clock.advance(5 * HOUR);
    await clock.asleep(ALL);
    assertEquals((await other.ticks()).filter((id) => id.includes("gone")), []);
  }
  await using back = await start({ gone: "0 * * * *", stays: "0 * * * *" });

  assertEquals((await back.shown("gone")).state, "active");
  assertEquals(await back.runs("gone"), [
    ...["01", "02", "03", "04"].map((hour) => `${hour}:00:00 missed`),
    "05:00:00 pending",
  ]);
});

Deno.test("What no program declares is shown as not in code beside others too, once a tick is long due", async () => {
  const { clock, start } = programs();
  await using one = await start({ keep: "0 * * * *" });
  {
    await using before = await start({ keep: "0 * * * *", old: "30 * * * *" });
    assertEquals((await before.shown("old")).state, "active");
  }
  await using other = await start({ keep: "0 * * * *" });
  const states: string[] = [];
  for (const wait of [30 * MINUTE, 2 * MINUTE]) {
    for (let left = wait; left > 0; left -= SECOND) {
      await clock.asleep(2 * ALL);
      clock.advance(SECOND);
    }
    await clock.asleep(2 * ALL);
    states.push((await other.shown("old")).state);
  }

  assertEquals(states, ["active", "not in code"]);
  assertEquals((await one.shown("keep")).state, "active");
});

Deno.test("A schedule declared while the scheduler runs has missed what passed before", async () => {
  const { clock, start } = programs();
  {
    await using one = await start({ a: "* * * * *" });
    await clock.asleep(ALL);
    assertEquals((await one.shown("a")).state, "active");
  }
  await using other = await start({});
  for (let n = 0; n < 10 * 60; n++) {
    await clock.asleep(ALL);
    clock.advance(SECOND);
  }
  await clock.asleep(ALL);
  other.schedule("a", "* * * * *", nothing, { overlap: "allow" });
  await clock.asleep(ALL);

  assertEquals((await other.runs("a")).map((run) => run.slice(9)), [
    ...Array(5).fill("missed"),
    "pending",
  ]);
});

Deno.test("Two programs with different code for one name: the last to start wins, an edit stays", async () => {
  const { clock, start } = programs();
  await using one = await start({ a: "0 1 * * *" });
  await using other = await start({ a: "0 2 * * *" });
  await clock.asleep(2 * ALL);
  assertEquals((await one.shown("a")).expression, "0 2 * * *");
  await one.update("a", { expression: "0 3 * * *" }, { by: "Ada" });
  await using third = await start({ a: "0 4 * * *" });
  const shown = await third.shown("a");

  assertEquals([shown.expression, shown.code?.definition.expression, shown.edited?.by], [
    "0 3 * * *",
    "0 4 * * *",
    "Ada",
  ]);
  assertEquals((await other.revert("a")).expression, "0 4 * * *");
});

Deno.test("10,000 schedules: an idle loop reads one small record a second and nothing else", async () => {
  const { clock, make } = programs();
  const names = Array.from({ length: 10_000 }, (_, i) => [`s${i}`, "0 0 1 1 *"]);
  await using scheduler = make(Object.fromEntries(names));
  await scheduler.queue.start();
  await scheduler.start();
  for (let n = 0; n < 2; n++) { // what it has stored itself is read once more
    await clock.asleep(ALL);
    clock.advance(SECOND);
  }
  await clock.asleep(ALL);
  const { store } = scheduler.queue;
  const calls: string[] = [];
  const { record } = store;
  store.record = (kind, key) => {
    calls.push(kind);
    return record.call(store, kind, key);
  };
  store.records = () => {
    calls.push("all");
    return Promise.resolve([]);
  };
  for (let n = 0; n < 30; n++) {
    clock.advance(SECOND);
    await clock.asleep(ALL);
  }

  assertEquals(new Set(calls), new Set(["schedule-revision"]));
  assertEquals(calls.length, 30);
});

Deno.test("10,000 schedules due at once add a job each", async () => {
  const { clock, make } = programs();
  const names = Array.from({ length: 10_000 }, (_, i) => [`s${i}`, "0 0 * * *"]);
  await using scheduler = make(Object.fromEntries(names));
  await scheduler.pass();
  clock.advance(DAY);

  assertEquals(await scheduler.runOnce(), 10_000);
  assertEquals(await scheduler.runOnce(), 0);
  assertEquals((await scheduler.queue.stats()).pending, 10_000);
});
