import { assert, assertEquals } from "@std/assert";
import { ClaimAhead, MOST_HELD } from "./claim-ahead.ts";

/** Tells of `count` attempts of `run` ms that ended within `passed` ms, at a claim time of 2 ms. */
function after(
  ahead: ClaimAhead,
  { count, run, passed, at }: { count: number; run: number; passed: number; at: number },
) {
  ahead.jobs(5, at);
  ahead.claimed(2);
  for (let i = 0; i < count; i++) ahead.ended(run);
  return ahead.jobs(5, at + passed);
}

Deno.test("ClaimAhead holds nothing ahead before anything was measured", () => {
  const ahead = new ClaimAhead();
  ahead.claimed(50);

  assertEquals([ahead.jobs(5, 0), ahead.jobs(5, 100)], [0, 0]);
});

Deno.test("ClaimAhead holds many short jobs, and never more than 1,000 with the running ones", () => {
  assertEquals(after(new ClaimAhead(), { count: 100, run: 0.01, passed: 2, at: 0 }), 200);
  assertEquals(after(new ClaimAhead(), { count: 5000, run: 0.001, passed: 2, at: 0 }), MOST_HELD - 5);
});

Deno.test("ClaimAhead holds no long jobs, even when many end at the same moment", () => {
  assertEquals(after(new ClaimAhead(), { count: 5, run: 1000, passed: 1, at: 0 }), 0);
  assertEquals(after(new ClaimAhead(), { count: 5, run: 100, passed: 0.1, at: 0 }), 0);
});

Deno.test("ClaimAhead forgets a burst of short jobs within a second in which none ends", () => {
  const ahead = new ClaimAhead();
  assert(after(ahead, { count: 1000, run: 0.01, passed: 2, at: 0 }) > 500);

  assertEquals(ahead.jobs(5, 1002), 0);
});

Deno.test("ClaimAhead takes a clock that stands still", () => {
  assertEquals(after(new ClaimAhead(), { count: 10, run: 0, passed: 0, at: 0 }), 0);
});
