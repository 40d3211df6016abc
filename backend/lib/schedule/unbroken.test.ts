import { assertEquals } from "@std/assert";
import type { WorkerInfo } from "../store.ts";
import { makeReport } from "../../testing/factories.ts";
import { beginning, otherSchedulers, UnbrokenRun } from "./unbroken.ts";

const NOW = 10_000_000;

function worker(id: string, overrides: Partial<WorkerInfo> = {}): WorkerInfo {
  return { ...makeReport({ scheduler: true }), id, heartbeatAt: NOW, alive: true, jobs: [], ...overrides };
}

Deno.test("beginning() is a second ago when nobody else runs a scheduler", () => {
  assertEquals(beginning(NOW, []), NOW - 1_000);
});

Deno.test("beginning() trusts others for a minute: they would have fired what is older", () => {
  assertEquals(beginning(NOW, [worker("a", { startedAt: NOW - 5_000 })]), NOW - 6_000);
  assertEquals(
    beginning(NOW, [worker("a", { startedAt: 0 }), worker("b", { startedAt: NOW })]),
    NOW - 61_000,
  );
  assertEquals(beginning(NOW, [worker("a", { startedAt: NOW + 5_000 })]), NOW - 1_000);
});

Deno.test("otherSchedulers() leaves out itself, the dead and those without a scheduler", () => {
  const workers = [
    worker("own"),
    worker("a"),
    worker("dead", { alive: false }),
    worker("worker", { scheduler: false }),
  ];

  assertEquals(otherSchedulers(workers, "own").map(({ id }) => id), ["a"]);
});

Deno.test("UnbrokenRun is broken by more than a minute without a pass, and not by a clock set back", () => {
  const run = new UnbrokenRun();
  assertEquals(run.isBrokenAt(NOW), true);
  run.begin(NOW, []);
  assertEquals(run.isBrokenAt(NOW), true);
  run.worked(NOW);
  assertEquals(run.isBrokenAt(NOW + 60_000), false);
  assertEquals(run.isBrokenAt(NOW + 60_001), true);
  assertEquals(run.isBrokenAt(NOW - 3_600_000), false);
  run.goOn(NOW + 1);
  assertEquals(run.since, NOW - 1_000);
  run.goOn(NOW - 3_600_000);
  assertEquals(run.since, NOW - 3_601_000);
});
