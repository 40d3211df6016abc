import { assertEquals } from "@std/assert";
import { renew, SUBSCRIBED_FOR } from "./feed-term.ts";

const NOW = 1_800_000_000_000;
const HOUR = 3_600_000;

Deno.test("renew: a term goes on from where it began, and ends anew", () => {
  const first = renew(null, NOW);
  assertEquals(first, { since: NOW, until: NOW + SUBSCRIBED_FOR });
  assertEquals(renew(first, NOW + 60_000), { since: NOW, until: NOW + 60_000 + SUBSCRIBED_FOR });
  const last = first.until - 1;
  assertEquals(renew(first, last), { since: NOW, until: last + SUBSCRIBED_FOR });
});

Deno.test("renew: one that has lapsed begins anew", () => {
  const first = renew(null, NOW);
  assertEquals(renew(first, first.until), { since: first.until, until: first.until + SUBSCRIBED_FOR });
});

Deno.test("renew: who read the clock earlier than the last one shortens nothing", () => {
  const first = renew(null, NOW);
  assertEquals(renew(first, NOW - 30_000), { since: NOW - 30_000, until: first.until });
});

Deno.test("renew: one made before the clock stepped back begins anew", () => {
  const first = renew(null, NOW);
  assertEquals(renew(first, NOW - HOUR), { since: NOW - HOUR, until: NOW - HOUR + SUBSCRIBED_FOR });
});
