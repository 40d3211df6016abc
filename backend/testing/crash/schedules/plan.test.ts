import { assert, assertEquals } from "@std/assert";
import { Random } from "../random.ts";
import { AIMS, planBlows, planSchedules } from "./plan.ts";

Deno.test("planSchedules() plans schedules of every policy, each with a name of its own", () => {
  const schedules = planSchedules(200);

  assertEquals(new Set(schedules.map(({ name }) => name)).size, 200);
  assertEquals(new Set(schedules.map(({ missed }) => missed)), new Set(["all", "once", "skip"]));
});

Deno.test("planBlows() plans blows of every aim, one after the other, the same for the same seed", () => {
  const blows = planBlows(200, 60_000, new Random(1));

  assertEquals(blows, planBlows(200, 60_000, new Random(1)));
  assertEquals(new Set(blows.map(({ aim }) => aim)), new Set(Object.keys(AIMS)));
  assert(blows.every(({ at }, i) => at >= (blows[i - 1]?.at ?? 0) && at < 60_000));
});
