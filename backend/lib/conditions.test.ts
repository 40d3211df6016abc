import { assertEquals } from "@std/assert";
import { FakeClock } from "../testing/fake-clock.ts";
import { Conditions } from "./conditions.ts";

Deno.test("Conditions.until() resolves with true at once, or at the check at which the condition holds", async () => {
  const conditions = new Conditions(new FakeClock());
  assertEquals(await conditions.until(() => true), true);
  let holds = false;
  const met = conditions.until(() => holds);
  conditions.check();
  holds = true;
  conditions.check();

  assertEquals(await met, true);
});

Deno.test("Conditions.until() resolves with false when the time is over", async () => {
  const clock = new FakeClock();
  const conditions = new Conditions(clock);
  const met = conditions.until(() => false, 100);
  clock.advance(100);

  assertEquals(await met, false);
});
