import { assertEquals } from "@std/assert";
import { TestLog } from "../testing/test-queue.ts";
import { Outage } from "./outage.ts";

Deno.test("Outage reports once when the first fails and once when none fails any more", () => {
  const log = new TestLog();
  const errors: unknown[] = [];
  const outage = new Outage({ log, onError: (error) => errors.push(error) });
  outage.worked("claim jobs");
  outage.failed("claim jobs", "first");
  outage.failed("settle", "second");
  outage.failed("claim jobs", "third");
  outage.worked("claim jobs");
  assertEquals([log.of("error").length, log.of("info").length], [1, 0]);
  outage.worked("settle");
  outage.worked("settle");
  assertEquals([errors, log.of("info").length], [["first"], 1]);
  outage.failed("settle", "again");

  assertEquals([errors, log.of("error").length], [["first", "again"], 2]);
});

Deno.test("Outage.failed() waits longer each time, up to 5 s, each by itself, with jitter", () => {
  const waits = (random: number) => {
    const outage = new Outage({ log: new TestLog(), onError: () => {}, random: () => random });
    outage.failed("other", null);
    return Array.from({ length: 8 }, () => outage.failed("claim", null));
  };

  assertEquals(waits(0.5), [100, 200, 400, 800, 1600, 3200, 5000, 5000]);
  assertEquals(waits(0)[0], 50);
  assertEquals(waits(0)[7], 2500);
});
