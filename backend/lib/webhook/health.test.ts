import { assertEquals } from "@std/assert";
import { MemoryStore } from "../../stores/memory.ts";
import { afterAttempt, type AttemptEnd, type EndpointHealth, NO_HEALTH, restOf } from "./health.ts";
import { EndpointTable } from "./table.ts";

const NOW = 1_800_000_000_000;
const SECOND = 1000;
const HUNG: AttemptEnd = { kind: "hung", error: "no answer" };

function after(health: EndpointHealth, end: AttemptEnd, now: number): EndpointHealth {
  return afterAttempt(health, end, now) ?? health;
}

Deno.test("An endpoint that hangs rests, for longer the longer it has hung, at most ten minutes", () => {
  let [health, now] = [NO_HEALTH, NOW];
  const rests: number[] = [];
  for (let attempt = 0; attempt < 12; attempt++) {
    health = after(health, HUNG, now);
    const until = restOf(health, now) ?? now;
    rests.push((until - now) / SECOND);
    now = until + 30 * SECOND;
  }

  assertEquals(rests.map(Math.round), [30, 30, 60, 105, 173, 274, 426, 600, 600, 600, 600, 600]);
  assertEquals([health.failures, health.hangsSince], [12, NOW]);
});

Deno.test("Attempts that hang at the same time make an endpoint rest as long as one of them", () => {
  const once = after(NO_HEALTH, HUNG, NOW);

  assertEquals(after(once, HUNG, NOW), { ...once, failures: 2 });
});

Deno.test("Whoever answers hangs no more, whatever the answer", () => {
  const hanging = after(NO_HEALTH, HUNG, NOW);
  for (const end of [{ kind: "arrived" }, { kind: "failed", error: "500" }] as const) {
    const { hangsSince, restsUntil } = after(hanging, end, NOW + 1);
    assertEquals([hangsSince, restsUntil], [null, null]);
  }
});

Deno.test("A rest that ends later than any can, since the clock stepped back, is over", () => {
  const hanging = after(NO_HEALTH, HUNG, NOW);

  assertEquals(restOf(hanging, NOW), NOW + 30 * SECOND);
  assertEquals(restOf(hanging, NOW - 3_600 * SECOND), null);
});

Deno.test("After a rest one of all who ask may try, until it is known how that ends", async () => {
  const store = new MemoryStore();
  const tables = [new EndpointTable(store), new EndpointTable(store)];
  const [table] = tables;
  const askAll = (now: number) => Promise.all(tables.map((each) => each.rest("e", now)));
  assertEquals(await askAll(NOW), [null, null]);
  await table?.noteAttempt("e", HUNG, NOW);
  assertEquals(await askAll(NOW + 29_999), [NOW + 30_000, NOW + 30_000]);

  const trial = await askAll(NOW + 30_000);
  assertEquals(trial.filter((until) => until === null).length, 1);
  assertEquals(trial.filter((until) => until !== null), [NOW + 70_000]);
  assertEquals(await askAll(NOW + 60_000), [NOW + 70_000, NOW + 70_000]);
  await table?.noteAttempt("e", { kind: "arrived" }, NOW + 60_000);
  assertEquals(await askAll(NOW + 60_000), [null, null]);
});

Deno.test("wake() ends a rest for one attempt, and touches nobody who does not hang", async () => {
  const table = new EndpointTable(new MemoryStore());
  await table.wake("e", NOW);
  assertEquals(await table.health("e"), NO_HEALTH);
  await table.noteAttempt("e", HUNG, NOW);
  await table.wake("e", NOW);

  assertEquals([await table.rest("e", NOW), await table.rest("e", NOW)], [null, NOW + 40_000]);
});
