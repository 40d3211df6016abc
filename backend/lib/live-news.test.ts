import { assertEquals, assertRejects } from "@std/assert";
import { MemoryData, MemoryStore } from "../stores/memory.ts";
import { makeReport } from "../testing/factories.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { StoreUnavailableError } from "./errors.ts";
import { NewsDesk } from "./live-news.ts";
import { checkDeclaration } from "./schedule/definition.ts";
import { create } from "./schedule/record.ts";
import { ScheduleTable } from "./schedule/table.ts";
import { Timing } from "./schedule/timing.ts";

/** A desk of one process, with another that does things, and the schedules as both see them. */
async function setUp() {
  const clock = new FakeClock();
  const data = new MemoryData();
  const [store, other] = [new MemoryStore({ data, clock }), new MemoryStore({ data, clock })];
  for (const one of [store, other]) await one.open(clock.now());
  const desk = await NewsDesk.open(store, clock);
  /** @returns Which change it is. */
  async function change(by: MemoryStore): Promise<number> {
    const declaration = checkDeclaration("@daily", null);
    const timing = new Timing("a", declaration.definition, 0);
    const record = create(declaration, { at: clock.now(), by: null }, {
      fromCode: false,
      timingOf: () => timing,
    });
    const changed = await new ScheduleTable(by).change(["a"], clock.now(), () => record);
    return changed.get("a")!.revision;
  }
  return {
    clock,
    store,
    other,
    desk,
    here: async () => desk.schedule({ name: "a", change: "updated", revision: await change(store) }),
    elsewhere: () => change(other),
    /** What is told of schedules when it is time to look at them. */
    async told(): Promise<string[]> {
      clock.advance(1_000);
      return (await desk.look()).map(({ event }) => event).filter((event) => event.startsWith("schedule."));
    },
  };
}

Deno.test("NewsDesk.look() loses nothing that it found before the store was away", async () => {
  const { clock, store, other, desk } = await setUp();
  await desk.look();
  clock.advance(1_000);
  await other.heartbeat(makeReport(), clock.now());
  desk.schedule({ name: "nightly", change: "created" });
  const { record, stats } = store;
  const away = () => Promise.reject(new StoreUnavailableError("gone"));
  for (const broken of [{ record: away }, { stats: away }]) {
    Object.assign(store, broken);
    await assertRejects(() => desk.look(), StoreUnavailableError);
    Object.assign(store, { record, stats });
  }

  const news = await desk.look();
  assertEquals(news.map(({ event }) => event).sort(), ["schedule.created", "worker.joined"]);
  assertEquals(await desk.look(), []);
});

Deno.test("NewsDesk.look() tells what another process does to a schedule as soon as the desk is open", async () => {
  const { clock, store, elsewhere, told } = await setUp();
  await elsewhere();
  const late = await NewsDesk.open(store, clock);

  assertEquals(await told(), ["schedule.changed"]);
  assertEquals(await told(), []);
  assertEquals((await late.look()).map(({ event }) => event), ["stats"]); // all that was is no news
});

Deno.test("NewsDesk.look() tells what this process does to a schedule once, with what it was", async () => {
  const { here, told } = await setUp();
  await here();
  await here();

  assertEquals(await told(), ["schedule.updated", "schedule.updated"]);
  assertEquals(await told(), []);
});

Deno.test("NewsDesk.look() tells another process's change just before or after one of this process", async () => {
  for (const order of [["here", "elsewhere"], ["elsewhere", "here"]] as const) {
    const lab = await setUp();
    for (const where of order) await lab[where]();

    assertEquals(await lab.told(), ["schedule.updated", "schedule.changed"]);
  }
});

Deno.test("NewsDesk.look() tells another process's change of a schedule that fires here at the same time", async () => {
  for (const change of ["fired", "triggered"] as const) {
    const { desk, elsewhere, told } = await setUp();
    desk.schedule({ name: "a", change });
    await elsewhere();

    assertEquals(await told(), [`schedule.${change}`, "schedule.changed"]);
  }
});

Deno.test("NewsDesk.look() knows at the next look too what this process did during one", async () => {
  const { store, here, elsewhere, told } = await setUp();
  const { record } = store;
  store.record = async (...which) => {
    store.record = record;
    const found = await store.record(...which);
    await here(); // the revision that was just read does not know of it
    return found;
  };
  assertEquals(await told(), ["schedule.updated"]);

  assertEquals(await told(), []);
  await elsewhere();
  assertEquals(await told(), ["schedule.changed"]);
});

Deno.test("NewsDesk.look() tells all there is when more has changed than the store remembers", async () => {
  const { desk, elsewhere, clock } = await setUp();
  for (let n = 0; n < 101; n++) await elsewhere();
  clock.advance(1_000);

  const news = await desk.look();
  assertEquals(news.filter(({ event }) => event === "schedule.changed").length, 1);
});
