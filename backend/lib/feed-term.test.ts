import { assertEquals, assertNotEquals } from "@std/assert";
import { renew, SUBSCRIBED_FOR } from "./feed-term.ts";

const NOW = 1_800_000_000_000;
const HOUR = 3_600_000;

Deno.test("renew: a term goes on until it lapses", () => {
  const first = renew(null, NOW);
  assertEquals(first.until, NOW + SUBSCRIBED_FOR);
  const last = first.until - 1;
  assertEquals(renew(first, last), { id: first.id, until: last + SUBSCRIBED_FOR });
});

Deno.test("renew: one that has lapsed begins anew, and no two are taken for one", () => {
  const first = renew(null, NOW);
  const second = renew(first, first.until);
  assertEquals(second.until, first.until + SUBSCRIBED_FOR);
  assertNotEquals(second.id, first.id);
  assertNotEquals(renew(null, NOW).id, renew(null, NOW).id);
});

Deno.test("renew: a term goes on, and ends no later than it would, however the clock has stepped back", () => {
  const first = renew(null, NOW);
  for (const back of [5, 30_000, HOUR]) {
    assertEquals(renew(first, NOW - back), { id: first.id, until: NOW - back + SUBSCRIBED_FOR });
  }
});
