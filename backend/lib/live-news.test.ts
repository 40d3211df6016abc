import { assertEquals, assertRejects } from "@std/assert";
import { MemoryData, MemoryStore } from "../stores/memory.ts";
import { makeReport } from "../testing/factories.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { StoreUnavailableError } from "./errors.ts";
import { NewsDesk } from "./live-news.ts";

Deno.test("NewsDesk.look() loses nothing that it found before the store was away", async () => {
  const clock = new FakeClock();
  const data = new MemoryData();
  const [store, other] = [new MemoryStore({ data, clock }), new MemoryStore({ data, clock })];
  for (const one of [store, other]) await one.open(clock.now());
  const desk = new NewsDesk(store, clock);
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
